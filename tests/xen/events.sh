# shellcheck shell=bash
#
# events.sh - events, hooks, the trace, virtual networks, Xen's log. Sourced by
# all.sh.

hooks=/etc/xendeck/hooks

# What follows in the background writes here.
ev_out=$work/events.follow

events_followed_beside_a_life()
{
	"$XD" -e 'events --follow --json' </dev/null >"$ev_out" 2>"$ev_out.err" &
	local pid=$!

	wait_for 20 follower_is_there
	check "create evt1 beside a follower" xd "create $(xd_conf evt1)"
	check "destroy evt1" xd "destroy evt1"
	check "the follower saw the creation end" wait_for 20 grep -q \
	    '"kind":"op-end".*"name":"evt1".*"verb":"create","result":"done"' "$ev_out"
	check "with who asked and the equal xl line" grep -q \
	    '"who":"root.*"xl":"xl destroy evt1"' "$ev_out"
	check "every line is JSON" python3 -c "
import json
for l in open('$ev_out'): json.loads(l)"
	kill -INT "$pid"
	wait "$pid"
	check "SIGINT ends the follower with 0" test $? -eq 0
	check "it complained of nothing" sh -c "! grep . '$ev_out.err'"
}

history_outlives_the_program()
{
	check "the engine of the past ends" engine_end
	check "a new program knows the past" \
	    sh -c "$XD -e 'events kind=op-end name=evt1' | grep -q 'create done'"
	check "an event of ours" xd "event inject lab.note - from the lab"
	check "the engine that knows it ends" engine_end
	check "is there for the next" \
	    sh -c "$XD -e 'events kind=injected --json' | grep -q '\"reason\":\"lab.note\"'"
	refused "an unknown kind" 2 'allowed kind=' "events kind=nosuch"
}

hook_files()
{
	mkdir -p "$hooks"
	chmod 755 "$hooks"
	cat >"$hooks/10-death" <<-END
		#!/bin/sh
		[ "\$XENDECK_EVENT" = death ] || exit 0
		echo "\$XENDECK_NAME \$XENDECK_REASON \$XENDECK_UUID" >>$work/hook.out
	END
	chmod 755 "$hooks/10-death"
	printf '#!/bin/sh\necho bad >>%s/hook.out\n' "$work" >"$hooks/20-open"
	chmod 777 "$hooks/20-open"
}

hook_runs_on_death()
{
	hook_files
	term_start 100 30 "$XD"
	screen_has "the console is up" 30 'Domain-0'
	check "create evt2" xd "create $(xd_conf evt2)"
	check "evt2 boots" wait_for 120 guest_ready evt2
	guest_type "$(domid_of evt2)" poweroff
	check "the hook wrote of the death" wait_for 60 grep -q \
	    '^evt2 poweroff ' "$work/hook.out"
	check "a hook that others may write is not run" \
	    sh -c "! grep -q bad $work/hook.out"
	check "and that is an event" wait_for 10 sh -c \
	    "$XD -e 'events kind=engine' | grep -q '20-open is skipped'"
	term_key l
	screen_has "the log pane has what other processes did" 20 'create done'
	screen_keep log-pane
	term_key q
	sleep 2 # one in haste ends nothing
	term_key q
	check "q leaves the console" wait_for 20 term_over
	term_stop
	rm -rf "$hooks"
	[ ! -e "$hooks" ]
}

trace_on_and_off()
{
	local headless

	engine_end
	rm -f /run/xendeck/trace*
	xd "trace on" node "trace off" dmesg >/dev/null
	check "the trace has calls with result and time" grep -Eq \
	    'hv.topology = 0 [0-9]+ us' /run/xendeck/trace
	check "and none after its end" \
	    sh -c '! grep -q console_ring /run/xendeck/trace'
	check "the trace is for root alone" \
	    test "$(stat -c %a /run/xendeck/trace)" = 600
	engine_end
	"$XD" --headless </dev/null >/dev/null 2>&1 &
	headless=$!
	wait_for 60 engine_is "$headless"
	xd "trace on"
	check "an engine that runs is traced" wait_for 20 \
	    grep -Fq "[$headless] hv.list" /run/xendeck/trace
	check "a second engine is refused with the trace on" sh -c \
	    "$XD --headless 2>&1 </dev/null | grep -q 'already, pid $headless '"
	xd "trace off"
	kill "$headless"
	wait "$headless"
	rm -f /run/xendeck/trace*
}

vnets()
{
	check "vnet-create" xd "vnet-create labnet0"
	check "the kernel has it, up" \
	    sh -c 'ip link show dev labnet0 up | grep -q labnet0'
	check "vnet-list has it as ours" \
	    sh -c "$XD -e vnet-list | grep -Eq '^labnet0 +up +xendeck'"
	refused "the same name again" 1 'already' "vnet-create labnet0"
	ip link add labdummy type dummy && ip link set labdummy master labnet0
	check "its member is listed" \
	    sh -c "$XD -e vnet-list | grep -q '^labnet0 .*labdummy'"
	refused "one in use is not removed" 1 'in use by labdummy' \
	    "vnet-delete labnet0"
	ip link del labdummy
	refused "a bridge of others is not removed" 1 'was not made by' \
	    "vnet-delete xenbr0"
	check "vnet-delete" xd "vnet-delete labnet0"
	check "the kernel has it no more" sh -c '! ip link show dev labnet0'
}

xen_log_follows()
{
	"$XD" -e 'xen-log --follow' </dev/null >"$work/xenlog" 2>&1 &
	local pid=$!

	wait_for 20 follower_is_there
	check "debug-keys h" xd "debug-keys h"
	check "its output arrives in the followed log" wait_for 20 grep -q \
	    "pressed -> showing installed handlers" "$work/xenlog"
	kill -TERM "$pid"
	wait "$pid"
	check "xl sees the same log" \
	    sh -c 'xl dmesg | grep -q "showing installed handlers"'
}

node_information()
{
	check "node says what xl info says of memory" sh -c \
	    "$XD -e node | grep -q \"^total_memory .*: \$(xl info total_memory)\$\""
	check "node --json is JSON" sh -c "$XD -e 'node --json' | python3 -m json.tool"
	check "info --json is JSON" sh -c "$XD -e 'info --json' | python3 -m json.tool"
}

events()
{
	events_followed_beside_a_life
	history_outlives_the_program
	hook_runs_on_death
	trace_on_and_off
	vnets
	xen_log_follows
	node_information
}
