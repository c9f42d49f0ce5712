# shellcheck shell=bash
#
# listed.sh - what `xl list -l` says of running PV, PVH and HVM guests makes the
# same guests again: it is checked, compared, and each is created from the file of
# all. Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

# listed_pv NAME DISK: for xl as well.
listed_pv()
{
	local conf

	conf=$(xl_config "$1" xl-words)
	cat >>"$conf" <<-END
		maxmem = 256
		disk = [ "file:$2,xvda,w" ]
		vif = [ "mac=00:16:3e:00:00:51,bridge=xenbr0,rate=10Mb/s" ]
		vfb = [ "vnc=1,vnclisten=127.0.0.1" ]
		cpuid = "host,aes=0"
		on_crash = "preserve"
	END
	echo "$conf"
}

listed_runs()
{
	xl list "$1" | awk 'NR == 2 { exit $5 !~ /^[r-][b-]----$/ }'
}

listed_make()
{
	truncate -s 16M "$work/pvh.img"
	truncate -s 32M "$work/lpv.img"
	check "xl list -l: a disk with a boot sector" boot_disk "$work/lhvm.img"
	check "xl list -l: create PV" \
	    xd "create $(listed_pv lpv "$work/lpv.img") --paused"
	check "xl list -l: create PVH" \
	    xd "create $(pvh_conf lpvh "$work/pvh.img") --paused"
	check "xl list -l: create HVM" \
	    xd "create $(hvm_conf lhvm "$work/lhvm.img") --paused"
	check "xl list -l: one of xl's" xl create -p "$(xl_config lxl)"
}

# Not before all are there: a guest that boots leaves the hotplug scripts of the
# next one too little of the only processor.
listed_run()
{
	local name

	for name; do
		check "xl list -l: unpause $name" xd "unpause $name"
	done
	for name; do
		check "xl list -l: $name runs" wait_for 30 listed_runs "$name"
	done
}

# listed_read NAME TEXT...: good, with these settings; also as the only one.
listed_read()
{
	local file=$work/all.json name=$1 text
	shift

	check "xl list -l: $name is good" xd "check $file#$name"
	xd "convert $file#$name --format xl" >"$work/$name.was"
	for text; do
		check "xl list -l: $name has $text" \
		    grep -q -e "$text" "$work/$name.was"
	done
	xl list -l "$name" >"$work/$name.json"
	check "xl list -l $name" xd "check $work/$name.json"
	cp "$work/$name.was" "$out/"
}

listed_again()
{
	check "xl list -l: $1 is made again" \
	    xd "create $work/all.json#$1 --paused"
	xl list -l "$1" >"$work/$1.json"
	xd "convert $work/$1.json --format xl" >"$work/$1.is"
	check "xl list -l: of $1 it says the same" \
	    diff "$work/$1.was" "$work/$1.is"
}

listed_works()
{
	check "xl list -l: its PV guest boots" wait_for 300 guest_ready lpv
	# shellcheck disable=SC2016 # for the guest
	boot_says lpv 60 'has=32768-eth0' \
	    'echo has=$(sed -n "s/.* \([0-9]*\) xvda$/\1/p" /proc/partitions)-$(ls /sys/class/net | grep eth)'
	xd "console-release lhvm" >/dev/null 2>&1
	check "xl list -l: its boot sector counts" \
	    wait_for 200 serial_counts "$(domid_of lhvm)"
}

xl_lists()
{
	local name all='lpv lpvh lhvm lxl'

	kinds_bridge
	store_now >"$work/store.before"
	listed_make
	# shellcheck disable=SC2086 # a list
	listed_run $all
	check "xl list -l" sh -c "xl list -l >'$work/all.json'"
	cp "$work/all.json" "$out/"
	refused "xl list -l: which of them" 1 \
	    'found several domains .*lpv.*#NAME' "check $work/all.json"
	listed_read lpv 'type = "pv"' 'maxmem = 256' '"0x1:ecx=......0x' \
	    'target=.*/lpv.img' 'mac=00:16:3e:00:00:51' 'rate=1250000B/s' \
	    'vnclisten=127.0.0.1' 'on_crash = "preserve"' 'xl-words'
	listed_read lpvh 'type = "pvh"' 'vcpus = 2' 'target=.*/pvh.img'
	listed_read lhvm 'type = "hvm"' 'boot = "c"' 'serial = .*pty' \
	    'target=.*/lhvm.img'
	listed_read lxl 'type = "pv"' "kernel = \"$LAB_KERNEL\"" 'memory = 192'
	for name in $all; do
		check "xl list -l: $name goes" xd "destroy $name"
		rm -f "$(console_log "$name")"
	done
	for name in $all; do
		listed_again "$name"
	done
	# shellcheck disable=SC2086 # a list
	listed_run $all
	check "xl list -l: destroy lpvh" xd "destroy lpvh"
	listed_works
	for name in lpv lhvm lxl; do
		check "xl list -l: destroy $name" xd "destroy $name"
	done
	check "xl list -l: nothing is left" wait_for 60 no_files_left
	store_as_before "xl list -l: the store is as before"
	engine_end
}
