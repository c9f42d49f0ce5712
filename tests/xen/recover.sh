# shellcheck shell=bash
#
# recover.sh - the engine of record is killed at five moments and started anew;
# two engines at once; a verb beside it; a domain of xl's, untouched, then
# adopted. Sourced by all.sh.

# engine_up: one without a terminal, in the background; its pid in $engine.
engine_up()
{
	"$XD" --headless --log "$out/headless.log" </dev/null >/dev/null \
	    2>>"$work/headless.err" &
	engine=$!
	wait_for 60 flock_held
}

# The lock counts, not the file.
flock_held()
{
	grep -q "OFDLCK.*WRITE.*:$(stat -c %i /run/xendeck/engine.lock) " /proc/locks
}

engine_killed()
{
	kill -KILL "$engine"
	wait "$engine" 2>/dev/null
}

engine_down()
{
	kill -TERM "$engine"
	wait "$engine"
}

said()
{
	grep -q -e "$1" "$work/headless.err"
}

not_listed()
{
	! "$XD" -e list | grep -q "^$1 "
}

is_up()
{
	"$XD" -e "show $1" | grep -q 'state: *\(running\|idle\|runnable\)'
}

# Paused, half-built or nameless: whatever a build leaves.
killed_while_building()
{
	local conf

	conf=$(LAB_KERNEL=$LAB_KERNEL_XZ xd_conf rec1)
	engine_up
	check "recover: an engine without a terminal is of record" flock_held
	"$XD" -e "create $conf" </dev/null >"$work/rec1.log" 2>&1 &
	creation=$!
	wait_for 60 sh -c 'xl list | grep -q "^rec1 "'
	kill -KILL "$creation"
	wait "$creation" 2>/dev/null
	engine_killed
	engine_up
	check "recover: killed while building: undone" \
	    wait_for 60 xl_does_not_see rec1
	check "recover: it says so" wait_for 10 said 'recovery: create.*undone'
	engine_down
	store_as_before "recover: store after a killed build"
	check "recover: no files left after a killed build" no_files_left
}

killed_after_unpause()
{
	engine_up
	check "recover: create rec2 beside the engine" xd "create $(xd_conf rec2)"
	engine_killed
	engine_up
	check "recover: rec2 runs on" xl_sees rec2
	check "recover: its console is taken back" \
	    wait_for 30 test -e "/var/lock/xenconsole.$(domid_of rec2)"
	check "recover: rec2 boots" wait_for 120 guest_ready rec2
}

# A guest that obeys late: the request outlives the engine.
killed_while_a_shutdown_waits()
{
	"$XD" -e "shutdown rec2" </dev/null >"$work/shut.log" 2>&1 &
	local shut=$!
	sleep 1
	engine_killed
	engine_up
	check "recover: rec2 is reaped after the request" \
	    wait_for 90 xl_does_not_see rec2
	wait "$shut"
	check "recover: the verb that asked ends well" test $? -eq 0
	check "recover: no restart of what was shut down" not_listed rec2
}

killed_while_restarting()
{
	check "recover: create rec3" xd \
	    "create $(xd_conf rec3 '' 'restart_min = 0;')"
	check "recover: rec3 boots" wait_for 120 guest_ready rec3
	guest_type "$(domid_of rec3)" reboot
	wait_for 60 said 'rec3.*reap begins'
	engine_killed
	engine_up
	check "recover: a restart that was cut off is done" wait_for 90 is_up rec3
}

died_without_an_engine()
{
	wait_for 120 guest_ready rec3
	engine_killed
	guest_type "$(domid_of rec3)" poweroff
	sleep 5
	check "recover: a dead guest waits for an engine" xl_sees rec3
	engine_up
	check "recover: reaped at the next start" wait_for 60 xl_does_not_see rec3
	engine_down
	store_as_before "recover: store after all of it"
	check "recover: no files left" no_files_left
}

observer_takes_over()
{
	local first

	engine_up
	first=$engine
	"$XD" --headless </dev/null >/dev/null 2>"$work/second.err" &
	engine=$!
	check "recover: the second engine observes" \
	    wait_for 60 grep -q 'observer: pid' "$work/second.err"
	kill -KILL "$first"
	wait "$first" 2>/dev/null
	check "recover: it takes over" \
	    wait_for 10 grep -q 'takes over: ' "$work/second.err"
	check "recover: create rec4 by -e" xd "create $(xd_conf rec4)"
	check "recover: rec4 is taken in at once" \
	    wait_for 10 test -e "/var/lock/xenconsole.$(domid_of rec4)"
	check "recover: rec4 boots" wait_for 120 guest_ready rec4
	guest_type "$(domid_of rec4)" poweroff
	check "recover: rec4 is reaped by the engine of record" \
	    wait_for 60 xl_does_not_see rec4
}

adopted()
{
	check "recover: xl creates theirs5" xl create -e "$(xl_config theirs5)"
	sleep 3
	check "recover: it is not ours" \
	    sh -c "$XD -e list | grep '^theirs5 ' | grep -qv xendeck"
	check "recover: adopt" xd "adopt theirs5"
	check "recover: it is ours" \
	    sh -c "$XD -e list | grep '^theirs5 ' | grep -q xendeck"
	check "recover: theirs5 boots" wait_for 120 guest_ready theirs5
	guest_type "$(domid_of theirs5)" poweroff
	check "recover: it is reaped" wait_for 60 xl_does_not_see theirs5
	engine_down
}

defined()
{
	check "recover: define rec6" xd "define $(xd_conf rec6)"
	check "recover: it is off" \
	    sh -c "$XD -e 'show rec6' | grep -q 'state: *off'"
	check "recover: autostart on" xd "autostart rec6 on"
	engine_up
	check "recover: it starts with the engine" wait_for 120 xl_sees rec6
	check "recover: shutdown" sh -c "sleep 20; $XD -e 'destroy rec6'"
	check "recover: it is off again" \
	    wait_for 30 sh -c "$XD -e 'show rec6' | grep -q 'state: *off'"
	engine_down
	check "recover: undefine" xd "undefine rec6"
	check "recover: nothing of it is left" no_files_left
}

recover()
{
	killed_while_building
	killed_after_unpause
	killed_while_a_shutdown_waits
	killed_while_restarting
	died_without_an_engine
	observer_takes_over
	adopted
	defined
}
