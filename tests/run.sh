#!/bin/bash
#
# run.sh - runs cmocka programs and counts their tests.
#
#   run.sh PROGRAM...     build/tests/SUITE/test_NAME; one that is not there
#                         (it did not compile) counts as a failed test
#
# The output of each is kept under $BUILD/tests/log and shown if one of its
# tests failed. A test that did not end (the program crashed or was stopped)
# failed. The last line is "N passed, N failed".
# Settings: TEST_SECONDS a program may take (300), TEST_JOBS how many run side
# by side (two a processor, as most wait for a terminal or a child), V=1 shows
# all output.
set -u

cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
limit_s=${TEST_SECONDS:-300}
jobs=${TEST_JOBS:-$((2 * $(nproc)))}
logs=$build/tests/log

# A test depends on none of these of the user's.
export LC_ALL=C.UTF-8 TERM=xterm-256color TZ=UTC
unset NO_COLOR XDG_CONFIG_HOME XDG_RUNTIME_DIR LINES COLUMNS
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
# A process that has become nobody reads it too, which a home may not allow.
if [ -e tests/lsan.supp ] && [ -z "${LSAN_OPTIONS:-}" ]; then
	leaks=$(mktemp) || exit 1
	trap 'rm -f "$leaks"' EXIT
	cat tests/lsan.supp >"$leaks" && chmod 644 "$leaks"
	export LSAN_OPTIONS="suppressions=$leaks:print_suppressions=0"
fi

passed=0 failed=0 skipped=0
suite='' suite_passed=0 suite_failed=0 suite_skipped=0

end_suite()
{
	[ -n "$suite" ] || return 0
	printf '%s: %d passed, %d failed' "$suite" "$suite_passed" \
	    "$suite_failed"
	[ "$suite_skipped" = 0 ] || printf ', %d skipped' "$suite_skipped"
	echo
	passed=$((passed + suite_passed))
	failed=$((failed + suite_failed))
	skipped=$((skipped + suite_skipped))
	suite_passed=0 suite_failed=0 suite_skipped=0
}

begin_suite()
{
	end_suite
	suite=$1
}

# How many times a text occurs in a file, which may hold any bytes.
times()
{
	grep -aoF -- "$1" "$2" | wc -l
}

# Sums what the groups of a program say they would run.
planned()
{
	grep -aoE '\[==========\] Running [0-9]+ test' "$1" |
		awk '{ n += $3 } END { print n + 0 }'
}

# build/tests/SUITE/test_NAME -> its log
log_of()
{
	local dir=${1%/*}

	echo "$logs/${dir##*/}-${1##*/}.log"
}

start_one()
{
	local log=$2

	timeout --kill-after=5 "$limit_s" "$1" </dev/null >"$log" 2>&1
	echo $? >"$log.status"
}

# Those that take longest come first, so that none runs alone at the end.
longest_first()
{
	local long='/test_(campaign|hung_engine|save|migrate|multi|sessions|edit)'

	printf '%s\n' "$@" | grep -E "$long"
	printf '%s\n' "$@" | grep -vE "$long"
}

start_all()
{
	local program running=0 programs

	mapfile -t programs < <(longest_first "$@")
	for program in "${programs[@]}"; do
		[ -x "$program" ] || continue
		if [ "$running" -ge "$jobs" ]; then
			wait -n
			running=$((running - 1))
		fi
		start_one "$program" "$(log_of "$program")" &
		running=$((running + 1))
	done
	wait
}

count_one()
{
	local program=$1 log=$2 status ok skip bad

	status=$(cat "$log.status")
	rm -f "$log.status"
	ok=$(times '[       OK ] ' "$log")
	skip=$(times '[  SKIPPED ] ' "$log")
	[ "$skip" = 0 ] || skip=$(grep -aE '^\[  SKIPPED \] [^ ]+$' "$log" |
		sort -u | wc -l)
	bad=$(($(planned "$log") - ok - skip))
	[ "$bad" -ge 0 ] || bad=0
	if [ "$status" != 0 ] && [ "$bad" = 0 ]; then
		bad=1 # a leak at exit, a group's teardown, no cmocka at all
	fi
	case $status in
	124|137) echo "stopped after $limit_s s" >>"$log" ;;
	12[89]|1[3-9][0-9]) echo "ended by signal $((status - 128))" >>"$log" ;;
	esac
	suite_passed=$((suite_passed + ok))
	suite_skipped=$((suite_skipped + skip))
	suite_failed=$((suite_failed + bad))
	if [ "$bad" != 0 ]; then
		echo "--- $program: $bad failed"
		grep -avE '^\[ (RUN     |      OK )\]' "$log" | tail -n 200
	elif [ -n "${V:-}" ]; then
		cat "$log"
	fi
}

mkdir -p "$logs"
start_all "$@"
for program; do
	dir=${program%/*}
	[ "${dir##*/}" = "$suite" ] || begin_suite "${dir##*/}"
	if [ -x "$program" ]; then
		count_one "$program" "$(log_of "$program")"
	else
		echo "--- $program was not built"
		suite_failed=$((suite_failed + 1))
	fi
done
end_suite
echo "$SECONDS s"
[ "$skipped" = 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
