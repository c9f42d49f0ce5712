# shellcheck shell=bash
#
# verbs.sh - a guest's life by -e, seen by the stock tools; refusals; a
# creation that is stopped half-way. Sourced by all.sh.

created_by_e()
{
	local id

	check "create web1 with -e" xd "create $(xd_conf web1)"
	id=$(domid_of web1)
	check "xl list has web1" xl_sees web1
	check "xendeck list has web1" sh -c "$XD -e list | grep -q '^web1 .*xendeck'"
	check "show --json is JSON" \
	    sh -c "$XD -e 'show web1 --json' | grep -q '\"name\":.*web1'"
	store_dump >"$out/store-web1-ours.txt"
	for node in name vm domid console/tty console/ring-ref memory/target; do
		check "xenstore has $node" xenstore-exists "/local/domain/$id/$node"
	done
	check "libxl's type node" test "$(xenstore-read "/libxl/$id/type")" = pv
	check "xl uptime works" xl uptime web1
	check "xl list -l works" sh -c 'xl list -l web1 | grep -q "\"type.pv\""'
	check "web1 boots" wait_for 120 guest_ready web1
}

console_is_held()
{
	! flock -n "/var/lock/xenconsole.$1" true
}

# The engine holds the console, hands it over to xl's client, takes it back.
xl_console_works()
{
	local id

	id=$(domid_of web1)
	check "the engine holds the console" wait_for 10 console_is_held "$id"
	check "console-release" xd "console-release web1"
	check "tmux starts" term_start 80 24
	term_type "xl console web1"
	term_key Enter
	check "xl console has it" wait_for 20 pgrep -x xenconsole
	term_type "echo a\$((6 * 7))b"
	term_key Enter
	screen_has "guest answers in xl console" 30 '^a42b'
	refused "console-retake names who has it" 1 'xenconsole' \
	    "console-retake web1"
	term_key 'C-]'
	check "the engine takes the console when it is free" \
	    wait_for 20 sh -c "$XD -e info | grep -q 'web1 .*: attached'"
	check "it holds the console again" console_is_held "$id"
	term_stop
	check "tmux starts with a terminal of the engine" term_start 80 24 "$XD"
	screen_has "the terminal attaches" 30 'Domain-0'
	term_type ":console web1"
	term_key Enter
	screen_has "what the engine had read is kept" 30 'xendeck lab guest ready'
	term_type "echo b\$((6 * 9))c"
	term_key Enter
	screen_has "guest answers in the engine's console again" 30 '^b54c'
	term_key 'C-]'
	term_type q
	sleep 2 # one in haste ends nothing
	term_type q
	check "the terminal detaches" wait_for 20 term_over
	term_stop
}

paused_and_unpaused()
{
	check "pause" xd "pause web1"
	check "xl list shows it paused" \
	    sh -c "xl list web1 | tail -n 1 | grep -q ' ..p... '"
	refused "a paused guest is not asked to shut down" 1 'unpause it first' \
	    "shutdown web1"
	check "unpause" xd "unpause web1"
	check "xl list shows it unpaused" \
	    sh -c "! xl list web1 | tail -n 1 | grep -q ' ..p... '"
}

suspended_and_resumed()
{
	check "suspend" xd "suspend web1"
	check "xl list shows it suspended" \
	    sh -c "xl list web1 | tail -n 1 | grep -q ' ...s.. '"
	sleep 3
	check "a suspended guest is not reaped" xl_sees web1
	check "resume" xd "resume web1"
	check "the guest runs on" guest_says web1 "$(domid_of web1)" \
	    "echo woken-\$((13*13))" woken-169
}

shut_down_by_e()
{
	check "shutdown with -e" xd "shutdown web1"
	check "web1 is gone from xl list" xl_does_not_see web1
	store_as_before "store after create and shutdown by -e"
	check "no files left" no_files_left
}

refusals()
{
	dd if="$LAB_KERNEL" of="$work/cut" bs=1M count=3 2>/dev/null
	echo "not a kernel" >"$work/text"
	: >"$work/empty"
	for kernel in cut text empty missing .; do
		LAB_KERNEL=$work/$kernel xd_conf bad >/dev/null
		refused "kernel '$kernel' is refused" 1 kernel "create $work/bad.conf"
	done
	LAB_RAMDISK=$work/missing xd_conf bad >/dev/null
	refused "missing ramdisk is refused" 1 ramdisk "create $work/bad.conf"
	xd_conf bad '' 'memory = 64;' >/dev/null
	refused "a broken configuration is refused" 1 'bad.conf:' \
	    "create $work/bad.conf"
	sed -i 's/^memory = 192/memory = 100000/; /^memory = 64;/d' "$work/bad.conf"
	refused "more memory than is free is refused" 1 'MiB free: ' \
	    "create $work/bad.conf"
	refused "dom0 is refused" 1 'Domain-0' "destroy 0"
	refused "unknown verb" 2 'nosuch' nosuch
	store_as_before "store after refusals"
	check "no files left after refusals" no_files_left
	check "no domain left after refusals" test "$(xl list | wc -l)" -eq 2
}

