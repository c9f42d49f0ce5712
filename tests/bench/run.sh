#!/bin/bash
#
# run.sh - the benchmarks, each a table with the design's budget beside it, on
# stdout and in $BUILD/bench/report.txt. Nothing fails: numbers are to be read,
# on a machine that does nothing else.
#
#   run.sh [NAME...]      start attach tick bytes flood echo scroll
#                         terminals; all without a name
set -u

cd "$(dirname "$0")/../.." || exit 1
build=$(realpath "${BUILD:-build}") || exit 1
dir=$build/bench
flood=$dir/flood.txt colors=$dir/colors.txt
[ $# != 0 ] || set -- start attach tick bytes flood echo scroll terminals

# Whether a file of a flood is there from an earlier run.
whole()
{
	[ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -ge $((40 << 20)) ]
}

mkdir -p "$dir/home"
# What the simulated guest's "flood 40" prints: 40 MiB of these lines.
whole "$flood" || LC_ALL=C awk 'BEGIN {
	for (i = 1; n < 40 * 1024 * 1024; i++) {
		s = sprintf("%010d the quick brown fox jumps over the lazy " \
		    "dog 0123456789 abcdef", i)
		n += length(s) + 1
		print s
	} }' >"$flood"

# The same size with what no short cut for plain lines takes.
whole "$colors" || LC_ALL=C awk 'BEGIN {
	for (i = 1; n < 40 * 1024 * 1024; i++) {
		s = sprintf("\033[32m[%12.6f]\033[0m \033[1;34mxen-%d\033[0m: " \
		    "page \033[38;5;%dm%08x\033[0m of \346\274\242\345\255\227 " \
		    "caf\303\251", i / 7, i % 9, 16 + i % 200, i * 7919)
		n += length(s) + 1
		print s
	} }' >"$colors"

export LC_ALL=C.UTF-8 TERM=xterm-256color TZ=UTC HOME=$dir/home
unset NO_COLOR XDG_CONFIG_HOME XDG_RUNTIME_DIR LINES COLUMNS TMUX

{
	echo "xendeck benchmarks, $(date -u '+%Y-%m-%d %H:%M') UTC"
	echo "$(nproc) processors:$(sed -n 's/^model name[^:]*://p' \
	    /proc/cpuinfo | head -n 1), load $(cut -d ' ' -f 1-3 /proc/loadavg)"
	! command -v tmux >/dev/null || tmux -V
	echo
	"$build/tests/bench/bench" "$build/xendeck" \
	    "$build/tests/bench/bare_pane" "$flood" "$colors" "$@"
	echo "load at the end: $(cut -d ' ' -f 1-3 /proc/loadavg)"
} | tee "$dir/report.txt"
