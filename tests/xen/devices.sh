# shellcheck shell=bash
#
# devices.sh - disks and network interfaces: given with a domain, added to and
# removed from a running one, refused, seen by xl. Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

# disk_make FILE: 8 MiB of ext2.
disk_make()
{
	dd if=/dev/zero of="$1" bs=1M count=8 status=none &&
		mke2fs -q -F -t ext2 "$1"
}

# disk_text FILE: what the guest wrote, read without any loop device.
disk_text()
{
	debugfs -R 'cat /note' "$1" 2>/dev/null
}

disk_has()
{
	[ "$(disk_text "$1")" = "$2" ]
}

# guest_says NAME ID LINE PATTERN: typed there, answered on its console.
guest_says()
{
	guest_type "$2" "$3"
	wait_for 60 console_has "$1" "$4"
}

# What a guest types before it uses a disk: blkfront says that it is connected
# a moment before it makes the node.
await_disk()
{
	echo "until [ -b /dev/$1 ]; do sleep 1; done;"
}

# guest_writes NAME ID DISK TEXT MARK: on a file system, and reads it back.
# What is typed is echoed: the mark is a sum that only the shell works out.
guest_writes()
{
	guest_says "$1" "$2" \
	    "$(await_disk "$3") mkdir -p /mnt; mount -t ext4 /dev/$3 /mnt && echo $4 >/mnt/note && sync && umount /mnt && mount -t ext4 -o ro /dev/$3 /mnt && cat /mnt/note && umount /mnt && echo wrote-\$(($5))" \
	    "wrote-$(($5))"
}

guest_pings()
{
	guest_says "$1" "$2" \
	    "ifconfig $3 10.77.0.2 netmask 255.255.255.0 up; ping -c 1 -w 20 10.77.0.1 && echo ping-\$(($4))" \
	    "ping-$(($4))"
}

no_loop()
{
	! losetup -a | grep -q "$1"
}

no_device()
{
	! xenstore-exists "/libxl/$1/device/$2"
}

with_domain()
{
	local id

	disk_make "$work/root.img"
	check "create with a disk and a vif" \
	    timed "create with a disk and a vif" xd "create $(xd_conf devs "" \
	    "devices = ( { type = \"vbd\"; vdev = \"xvda\";
	    path = \"$work/root.img\"; }, { type = \"vif\"; } );")"
	id=$(domid_of devs)
	store_dump >"$out/store-devices.txt"
	check "the guest is up" wait_for 120 guest_ready devs
	check "the guest writes its disk" guest_writes devs "$id" xvda root 6*7
	check "the guest reaches dom0" guest_pings devs "$id" eth0 6*8
	check "xl block-list has the disk" \
	    sh -c "xl block-list devs | grep -q '^51712 .* 4 '"
	check "xl network-list has the vif" \
	    sh -c "xl network-list devs | grep -q '00:16:3e.* 4 '"
	check "xl list -l has both" sh -c "xl list -l devs |
	    grep -q '\"vdev\": \"xvda\"' && xl list -l devs | grep -q '\"mac\"'"
	check "the vif is on the bridge" \
	    test -e "/sys/class/net/xenbr0/brif/vif$id.0"
}

hot_added()
{
	local id

	id=$(domid_of devs)
	disk_make "$work/more.img"
	check "add a disk" timed "add a disk" \
	    xd "attach devs vbd path=$work/more.img vdev=xvdb"
	check "the guest writes it" guest_writes devs "$id" xvdb more 7*7
	check "xl block-list has it" \
	    sh -c 'xl block-list devs | grep -q ^51728'
	check "add a vif" timed "add a vif" xd "attach devs vif"
	check "the guest sees it" guest_says devs "$id" \
	    "until ifconfig eth1 up; do sleep 1; done; echo nic-\$((9*9))" nic-81
	check "remove the vif" timed "remove a vif" xd "detach devs vif 1"
	check "remove the disk" timed "remove a disk" xd "detach devs vbd xvdb"
	check "its content is what the guest wrote" \
	    disk_has "$work/more.img" more
	check "no loop device of it is left" no_loop more.img
	check "no node of it is left" no_device "$id" vbd/51728
	check "add a disk for xl to remove" \
	    xd "attach devs vbd path=$work/more.img vdev=xvdb"
	check "xl block-detach removes it" xl block-detach devs xvdb
	check "no node is left by xl" wait_for 10 no_device "$id" vbd/51728
}

refused_devices()
{
	refused "a disk of another guest is refused" 1 'in use by domain' \
	    "create $(xd_conf other "" "devices = ( { type = \"vbd\";
	    vdev = \"xvda\"; path = \"$work/root.img\"; } );")"
	mkdir -p "$work/mnt"
	mount -o loop "$work/more.img" "$work/mnt"
	refused "a disk mounted in dom0 is refused" 1 'in use by dom0: mounted' \
	    "attach devs vbd path=$work/more.img vdev=xvdb"
	umount "$work/mnt"
	refused "a bridge that is not there is refused" 1 'xenbr0' \
	    "attach devs vif bridge=br77"
	refused "a script that fails is told" 1 'no such luck' \
	    "attach devs vif script=$work/vif-fails"
}

devices()
{
	ip addr add 10.77.0.1/24 dev xenbr0
	printf '#!/bin/sh\necho no such luck >&2\nexit 1\n' >"$work/vif-fails"
	chmod 755 "$work/vif-fails"
	with_domain
	hot_added
	refused_devices
	check "destroy a guest with devices" \
	    timed "destroy with devices" xd "destroy devs"
	check "what it wrote is on its disk" disk_has "$work/root.img" root
	check "no loop device is left" no_loop root.img
	store_as_before "store after devices"
	check "no file is left of it" no_files_left
	ip addr del 10.77.0.1/24 dev xenbr0
}
