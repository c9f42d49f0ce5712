# shellcheck shell=bash
#
# sessions.sh - many sessions on one engine: terminals of two kinds beside each
# other, an engine that is killed, stopped and upgraded under them, a user who
# may only look, fifty terminals, many verbs at once. Sourced by all.sh.

xd_conf_file=/etc/xendeck/xendeck.conf
xd_bin=/opt/xendeck-sessions/xendeck # a program that is replaced on the way
viewers=4242
viewer=4243

# in_env TERM [ARGUMENT...]: the program's command line in a terminal.
in_env()
{
	local type=$1
	shift

	echo "exec env TERM=$type $xd_bin $*"
}

# as_viewer ARGUMENT...: a user whose only right is to look.
as_viewer()
{
	setpriv --reuid "$viewer" --regid "$viewer" --groups "$viewers" \
	    env HOME=/tmp TERM=xterm-256color "$xd_bin" "$@"
}

sessions_set_up()
{
	mkdir -p "${xd_bin%/*}" "${xd_conf_file%/*}"
	cp "$XD" "$xd_bin"
	XD=$xd_bin
	echo "lookers:x:$viewers:" >>/etc/group
	echo "looker:x:$viewer:$viewer::/tmp:/bin/sh" >>/etc/passwd
	echo 'view_group = "lookers";' >"$xd_conf_file"
}

# --- two terminals ---

two_terminals()
{
	check "two: 80x24 xterm-256color" at one term_start 80 24 \
	    "env TERM=xterm-256color $xd_bin; echo status-\$?; sleep 900"
	at one screen_has "two: its list comes up" 60 'Domain-0'
	engine=$(engine_of_record)
	check "two: an engine was started" test -n "$engine"
	check "two: 132x43 vt100" at two term_start 132 43 "$(in_env vt100)"
	at two screen_has "two: its list comes up, too" 60 'Domain-0'
	check "two: it is the same engine" engine_is "$engine"
	at one palette "create $(xd_conf ses1)"
	at one screen_has "two: the guest boots" 180 'xendeck lab guest ready'
	at two palette "console ses1"
	at two screen_has "two: the other looks at it" 60 \
	    'xendeck lab guest ready'
	at one term_type "echo one-\$((6 * 7))"
	at one term_key Enter
	at two screen_has "two: what one types the other sees" 60 'one-42'
	at two term_type "echo two-\$((5 * 5))"
	at two term_key Enter
	at one screen_has "two: and the other way round" 60 'two-25'
	at two screen_keep sessions-two
	check "two: sessions lists both with their sizes" sh -c \
	    "$xd_bin -e sessions | grep 80x24 && $xd_bin -e sessions | grep 132x43"
	domid=$(domid_of ses1)
}

# --- an engine that is killed, stopped, replaced ---

# engine_is_not PID: there is one, and it is another.
engine_is_not()
{
	local now

	now=$(engine_of_record) && [ -n "$now" ] && [ "$now" != "$1" ]
}

# terminals_are N: so many sessions with a screen.
terminals_are()
{
	[ "$("$xd_bin" -e sessions | grep -c ' terminal ')" -eq "$1" ]
}

# both_are_back NAME FIRST: another engine serves both, with their consoles.
both_are_back()
{
	local t

	check "$1: another engine is there" wait_for 60 engine_is_not "$2"
	check "$1: both are attached to it" wait_for 60 terminals_are 2
	for t in one two; do
		at "$t" screen_has "$1: $t has its console's text" 60 'one-42'
	done
	engine=$(engine_of_record)
	check "$1: the guest runs on, its domid is the same" \
	    test "$(domid_of ses1)" = "$domid"
	at one term_type "echo $1-\$((100 + ${#1}))"
	at one term_key Enter
	at two screen_has "$1: the guest answers both" 60 "$1-$((100 + ${#1}))"
}

# term_was_told TEXT: on its screen, or on the one that it has again once the
# next engine's frames are gone.
term_was_told()
{
	term_has "$1" ||
	    tmux -L "$term" capture-pane -t "$term" -p -a -q | grep -q -e "$1"
}

