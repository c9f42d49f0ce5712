#!/bin/bash
#
# all.sh - the proof on real Xen: runs in dom0 (tests/xen/lab.sh do).
#
#   all.sh PART...        parts: those of parts.sh; a function of the name each

# shellcheck source=tests/xen/lib.sh
. "$LAB_ROOT/tests/xen/lib.sh"
# shellcheck source=tests/xen/xd.sh
. "$LAB_ROOT/tests/xen/xd.sh"
# shellcheck source=tests/xen/verbs.sh
. "$LAB_ROOT/tests/xen/verbs.sh"
# shellcheck source=tests/xen/tui.sh
. "$LAB_ROOT/tests/xen/tui.sh"
# shellcheck source=tests/xen/restart.sh
. "$LAB_ROOT/tests/xen/restart.sh"
# shellcheck source=tests/xen/events.sh
. "$LAB_ROOT/tests/xen/events.sh"
# shellcheck source=tests/xen/formats.sh
. "$LAB_ROOT/tests/xen/formats.sh"
# shellcheck source=tests/xen/recover.sh
. "$LAB_ROOT/tests/xen/recover.sh"
# shellcheck source=tests/xen/beside.sh
. "$LAB_ROOT/tests/xen/beside.sh"
# shellcheck source=tests/xen/devices.sh
. "$LAB_ROOT/tests/xen/devices.sh"
# shellcheck source=tests/xen/dm.sh
. "$LAB_ROOT/tests/xen/dm.sh"
# shellcheck source=tests/xen/dmdeath.sh
. "$LAB_ROOT/tests/xen/dmdeath.sh"
# shellcheck source=tests/xen/words.sh
. "$LAB_ROOT/tests/xen/words.sh"
# shellcheck source=tests/xen/kinds.sh
. "$LAB_ROOT/tests/xen/kinds.sh"
# shellcheck source=tests/xen/hvm.sh
. "$LAB_ROOT/tests/xen/hvm.sh"
# shellcheck source=tests/xen/card.sh
. "$LAB_ROOT/tests/xen/card.sh"
# shellcheck source=tests/xen/boot.sh
. "$LAB_ROOT/tests/xen/boot.sh"
# shellcheck source=tests/xen/tune.sh
. "$LAB_ROOT/tests/xen/tune.sh"
# shellcheck source=tests/xen/rates.sh
. "$LAB_ROOT/tests/xen/rates.sh"
# shellcheck source=tests/xen/sessions.sh
. "$LAB_ROOT/tests/xen/sessions.sh"
# shellcheck source=tests/xen/save.sh
. "$LAB_ROOT/tests/xen/save.sh"
# shellcheck source=tests/xen/streams.sh
. "$LAB_ROOT/tests/xen/streams.sh"
# shellcheck source=tests/xen/confined.sh
. "$LAB_ROOT/tests/xen/confined.sh"
# shellcheck source=tests/xen/machine.sh
. "$LAB_ROOT/tests/xen/machine.sh"
# shellcheck source=tests/xen/listed.sh
. "$LAB_ROOT/tests/xen/listed.sh"
# shellcheck source=tests/xen/xlfaults.sh
. "$LAB_ROOT/tests/xen/xlfaults.sh"
# shellcheck source=tests/xen/drivers.sh
. "$LAB_ROOT/tests/xen/drivers.sh"
# shellcheck source=tests/xen/times.sh
. "$LAB_ROOT/tests/xen/times.sh"

# A guest's life by -e, and what is refused.
life()
{
	note_time "boot to script" "${LAB_BOOT_S/./}0"
	check "the program runs on this host" xd info
	xd info >&3
	created_by_e
	xl_console_works
	paused_and_unpaused
	suspended_and_resumed
	shut_down_by_e
	refusals
	stopped_half_way
	foreign_domains
	preconditions
}

# What another version of Xen may answer in another way.
short()
{
	check "the program runs on this host" xd info
	xd info >&3
	created_by_e
	xl_console_works
	paused_and_unpaused
	suspended_and_resumed
	shut_down_by_e
	foreign_domains
	devices
}

warm "$XD"
check "no engine of before is left" engine_end
store_now >"$work/store.before"
for part; do
	if declare -F "$part" >/dev/null; then
		"$part"
	else
		fail "all.sh" "no part '$part'"
	fi
done
check "the engine ends" engine_end
cp /var/log/xendeck/xendeck.log "$out/xendeck.log"
finish
