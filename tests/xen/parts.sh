#!/bin/bash
#
# parts.sh - the parts of all.sh, each on an emulated host of its own: side by
# side where this machine has two processors for each and the memory, else one
# after the other, which is then the faster way. The last line is "N passed,
# N failed".
set -u

here=$(cd "$(dirname "$0")" && pwd -P)
lab=$(cd "$here/../.." && pwd -P)/build/lab
parts='life equipment'
need_kib=$((11 * 1024 * 1024)) # two hosts, and what runs beside them

together()
{
	[ "$(nproc)" -ge 4 ] &&
		awk -v need="$need_kib" '/^MemAvailable:/ { ok = $2 >= need }
		    END { exit !ok }' /proc/meminfo
}

run_part()
{
	LAB_RUN=$1 bash "$here/lab.sh" run "$here/all.sh" "$1" 2>&1 |
		sed -u "s/^/$1: /"
	return "${PIPESTATUS[0]}"
}

# Adds up what the parts counted; one without a count failed.
sum()
{
	local part ok bad passed=0 failed=0

	for part in $parts; do
		ok=0 bad=1
		read -r ok _ bad _ < <(grep -aE '^[0-9]+ passed, [0-9]+ failed$' \
		    "$lab/$part/output.log" | tail -n 1 | tr -d ,)
		passed=$((passed + ${ok:-0}))
		failed=$((failed + ${bad:-1}))
	done
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
}

status=0
together && side_by_side=1
for part in $parts; do
	rm -f "$lab/$part/output.log"
	if [ -n "${side_by_side:-}" ]; then
		run_part "$part" &
	else
		run_part "$part" || status=1
	fi
done
for job in $(jobs -p); do
	wait "$job" || status=1
done
sum || status=1
exit $status