# begin_creation: leaves it at work in the build, in the background. A packed
# kernel keeps the helper busy for seconds.
begin_creation()
{
	local conf

	conf=$(LAB_KERNEL=$LAB_KERNEL_XZ xd_conf half)
	"$XD" -e "create $conf" </dev/null >"$work/half.log" 2>&1 &
	creation=$!
	wait_for 60 sh -c 'xl list | grep -q "^half "'
}

stopped_half_way()
{
	begin_creation
	check "the helper is there to be killed" pkill -KILL -f 'xendeck-helper'
	wait "$creation"
	check "a creation without its helper fails" test $? -eq 1
	check "it says so in one sentence" \
	    sh -c "grep -q 'helper process was killed' $work/half.log"
	check "half is undone" xl_does_not_see half
	store_as_before "store after the helper was killed"

	begin_creation
	kill -TERM "$creation"
	wait "$creation"
	check "a terminated creation ends with 1" test $? -eq 1
	check "half is undone on SIGTERM" wait_for 20 xl_does_not_see half
	store_as_before "store after SIGTERM"

	engine_killed_half_way
	client_killed_half_way
}

# The engine of the next verb undoes what the killed one has begun.
engine_killed_half_way()
{
	local pid

	begin_creation
	check "list shows it as half-built" \
	    sh -c "$XD -e 'show half' | grep -qi 'building'"
	pid=$(engine_pid)
	kill -KILL "$pid"
	wait "$creation"
	check "the verb of a killed engine fails" test $? -eq 1
	echo "     says: $(cat "$work/half.log")" >&3
	check "it says so in one sentence" \
	    test "$(grep -c 'engine' "$work/half.log")" -eq 1
	check "kill -9 leaves it half-built" xl_sees half
	check "no engine is left" wait_for 10 no_xendeck
	check "the next verb starts an engine" xd list
	check "it is another one" test "$(engine_pid)" != "$pid"
	check "the next engine takes it back" wait_for 30 xl_does_not_see half
	check "its events tell it" \
	    sh -c "$XD -e events | grep -q 'half: recovery: create.*undone'"
	store_as_before "store after kill -9 and a new start"
	check "no files left after kill -9" no_files_left
}

# A caller that dies cancels nothing that changes a domain.
client_killed_half_way()
{
	begin_creation
	kill -KILL "$creation"
	wait "$creation" 2>/dev/null
	check "a creation goes on without its caller" \
	    wait_for 120 guest_ready half
	check "destroy half" xd "destroy half"
	store_as_before "store after kill -9 of the caller"
	check "no files left after kill -9 of the caller" no_files_left
}

# Domains of others: shown, paused, destroyed on demand, never reaped.
foreign_domains()
{
	local id

	check "xl creates theirs" xl create "$(xl_config theirs)"
	id=$(domid_of theirs)
	check "list shows it as not ours" \
	    sh -c "$XD -e list | grep '^theirs ' | grep -qv xendeck"
	check "pause theirs" xd "pause theirs"
	check "unpause theirs" xd "unpause theirs"
	check "theirs boots" wait_for 120 guest_ready theirs
	check "destroy theirs" xd "destroy theirs"
	check "theirs is gone" dom_gone "$id"
	check "xl's own daemon for it ends" \
	    wait_for 20 sh -c '! pgrep -f "^xl create"'
	store_as_before "store after destroying a domain of xl"
}

# says NAME TEXT CMD...: what it prints has TEXT in a line.
says()
{
	local name=$1 text=$2 said
	shift 2

	said=$("$@" 2>&1 </dev/null)
	if grep -q -e "$text" <<<"$said"; then
		grep -e "$text" <<<"$said" | tail -n 1 | sed 's/^/     says: /' >&3
		pass "$name"
	else
		fail "$name" "'$text' is not in: $said"
	fi
}

as_nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# The engine starts without xenconsoled, and tells it; only what needs a
# console is refused.
without_xenconsoled()
{
	check "the engine ends before xenconsoled" engine_end
	pkill -x xenconsoled
	wait_for 10 sh -c '! pgrep -x xenconsoled'
	says "without xenconsoled: list works" '^Domain-0' "$XD" -e list
	says "without xenconsoled: an event says so" 'xenconsoled is not running' \
	    "$XD" -e events
	refused "without xenconsoled: no creation" 1 'see whether xenconsoled runs' \
	    "create $(xd_conf mute)"
	"$LAB_XEN_BIN/xenconsoled" --log=guest --timestamp=guest \
	    --pid-file=/run/xenconsoled.pid
	check "xenconsoled is back" wait_for 10 pgrep -x xenconsoled
	store_as_before "store after the refused creation"
}

preconditions()
{
	says "without root: says so" 'only root' as_nobody "$XD" -e list
	without_xenconsoled
	check "the engine ends" engine_end
	says "without root and engine: says so" root as_nobody "$XD" -e list
	check "no engine of nobody" no_xendeck
}
