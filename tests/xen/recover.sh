# shellcheck shell=bash
#
# recover.sh - the engine is killed at five moments and started anew; a second
# one is refused, or takes over; a domain of xl's, untouched, then adopted;
# a definition that starts with the engine. Sourced by all.sh.

# engine_up: one without a terminal, in the background; its pid in $engine.
engine_up()
{
	engine_end
	"$XD" --headless --log "$out/headless.log" </dev/null >/dev/null \
	    2>>"$work/headless.err" &
	engine=$!
	wait_for 60 engine_is "$engine" ||
	    fail "recover: an engine starts" "$(tail -n 1 "$work/headless.err")"
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
	check "recover: SIGTERM ends the engine with 0" test $? -eq 0
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
	check "recover: an engine without a terminal is of record" \
	    engine_is "$engine"
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
	local shut killed=$engine

	check "recover: rec2 will obey late" guest_says rec2 "$(domid_of rec2)" \
	    "sed -i '1a sleep 20' /sbin/poweroff && echo late-\$((5*5))" late-25
	"$XD" -e "shutdown rec2" </dev/null >"$work/shut.log" 2>&1 &
	shut=$!
	wait_for 20 sh -c "$XD -e info | grep -q 'shutdown rec2'"
	check "recover: the shutdown waits" kill -0 "$shut"
	engine_killed
	wait "$shut"
	check "recover: the verb that asked fails" test $? -eq 1
	check "recover: it says that its engine is gone" \
	    grep -q "engine (pid $killed) .*half done" "$work/shut.log"
	check "recover: rec2 has not obeyed yet" xl_sees rec2
	engine_up
	check "recover: rec2 is reaped after the request" \
	    wait_for 90 xl_does_not_see rec2
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

# engine_has_console NAME: by the engine that is meant to run.
engine_has_console()
{
	find "/proc/$engine/fd" -lname "*/xenconsole.$(domid_of "$1")" | grep -q .
}

second_is_refused()
{
	local rc

	"$XD" --headless </dev/null >/dev/null 2>"$work/second.err"
	rc=$?
	check "recover: a second engine is refused" test $rc -eq 1
	check "recover: the sentence names the first" \
	    grep -q "already, pid $engine (.*--replace" "$work/second.err"
	check "recover: in one line" test "$(wc -l <"$work/second.err")" -eq 1
	check "recover: the first is still of record" engine_is "$engine"
}

# Guests run on from one engine to the next.
another_takes_over()
{
	local first id

	engine_up
	check "recover: create rec4 by -e" xd "create $(xd_conf rec4)"
	id=$(domid_of rec4)
	check "recover: rec4 boots" wait_for 120 guest_ready rec4
	check "recover: the first has its console" \
	    wait_for 10 engine_has_console rec4
	second_is_refused
	first=$engine
	"$XD" --headless --replace </dev/null >/dev/null 2>"$work/third.err" &
	engine=$!
	check "recover: --replace takes over" wait_for 60 engine_is "$engine"
	check "recover: it says what it ends" \
	    grep -q "ending the engine (pid $first)" "$work/third.err"
	wait "$first"
	check "recover: the first ended in order" test $? -eq 0
	check "recover: rec4 runs on" test "$(domid_of rec4)" = "$id"
	check "recover: its console goes to the third" \
	    wait_for 30 engine_has_console rec4
	check "recover: rec4 answers" guest_says rec4 "$id" \
	    "echo on-\$((15*15))" on-225
	guest_type "$id" poweroff
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
	another_takes_over
	adopted
	defined
}
