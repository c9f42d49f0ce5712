# shellcheck shell=bash
#
# tune.sh - what is set while a guest runs, read back with the stock tools and
# from the guest's own console. Sourced by all.sh.

# tune_conf NAME: two vcpus, room to balloon in.
tune_conf()
{
	local file=$work/$1.conf

	cat >"$file" <<-END
		name = "$1";
		memory = 192;
		maxmem = 256;
		vcpus = 2;
		image = { kernel = "$LAB_KERNEL"; ramdisk = "$LAB_RAMDISK";
		          args = "console=hvc0 quiet"; };
	END
	echo "$file"
}

# xl_mem_near NAME MIB: within the few MiB that a balloon leaves.
xl_mem_near()
{
	local mem

	mem=$(xl list "$1" | awk 'NR == 2 { print $3 }')
	[ -n "$mem" ] && [ "$mem" -ge $(($2 - 5)) ] && [ "$mem" -le $(($2 + 5)) ]
}

# xl_vcpu NAME VCPU PATTERN: that line of xl vcpu-list.
xl_vcpu()
{
	xl vcpu-list "$1" | awk -v v="$2" 'NR > 1 && $3 == v' | grep -qE "$3"
}

tuned_memory()
{
	check "balloon down to 128 MiB" \
	    timed "balloon 192 to 128 MiB" xd "mem-set tuned 128"
	check "xl list shows 128 MiB" xl_mem_near tuned 128
	check "the guest has less memory" guest_memory_below 140000
	check "balloon up to 192 MiB" xd "mem-set tuned 192M"
	check "xl list shows 192 MiB" xl_mem_near tuned 192
	refused "more than the maximum is refused" 1 'allowed 4 to 256 MiB' \
	    "mem-set tuned 300"
	check "mem-max 320" xd "mem-max tuned 320"
	check "xl list -l shows no smaller maximum" xl_mem_near tuned 192
	check "a restart would keep it" \
	    sh -c "$XD -e 'config tuned' | grep -q 'maxmem = 320'"
}

guest_memory_below()
{
	guest_type "$tuned_id" "echo mem=\$(awk '/^MemTotal/ { print (\$2 < $1) }' /proc/meminfo)"
	wait_for 30 console_has tuned '^.*mem=1'
}

tuned_vcpus()
{
	check "vcpu 1 off" xd "vcpu-set tuned 1"
	check "xl vcpu-list shows it off" xl_vcpu tuned 1 ' --p '
	check "vcpu 1 on" vcpu_comes_up
	check "xl vcpu-list shows it on" xl_vcpu tuned 1 ' (r--|-b-|---) '
	check "pin hard and soft" xd "vcpu-pin tuned 0 1 0"
	check "xl vcpu-list shows the pins" xl_vcpu tuned 0 ' 1 / 0$'
	check "pin all soft" xd "vcpu-pin tuned all - 1"
	check "xl vcpu-list shows the soft ones" xl_vcpu tuned 1 ' all / 1$'
	check "unpin" xd "vcpu-pin tuned all all all"
	check "xl vcpu-list shows none" xl_vcpu tuned 0 ' all / all$'
	refused "a cpu that is not there is refused" 1 'allowed cpus 0 to 1' \
	    "vcpu-pin tuned 0 7"
}

# Linux only makes it present: udev brings it up, which this guest has not.
vcpu_comes_up()
{
	local pid

	"$XD" -e "vcpu-set tuned 2" </dev/null &
	pid=$!
	wait_for 20 sh -c "xenstore-read \
	    /local/domain/$tuned_id/cpu/1/availability | grep -q online"
	guest_type "$tuned_id" "echo 1 >/sys/devices/system/cpu/cpu1/online"
	wait "$pid"
}

tuned_schedulers()
{
	check "credit2 weight" xd "sched-credit2 -d tuned -w 700 -c 150"
	check "xl sched-credit2 reads it back" \
	    sh -c "xl sched-credit2 -d tuned | grep -qE '^tuned +$tuned_id +700 +150'"
	refused "a weight out of range is refused" 1 'allowed 1 to 65535' \
	    "sched-credit2 tuned -w 70000"
	check "a pool of credit" credit_pool
	check "xendeck lists it" \
	    sh -c "$XD -e cpupool-list | grep -qE '^other .* credit +0 +1$'"
	check "move to it" xd "cpupool-migrate tuned other"
	check "xl list shows it there" \
	    sh -c "xl list -c tuned | tail -n 1 | grep -q 'other$'"
	refused "the wrong scheduler is said" 1 'use sched-credit$' \
	    "sched-credit2 tuned -w 5"
	check "credit weight and cap" xd "sched-credit tuned -w 300 -c 90"
	check "xl sched-credit reads them back" \
	    sh -c "xl sched-credit -d tuned | grep -qE '^tuned +$tuned_id +300 +90'"
	check "move back" xd "cpupool-migrate tuned Pool-0"
	check "the pool goes" xl cpupool-destroy other
	check "its cpu goes back" xl cpupool-cpu-add Pool-0 1
	check "another guest is born into it" born_into_a_pool
	check "a guest is born with its vcpus apart" pinned_apart
	refused "xend's schedulers are named" 1 'sched-credit2' "bvt tuned 1 0 0 0"
}

