# shellcheck shell=bash
#
# confined.sh - an HVM domain whose device model is confined: a user and a root
# directory of its own, and all its files handed to it open. It is saved and
# restored and counts on, which a domain of xl's does not: that one's model
# cannot open its disk again. Needs hvm.sh, save.sh. Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

confined_base=131072 # the user of domain N is N above it

confined_conf()
{
	local file=$work/svh.conf

	cat >"$file" <<-END
		type = "hvm";
		name = "svh";
		memory = 64;
		machine = { boot = "c"; serial = "pty"; };
		device_model = { restrict = true; };
		devices = ( { type = "vbd"; path = "$work/svh.img"; vdev = "hda"; },
		            { type = "vbd"; path = "$work/one.iso"; vdev = "hdc";
		              cdrom = true; },
		            { type = "vif"; bridge = "xenbr0"; } );
	END
	echo "$file"
}

# handed PID FILE: it has this file open.
handed()
{
	find "/proc/$1/fd" -lname "$2" | grep -q .
}

# is_confined WHAT: its user, its root, its rights, its files.
is_confined()
{
	local id pid

	id=$(domid_of svh)
	pid=$(model_pid "$id")
	check "confined: $1: it runs as a user of its own" grep -qE \
	    "^Uid:\s+$((confined_base + id))\s+$((confined_base + id))\s" \
	    "/proc/$pid/status"
	check "confined: $1: its root is its own" sh -c \
	    "readlink /proc/$pid/root | grep -q 'xen/qemu-root-$id\$'"
	check "confined: $1: it has no rights" \
	    grep -qE '^CapEff:\s+0+$' "/proc/$pid/status"
	check "confined: $1: it has its disk" handed "$pid" "$work/svh.img"
	check "confined: $1: its devices run" sh -c \
	    "'$XD' -e 'qmp svh query-status' </dev/null | grep -q running"
	ls -l "/proc/$pid/root" "/proc/$pid/fd" >"$out/confined-$1.txt" 2>&1
}

# confined_medium FILE WHAT
confined_medium()
{
	local id pid

	id=$(domid_of svh)
	pid=$(model_pid "$id")
	check "confined: $2: cd-insert" xd "cd-insert svh hdc $1"
	check "confined: $2: the model has the medium" handed "$pid" "$1"
	check "confined: $2: cd-eject" xd "cd-eject svh hdc"
	check "confined: $2: it has it no more" \
	    wait_for 10 sh -c "! find /proc/$pid/fd -lname '$1' | grep ."
}

hvm_confined()
{
	local n id

	echo "xen-qemuuser-range-base:x:$confined_base:65500::/:/bin/false" \
	    >>/etc/passwd
	kinds_bridge
	check "confined: a disk with a boot sector" boot_disk "$work/svh.img"
	truncate -s 128K "$work/one.iso" "$work/two.iso"
	store_now >"$work/store.before"
	check "confined: create" timed "create HVM confined" \
	    xd "create $(confined_conf)"
	check "confined: it counts" wait_for 200 serial_has_begun
	is_confined created
	confined_medium "$work/two.iso" created
	check "confined: the drive gets its medium again" \
	    xd "cd-insert svh hdc $work/one.iso"
	n=$(serial_count)
	check "confined: save" timed "save HVM confined" \
	    xd "save svh $work/hvm.save"
	check "confined: no model is left" sh -c "! pgrep -f '[n]ame svh'"
	check "confined: restore" timed "restore HVM confined" xd "restore svh"
	serial_goes_on "confined, restored" "$n"
	is_confined restored
	kill -9 "$(engine_pid)"
	confined_medium "$work/two.iso" "by the next engine"
	id=$(domid_of svh)
	check "confined: destroy" xd "destroy svh"
	check "confined: its root is gone" test ! -e "/run/xen/qemu-root-$id"
	check "confined: no file of the model is left" no_model_files "$id"
	check "confined: nothing is left" wait_for 60 no_files_left
	store_as_before "confined: the store is as before"
	cp /var/log/xen/qemu-dm-svh.log* "$out/" 2>/dev/null
	engine_end
}
