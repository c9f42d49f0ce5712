#!/bin/bash
#
# repeat.sh - make check-xen once for each version of Xen that is named. One
# that fails does not hide the next. The last line is "N passed, N failed".
#
#   repeat.sh XEN...      output of run N: build/lab/repeat-N.log
set -u

cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0 n=0
mkdir -p build/lab
for xen; do
	n=$((n + 1)) began=$SECONDS ok=0 bad=1
	log=build/lab/repeat-$n.log
	make check-xen XEN="$xen" </dev/null 2>&1 | tee "$log"
	read -r ok _ bad _ < <(grep -aE '^[0-9]+ passed, [0-9]+ failed$' \
	    "$log" | tail -n 1 | tr -d ,)
	passed=$((passed + ${ok:-0}))
	failed=$((failed + ${bad:-1}))
	echo "=== run $n, Xen $xen: ${ok:-0} passed, ${bad:-1} failed" \
	    "($((SECONDS - began)) s)"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
