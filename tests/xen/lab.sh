#!/bin/bash
#
# lab.sh - a real Xen host inside QEMU's software emulation, for tests.
#
#   lab.sh setup              make what is needed under build/lab (cached)
#   lab.sh run SCRIPT [ARG..] boot the host, run SCRIPT in dom0 as root, power
#                             off; exit with the script's status
#
# No disk image is made: dom0 sees this machine's own root read-only through 9p
# under a tmpfs overlay, so the checkout and what was built in it are at the
# same path inside. Downloads go through apt only. Nothing outside build/lab
# is written.
#
# Settings (environment): LAB_TIMEOUT seconds for a whole run (2600),
# LAB_BOOT_TIMEOUT seconds until the script must have begun (300),
# LAB_MEM MiB of the emulated machine (4608), LAB_DOM0_MEM MiB of dom0 (2048),
# LAB_PASS names of variables to hand to the script, separated by blanks,
# LAB_RUN a name for this run, for several side by side: its results are then
# below build/lab/NAME.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
lab=$root/build/lab
mine=$lab${LAB_RUN:+/$LAB_RUN} # what this run leaves
share=$mine/share
console=$mine/console.log
output=$mine/output.log

timeout_s=${LAB_TIMEOUT:-2600}
boot_timeout_s=${LAB_BOOT_TIMEOUT:-300}
mem_mib=${LAB_MEM:-4608}
dom0_mib=${LAB_DOM0_MEM:-2048}

die()
{
	echo "lab: $*" >&2
	exit 1
}

say()
{
	echo "lab: $*"
}

# One setup, or one run of a name, at a time in a checkout. The lock goes with
# this process, however it ends: no child keeps descriptor 9.
take_lock()
{
	mkdir -p "$mine"
	exec 9>"$mine/lock"
	flock -n 9 && return
	say "another run uses $mine, waiting for it"
	flock -w "$((timeout_s + 600))" 9 || die "$mine is still in use: gave up"
}

# shellcheck source=tests/xen/lab-setup.sh
. "$here/lab-setup.sh"

qemu_pid=
tail_pid=
why=

# Both are our own children; nothing else is ever signalled.
stop_children()
{
	# KILL: there is nothing in the machine to save
	[ -z "$qemu_pid" ] || kill -KILL "$qemu_pid" 2>/dev/null || :
	[ -z "$tail_pid" ] || kill "$tail_pid" 2>/dev/null || :
	wait 2>/dev/null || :
	qemu_pid=
	tail_pid=
}

# The order for dom0: what to run, and the variables that it gets.
write_job()
{
	local v

	{
		printf 'export LAB_ROOT=%q LAB_DIR=%q\n' "$root" "$lab"
		printf 'export LAB_OUT=/lab LAB_PWD=%q\n' "$PWD"
		for v in ${LAB_PASS:-}; do
			printf 'export %s=%q\n' "$v" "${!v-}"
		done
		printf 'lab_limit_s=%q\n' "$((timeout_s - 60))"
		printf 'lab_kernel=%q\n' "$(readlink "$lab/kernel/current")"
		printf 'lab_job=('
		printf ' %q' "$@"
		printf ' )\n'
	} >"$share/job"
}

# -smap,-pku: with them dom0 dies before its first line. -rdtscp: with it PVH
# and HVM guests crash. -xsave: with it programs in PVH guests die at random.
# setpriv: a runner killed with SIGKILL takes its machine along.
start_qemu()
{
	setpriv --pdeathsig KILL qemu-system-x86_64 -accel tcg \
	    -m "$mem_mib" -smp 2 -cpu max,-smap,-pku,-rdtscp,-xsave \
	    -display none -monitor none -serial "file:$console" -no-reboot \
	    -nodefaults -kernel "$lab/xen" \
	    -append "console=com1 com1=115200,8n1 loglvl=info \
guest_loglvl=info dom0_mem=${dom0_mib}M,max:${dom0_mib}M" \
	    -initrd "$lab/kernel/current/vmlinux \
console=hvc0 quiet labroot=$root,$lab/dom0.cpio" \
	    -fsdev local,id=r,path=/,security_model=none,readonly=on,multidevs=remap \
	    -device virtio-9p-pci,fsdev=r,mount_tag=hostroot \
	    -fsdev "local,id=l,path=$share,security_model=none" \
	    -device virtio-9p-pci,fsdev=l,mount_tag=lab \
	    </dev/null >"$mine/qemu.log" 2>&1 9>&- &
	qemu_pid=$!
}

# Waits until the machine is off; $why says what kept it from that in time.
# In this shell, not in $(...): a signal must be heard at once.
watch_run()
{
	local began=$SECONDS done_s="" limit=$boot_timeout_s

	while kill -0 "$qemu_pid" 2>/dev/null; do
		if [ -e "$share/status" ]; then
			: "${done_s:=$SECONDS}"
			[ $((SECONDS - done_s)) -lt 30 ] || return 0
		elif [ -e "$share/began" ]; then
			limit=$timeout_s
			why="not done after $limit s"
		else
			limit=$boot_timeout_s
			why="no script begun after $limit s"
		fi
		[ $((SECONDS - began)) -lt "$limit" ] || return 0
		sleep 0.2
	done
	why=
}

# A boot that failed, or a host that hangs, is shown.
report()
{
	[ ! -e "$share/status" ] || return 0
	[ -z "$why" ] || say "$why, machine stopped" >&2
	say "dom0 did not finish; the end of $console:" >&2
	tail -n 40 "$console" 2>/dev/null | tr -d '\r' >&2 || :
	cat "$mine/qemu.log" >&2 || :
}

check_run()
{
	[ "$(id -u)" = 0 ] || die "run needs root: dom0 reads this root"
	[ -f "$1" ] || die "no such script: $1"
	[ "$timeout_s" -ge 90 ] || die "LAB_TIMEOUT: $timeout_s, at least 90"
	[ -e "$lab/guest/initrd" ] || die "nothing set up: lab.sh setup first"
	case $root in
	*[,\ ]*) die "$root: QEMU's options allow no comma or blank here" ;;
	esac
}

# Nothing of an earlier run may be taken for this one's.
clear_results()
{
	rm -rf "$share"
	rm -f "$console" "$output" "$mine/qemu.log"
	mkdir -p "$share"
	: >"$share/output"
}

run()
{
	local script

	check_run "$1"
	script=$(readlink -f "$1")
	shift
	clear_results
	case $script in
	"$root"/*) ;;
	/tmp/*|/run/*) # dom0 has its own
		cp "$script" "$share/script"
		script=/lab/script
		;;
	esac
	write_job "$script" "$@"
	trap stop_children EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM

	say "booting Xen for ${script#"$root"/} (log: ${console#"$root"/})"
	start_qemu
	setpriv --pdeathsig KILL tail -n +1 -s 0.2 -f "$share/output" 9>&- &
	tail_pid=$!
	watch_run
	sleep 0.4 # one more look of tail at the last lines
	stop_children
	cp "$share/output" "$output"
	report
	exit "$(cat "$share/status" 2>/dev/null || echo 124)"
}

case ${1:-} in
setup)
	take_lock
	setup
	;;
run)
	[ $# -ge 2 ] || die "usage: lab.sh run SCRIPT [ARG...]"
	shift
	take_lock
	run "$@"
	;;
*)
	echo "usage: lab.sh setup | run SCRIPT [ARG...]" >&2
	exit 2
	;;
esac
