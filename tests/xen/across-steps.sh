#!/bin/bash
#
# across-steps.sh - what across.sh has done in the dom0 of each of its hosts:
#
#   across-steps.sh save KIND...      into the results of this job
#   across-steps.sh restore KIND...   from /lab/saved
#
# A kind is pv, pvh or hvm. KIND-BY.save is what BY (ours or xl) has saved,
# KIND-BY.said what the guest had said by then.
#
# shellcheck disable=SC2317 # steps are called by name

# shellcheck source=tests/xen/lib.sh
. "$LAB_ROOT/tests/xen/lib.sh"
# shellcheck source=tests/xen/xd.sh
. "$LAB_ROOT/tests/xen/xd.sh"
# shellcheck source=tests/xen/save.sh
. "$LAB_ROOT/tests/xen/save.sh"
# shellcheck source=tests/xen/dm.sh
. "$LAB_ROOT/tests/xen/dm.sh"
# shellcheck source=tests/xen/kinds.sh
. "$LAB_ROOT/tests/xen/kinds.sh"
# shellcheck source=tests/xen/hvm.sh
. "$LAB_ROOT/tests/xen/hvm.sh"

DISK=/srv/across/disk.img # the same on both hosts
HVM_UUID=6d0b0000-0000-4000-8000-00000000ac05

# across_said KIND: all that the guest has said on this host. The serial port of
# an HVM domain has one reader: the engine, or what across_by_xl leaves there.
across_said()
{
	if [ "$1" = hvm ]; then
		cat "/var/lib/xendeck/console/$HVM_UUID"{.old,} \
		    "$work/serial" 2>/dev/null
	else
		cat "$(console_log "ac$1")"
	fi | tr -d '\r'
}

# numbers_of FILE...: whole lines alone have one.
numbers_of()
{
	cat "$@" | sed -n 's/.*[cC][oO][uU][nN][tT] \([0-9][0-9]*\) *$/\1/p'
}

across_last()
{
	across_said "$1" >"$work/said.now"
	numbers_of "$work/said.now" | tail -n 1
}

across_over()
{
	[ "$(across_last "$1")" -gt "$2" ]
}

# --- on the earlier Xen

across_guest()
{
	local file

	case $1 in
	pv) save_guest acpv ;;
	pvh) pvh_counter acpvh ;;
	hvm)
		file=$(hvm_conf achvm "$DISK")
		echo "uuid = \"$HVM_UUID\";" >>"$file"
		check "create achvm" xd "create $file"
		check "achvm counts" wait_for 200 across_over hvm 3
		;;
	esac
}

# across_log KIND: the engine forgets what a domain said that xl has taken away.
across_log()
{
	if [ "$1" = hvm ]; then
		echo "/var/lib/xendeck/console/$HVM_UUID"
	else
		console_log "ac$1"
	fi
}

# across_saved KIND ours|xl: the file stays here as well, for going on.
across_saved()
{
	local file=$work/$1-$2.save reader

	tail -s 0.2 -c +1 -f "$(across_log "$1")" >"$work/followed" &
	reader=$!
	if [ "$2" = xl ]; then
		check "$1: xl saves it" timed "save $1: xl" \
		    xl save "ac$1" "$file"
	else
		check "$1: we save it" timed "save $1: xendeck" \
		    xd "save ac$1 $file"
	fi
	check "$1: it is gone" wait_for 20 xl_does_not_see "ac$1"
	sleep 1 # what was said last is on its way to the log
	kill "$reader"
	tr -d '\r' <"$work/followed" >"$out/saved/$1-$2.said"
	cp "$file" "$out/saved/"
}

