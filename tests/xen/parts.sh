#!/bin/bash
#
# parts.sh - the parts of all.sh on emulated hosts: two hosts side by side
# where this machine has two processors and the memory, each of them booted
# once and given part after part. The last line is "N passed, N failed".
#
#   parts.sh [PART...]    all but those at length if none is named
#   parts.sh at-length    those
#
# Settings: those of lab.sh; LAB_LANES, how many hosts (1 or 2).
set -u

here=$(cd "$(dirname "$0")" && pwd -P)
lab=$here/../../build/lab
need_kib=$((11 * 1024 * 1024)) # two hosts, and what runs beside them
state=$(mktemp -d) || exit
trap 'rm -rf "$state"' EXIT
export LAB_TIMEOUT=${LAB_TIMEOUT:-2700} LAB_HOURS=${LAB_HOURS:-2}

# PART CPUS [at-length]: pools and pins want two processors; the rest is quicker
# on one. What takes longest comes first. Those at length, whose guests take long,
# run only by name, and for `make check-xen-all`; CI has `short`, on 4.20.
all_parts='tune 2
restarts 1
recover 1
sessions 1
life 1
tui 1
times 1 at-length
times_lives 1 at-length
times_pvh 1 at-length
times_hvm 1 at-length
events 1
devices 1
device_models 1
kinds 1 at-length
hvm_cd 1 at-length
hvm_kernel 1 at-length
hvm_ovmf 1 at-length
hvm_card 1 at-length
boot_loaders 1 at-length
dm_deaths 1 at-length
dm_deaths_hvm 1 at-length
last_words 1 at-length
hvm_confined 1 at-length
save_restore 1
save_kinds 1 at-length
slow_stream 1 at-length
cpuid 1 at-length
balloon 1 at-length
xl_lists 1 at-length
xl_faults 1 at-length
beside 1
stop_all 1
formats 1
rates 1
drivers 1 at-length
short 1 at-length'

lanes()
{
	if [ "$(nproc)" -ge 2 ] &&
	    awk -v need="$need_kib" '/^MemAvailable:/ { ok = $2 >= need }
		END { exit !ok }' /proc/meminfo
	then
		echo 2
	else
		echo 1
	fi
}

# The rows of the parts that are asked for.
chosen()
{
	local part

	case ${1:-} in
	'')
		grep -v ' at-length$' <<<"$all_parts"
		return
		;;
	at-length)
		grep ' at-length$' <<<"$all_parts"
		return
		;;
	esac
	for part; do
		grep "^$part " <<<"$all_parts" ||
			{ echo "parts.sh: no part '$part'" >&2; exit 2; }
	done
}

# take: prints the next row and takes it from the list.
take()
{
	exec 8>"$state/lock"
	flock 8
	head -n 1 "$state/list"
	sed -i 1d "$state/list"
}

# host_for LANE CPUS: the lane's host has so many; LAB_RUN is its name.
host_for()
{
	[ "$2" = "$has_cpus" ] && return
	host_done
	boots=$((boots + 1))
	export LAB_RUN=host$1.$boots LAB_CPUS=$2
	has_cpus=$2
	bash "$here/lab.sh" start &
	wait $! # a signal is heard meanwhile
}

host_done()
{
	[ -z "$has_cpus" ] || bash "$here/lab.sh" stop
	has_cpus=
}

# run_part LANE PART CPUS: a part without a count failed, and its host is in
# doubt.
run_part()
{
	local log=$state/$2.log began=$SECONDS

	if host_for "$1" "$3"; then
		{ bash "$here/lab.sh" "do" "$here/all.sh" "$2" | tee "$log"; } &
		wait $!
	fi
	grep -qaE '^[0-9]+ passed, [0-9]+ failed$' "$log" 2>/dev/null ||
		{ echo "0 passed, 1 failed" >>"$log"; host_done; }
	echo "$((SECONDS - began)) s on $LAB_RUN"
}

# What is printed has the part's name before each line.
lane()
{
	local part cpus has_cpus='' boots=0

	trap 'LAB_STOP_S=0 host_done' EXIT
	trap 'exit 143' HUP INT TERM
	while read -r part cpus _ < <(take) && [ -n "$part" ]; do
		run_part "$1" "$part" "$cpus" \
		    > >(sed -u "s/^/$part: /") 2>&1 </dev/null
	done
	host_done
}

# Adds up what the parts counted.
sum()
{
	cat "$state"/*.log | awk '
		/^[0-9]+ passed, [0-9]+ failed$/ { ok += $1; bad += $3 }
		END { printf "%d passed, %d failed\n", ok, bad; exit bad > 0 }'
}

mkdir -p "$lab"
exec 7>"$lab/parts.lock"
flock -n 7 || { echo "another parts.sh runs here" >&2; exit 1; }
chosen "$@" >"$state/list" || exit
echo "Xen ${XEN:-4.17}: $(wc -l <"$state/list") parts"
rm -rf "$lab"/host[0-9].* "$lab/xen-${XEN:-4.17}"/host[0-9].*
for ((n = 1; n <= ${LAB_LANES:-$(lanes)}; n++)); do
	lane "$n" 7>&- &
done
trap 'kill $(jobs -p) 2>/dev/null; wait; exit 143' HUP INT TERM
wait
sum
