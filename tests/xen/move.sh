#!/bin/bash
#
# move.sh - one step of the proof of migration: runs in the dom0 of one of two
# joined hosts (move-hosts.sh).
#
#   move.sh STEP [ARG...]
#
# shellcheck disable=SC2317 # steps are called by name

# shellcheck source=tests/xen/lib.sh
. "$LAB_ROOT/tests/xen/lib.sh"
# shellcheck source=tests/xen/xd.sh
. "$LAB_ROOT/tests/xen/xd.sh"
# shellcheck source=tests/xen/save.sh
. "$LAB_ROOT/tests/xen/save.sh"
# shellcheck source=tests/xen/dm.sh
. "$LAB_ROOT/tests/xen/dm.sh"
# shellcheck source=tests/xen/kinds.sh
. "$LAB_ROOT/tests/xen/kinds.sh"
# shellcheck source=tests/xen/hvm.sh
. "$LAB_ROOT/tests/xen/hvm.sh"
# shellcheck source=tests/xen/move-tls.sh
. "$LAB_ROOT/tests/xen/move-tls.sh"
# shellcheck source=tests/xen/move-deaths.sh
. "$LAB_ROOT/tests/xen/move-deaths.sh"

JOIN=$LAB_ROOT/tests/xen/join.pl
OURS=4444 # where each listens for xendeck, and for xl
XL=4445
DISKS=/srv/move # the same on both hosts

# net N: the host's own number. A dgram carries up to 64 KiB.
net()
{
	modprobe virtio_net
	wait_for 20 test -e /sys/class/net/eth0
	ip link set eth0 mtu 16000 up
	check "net: address" ip addr add "10.1.0.$1/24" dev eth0
	mount -o remount,size=700M /tmp
	warm "$XD"
	check "net: an engine" xd list
	store_now >/run/move.store
	# shellcheck disable=SC2016
	setsid busybox nc -ll -p "$OURS" -e "$XD" migrate-receive \
	    </dev/null >/run/move.ours 2>&1 &
	setsid busybox nc -ll -p "$XL" -e "$(command -v xl)" migrate-receive \
	    </dev/null >/run/move.xl 2>&1 &
}

joined()
{
	check "net: the other host" busybox ping -c 3 -W 5 "10.1.0.$1"
}

# disk NAME: an HVM domain's, on either host; nobody writes to it.
disk()
{
	mkdir -p "$DISKS"
	check "a disk for $1" boot_disk "$DISKS/$1.img"
}

# guest NAME KIND [MIB]
guest()
{
	case $2 in
	pv) save_guest_of "$1" '' ;;
	hvm) hvm_guest "$1" "${3:-64}" ;;
	*) save_guest_of "$1" "type = \"$2\"; vcpus = 2;" ;;
	esac
}

# One that counts from its first second: the boot sector.
hvm_guest()
{
	local file

	file=$(hvm_conf "$1" "$DISKS/$1.img")
	sed -i "s/memory = 64/memory = $2/; \$a uuid = \"$(uuid_for "$1")\";" \
	    "$file"
	check "create $1" timed "create $1" xd "create $file"
	check "$1 counts" wait_for 120 scroll_over "$1" 3
}

# uuid_for NAME: known on both hosts, also when the domain is not there.
uuid_for()
{
	printf '6d0b0000-0000-4000-8000-%012x\n' \
	    "$(cksum <<<"$1" | cut -d' ' -f1)"
}

save_guest_of()
{
	local file

	file=$(xd_conf "$1" '' '')
	[ -z "$2" ] || { sed -i '/vcpus/d' "$file"; echo "$2" >>"$file"; }
	check "create $1" xd "create $file"
	check "$1 is up" wait_for 180 guest_ready "$1"
	count_in "$1"
	check "$1 counts" wait_for 60 counted_to "$1" 4
}

# send NAME N [OPTION...]: by us to xendeck on host N.
send()
{
	local name=$1 host=$2
	shift 2

	timed "migrate $name" check "migrate $name" \
	    xd "migrate $name 10.1.0.$host '--command=$JOIN 10.1.0.$host $OURS #' $*"
	"$XD" -e "events -n 30" 2>/dev/null | grep -a "$name" >&3
	check "migrate $name: it is gone here" wait_for 20 dom_unknown "$name"
}

dom_unknown()
{
	! xl domid "$1"
}

# send_to_xl NAME N: by us to xl there.
send_to_xl()
{
	timed "migrate $1 to xl" check "migrate $1 to xl" \
	    xd "migrate $1 10.1.0.$2 '--command=$JOIN 10.1.0.$2 $XL #' --xl"
	check "migrate $1: it is gone here" wait_for 20 dom_unknown "$1"
}

# send_by_xl NAME N: by xl to us; send_xl_xl: by xl to xl.
send_by_xl()
{
	timed "xl migrate $1 to us" check "xl migrate $1 to us" \
	    xl migrate -s "$JOIN 10.1.0.$2 $OURS #" "$1" "10.1.0.$2"
	check "migrate $1: it is gone here" wait_for 20 dom_unknown "$1"
}