save()
{
	local kind n

	mkdir -p "$out/saved" "${DISK%/*}"
	check "a disk" boot_disk "$DISK"
	mount -o remount,size=900M /tmp
	for kind; do
		across_guest "$kind"
		across_saved "$kind" ours
		check "$kind: it is restored" xd "restore $work/$kind-ours.save"
		n=$(across_last "$kind")
		check "$kind: it counts on" \
		    wait_for 60 across_over "$kind" $((n + 4))
		across_saved "$kind" xl
		rm -f "$work/$kind"-*.save
	done
	check "the engine ends" engine_end
}

# --- on the later one

# across_by_xl KIND FILE: nothing that an HVM domain says may come before there
# is who reads it.
across_by_xl()
{
	[ "$1" = hvm ] || {
		xl restore "$2"
		return
	}
	xl restore -p "$2" || return
	cat "$(xenstore-read \
	    "/local/domain/$(domid_of achvm)/serial/0/tty")" \
	    </dev/null >"$work/serial" 2>&1 &
	sleep 1
	xl unpause achvm
}

# whole_lines FILE: what it has but for a last line that is not finished.
whole_lines()
{
	if [ -n "$(tail -c 1 "$1")" ]; then
		sed '$d' "$1"
		echo "count" # half of one
	else
		cat "$1"
	fi
}

# look_for_gaps: of the lines that it is given, numbers must follow one another;
# but for each number that a save has torn there are pieces of a line: "count",
# " 15".
look_for_gaps()
{
	awk '
		/echo/ { next }
		tolower($0) ~ /count [0-9]+ *$/ {
			if (n++ > 0 && $NF > last + 1)
				lost += $NF - last - 1
			twice += n > 1 && $NF <= last
			last = $NF + 0
			next
		}
		tolower($0) ~ /count/ || /^(\[[^]]*\] )?[a-zA-Z]* ?[0-9]+ *$/ {
			pieces++
		}
		END {
			printf "%d numbers, %d lost, %d twice, %d pieces\n",
			    n, lost, twice, pieces
			exit n == 0 || lost > pieces || twice > 0
		}'
}

# across_whole KIND FILE: of the numbers there and here none is lost.
across_whole()
{
	across_said "$1" >"$work/said.here"
	{
		whole_lines "/lab/saved/$2.said"
		whole_lines "$work/said.here"
	} | look_for_gaps >"$work/whole"
}

# across_restored KIND BY FROM: FROM has saved it, BY restores it.
across_restored()
{
	local kind=$1 by=$2 file=$work/$1.save from=$1-$3 n
	local name="$1, saved by $3, restored by $2"

	n=$(numbers_of "/lab/saved/$from.said" | tail -n 1)
	cp "/lab/saved/$from.save" "$file"
	if [ "$by" = xl ]; then
		check "$name" timed "restore $kind: xl" \
		    across_by_xl "$kind" "$file"
	else
		check "$name" timed "restore $kind: xendeck" \
		    xd "restore $file"
	fi
	rm -f "$file"
	check "$name: it counts on from $n" \
	    wait_for 60 across_over "$kind" $((n + 4))
	check "$name: no number is lost" across_whole "$kind" "$from"
	sed 's/^/     says: /' "$work/whole" >&3
	check "$name: destroy" xd "destroy ac$kind"
	check "$name: it is gone" wait_for 30 xl_does_not_see "ac$kind"
	# it knows what was said under this uuid, and the next one has it, too
	check "$name: the engine ends" engine_end
	rm -f "$(console_log "ac$kind")" "$work/serial" \
	    "/var/lib/xendeck/console/$HVM_UUID"*
}

restore()
{
	local kind from by

	mkdir -p "${DISK%/*}"
	check "a disk" boot_disk "$DISK"
	mount -o remount,size=900M /tmp
	check "the program runs on this host" xd info
	store_now >"$work/store.before"
	for by in ours xl; do
		for from in xl ours; do
			for kind; do
				across_restored "$kind" "$by" "$from"
			done
		done
	done
	check "nothing of them is left" wait_for 60 no_files_left
	store_as_before "the store is as before"
	check "the engine ends" engine_end
}

"$@"
finish
