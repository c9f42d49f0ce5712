#!/bin/bash
#
# run.sh - runs fuzzers for a bounded time. What they find interesting stays
# under $BUILD/corpus and is where the next run begins; an input that ended
# one is kept under $BUILD/crashes.
#
#   run.sh tests/fuzz/fuzz_NAME.c...
#
# Settings: FUZZ_SECONDS of each (10); FUZZ_SEED, a number: the same inputs again.
# The last line is "N passed, N failed".
set -u

cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build/fuzz}
seconds=${FUZZ_SECONDS:-10}
passed=0 failed=0

# Seeds: a directory of the fuzzer's own, or the test data by its name.
seeds()
{
	case $1 in
	fuzz_config) echo tests/data tests/data/bad ;;
	fuzz_xl) echo tests/data/xl ;;
	fuzz_sxp) echo tests/data/sxp ;;
	fuzz_json) echo tests/data/list ;;
	*) [ ! -d "tests/fuzz/${1#fuzz_}" ] || echo "tests/fuzz/${1#fuzz_}" ;;
	esac
}

run_one()
{
	local name=$1 log=$build/$1.log

	mkdir -p "$build/corpus/$name" "$build/crashes"
	# shellcheck disable=SC2046 # a list of directories
	timeout --kill-after=5 "$((seconds + 120))" \
	    "$build/tests/fuzz/$name" -max_total_time="$seconds" -timeout=10 \
	    -rss_limit_mb=2048 -print_final_stats=1 \
	    ${FUZZ_SEED:+-seed="$FUZZ_SEED"} \
	    -artifact_prefix="$build/crashes/$name-" "$build/corpus/$name" \
	    $(seeds "$name") </dev/null >"$log" 2>&1
}

for source; do
	name=${source##*/}
	name=${name%.c}
	if [ ! -x "$build/tests/fuzz/$name" ]; then
		echo "--- $name was not built"
		failed=$((failed + 1))
	elif run_one "$name"; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' \
		    "$build/$name.log")
		echo "$name: $runs inputs in $seconds s"
		passed=$((passed + 1))
	else
		echo "--- $name failed"
		tail -n 60 "$build/$name.log"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
