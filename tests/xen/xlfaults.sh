# shellcheck shell=bash
#
# xlfaults.sh - what xl gets wrong on this Xen, done right, on an HVM guest of one
# boot sector: a reset that resets, a trigger that says what it cannot, a stopped
# device model that stops nobody, a checkpoint after which the guest is reaped, a
# guest that xl left paused. (A paused guest's save and a PV guest's checkpoint
# are in save.sh.) Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

serial_past()
{
	[ "$(serial_count)" -gt "$1" ]
}

# counted_anew BEFORE
counted_anew()
{
	local now

	now=$(serial_count)
	[ -n "$now" ] && [ "$now" -lt "$1" ]
}

# fault_reset: the counter begins anew; QEMU's own reset would not do it.
fault_reset()
{
	local n id

	n=$(serial_count)
	check "fault: trigger reset is refused" sh -c \
	    "! '$XD' -e 'trigger svh reset' </dev/null"
	says "fault: and it is said what a reset is" 'reset' \
	    "$XD" -e "trigger svh reset"
	serial_goes_on "after a refused trigger" "$n"
	n=$(serial_count)
	check "fault: its power button is pressed" xd "trigger svh power"
	serial_goes_on "with nobody who looks at the button" "$n"
	check "fault: it is older than the minimum of a restart" \
	    wait_for 200 serial_past 60
	n=$(serial_count)
	id=$(domid_of svh)
	check "fault: reset" timed "reset HVM 64 MiB" xd "reset svh"
	check "fault: its old life is over" wait_for 60 restarted svh
	check "fault: it counts anew" wait_for 200 counted_anew "$n"
	check "fault: its model runs" model_runs
}

# A stopped model holds nobody, and the guest goes on with it.
fault_stopped_model()
{
	local pid began n

	pid=$(model_pid "$(domid_of svh)")
	n=$(serial_count)
	kill -STOP "$pid"
	began=$(now_ms)
	check "fault: pause, its model stopped" xd "pause svh"
	check "fault: unpause, its model stopped" xd "unpause svh"
	note_time "pause, unpause HVM, model stopped" $(($(now_ms) - began))
	check "fault: neither waits for the model" \
	    test $(($(now_ms) - began)) -lt 20000
	check "fault: it is unpaused" sh -c \
	    "xl list svh | tail -n 1 | grep -q ' ..-... '"
	kill -CONT "$pid"
	serial_goes_on "a stopped model, then one that goes on" "$n"
}

# xl's own checkpoint leaves a guest that nobody reaps.
fault_checkpoint()
{
	local n

	n=$(serial_count)
	check "fault: a checkpoint" xd "save svh $work/svh.save --checkpoint"
	rm -f "$work/svh.save"
	serial_goes_on "after a checkpoint" "$n"
	check "fault: it ends then" xd "reset svh"
	check "fault: it is reaped and made again" \
	    wait_for 200 counted_anew "$n"
}

# fault_left_paused: xl's model of a guest that it restored paused waits for xl.
fault_left_paused()
{
	local file=$work/svh.save n

	n=$(serial_count)
	check "fault: save for xl" xd "save svh $file"
	check "fault: xl restores it paused" xl restore -p "$file"
	rm -f "$file"
	check "fault: we unpause it" xd "unpause svh"
	serial_goes_on "restored paused by xl, unpaused by us" "$n"
}

fault_guest()
{
	check "fault: create svh, HVM" xd "create $(hvm_conf svh "$work/svh.img")"
	check "fault: svh counts" wait_for 200 serial_has_begun
}

xl_faults()
{
	store_now >"$work/store.before"
	check "fault: a disk with a boot sector" boot_disk "$work/svh.img"
	fault_guest
	fault_reset
	fault_stopped_model
	fault_checkpoint
	check "fault: destroy the first" xd "destroy svh"
	fault_guest
	fault_left_paused
	check "fault: destroy" xd "destroy svh"
	check "fault: what was saved is forgotten" xd "undefine svh"
	check "fault: nothing is left" wait_for 60 no_files_left
	store_as_before "fault: the store is as before"
	engine_end
}
