#!/bin/bash
#
# lab.sh - a real Xen host inside QEMU's software emulation, for tests.
#
#   lab.sh setup              make what is needed under build/lab (cached)
#   lab.sh start              boot the host; it stays until stop, or LAB_HOURS
#   lab.sh do SCRIPT [ARG..]  run SCRIPT in its dom0 as root; exit with the
#                             script's status
#   lab.sh stop               power it off
#   lab.sh share              print the directory that dom0 has as /lab
#   lab.sh run SCRIPT [ARG..] start, do, stop
#
# No disk image is made: dom0 sees a root read-only through 9p under a tmpfs
# overlay, and the checkout at its own path the same way. The root is this
# machine's own if it has that Xen, else a Debian tree that tree.sh makes.
# Downloads go through apt and debootstrap only. Nothing outside build/lab and
# build/xen-VERSION is written.
#
# Settings (environment): XEN version (4.17), LAB_TREE=1 to have a tree anyhow,
# LAB_CPUS of the emulated machine (1; more are emulated by one thread),
# LAB_MEM its MiB (4608), LAB_DOM0_MEM MiB of dom0 (2048),
# LAB_BOOT_TIMEOUT seconds until dom0 must be up (300),
# LAB_TIMEOUT seconds of one script (2600), LAB_HOURS a host may stay up (4),
# LAB_PASS names of variables to hand to scripts, separated by blanks,
# LAB_NET 1 or 2: joined to the host that has the other number,
# LAB_RUN a name for this host, for several side by side: its results are then
# below build/lab/NAME, those of script N in share/N.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
export XEN=${XEN:-4.17}
lab=$root/build/lab
dom0_root=/
if [ -n "${LAB_TREE:-}" ] ||
    ! dpkg-query -L "xen-hypervisor-$XEN-amd64" >/dev/null 2>&1; then
	lab=$lab/xen-$XEN
	dom0_root=$lab/root
fi
mine=$lab${LAB_RUN:+/$LAB_RUN} # what this host leaves
share=$mine/share
console=$mine/console.log

timeout_s=${LAB_TIMEOUT:-2600}
boot_timeout_s=${LAB_BOOT_TIMEOUT:-300}
mem_mib=${LAB_MEM:-4608}
dom0_mib=${LAB_DOM0_MEM:-2048}
cpus=${LAB_CPUS:-1}

die()
{
	echo "lab: $*" >&2
	exit 1
}

say()
{
	echo "lab: $*"
}

# One setup, or one host of a name, at a time in a checkout. The lock goes with
# the process that has descriptor 9: this one, or the machine it leaves behind.
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
# shellcheck source=tests/xen/lab-host.sh
. "$here/lab-host.sh"

run()
{
	check_host
	check_script "$1"
	trap stop_children EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	host_start with_runner
	do_script "$@"
	host_stop
	exit "$script_status"
}

case ${1:-} in
setup)
	take_lock
	setup
	;;
start)
	take_lock
	check_host
	host_start by_itself
	;;
do)
	[ $# -ge 2 ] || die "usage: lab.sh do SCRIPT [ARG...]"
	shift
	check_script "$1"
	trap stop_tail EXIT
	do_script "$@"
	exit "$script_status"
	;;
stop)
	host_stop
	;;
share)
	echo "$share"
	;;
run)
	[ $# -ge 2 ] || die "usage: lab.sh run SCRIPT [ARG...]"
	shift
	take_lock
	run "$@"
	;;
*)
	echo "usage: lab.sh setup | start | do SCRIPT [ARG...] | stop |" \
	    "share | run SCRIPT [ARG...]" >&2
	exit 2
	;;
esac
