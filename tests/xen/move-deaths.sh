# shellcheck shell=bash
#
# move-deaths.sh - steps of the proof that a domain is on exactly one host
# whatever dies on its way (deaths.sh): the migration, the blow, and what there
# is afterwards. Sourced by move.sh.
# shellcheck disable=SC2034,SC2154,SC2317

STRIKE=$LAB_ROOT/tests/xen/strike.pl

# go NAME N [PHASE VICTIM DELAY]: it is sent to host N, and struck on its way.
go()
{
	local name=$1 host=$2 began

	shift 2
	if [ $# -gt 0 ]; then
		perl "$STRIKE" migrate "$1" "$2" "$3" "$name" >&3 &
		sleep 2 # it sees what begins from then on
	fi
	began=$(now_ms)
	timeout 240 "$XD" -e "migrate $name 10.1.0.$host \
	    '--command=$JOIN 10.1.0.$host $OURS #'" </dev/null \
	    >"$work/go" 2>&1
	echo "went: $? after $(($(now_ms) - began)) ms: $(tail -n 1 "$work/go")" >&3
	wait
	pass "go"
}

# lie_in_wait NAME PHASE VICTIM DELAY: on the host that it comes to.
lie_in_wait()
{
	perl "$STRIKE" migrate-receive "$2" "$3" "$4" "$1" >&3
	pass "lie in wait"
}

# No record has an operation that began and has not ended, nor is there one of
# an engine that died.
nothing_at_work()
{
	cat /run/xendeck/ops/[0-9]* 2>/dev/null | awk '
		$1 == "begin" { n++ }
		$1 == "end" { n-- }
		END { exit n > 0 }'
}

# state_of NAME: in one word.
state_of()
{
	local line

	line=$(xl list "$1" 2>/dev/null | tail -n 1) || { echo none; return; }
	case $(awk '{ print $5 }' <<<"$line") in
	*c*|*d*) echo ended ;;
	*s*) echo suspended ;;
	*p*) echo paused ;;
	*[rb]*|------) echo running ;;
	*) echo none ;;
	esac
}

# heard_bytes NAME: of a serial port or of a PV console, whichever it has.
heard_bytes()
{
	cat "/var/log/xen/console/guest-$1.log" \
	    "/var/log/xen/console/guest-$1--incoming.log" 2>/dev/null | wc -c |
	    awk -v serial="$(said_bytes "$1")" '{ print $1 + serial }'
}

heard_more()
{
	[ "$(heard_bytes "$1")" -gt $(($2 + 20)) ]
}

# after NAME: once all is calm, "after: STATE COUNTS INCOMING"; and the journal.
after()
{
	local bytes counts=still incoming=none

	timeout 60 "$XD" -e list </dev/null >/dev/null 2>&1
	wait_for 200 nothing_at_work || fail "after" "still at work"
	bytes=$(heard_bytes "$1")
	if [ "$(state_of "$1")" = running ]; then
		wait_for 30 heard_more "$1" "$bytes" && counts=counts
	fi
	no_incoming || incoming=incoming
	echo "after: $(state_of "$1") $counts $incoming" >&3
	xd "events -n 60" 2>/dev/null | grep -a -e "$1" -e migra |
	    awk -v since="$(cat /run/move.since 2>/dev/null)" '$0 > since' |
	    tail -n 14 | sed 's/^/journal: /' >&3
	pass "after"
}

# since: what the journal says from now on is of the next run.
since()
{
	xd "events -n 1" 2>/dev/null | tail -n 1 >/run/move.since
	pass "since"
}

# cleared NAME: whatever there is of it.
cleared()
{
	xd "destroy $1" >/dev/null 2>&1
	xl list | awk -v n="$1" 'index($1, n) == 1 { print $2 }' |
	    xargs -r -n 1 xl destroy
	pass "cleared"
}