# Debian's Xen has credit, credit2 and null, but no rtds.
credit_pool()
{
	xl cpupool-cpu-remove Pool-0 1 &&
	    xl cpupool-create 'name="other"' 'sched="credit"' 'cpus=["1"]'
}

# pinned_apart: a list for each vcpu, from an xl.cfg.
pinned_apart()
{
	local file=$work/apart.cfg rc

	cat >"$file" <<-END
		name = "apart"
		memory = 192
		vcpus = 2
		kernel = "$LAB_KERNEL"
		ramdisk = "$LAB_RAMDISK"
		cpus = [ "1", "0" ]
	END
	xd "create $file --paused" && xl_vcpu apart 0 ' 1 / all$' &&
	    xl_vcpu apart 1 ' 0 / all$'
	rc=$?
	xd "destroy apart"
	return $rc
}

# born_into_a_pool: what a configuration says of pool, pins and shares.
born_into_a_pool()
{
	local file=$work/born.conf rc

	credit_pool || return
	sed 's/"tuned"/"born"/' "$work/tuned.conf" >"$file"
	echo 'pool = "other"; cpus = "1"; cpus_soft = "1"; weight = 300;' >>"$file"
	xd "create $file --paused" &&
	    xl list -c born | tail -n 1 | grep -q 'other$' &&
	    xl sched-credit -d born | grep -qE '^born +[0-9]+ +300 +0' &&
	    xl_vcpu born 1 ' 1 / 1$'
	rc=$?
	xd "destroy born"
	xl cpupool-destroy other && xl cpupool-cpu-add Pool-0 1
	return $rc
}

tuned_signals()
{
	check "sysrq" xd "sysrq tuned s"
	check "the guest's kernel obeys it" \
	    wait_for 20 console_has tuned 'sysrq: Emergency Sync'
	check "nmi" xd "trigger tuned nmi 0"
	guest_type "$tuned_id" "echo n\$((40 + 2))mi"
	check "the guest lives on" wait_for 20 console_has tuned 'n42mi'
}

tuned_dump()
{
	check "core dump" timed "core dump of 192 MiB" \
	    xd "dump-core tuned $work/tuned.core"
	check "it is an ELF core" is_core "$work/tuned.core"
	check "nobody else may read it" \
	    test "$(stat -c %a "$work/tuned.core")" = 600
	refused "a file is never replaced" 1 'replaces nothing' \
	    "dump-core tuned $work/tuned.core"
	rm -f "$work/tuned.core"
	check "the guest runs on" \
	    sh -c "! xl list tuned | tail -n 1 | grep -q ' ..p... '"
	check "core dump to the usual place" xd "dump-core tuned"
	check "it is there" sh -c 'ls /var/lib/xen/dump/tuned.*.core'
	check "it is an ELF core, too" sh -c "$(declare -f is_core); is_core \
	    /var/lib/xen/dump/tuned.*.core"
	rm -f /var/lib/xen/dump/tuned.*.core
}

# ET_CORE of ELF64, by its first bytes.
is_core()
{
	[ "$(od -An -tx1 -N18 "$1" | tr -d ' \n' | cut -c1-10,33-36)" = \
	    7f454c46020400 ]
}

# A cancelled dump: no file, and the guest runs.
cancelled_dump()
{
	local pid

	"$XD" -e "dump-core tuned $work/cut.core" </dev/null >"$work/cut.log" 2>&1 &
	pid=$!
	wait_for 30 test -s "$work/cut.core"
	kill -TERM "$pid"
	wait "$pid"
	check "a terminated dump fails" test $? -ne 0
	check "its file is gone" test ! -e "$work/cut.core"
	check "the guest runs after it" \
	    wait_for 10 sh -c "! xl list tuned | tail -n 1 | grep -q ' ..p... '"
}

tuned_name()
{
	check "rename" xd "rename tuned renamed"
	check "xl sees the new name" test "$(domid_of renamed)" = "$tuned_id"
	check "xl does not see the old one" xl_does_not_see tuned
	refused "a name that is not allowed is refused" 1 "allowed 1 to 63" \
	    "rename renamed Domain-0"
}

tune()
{
	check "create tuned" xd "create $(tune_conf tuned)"
	tuned_id=$(domid_of tuned)
	check "tuned boots" wait_for 120 guest_ready tuned
	tuned_memory
	tuned_vcpus
	tuned_schedulers
	tuned_signals
	tuned_dump
	cancelled_dump
	tuned_name
	check "destroy it" xd "destroy renamed"
	store_as_before "store after tuning"
}
