# shellcheck shell=bash
#
# formats.sh - files of every format make the same domain, and xl takes what
# xendeck writes. Sourced by all.sh.

# made_from FILE: a guest of that name boots and is destroyed.
made_from()
{
	check "create from $1" xd "create $work/$1"
	check "$1 boots" wait_for 120 guest_ready fmt1
	check "export what $1 made" sh -c \
	    "$XD -e 'export fmt1 --format xl' | grep -q '^name = \"fmt1\"'"
	check "destroy what $1 made" xd "destroy fmt1"
	check "$1: it is gone" wait_for 60 xl_does_not_see fmt1
	: >"$(console_log fmt1)"
}

# xl, without making anything, takes a file that xendeck wrote.
xl_takes()
{
	local file=$work/$1.again

	check "$1 as xl.cfg" sh -c \
	    "$XD -e 'convert $LAB_ROOT/tests/data/$1 --format xl' >'$file'"
	check "xl takes $1" xl create -n -q "$file"
}

# The host's processors are what cpuid_check asks: they have a floating point
# unit, bit 0 of edx.
processors_are_checked()
{
	local bits=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx file=$work/fmt1.cpu

	{ cat "$work/fmt1"; echo "cpuid_check = [ '1:edx=${bits}1' ]"; } >"$file"
	check "a processor that is right" xd "create $file --paused"
	xd "destroy fmt1" >/dev/null 2>&1
	check "its domain is gone" wait_for 60 xl_does_not_see fmt1
	sed -i "s/${bits}1/${bits}0/" "$file"
	check "a processor that is not is named" sh -c \
	    "$XD -e 'create $file --paused' 2>&1 |
	    grep -q 'bit 0 of leaf 0x1, edx is 1'"
}

formats()
{
	local file

	mv "$(xl_config fmt1)" "$work/fmt1"
	check "check of an xl.cfg" xd "check $work/fmt1"
	for file in conf sxp; do
		check "xl.cfg to $file" sh -c \
		    "$XD -e 'convert $work/fmt1 --format $file' >'$work/fmt1.$file'"
	done
	processors_are_checked
	made_from fmt1
	made_from fmt1.conf
	made_from fmt1.sxp
	for file in xl/full.cfg xl/vif.cfg xl/pci.cfg xl/disk-keys.cfg \
	    xl/vfb.cfg xl/actions.cfg sxp/managed.sxp; do
		mkdir -p "$work/${file%/*}"
		xl_takes "$file"
	done
}