send_xl_xl()
{
	timed "xl migrate $1 to xl" check "xl migrate $1 to xl" \
	    xl migrate -s "$JOIN 10.1.0.$2 $XL #" "$1" "10.1.0.$2"
}

# --- a counter on a serial port, which only one can read

# read_for_xl NAME: what a domain of xl's says, from its first moment here on.
read_for_xl()
{
	# shellcheck disable=SC2016 # for the other shell
	setsid bash -c '
		while sleep 0.2; do
			for id in $(xenstore-list /local/domain); do
				tty=/local/domain/$id/serial/0/tty
				[ "$(xenstore-read "/local/domain/$id/vm")" = \
				    "/vm/$1" ] &&
				    xenstore-exists "$tty" || continue
				xenstore-exists "/libxl/$id/xendeck" ||
				    [ -e "/run/move.read.$id" ] || {
					: >"/run/move.read.$id"
					cat "$(xenstore-read "$tty")" \
					    >>/run/move.serial &
				}
			done
		done' reader "$(uuid_for "$1")" </dev/null >/dev/null 2>&1 &
	pass "a reader for xl"
}

# numbers NAME: all of it that this host has seen, as "numbers: 1-20 31-40",
# and of how many numbers only a part.
numbers()
{
	cat "/var/lib/xendeck/console/$(uuid_for "$1")"{.old,} \
	    /run/move.serial >"$work/said" 2>/dev/null
	grep -ao 'count [0-9]*.$' "$work/said" | tr -dc '0-9\n' | sort -nu |
	    awk '
		NR == 1 || $1 != last + 1 {
			if (NR > 1)
				printf "-%d", last
			printf "%s%d", (NR > 1 ? " " : "numbers: "), $1
		}
		{ last = $1 }
		END { print "-" last }' >&3
	echo "torn: $(tr -d '\r' <"$work/said" |
	    grep -avEc '^(count [0-9]+|boot sector up|)$')" >&3
	pass "numbers of $1"
}

# here_hvm NAME: it has come, by ours or by xl, and counts on.
here_hvm()
{
	check "$1 is here" wait_for 30 xl domid "$1"
	check "$1 has its name" xl_names "$1"
	check "no incoming domain is left" no_incoming
	check "$1 counts" wait_for 30 said_more "$1" "$(said_bytes "$1")"
	"$XD" -e "list" >&3
}

said_bytes()
{
	cat "/var/lib/xendeck/console/$(uuid_for "$1")"{.old,} \
	    /run/move.serial 2>/dev/null | wc -c
}

said_more()
{
	[ "$(said_bytes "$1")" -gt $(($2 + 20)) ]
}

# own_model NAME: the device model that came has its name, so has its log.
own_model()
{
	local pid

	pid=$(model_pid "$(domid_of "$1")")
	tr '\0' ' ' <"/proc/$pid/cmdline" >"$work/cmdline"
	check "$1: its model has its name" \
	    grep -q -e "-name $1 " "$work/cmdline"
	check "$1: nothing of its model is called incoming" sh -c \
	    "! grep -e --incoming '$work/cmdline'"
	check "$1: its model's log has its name" test \
	    "$(readlink "/proc/$pid/fd/2")" = "/var/log/xen/qemu-dm-$1.log"
}

# Where xl, which leaves them, has received nothing so far.
no_incoming_logs()
{
	check "no log is called incoming" sh -c \
	    '! ls /var/log/xen/*--incoming* /var/log/xen/console/*--incoming*'
}

# The log of a console that came may have begun under another name.
last_number()
{
	cat "/var/log/xen/console/guest-$1.log" \
	    "/var/log/xen/console/guest-$1--incoming.log" 2>/dev/null |
	    grep -ao 'COUNT [0-9]*' | cut -d' ' -f2 | sort -n | tail -n 1
}

number_is_over()
{
	[ "$(last_number "$1")" -gt "$2" ]
}

# here NAME [LOG]: it has come, and counts on.
here()
{
	local n

	check "$1 is here" wait_for 30 xl domid "$1"
	check "$1 has its name" xl_names "$1"
	check "$1 counts" wait_for 60 number_is_over "$1" 4
	n=$(last_number "$1")
	check "$1 counts on" wait_for 60 number_is_over "$1" "$n"
	check "no incoming domain is left" no_incoming
	"$XD" -e "list" >&3
}

xl_names()
{
	xl list | grep -q "^$1 "
}

no_incoming()
{
	! xl list | grep -q -e '--incoming'
}

own_log()
{
	check "$1: its console's log has its name" \
	    wait_for 20 console_has "$1" COUNT
}

destroyed()
{
	check "destroy $1" xd "destroy $1"
	check "destroy $1: gone" wait_for 20 dom_unknown "$1"
}

# After all: the store is as before.
as_before()
{
	cp /run/move.store "$work/store.before"
	check "nothing is left in files" wait_for 20 no_files_left
	store_as_before "the store is as before"
}

"$@"
finish
