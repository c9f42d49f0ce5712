# shellcheck shell=bash
#
# machine.sh - what a domain's machine is told and given: CPUID in both forms of
# xl.cfg, equal to what xl makes of them and seen by a guest; memory that domain
# 0 gives. The guests are PVH domains with a kernel of a few instructions, which
# stay paused. Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

# tiny_conf NAME MIB [MORE]: an xl.cfg, for xl as well.
tiny_conf()
{
	local file=$work/$1.cfg

	cat >"$file" <<-END
		type = "pvh"
		name = "$1"
		kernel = "$LAB_ROOT/build/tests/minikernel"
		memory = $2
		vcpus = 1
		${3:-}
	END
	echo "$file"
}

# --- CPUID ------------------------------------------------------------------

# cpuid_of NAME: every leaf that Xen gives the domain; the first line has its id.
cpuid_of()
{
	"$LAB_XEN_BIN/xen-cpuid" -p "$(domid_of "$1")" | tail -n +2
}

# cpuid_as_xl WHAT SETTING: the same leaves by xl and by xendeck.
cpuid_as_xl()
{
	local conf

	conf=$(tiny_conf cpt 16 "$2")
	check "cpuid: $1: xl makes it" xl create -p "$conf"
	cpuid_of cpt >"$out/cpuid-$1-xl.txt"
	xl destroy cpt
	check "cpuid: $1: xendeck makes it" xd "create $conf --paused"
	cpuid_of cpt >"$out/cpuid-$1.txt"
	check "cpuid: $1: destroy" xd "destroy cpt"
	check "cpuid: $1: there are leaves" \
	    test "$(wc -l <"$out/cpuid-$1.txt")" -gt 10
	check "cpuid: $1: the leaves are as with xl" \
	    diff "$out/cpuid-$1-xl.txt" "$out/cpuid-$1.txt"
	[ "$1" = plain ] || check "cpuid: $1: they are not the usual ones" \
	    sh -c "! cmp -s '$out/cpuid-plain.txt' '$out/cpuid-$1.txt'"
}

# Without SSE3, AES and POPCNT, but with SSE2, as its kernel sees it.
cpuid_in_a_guest()
{
	local conf

	conf=$(xl_config cpg)
	echo 'cpuid = "host,sse3=0,aes=0,popcnt=0"' >>"$conf"
	check "cpuid: create a guest" xd "create $conf"
	check "cpuid: it boots" wait_for 200 guest_ready cpg
	# shellcheck disable=SC2016 # for the guest
	guest_type "$(domid_of cpg)" 'flags() { grep -m1 ^flags /proc/cpuinfo |
tr " " "\n" | grep -cx -e "$1" -e "$2" -e "$3"; }'
	# shellcheck disable=SC2016 # for the guest
	guest_type "$(domid_of cpg)" \
	    'echo without=$(flags pni aes popcnt) with=$(flags sse2 fxsr cx8)'
	check "cpuid: /proc/cpuinfo has only what is left" \
	    wait_for 60 console_has cpg 'without=0 with=3'
	check "cpuid: destroy the guest" xd "destroy cpg"
}

cpuid()
{
	local k=xxxxxxxx

	store_now >"$work/store.before"
	cpuid_as_xl plain ''
	cpuid_as_xl names \
	    'cpuid = "host,sse3=0,aes=0,x2apic=0,family=6,popcnt=x,maxleaf=7"'
	cpuid_as_xl bits "cpuid = [
	    \"1:ecx=xxxxxx0x$k$k${k%?}0,edx=x0xx$k$k$k${k%????}\",
	    \"7,0:ebx=$k$k$k${k%????}0xxx\" ]"
	refused "cpuid: a leaf that this processor lacks" 1 \
	    'cpuid: found a leaf that this processor does not have' \
	    "create $(tiny_conf cpt 16 "cpuid = [ \"0x29:eax=$k$k$k$k\" ]")"
	cpuid_in_a_guest
	check "cpuid: nothing is left" wait_for 60 no_files_left
	store_as_before "cpuid: the store is as before"
	engine_end
}

# --- memory of domain 0 -----------------------------------------------------

dom0_mib()
{
	xl list 0 | awk 'NR == 2 { print $3 }'
}

free_mib()
{
	xl info free_memory
}

