# shellcheck shell=bash
#
# lab-host.sh - the emulated host: started, given scripts, stopped. Sourced by
# lab.sh, whose settings it uses. Process 1 of dom0 is a server (dom0-start):
# it runs the jobs that appear in the share, one after the other, and leaves of
# job N out/N, its output, and out/N.rc, its status.
# shellcheck disable=SC2154 # from lab.sh

qemu_pid=
tail_pid=
script_status=125

stop_tail()
{
	[ -z "$tail_pid" ] || kill "$tail_pid" 2>/dev/null || :
	tail_pid=
}

# Both are our own children; nothing else is ever signalled.
stop_children()
{
	# KILL: there is nothing in the machine to save
	[ -z "$qemu_pid" ] || kill -KILL "$qemu_pid" 2>/dev/null || :
	stop_tail
	wait 2>/dev/null || :
	qemu_pid=
}

# The machine of this name, if it runs: its command line names the share.
find_qemu()
{
	qemu_pid=$(cat "$mine/pid" 2>/dev/null) || return
	tr '\0' ' ' 2>/dev/null <"/proc/$qemu_pid/cmdline" |
		grep -qF "path=$share," || qemu_pid=
	[ -n "$qemu_pid" ]
}

qemu_runs()
{
	kill -0 "$qemu_pid" 2>/dev/null &&
		! grep -q '^State:.*Z' "/proc/$qemu_pid/status" 2>/dev/null
}

# What all scripts of this host get.
write_host_vars()
{
	local v

	{
		printf 'export LAB_ROOT=%q LAB_DIR=%q\n' "$root" "$lab"
		printf 'lab_kernel=%q\n' "$(readlink "$lab/kernel/current")"
		[ "$dom0_root" = / ] ||
			printf 'export XENDECK=%q\n' "$root/build/xen-$XEN/xendeck"
	} >"$share/host"
}

# write_job NUMBER SCRIPT [ARG...]
write_job()
{
	local n=$1 v
	shift

	{
		printf 'export LAB_OUT=/lab/%q LAB_PWD=%q\n' "$n" "$PWD"
		for v in ${LAB_PASS:-}; do
			printf 'export %s=%q\n' "$v" "${!v-}"
		done
		printf 'lab_limit_s=%q\n' "$((timeout_s - 60))"
		printf 'lab_job=('
		printf ' %q' "$@"
		printf ' )\n'
	} >"$share/in/$n.new"
	mv "$share/in/$n.new" "$share/in/$n.job"
}

# -smap,-pku: with them dom0 dies before its first line. -rdtscp: with it PVH
# and HVM guests crash. -xsave: with it programs in PVH guests die at random.
# thread=single: with a thread each, Xen's spinlocks wait for a processor that
# this machine runs something else on.
# Two hosts, LAB_NET=1 and 2, on one wire: no order of starting is needed, and
# either may go and come again.
lab_net()
{
	local base=${LAB_PORT:-45600}

	net=(-netdev "dgram,id=n0,local.type=inet,local.host=127.0.0.1,\
local.port=$((base + LAB_NET)),remote.type=inet,remote.host=127.0.0.1,\
remote.port=$((base + 3 - LAB_NET))"
	    -device "virtio-net-pci,netdev=n0,mac=52:54:00:00:00:0$LAB_NET,romfile=")
}

# start_qemu PREFIX...: a command that QEMU is run by.
start_qemu()
{
	local net=()

	[ -z "${LAB_NET:-}" ] || lab_net
	"$@" qemu-system-x86_64 -accel tcg,thread=single \
	    -m "$mem_mib" -smp "$cpus" -cpu max,-smap,-pku,-rdtscp,-xsave \
	    -display none -monitor none -serial "file:$console" -no-reboot \
	    -nodefaults -kernel "$lab/xen" \
	    -append "console=com1 com1=115200,8n1 loglvl=info \
guest_loglvl=info dom0_mem=${dom0_mib}M,max:${dom0_mib}M" \
	    -initrd "$lab/kernel/current/vmlinux \
console=hvc0 quiet labroot=$root,$lab/dom0.cpio" \
	    -fsdev "local,id=r,path=$dom0_root,security_model=none,readonly=on,multidevs=remap" \
	    -device virtio-9p-pci,fsdev=r,mount_tag=hostroot \
	    -fsdev "local,id=c,path=$root,security_model=none,readonly=on,multidevs=remap" \
	    -device virtio-9p-pci,fsdev=c,mount_tag=checkout \
	    -fsdev "local,id=l,path=$share,security_model=none" \
	    -device virtio-9p-pci,fsdev=l,mount_tag=lab "${net[@]}" \
	    </dev/null >"$mine/qemu.log" 2>&1 &
	qemu_pid=$!
	echo "$qemu_pid" >"$mine/pid"
}

