#!/bin/bash
#
# smoke.sh - the lab itself, with stock tools only: if this fails, the host is
# at fault, not xendeck. Its times are the baseline for xendeck's.

# shellcheck source=tests/xen/lib.sh
. "$LAB_ROOT/tests/xen/lib.sh"

# xl makes these with the first guest and leaves them: not a leak of a test.
store_of_guests()
{
	store_dump | grep -v -E \
	    '^(/libxl|/vm|/local/domain/0/memory(/static-max|/target)?) ='
}

host_answers()
{
	check "xl info answers" xl info
	check "xl list has dom0" sh -c 'xl list | grep -q ^Domain-0'
	check "bridge is up" sh -c 'ip link show xenbr0 up | grep -q xenbr0'
	check "/dev/fd is there" test -e /dev/fd/0
	check "checkout is at its own path" test -f "$LAB_ROOT/tests/xen/lib.sh"
	note_time "boot to script" "${LAB_BOOT_S/./}0"
}

# create NAME KERNEL LABEL [ARGUMENTS]: by xl, timed; returns when the guest
# has said its banner.
create()
{
	local name=$1 label=$3 cfg began log=$work/create.log

	cfg=$(LAB_KERNEL=$2 xl_config "$name" "${4:-}")
	if timed "xl create, $label" xl create "$cfg" >"$log" 2>&1; then
		pass "xl creates $name"
	else
		fail "xl creates $name" "$(cat "$log")"
		return 1
	fi
	began=$(now_ms)
	check "$name shows its banner" wait_for 120 guest_ready "$name"
	note_time "created to banner" $(($(now_ms) - began))
}

# gone_in LABEL NAME DOMID: reaped, in hypervisor and xl list.
gone_in()
{
	check "$2 is gone: $1" wait_for 60 dom_gone "$3"
	releases_stop
	releases_note "$1"
	check "$2 is not in xl list" sh -c "! xl list $2"
}

# A guest from creation to its own poweroff, reaped by xl.
life()
{
	local name=$1 id

	create "$name" "$2" "$3" || return
	id=$(domid_of "$name")
	store_dump >"$out/store-$name.txt"
	check "$name is in xl list" xl list "$name"
	releases_start
	guest_type "$id" poweroff
	gone_in "poweroff typed, xl" "$name" "$id"
}

# The text of the guest in a terminal, a command typed and answered.
console_in_tmux()
{
	local lock

	create talk "$LAB_KERNEL" "unpacked kernel" || return
	check "tmux starts" term_start 80 24
	term_type "xl console talk"
	term_key Enter
	check "xl console shows the banner" \
	    wait_for 20 term_has 'xendeck lab guest ready'
	term_type "echo a\$((6 * 7))b"
	term_key Enter
	check "guest answers in xl console" wait_for 20 term_has '^a42b'
	lock=/var/lock/xenconsole.$(domid_of talk)
	check "xl console locks" test -e "$lock"
	term_screen >"$out/screen-console.txt"
	term_key 'C-]'
	check "^] leaves xl console" wait_for 10 test ! -e "$lock"
	term_stop
}

shutdown_and_destroy()
{
	local id

	id=$(domid_of talk)
	releases_start
	check "xl shutdown" timed "xl shutdown" xl shutdown talk
	gone_in "xl shutdown" talk "$id"
	create stay "$LAB_KERNEL" "unpacked kernel" lab=ignore || return
	id=$(domid_of stay)
	check "xl shutdown of a deaf guest" xl shutdown stay
	sleep 3
	check "a deaf guest stays" dom_exists "$id"
	releases_start
	check "xl destroy" timed "xl destroy" xl destroy stay
	gone_in "xl destroy" stay "$id"
}

host_answers
timed "first read of the kernels" warm
store_of_guests >"$work/before"
life packed "$LAB_KERNEL_XZ" "packed kernel (xz)"
life plain "$LAB_KERNEL" "unpacked kernel"
life again "$LAB_KERNEL" "unpacked kernel"
console_in_tmux
shutdown_and_destroy
for i in 1 2 3; do
	timed "xl list" xl list >"$work/list.$i"
done
store_of_guests >"$work/after"
same_store "store is as before" "$work/before" "$work/after"
finish
