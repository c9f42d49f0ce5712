# shellcheck shell=bash
#
# kinds.sh - PVH and HVM domains: a PVH kernel on two virtual CPUs with a disk
# and an interface, a boot sector that an HVM domain finds on its disk. xl must
# know them as its own. Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

kinds_bridge()
{
	ip link show xenbr0 >/dev/null 2>&1 || ip link add xenbr0 type bridge
	ip link set xenbr0 up
}

# pvh_conf NAME DISK
pvh_conf()
{
	local file=$work/$1.conf

	cat >"$file" <<-END
		type = "pvh";
		name = "$1";
		memory = 192;
		vcpus = 2;
		image = { kernel = "$LAB_KERNEL"; ramdisk = "$LAB_RAMDISK";
		          args = "console=hvc0 quiet"; };
		devices = ( { type = "vbd"; path = "$2"; vdev = "xvda"; },
		            { type = "vif"; } );
	END
	echo "$file"
}

# pvh_says NAME SECONDS TEXT LINE: the guest's answer to a typed line.
pvh_says()
{
	guest_type "$(domid_of "$1")" "$4"
	check "$1: $4" wait_for "$2" console_has "$1" "$3"
}

# The same for xl, which leaves nothing of it.
pvh_by_xl()
{
	cat >"$work/kpvh.cfg" <<-END
		type = "pvh"
		name = "kpvh"
		memory = 192
		vcpus = 2
		kernel = "$LAB_KERNEL"
		ramdisk = "$LAB_RAMDISK"
		extra = "console=hvc0 quiet"
		disk = [ "file:$work/pvh.img,xvda,w" ]
		vif = [ "bridge=xenbr0" ]
	END
	check "PVH: xl creates one" \
	    timed "create PVH: xl" xl create "$work/kpvh.cfg"
	xl destroy kpvh
	rm -f "$(console_log kpvh)"
}

pvh_domain()
{
	local id

	truncate -s 16M "$work/pvh.img"
	pvh_by_xl
	check "create a PVH domain" timed "create PVH: xendeck" \
	    xd "create $(pvh_conf kpvh "$work/pvh.img")"
	beside_xl "create PVH"
	id=$(domid_of kpvh)
	check "PVH: xl lists it" xl_sees kpvh
	check "PVH: it is told as PVH" \
	    test "$(xenstore-read "/libxl/$id/type")" = pvh
	check "PVH: it boots" wait_for 400 guest_ready kpvh
	# shellcheck disable=SC2016 # for the guest
	pvh_says kpvh 60 'cpus=2' 'echo cpus=$(grep -c ^processor /proc/cpuinfo)'
	# shellcheck disable=SC2016 # for the guest
	pvh_says kpvh 60 'disk=16384' \
	    'echo disk=$(sed -n "s/.* \([0-9]*\) xvda$/\1/p" /proc/partitions)'
	# shellcheck disable=SC2016 # for the guest
	pvh_says kpvh 60 'net=eth0' 'echo net=$(ls /sys/class/net | grep eth)'
	check "PVH: shutdown" xd "shutdown kpvh"
	check "PVH: it is reaped" wait_for 120 dom_gone "$id"
	check "PVH: create one for xl" \
	    xd "create $(pvh_conf kpvh "$work/pvh.img")"
	check "PVH: xl destroys it" xl destroy kpvh
	check "PVH: it is gone" wait_for 60 dom_gone "$(domid_of kpvh || echo 99)"
}

hvm_conf()
{
	local file=$work/$1.conf

	cat >"$file" <<-END
		type = "hvm";
		name = "$1";
		memory = 64;
		machine = { boot = "c"; serial = "pty"; };
		devices = ( { type = "vbd"; path = "$2"; vdev = "hda"; } );
	END
	echo "$file"
}

serial_counts()
{
	timeout 5 cat "$(xenstore-read "/local/domain/$1/serial/0/tty")" |
	    grep -aq 'count [0-9]'
}

hvm_domain()
{
	local id

	check "a disk with a boot sector" boot_disk "$work/bs.img"
	check "create an HVM domain" \
	    timed "create HVM" xd "create $(hvm_conf khvm "$work/bs.img")"
	id=$(domid_of khvm)
	check "HVM: xl lists it" xl_sees khvm
	check "HVM: it is told as HVM" \
	    test "$(xenstore-read "/libxl/$id/type")" = hvm
	check "HVM: its model says that it runs" \
	    test "$(xenstore-read \
	        "/local/domain/0/device-model/$id/state")" = running
	check "HVM: VNC answers" rfb_answers \
	    "$(xenstore-read "/local/domain/$id/console/vnc-port")"
	xd "console-release khvm" >/dev/null 2>&1
	check "HVM: the boot sector counts" wait_for 120 serial_counts "$id"
	check "HVM: xl destroys it" xl destroy khvm
	check "HVM: it is gone" wait_for 60 dom_gone "$id"
	check "HVM: no model is left" \
	    wait_for 30 sh -c "! pgrep -f -- '[-]xen-domid $id '"
}

kinds()
{
	kinds_bridge
	store_now >"$work/store.before"
	pvh_domain
	hvm_domain
	check "kinds: nothing of them is left" wait_for 60 no_files_left
	store_as_before "kinds: the store is as before"
	engine_end
}
