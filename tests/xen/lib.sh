# shellcheck shell=bash
#
# lib.sh - for test scripts which run in dom0 (lab.sh run): results, waiting,
# times, the store, guests made by xl. Source it first; end with `finish`.
# From dom0-start: LAB_ROOT checkout, LAB_DIR build/lab, LAB_OUT the directory
# that the runner's side keeps, LAB_KERNEL and LAB_RAMDISK of a test guest,
# LAB_DRIVER_RAMDISK of one that serves others.

set -u

exec 3>&1 # results, when a caller redirects a function's output
passed=0
failed=0
out=${LAB_OUT:?run this through lab.sh run}
work=$(mktemp -d /tmp/lab.XXXXXX)

# --- results ----------------------------------------------------------------

pass()
{
	passed=$((passed + 1))
	echo "ok   $1" >&3
}

fail()
{
	failed=$((failed + 1))
	echo "FAIL $1: ${2:-no reason given}" >&3
}

# check NAME CMD...: what the command prints is shown only when it fails.
check()
{
	local name=$1 log rc
	shift

	log=$("$@" 2>&1 </dev/null)
	rc=$?
	if [ $rc -eq 0 ]; then
		pass "$name"
	else
		fail "$name" "'$*' ended with $rc${log:+: $log}"
	fi
	return $rc
}

# The last line of every script; its status is the run's.
finish()
{
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
	exit
}

# --- waiting and times ------------------------------------------------------

now_ms()
{
	local t=$EPOCHREALTIME # the point in it follows the locale

	t=${t/[.,]/}
	echo "${t%???}"
}

# wait_for SECONDS CMD...: status 1 if it never succeeded in that time, on a
# machine that does nothing else; one that is busy is given three times as long.
# To look takes a third of the time at most: the host has one processor, and
# what is waited for needs it.
wait_for()
{
	local now=${EPOCHREALTIME/[.,]/} began end pause
	end=$((now + 3 * $1 * 1000000))
	shift

	while began=$now; ! "$@" >/dev/null 2>&1 </dev/null; do
		now=${EPOCHREALTIME/[.,]/}
		[ "$now" -lt "$end" ] || return 1
		pause=$((2 * (now - began)))
		pause=$((pause < 50000 ? 50000 : pause > 500000 ? 500000 : pause))
		printf -v pause '0.%06d' "$pause"
		sleep "$pause"
		now=${EPOCHREALTIME/[.,]/}
	done
}

# note_time LABEL MS: one line of the table of times, and a row for programs.
note_time()
{
	printf 'time %-40s %7d ms\n' "$1" "$2" >&3
	printf '%s\t%s\n' "$1" "$2" >>"$out/times.tsv"
}

# timed LABEL CMD...: prints how long it took; the command's own status.
timed()
{
	local label=$1 began rc
	shift

	began=$(now_ms)
	"$@"
	rc=$?
	note_time "$label" $(($(now_ms) - began))
	return $rc
}

# beside_xl WHAT: what was noted last as "WHAT: xendeck" and as "WHAT: xl", on one
# line for people.
beside_xl()
{
	awk -F '\t' -v w="$1" '
		$1 == w ": xendeck" { ours = $2 }
		$1 == w ": xl" { xl = $2 }
		END { if (xl > 0) printf "beside %s: ours %.1f s, xl %.1f s, %.2f\n",
			w, ours / 1000, xl / 1000, ours / xl }' \
	    "$out/times.tsv" >&3
}

# --- the store and the list -------------------------------------------------

# Every node with value and permissions, one a line, in an order that does not
# depend on the daemon's.
store_dump()
{
	xenstore-ls -fp | LC_ALL=C sort
}

# same_store NAME BEFORE AFTER: a test; the difference is kept and shown.
same_store()
{
	if diff -u "$2" "$3" >"$out/$1.diff"; then
		rm -f "$out/$1.diff"
		pass "$1"
	else
		fail "$1" "the store differs"
		head -n 40 "$out/$1.diff" >&3
	fi
}

# The hypervisor's answer, without xl's 0.3 s: a zombie still exists.
dom_exists()
{
	"${LAB_XEN_BIN:?}/lsevtchn" "$1" >/dev/null 2>&1
}

dom_gone()
{
	! dom_exists "$1"
}

domid_of()
{
	xl domid "$1" 2>/dev/null
}

# --- death ------------------------------------------------------------------
#
# xenstored says @releaseDomain when a domain shuts down and again when it is
# destroyed: the same clock for every toolstack, finer than any polling.

releases_pid=