dom0_has()
{
	local has

	has=$(dom0_mib)
	[ "$has" -ge $(($1 - 16)) ] && [ "$has" -le $(($1 + 16)) ]
}

# balloon_engine SETTINGS: an engine with these.
balloon_engine()
{
	mkdir -p /etc/xendeck
	echo "$1" >/etc/xendeck/xendeck.conf
	check "memory: an engine with $1" engine_end
}

# `check' alone asks no engine, and knows nothing of the host then.
# This host's dom0_mem= fixes domain 0: nothing is taken, and what the sentence
# advises helps.
balloon_by_hand()
{
	local conf had=$1 advice

	conf=$(tiny_conf bal $(($(free_mib) + 48)))
	balloon_engine ''
	says "memory: check tells what would do" \
	    'shrinking domain 0 by [0-9]* MiB would do' "$XD" -e info -e "check $conf"
	refused "memory: domain 0 is left alone by default" 1 \
	    'MiB free: .mem-set 0 [0-9]*M. frees it from domain 0' \
	    "create $conf"
	check "memory: domain 0 has what it had" dom0_has "$had"
	advice=$(xd "create $conf" 2>&1 | sed -n 's/.*`\(mem-set 0 [0-9]*M\).*/\1/p')
	check "memory: as advised: $advice" timed "mem-set 0" xd "$advice"
	check "memory: then it can be made" xd "create $conf --paused"
	check "memory: destroy it" xd "destroy bal"
	check "memory: domain 0 takes it back" xd "mem-set 0 ${had}M"
	check "memory: and has it" wait_for 60 dom0_has "$had"
}

balloon_by_itself()
{
	local conf had=$1 least=$2 now

	conf=$(tiny_conf bal $(($(free_mib) + 96)))
	balloon_engine "autoballoon = \"on\"; dom0_min = $least;"
	says "memory: check tells what domain 0 will give" \
	    'domain 0 will give [0-9]* MiB' "$XD" -e info -e "check $conf"
	check "memory: a guest that needs more than is free" \
	    timed "create, domain 0 shrinks" xd "create $conf --paused"
	now=$(dom0_mib)
	echo "     domain 0 gave $((had - now)) MiB" >&3
	check "memory: domain 0 gave what was lacking" \
	    test "$now" -lt $((had - 64)) -a "$now" -gt $((had - 160))
	refused "memory: not below dom0_min" 1 \
	    'MiB free: lower its memory, or end other domains' \
	    "create $(tiny_conf bal2 $((now - least + 64)))"
	check "memory: and nothing is taken for it" dom0_has "$now"
	check "memory: one that fits is made beside it" \
	    xd "create $(tiny_conf bal2 32) --paused"
	check "memory: down to dom0_min" test "$(dom0_mib)" -ge $((least - 16))
	check "memory: destroy both" xd "destroy bal" "destroy bal2"
	check "memory: domain 0 takes it back" xd "mem-set 0 ${had}M"
	check "memory: and has it again" wait_for 60 dom0_has "$had"
}

# A packed kernel keeps the helper busy for seconds.
balloon_undone()
{
	local conf had=$1

	conf=$(LAB_KERNEL=$LAB_KERNEL_XZ xl_config bal '' $(($(free_mib) + 96)))
	"$XD" -e "create $conf" </dev/null >"$work/bal.log" 2>&1 &
	check "memory: domain 0 gives for one that will fail" \
	    wait_for 60 sh -c "[ \$(xl list 0 | awk 'NR == 2 { print \$3 }') -lt \
	        $((had - 32)) ]"
	check "memory: its helper is killed" \
	    wait_for 60 pkill -KILL -f '^xendeck-helper --helper'
	wait $!
	check "memory: it fails" test $? -eq 1
	check "memory: domain 0 gets back what it gave" \
	    wait_for 60 dom0_has "$had"
}

balloon()
{
	local had

	store_now >"$work/store.before"
	had=$(dom0_mib)
	balloon_by_hand "$had"
	balloon_by_itself "$had" $((had - 256))
	balloon_undone "$had"
	rm -f /etc/xendeck/xendeck.conf
	check "memory: nothing is left" wait_for 60 no_files_left
	store_as_before "memory: the store is as before"
	check "memory: the engine of these settings ends" engine_end
}