killed_under_both()
{
	local first=$engine

	sleep 3 # the clients are told each second what is open
	kill -STOP "$(at two term_process)"
	kill -9 "$first"
	check "kill -9: a terminal says so" wait_for 20 at one term_was_told \
	    "the engine (pid $first) is gone; waiting for another one"
	kill -CONT "$(at two term_process)"
	both_are_back killed "$first"
}

stopped_engine()
{
	local began first=$engine

	began=$(now_ms)
	kill -STOP "$first"
	at one screen_has "stopped: one is told" 12 \
	    "the engine (pid $first) does not answer"
	note_time "an engine stands still: told after" $(($(now_ms) - began))
	at two screen_has "stopped: two is told" 12 "does not answer"
	at two screen_has "stopped: with the way out" 2 '--replace'
	check "stopped: --replace ends it and lists" sh -c \
	    "$xd_bin --replace -e list 2>$work/replace.err | grep -q ses1"
	check "stopped: it says whom it ends" \
	    grep -q "ending the engine (pid $first)" "$work/replace.err"
	both_are_back replaced "$first"
}

# The file is replaced as a package manager does it, and the engine by an order
# of its administrator.
upgraded()
{
	local first=$engine

	cp "$xd_bin" "$xd_bin.new"
	echo upgrade >>"$xd_bin.new"
	mv "$xd_bin.new" "$xd_bin"
	check "upgrade: the old one runs on" sh -c "$xd_bin -e list | grep ses1"
	check "upgrade: --replace" sh -c "$xd_bin --replace -e list | grep ses1"
	both_are_back upgraded "$first"
	check "upgrade: the engine is the new file" \
	    test "$(readlink "/proc/$engine/exe")" = "$xd_bin"
	first=$engine
	cp "$xd_bin" "$xd_bin.new"
	mv "$xd_bin.new" "$xd_bin"
	sleep 3
	check "upgrade: SIGTERM, as of systemd's restart" kill -TERM "$first"
	both_are_back restarted "$first"
}

stopped_client()
{
	local pid id

	pid=$(at two term_process)
	kill -STOP "$pid"
	id=$(domid_of ses1)
	guest_type "$id" "i=0; while [ \$i -lt 300 ]; do echo flood-\$i; i=\$((i + 1)); done; echo flood-\$((50 + 50))end"
	at one screen_has "stopped client: the other goes on" 120 'flood-100end'
	check "stopped client: so do verbs" xd "pause ses1" "unpause ses1"
	sleep 5
	kill -CONT "$pid"
	at two screen_has "stopped client: it catches up" 60 'flood-100end'
	at two term_type "echo awake-\$((4 * 4))"
	at two term_key Enter
	at one screen_has "stopped client: and types again" 60 'awake-16'
}

# --- a user who may only look ---

viewer_lists()
{
	as_viewer -e list | grep -q ses1
}

guest_is_not_paused()
{
	"$xd_bin" -e 'show ses1' | grep '^state:' | grep -q 'idle\|running'
}

viewer_is_refused()
{
	local said

	check "viewer: list" viewer_lists
	said=$(as_viewer -e 'pause ses1' 2>&1)
	check "viewer: a verb by -e is refused" test $? -eq 1
	echo "     says: $said" >&3
	check "viewer: with the reason" test -z "${said##*refused, it needs the \
right to operate, and looker may only view}"
	check "viewer: a terminal" at three term_start 100 30 \
	    "exec setpriv --reuid $viewer --regid $viewer --groups $viewers \
	    env HOME=/tmp TERM=xterm-256color $xd_bin"
	at three screen_has "viewer: sees the list" 60 'ses1'
	at three palette 'pause ses1'
	at three screen_has "viewer: a verb is refused" 20 'pause: refused'
	at three term_escape
	at three term_key Down # from Domain-0 to ses1
	at three term_type p
	at three screen_has "viewer: a key is refused" 20 'pause: refused'
	at three palette 'console ses1'
	at three screen_has "viewer: sees the console" 60 'awake-16'
	at three term_type 'echo typed-by-viewer'
	at three term_key Enter
	at three screen_has "viewer: typing is refused" 20 \
	    'typing into a guest: refused'
	at three term_paste 'echo pasted-by-viewer'
	sleep 3
	check "viewer: nothing of it reaches the guest" \
	    sh -c "! grep -aq by-viewer '$(console_log ses1)'"
	check "viewer: the guest runs" guest_is_not_paused
	at three screen_keep sessions-viewer
	check "viewer: SIGHUP ends it" kill -HUP "$(at three term_process)"
	check "viewer: it is gone" wait_for 20 at three term_over
	at three term_stop
}

