# shellcheck shell=bash
#
# xd.sh - for dom0 scripts that test xendeck: the program under test, its
# configurations, its screen in tmux, the store without what xl leaves behind.
# Source it after lib.sh.

XD=${XENDECK:-$LAB_ROOT/build/xendeck}

# xd LINE...: each a -e.
xd()
{
	local args=() line

	for line; do
		args+=(-e "$line")
	done
	"$XD" "${args[@]}" </dev/null
}

# The pid of the engine in the background; nothing if there is none.
engine_pid()
{
	pgrep -f '^[^ ]*xendeck --engine'
}

no_xendeck()
{
	! pgrep -x xendeck
}

# engine_end: kill-engine, and no process of xendeck is left.
engine_end()
{
	no_xendeck >/dev/null || xd kill-engine
	wait_for 20 no_xendeck
}

# follower_is_there: a batch beside the one that asks.
follower_is_there()
{
	[ "$("$XD" -e sessions | grep -c ' batch ')" -ge 2 ]
}

# term_escape: Esc, so that it and the next key are two, however late both are
# read: nothing need be seen of it.
term_escape()
{
	term_key Escape
	sleep 2
}

# engine_outlives NAME: tests that q ends the terminal, not the engine, and
# that kill-engine then ends that.
engine_outlives()
{
	term_escape
	term_type q
	check "$1: q detaches" wait_for 20 term_over
	check "$1: the engine works on" engine_pid
	check "$1: kill-engine ends it" engine_end
	term_stop
}

# xd_conf NAME [ARGUMENTS [MORE]]: writes a configuration, prints its path.
xd_conf()
{
	local file=$work/$1.conf

	cat >"$file" <<-END
		name = "$1";
		memory = 192;
		vcpus = 1;
		image = { kernel = "$LAB_KERNEL"; ramdisk = "$LAB_RAMDISK";
		          args = "console=hvc0 quiet ${2:-}"; };
		${3:-}
	END
	echo "$file"
}

# xl makes these with its first guest and leaves them: not a leak of ours.
store_now()
{
	store_dump | grep -v -E \
	    '^(/libxl|/vm|/local/domain/0/memory(/static-max|/target)?) ='
}

# store_as_before NAME: against $work/store.before
store_as_before()
{
	store_now >"$work/store.after"
	same_store "$1" "$work/store.before" "$work/store.after"
}

no_files_left()
{
	! ls /var/lib/xendeck/*.conf /var/lib/xen/userdata-?.[1-9]* 2>/dev/null
}

# refused NAME STATUS TEXT LINE...: a run that must fail with one sentence.
refused()
{
	local name=$1 want=$2 text=$3 rc said
	shift 3

	said=$(xd "$@" 2>&1 >/dev/null)
	rc=$?
	echo "     says: $said" >&3
	if [ $rc -ne "$want" ]; then
		fail "$name" "status $rc instead of $want: $said"
	elif [ "$(wc -l <<<"$said")" -ne 1 ]; then
		fail "$name" "more than one line: $said"
	elif ! grep -q -e "$text" <<<"$said"; then
		fail "$name" "'$text' is not in: $said"
	else
		pass "$name"
	fi
}

xl_sees()
{
	xl list "$1" >/dev/null 2>&1
}

xl_does_not_see()
{
	! xl_sees "$1"
}

# screen_has NAME SECONDS TEXT: a test on the terminal's screen; what was on
# it is shown when it fails.
screen_has()
{
	if wait_for "$2" term_has "$3"; then
		pass "$1"
		return 0
	fi
	fail "$1" "not on the screen: $3"
	term_screen >&3
	return 1
}

# screen_keep NAME: the screen as it is, for people.
screen_keep()
{
	term_screen >"$out/screen-$1.txt"
}

# engine_of_record: its pid, while it holds the lock of the host; the file
# alone says nothing.
engine_of_record()
{
	local lock=/run/xendeck/engine.lock

	grep -q "OFDLCK.*WRITE.*:$(stat -c %i $lock 2>&1) " /proc/locks &&
	    awk '{ print $2 }' $lock
}

engine_is()
{
	[ "$(engine_of_record)" = "$1" ]
}