# A boot that failed, or a host that hangs, is shown.
report()
{
	say "$1; the end of $console:" >&2
	tail -n 40 "$console" 2>/dev/null | tr -d '\r' >&2 || :
	cat "$mine/qemu.log" >&2 || :
}

# wait_file FILE SECONDS: made by dom0; in this shell, not in $(...), because a
# signal must be heard at once. $why says what failed.
wait_file()
{
	local end=$((SECONDS + $2))

	why=
	while [ ! -e "$1" ]; do
		if ! qemu_runs; then
			[ ! -e "$1" ] || return 0
			why="the machine is gone"
			return 1
		elif [ "$SECONDS" -ge "$end" ]; then
			why="nothing after $2 s"
			return 1
		fi
		sleep 0.2
	done
}

check_host()
{
	[ "$(id -u)" = 0 ] || die "this needs root: dom0 reads a root"
	[ "$timeout_s" -ge 90 ] || die "LAB_TIMEOUT: $timeout_s, at least 90"
	[ -e "$lab/guest/initrd" ] || die "nothing set up: lab.sh setup first"
	case $root in
	*[,\ ]*) die "$root: QEMU's options allow no comma or blank here" ;;
	esac
}

check_script()
{
	[ -f "$1" ] || die "no such script: $1"
}

# host_start by_itself | with_runner: the latter ends with this process, even
# if that is killed.
host_start()
{
	rm -rf "$share"
	rm -f "$console" "$mine/output.log" "$mine/qemu.log"
	mkdir -p "$share/in" "$share/out"
	write_host_vars
	say "booting Xen $XEN, $cpus cpu(s) (log: ${console#"$root"/})"
	if [ "$1" = by_itself ]; then
		start_qemu setsid timeout -s KILL "${LAB_HOURS:-4}h" \
		    setpriv --pdeathsig KILL
	else
		start_qemu setpriv --pdeathsig KILL 9>&-
	fi
	if ! wait_file "$share/began" "$boot_timeout_s"; then
		report "dom0 is not up: $why"
		stop_children
		exit 124
	fi
}

# do_script SCRIPT [ARG...]: sets $script_status.
do_script()
{
	local script n=1

	script=$(readlink -f "$1")
	shift
	find_qemu || die "no host runs: lab.sh start first"
	while [ -e "$share/out/$n" ]; do
		n=$((n + 1))
	done
	mkdir -p "$share/$n"
	: >"$share/out/$n"
	case $script in
	"$root"/*) ;;
	*) # dom0 does not have it
		cp "$script" "$share/$n/script"
		script=/lab/$n/script
		;;
	esac
	write_job "$n" "$script" "$@"
	setpriv --pdeathsig KILL tail -n +1 -s 0.2 -f "$share/out/$n" 9>&- &
	tail_pid=$!
	wait_file "$share/out/$n.rc" "$timeout_s" ||
		report "${script#"$root"/} is not done: $why"
	sleep 0.4 # one more look of tail at the last lines
	stop_tail
	cp "$share/out/$n" "$mine/output.log"
	script_status=$(cat "$share/out/$n.rc" 2>/dev/null || echo 124)
}

host_stop()
{
	local end=$((SECONDS + ${LAB_STOP_S:-30}))

	find_qemu || return 0
	: >"$share/off"
	while qemu_runs && [ "$SECONDS" -lt "$end" ]; do
		sleep 0.2
	done
	! qemu_runs || kill -KILL "$qemu_pid" 2>/dev/null || :
	wait "$qemu_pid" 2>/dev/null || :
	qemu_pid=
	rm -f "$mine/pid"
}