releases_start()
{
	local fifo=$work/releases.fifo

	rm -f "$fifo" "$work/releases"
	mkfifo "$fifo"
	xenstore-watch @releaseDomain >"$fifo" &
	releases_pid=$!
	while read -r _; do
		now_ms
	done <"$fifo" >"$work/releases" &
	# a watch fires once by itself: then it is set
	wait_for 10 test -s "$work/releases"
	now_ms >"$work/releases.began"
}

releases_stop()
{
	sleep 0.3 # the last one may be on its way
	kill "$releases_pid"
	wait "$releases_pid" 2>/dev/null
	releases_pid=
}

# releases_note LABEL: from the order to death, from death to reaped; a domain
# that is destroyed alive dies and is reaped in one. Only one domain may die.
releases_note()
{
	local began died reaped

	began=$(cat "$work/releases.began")
	died=$(sed -n 2p "$work/releases")
	reaped=$(sed -n '$p' "$work/releases")
	cp "$work/releases" "$out/releases.last"
	[ -n "$died" ] || return 0
	if [ "$(wc -l <"$work/releases")" -eq 2 ]; then
		note_time "$1: order to reaped" $((reaped - began))
		return
	fi
	note_time "$1: order to death" $((died - began))
	note_time "$1: death to reaped" $((reaped - died))
}

# --- guests -----------------------------------------------------------------

# warm: the first read of a file through 9p costs seconds (66 MB of kernel);
# call it before measuring whoever reads it.
warm()
{
	cat "$LAB_KERNEL" "$LAB_KERNEL_XZ" "$LAB_RAMDISK" "$@" >/dev/null
}

# ovmf_there: the firmware of the package ovmf; without it a file in its place,
# which is enough for a domain that never runs.
ovmf_there()
{
	local file=/usr/share/ovmf/OVMF.fd

	[ -e "$file" ] && return
	mkdir -p "${file%/*}" && truncate -s 4M "$file"
}

# xl_config NAME [ARGUMENTS [MIB]]: writes an xl.cfg, prints its path.
xl_config()
{
	local file=$work/$1.cfg

	cat >"$file" <<-END
		name = "$1"
		kernel = "$LAB_KERNEL"
		ramdisk = "$LAB_RAMDISK"
		extra = "console=hvc0 quiet ${2:-}"
		memory = ${3:-192}
		vcpus = 1
	END
	echo "$file"
}

# xenconsoled in the lab logs every guest's console here, whoever reads it.
console_log()
{
	echo "/var/log/xen/console/guest-$1.log"
}

console_has()
{
	grep -aq -e "$2" "$(console_log "$1")"
}

guest_ready()
{
	console_has "$1" 'xendeck lab guest ready'
}

# guest_type DOMID TEXT: types a line into a console, past any client of it.
guest_type()
{
	printf '%s\n' "$2" >"$(xenstore-read "/local/domain/$1/console/tty")"
}

# --- a terminal -------------------------------------------------------------

# Each terminal is a tmux server of this name; `at NAME CMD...` uses another.
term=lab

at()
{
	local term=$1
	shift

	"$@"
}

# term_start WIDTH HEIGHT [CMD]: a plain shell unless told otherwise. Returns
# when it is there.
term_start()
{
	tmux -L "$term" -f /dev/null -u new-session -d -s "$term" \
	    -x "$1" -y "$2" "${3:-PS1='lab> ' exec sh}"
	[ $# -gt 2 ] || wait_for 30 term_has '^lab>'
}

term_stop()
{
	tmux -L "$term" kill-server 2>/dev/null
}

# term_over: what ran in it has ended.
term_over()
{
	! tmux -L "$term" has-session -t "$term" 2>/dev/null
}

# term_type TEXT: literally, without Enter; term_key KEY...: tmux's key names;
# term_paste TEXT: as a terminal's paste.
term_type()
{
	tmux -L "$term" send-keys -t "$term" -l -- "$1"
}

term_key()
{
	tmux -L "$term" send-keys -t "$term" -- "$@"
}

term_paste()
{
	tmux -L "$term" set-buffer -- "$1"
	tmux -L "$term" paste-buffer -p -t "$term"
}

# term_process: the process in it.
term_process()
{
	tmux -L "$term" list-panes -t "$term" -F '#{pane_pid}'
}

term_screen()
{
	tmux -L "$term" capture-pane -t "$term" -p
}

term_has()
{
	term_screen | grep -q -e "$1"
}

# --- the boot sector of tests/data

# boot_code FILE [WORD]: what it says.
boot_code()
{
	gcc -m32 -c "-DWORD=${2:-up}" -o "$work/bs.o" \
	    "$LAB_ROOT/tests/data/bootsector.S" &&
	ld -m elf_i386 -Ttext 0x7c00 --oformat binary -o "$1" "$work/bs.o"
}

# The same, on a disk of its own.
boot_disk()
{
	boot_code "$@" && truncate -s 1M "$1"
}
