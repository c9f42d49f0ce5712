# shellcheck shell=bash
#
# drivers.sh - a domain that serves a disk and a network to another: it crashes
# and is restarted by its policy, is destroyed and made again, and each time
# its client's devices come back. Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

driver_conf()
{
	local file=$work/net1.conf

	cat >"$file" <<-END
		name = "net1";
		memory = 192;
		vcpus = 1;
		image = { kernel = "$LAB_KERNEL";
		          ramdisk = "$LAB_DRIVER_RAMDISK";
		          args = "console=hvc0 quiet"; };
		driver_domain = true;
		restart = "always";
		restart_min = 0;
		devices = ( { type = "vbd"; vdev = "xvda";
		              path = "$work/far.img"; } );
	END
	echo "$file"
}

client_conf()
{
	xd_conf shop1 "" "devices = ( { type = \"vbd\"; vdev = \"xvdb\";
	    path = \"/dev/xvda\"; backend = \"net1\"; }, { type = \"vif\";
	    mac = \"00:16:3e:00:00:78\"; backend = \"net1\"; } );"
}

# served_connected KIND DEVID: both ends say so, and the server is net1 as it is
# now.
served_connected()
{
	local back front

	back=/local/domain/$(domid_of net1)/backend/$1/$(domid_of shop1)/$2
	front=/local/domain/$(domid_of shop1)/device/$1/$2
	[ "$(xenstore-read "$front/backend" "$front/state" "$back/state" |
	    tr '\n' ' ')" = "$back 4 4 " ]
}

# passes MARK: data goes both ways; MARK is new each time.
passes()
{
	local id

	id=$(domid_of shop1)
	check "$1: the client writes its disk" guest_writes shop1 "$id" xvdb \
	    "note$1" "6*$1"
	check "$1: the client reaches the driver domain" guest_says shop1 "$id" \
	    "ifconfig eth0 10.78.0.2 netmask 255.255.255.0 up; ping -c 1 -w 20 10.78.0.1 && echo ping-\$((7*$1))" \
	    "ping-$((7 * $1))"
}

# drivers_show: both ends as they are, for people.
drivers_show()
{
	xl list
	tail -n 12 /var/log/xendeck/xendeck.log
	xenstore-ls -f "/local/domain/$(domid_of net1)/backend"
	xenstore-ls -f "/local/domain/$(domid_of shop1)/device"
	tail -n 12 "$(console_log net1)" "$(console_log shop1)"
} >&3 2>&1

# back AFTER: what happened to the driver domain.
back()
{
	check "$1: the disk is connected again" \
		wait_for 120 served_connected vbd 51728 &&
	    check "$1: the interface is connected again" \
		wait_for 60 served_connected vif 0 || drivers_show
}

drivers()
{
	disk_make "$work/far.img"
	check "create the driver domain" xd "create $(driver_conf)"
	check "it is up" wait_for 120 guest_ready net1
	check "create its client" \
	    timed "create a client of a driver domain" xd "create $(client_conf)"
	store_dump >"$out/store-drivers.txt"
	check "the client is up" wait_for 120 guest_ready shop1
	passes 11
	check "xl sees who serves the disk" sh -c \
	    "xl block-list shop1 | grep -q '^51728 $(domid_of net1) .* 4 '"
	guest_type "$(domid_of net1)" 'echo c >/proc/sysrq-trigger'
	check "the loss is told" wait_for 20 grep -q \
	    'vbd xvdb is lost: net1' /var/log/xendeck/xendeck.log
	back "after a crash"
	passes 12
	check "destroy the driver domain" xd "destroy net1"
	check "the list says so" sh -c "$XD -e 'devices shop1' | grep -q lost"
	check "make it again" xd "create $(driver_conf)"
	back "after a destruction"
	passes 13
	check "detach the interface" xd "detach shop1 vif 0"
	check "destroy the client" timed "destroy a client" xd "destroy shop1"
	check "destroy the driver domain" xd "destroy net1"
	store_as_before "store after drivers"
	check "no file is left of them" no_files_left
}
