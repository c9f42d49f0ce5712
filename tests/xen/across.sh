#!/bin/bash
#
# across.sh - the proof that saved domains go to a later Xen: runs on this
# machine. A host of 4.17 saves guests that count, by us and by xl; one of 4.20
# restores each file, by us and by xl, and no number is lost. The files go
# through the directory that each host shares with this machine. Its steps are
# across-steps.sh. The last line is "N passed, N failed".
#
#   across.sh [KIND...]   all if none is named: pv pvh hvm
set -u

here=$(cd "$(dirname "$0")" && pwd -P)
log=$(mktemp) || exit
trap 'rm -f "$log"; stop' EXIT
trap 'exit 143' HUP INT TERM
export LAB_RUN=across LAB_TIMEOUT=${LAB_TIMEOUT:-2400}

# lab XEN VERB [ARG...]
lab()
{
	local xen=$1
	shift

	XEN=$xen bash "$here/lab.sh" "$@"
}

stop()
{
	lab 4.17 stop
	lab 4.20 stop
}

# on XEN STEP [ARG...]: what it prints has the host's Xen before it.
on()
{
	local xen=$1
	shift

	lab "$xen" "do" "$here/across-steps.sh" "$@" </dev/null 2>&1 |
		tee -a "$log" | sed -u "s/^/Xen $xen: /"
}

lab 4.17 setup && lab 4.20 setup || exit
[ $# -gt 0 ] || set -- pv pvh hvm
lab 4.17 start || exit
on 4.17 save "$@"
lab 4.17 stop
lab 4.20 start || exit
mkdir -p "$(lab 4.20 share)/saved"
mv "$(lab 4.17 share)"/1/saved/* "$(lab 4.20 share)/saved/"
on 4.20 restore "$@"
awk '/^[0-9]+ passed, [0-9]+ failed$/ { ok += $1; bad += $3; n++ }
	END { printf "%d passed, %d failed\n", ok, bad + (n != 2)
		exit bad > 0 || n != 2 }' "$log"