# --- many ---

# cpu_ms PID: of the processor, so far.
cpu_ms()
{
	awk -v hz="$(getconf CLK_TCK)" \
	    '{ sub(/.*\) /, ""); print int(($12 + $13) * 1000 / hz) }' \
	    "/proc/$1/stat"
}

# engine_figures LABEL: memory, and what a second costs.
engine_figures()
{
	local cpu

	cpu=$(cpu_ms "$engine")
	sleep 20
	cpu=$((($(cpu_ms "$engine") - cpu) / 20))
	printf 'engine %-38s %7d KiB, %d ms of processor a second\n' "$1" \
	    "$(awk '/^VmRSS:/ { print $2 }' "/proc/$engine/status")" "$cpu" >&3
}

fifty_terminals()
{
	local i

	engine_figures "with 2 terminals"
	tmux -L many -f /dev/null -u new-session -d -s many -x 80 -y 24 \
	    "$(in_env xterm-256color)"
	for ((i = 3; i < 50; i++)); do
		tmux -L many new-window -d "$(in_env xterm-256color)"
	done
	check "fifty: all are attached" wait_for 300 terminals_are 50
	engine_figures "with 50 terminals"
	at one term_type "echo fifty-\$((7 * 7))"
	at one term_key Enter
	at two screen_has "fifty: a console still answers" 60 'fifty-49'
	timed "list by -e beside 50 terminals" xd list >/dev/null
	tmux -L many kill-server
	check "fifty: they are gone" wait_for 60 terminals_are 2
	check "fifty: the engine is the same" engine_is "$engine"
}

# at_once N LINE: as many verbs at once, %d in it is the number; prints how
# many failed.
at_once()
{
	local i pids=() bad=0

	for ((i = 1; i <= $1; i++)); do
		# shellcheck disable=SC2059 # the line is the format
		xd "$(printf "$2" "$i")" >"$work/once.$i" 2>&1 &
		pids+=($!)
	done
	for ((i = 1; i <= $1; i++)); do
		wait "${pids[i - 1]}" && continue
		bad=$((bad + 1))
		sed "s/^/     $i: /" "$work/once.$i" >&3
	done
	echo "$bad"
}

many_at_once()
{
	local i

	check "at once: 40 lists succeed" test "$(at_once 40 'list')" -eq 0
	xd "destroy ses1"
	for ((i = 1; i <= 10; i++)); do
		xd_conf "ten$i" >/dev/null
	done
	check "at once: ten creations succeed" test \
	    "$(timed "ten creations at once" at_once 10 \
	        "create --paused $work/ten%d.conf")" -eq 0
	check "at once: xl sees them" sh -c \
	    "[ \$(xl list | grep -c '^ten') -eq 10 ]"
	check "at once: ten ends succeed" test \
	    "$(at_once 10 'destroy ten%d')" -eq 0
}

list_times()
{
	local i

	for ((i = 0; i < 10; i++)); do
		timed "xendeck -e list" xd list >/dev/null
		timed "xl list" xl list >/dev/null
	done 3>>"$out/list-times"
	ratio "list, xendeck to xl" "$(median 'xendeck -e list')" \
	    "$(median 'xl list')" # to be read: times are no proof under load
}

sessions_end()
{
	at two term_key 'C-]'
	at two term_type q
	sleep 2 # one in haste ends nothing
	at two term_type q
	check "two: q detaches" wait_for 20 at two term_over
	check "two: kill-engine" engine_end
	at one screen_has "one: is told that it was ended" 20 'was ended'
	at one screen_has "one: ends well" 20 'status-0'
	at one term_stop
	at two term_stop
	store_as_before "sessions: store as before"
	check "sessions: no files left" no_files_left
	rm "$xd_conf_file"
}

sessions()
{
	local XD=$XD engine domid

	sessions_set_up
	two_terminals
	killed_under_both
	stopped_engine
	upgraded
	stopped_client
	viewer_is_refused
	fifty_terminals
	list_times
	many_at_once
	sessions_end
}
