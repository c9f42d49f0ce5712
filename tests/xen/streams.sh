# shellcheck shell=bash
#
# streams.sh - a guest's memory that comes slowly, from a sender that speaks as
# xl does: longer than a helper may be silent, it is restored all the same; one
# that stops coming is given up. Needs save.sh. Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

stream_limit=20 # s, the least that helper_limit may be

# stream_slowly FILE MIB: so many MiB a second.
stream_slowly()
{
	local at=0 all

	all=$(stat -c %s "$1")
	while [ $((at << 20)) -lt "$all" ]; do
		dd if="$1" bs=1M skip="$at" count="$2" status=none || return
		at=$((at + $2))
		sleep 1
	done
}

stream_said()
{
	grep -aq -e "$1" "$work/receiver.out"
}

# stream_receiver FIFO: what it says to the sender, by a pipe as to any, and to
# people is kept.
stream_receiver()
{
	rm -f "$1" "$work"/receiver.*
	mkfifo "$1"
	"$XD" migrate-receive <"$1" > >(cat >"$work/receiver.out") \
	    2>"$work/receiver.log" &
	receiver=$!
}

# stream_as_xl FILE FIFO
stream_as_xl()
{
	wait_for 60 stream_said 'receiver ready' &&
	    stream_slowly "$1" 4 &&
	    wait_for 60 stream_said 'ready to unpause' &&
	    printf 'domain is yours, you are cleared to unpause\0' &&
	    wait_for 60 stream_said 'unpause results'
} >"$2"

stream_is_slow()
{
	local began took

	began=$(now_ms)
	stream_receiver "$work/slow.fifo"
	check "stream: a sender that is slow ends well" \
	    stream_as_xl "$work/slow.save" "$work/slow.fifo"
	wait "$receiver"
	check "stream: so does the receiver" test $? -eq 0
	took=$(($(now_ms) - began))
	note_time "192 MiB received slowly" "$took"
	check "stream: it took longer than a helper may be silent" \
	    test "$took" -gt $((stream_limit * 1500))
	check "stream: it came under its name" xl_sees slow1
	goes_on slow1 "received slowly"
	none_lost slow1 "received slowly"
}

# Half of it comes, then nothing, while the sender is there.
stream_stops()
{
	local began

	stream_receiver "$work/stop.fifo"
	exec 7>"$work/stop.fifo"
	check "stream: a receiver greets" wait_for 60 stream_said 'receiver ready'
	head -c 100M "$work/slow.save" >&7
	began=$(now_ms)
	wait "$receiver"
	check "stream: one that stops is given up" test $? -ne 0
	note_time "a stream that stops to its end" $(($(now_ms) - began))
	exec 7>&-
	sed 's/^/     says: /' "$work/receiver.log" >&3
	check "stream: it says why" grep -q \
	    "helper process (pid [0-9]*) said nothing for $stream_limit s" \
	    "$work/receiver.log"
	check "stream: nothing of it is left" wait_for 30 stream_nothing_left
}

stream_nothing_left()
{
	! xl list | grep -q slow1
}

slow_stream()
{
	mkdir -p /etc/xendeck
	echo "helper_limit = $stream_limit;" >/etc/xendeck/xendeck.conf
	check "stream: an engine with a limit of $stream_limit s" engine_end
	save_guest slow1
	check "stream: save it" xd "save slow1 $work/slow.save"
	check "stream: it is gone" wait_for 20 xl_does_not_see slow1
	stream_stops
	stream_is_slow
	check "stream: destroy it" xd "destroy slow1"
	rm -f /etc/xendeck/xendeck.conf "$work/slow.save"
	check "stream: no file is left" wait_for 60 no_files_left
	store_as_before "stream: the store is as before"
	check "stream: the engine of these settings ends" engine_end
}
