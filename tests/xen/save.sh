# shellcheck shell=bash
#
# save.sh - a guest with a counter goes into a file and comes back, by us and by
# xl, each from the file of the other; a checkpoint; and what goes wrong on the
# way leaves the guest counting. save_restore does so with a PV guest, save_kinds
# with a PVH one and an HVM one. Sourced by all.sh. The files are on a tmpfs: 9p
# cannot take pages of a guest.

# count_in NAME: a program in the guest counts on its console from now on.
count_in()
{
	# shellcheck disable=SC2016 # for the guest's shell
	guest_type "$(domid_of "$1")" \
	    'n=0; while :; do n=$((n + 1)); echo "COUNT $n"; sleep 0.25; done &'
}

counts()
{
	grep -ao 'COUNT [0-9]*' "$(console_log "$1")" | cut -d' ' -f2
}

last_count()
{
	counts "$1" | tail -n 1
}

counted_to()
{
	[ "$(last_count "$1")" -ge "$2" ]
}

# goes_on NAME WHAT: it counts on from where it is.
goes_on()
{
	check "save: $2: the guest counts on" \
	    wait_for 60 counted_to "$1" $(($(last_count "$1") + 4))
}

# none_lost NAME WHAT: since it began, each number once and in order. A line
# that a prompt cut, or the end of the log, is no number of its own.
none_lost()
{
	if counts "$1" | awk 'NR > 1 && $1 != last + 1 { bad = 1 }
		{ last = $1 } END { exit bad || NR == 0 }'
	then
		pass "save: $2: no number is lost"
	else
		fail "save: $2: no number is lost" \
		    "$(counts "$1" | awk 'NR > 1 && $1 != last + 1 {
			print last " then " $1 } { last = $1 }' | head -n 3)"
	fi
}

# save_guest NAME [MORE]: runs, and counts.
save_guest()
{
	check "save: create $1" xd "create $(xd_conf "$1" '' "${2:-}")"
	check "save: $1 is up" wait_for 120 guest_ready "$1"
	count_in "$1"
	check "save: $1 counts" wait_for 60 counted_to "$1" 4
}

is_listed()
{
	xd list | grep "^$1 " | grep -qE " $2( |$)"
}

# no_part_left [FILE]: nor this one.
no_part_left()
{
	[ -z "$(find "${work:?}" -name '*.part')" ] &&
	    { [ -z "${1:-}" ] || [ ! -e "$work/$1" ]; }
}

# connected NAME: both ends of its network are.
connected()
{
	local id

	id=$(domid_of "$1") &&
	    [ "$(xenstore-read "/local/domain/$id/device/vif/0/state")" = 4 ] &&
	    [ "$(xenstore-read "/local/domain/0/backend/vif/$id/0/state")" = 4 ]
}

saved_and_restored()
{
	local file=$work/sv1.save

	timed "save 192 MiB" xd "save sv1 $file" ||
	    fail "save: save" "it failed"
	check "save: it is gone" wait_for 20 xl_does_not_see sv1
	check "save: the list has it as saved" is_listed sv1 saved
	check "save: the file is there" test -s "$file"
	check "save: nothing else is" no_part_left
	timed "restore 192 MiB" xd "restore sv1" ||
	    fail "save: restore" "it failed"
	check "save: xl sees it" xl_sees sv1
	goes_on sv1 "restored by its name"
	none_lost sv1 "restored by its name"
	rm -f "$file"
}

# Ours by xl: the configuration that it holds is one that xl can read.
restored_by_xl()
{
	local file=$work/sv1.save

	check "save: for xl" xd "save sv1 $file"
	check "save: it is gone for xl" wait_for 20 xl_does_not_see sv1
	timed "xl restore 192 MiB" check "save: xl restores our file" \
	    xl restore "$file"
	goes_on sv1 "restored by xl"
	none_lost sv1 "restored by xl"
	rm -f "$file"
}

# xl's by us; the domain is xl's until then.
restored_from_xl()
{
	local file=$work/xl.save

	check "save: we save a domain of xl's" xd "save sv1 $file"
	check "save: it is gone from xl, too" wait_for 20 xl_does_not_see sv1
	check "save: and back" xd "restore $file"
	rm -f "$file"
	goes_on sv1 "saved from xl"
	timed "xl save 192 MiB" check "save: xl saves it" xl save sv1 "$file"
	check "save: we restore xl's file" xd "restore $file"
	goes_on sv1 "restored from xl's file"
	none_lost sv1 "restored from xl's file"
	check "save: it is ours now" is_listed sv1 xendeck
	rm -f "$file"
}

checkpointed()
{
	local file=$work/sv1.check domid

	domid=$(domid_of sv1)
	check "save: checkpoint" xd "save sv1 $file --checkpoint"
	check "save: a checkpoint keeps the domain" \
	    test "$(domid_of sv1)" = "$domid"
	goes_on sv1 "checkpoint"
	none_lost sv1 "checkpoint"
	check "save: shut down after a checkpoint" xd "shutdown sv1"
	check "save: and reaped" wait_for 30 dom_gone "$domid"
	: >"$(console_log sv1)"
	check "save: the checkpoint is restored" xd "restore $file"
	check "save: it counts" wait_for 60 test -n "$(last_count sv1)"
	rm -f "$file"
}

# --- what goes wrong

paused_is_refused()
{
	check "save: pause" xd "pause sv1"
	refused "save: a paused guest is refused" 1 'unpause it first' \
	    "save sv1 $work/sv1.save"
	check "save: unpause" xd "unpause sv1"
	goes_on sv1 "refused while paused"
}

disk_is_full()
{
	local dir=$work/small

	mkdir -p "$dir"
	mount -t tmpfs -o size=64m tmpfs "$dir"
	refused "save: no room is told before" 1 'MiB are free' \
	    "save sv1 $dir/sv1.save"
	umount "$dir"
	# as large as the check wants, and full in the middle all the same
	mount -t tmpfs -o size=260m tmpfs "$dir"
	xd "save sv1 $dir/sv1.save" >"$work/full.log" 2>&1 &
	saving=$!
	wait_for 30 test -s "$dir/sv1.save.part"
	dd if=/dev/zero of="$dir/hog" bs=1M >/dev/null 2>&1
	wait "$saving"
	check "save: a disk that fills up fails it" test $? -ne 0
	check "save: and says so" grep -q 'No space left' "$work/full.log"
	rm -f "$dir/hog"
	check "save: there is no file then" no_part_left small/sv1.save
	goes_on sv1 "full disk"
	umount "$dir"
}

# saving_begun: a save in the background, at its memory.
saving_begun()
{
	xd "save sv1 $work/sv1.save" >"$work/save.log" 2>&1 &
	saving=$!
	wait_for 30 test -s "$work/sv1.save.part"
}

helper_is_killed()
{
	saving_begun
	pkill -KILL -f '^xendeck-helper --helper xen'
	wait "$saving"
	check "save: a killed helper fails it" test $? -ne 0
	check "save: no file after a killed helper" no_part_left sv1.save
	goes_on sv1 "killed helper"
}

save_is_cancelled()
{
	saving_begun
	xd cancel
	wait "$saving"
	check "save: cancelled" grep -q -i cancel "$work/save.log"
	check "save: no file after a cancel" no_part_left sv1.save
	goes_on sv1 "cancelled"
}

engine_is_killed()
{
	saving_begun
	kill -KILL "$(engine_pid)"
	wait "$saving"
	check "save: the next engine starts" xd list
	check "save: it removes the file" wait_for 30 no_part_left sv1.save
	goes_on sv1 "killed engine"
	none_lost sv1 "all of it"
}

# Its network is made anew, and connects.
network_comes_back()
{
	save_guest sv2 'devices = ( { type = "vif"; bridge = "xenbr0"; } );'
	check "save: its network is connected" wait_for 30 connected sv2
	check "save: into a file of our own" xd "save sv2"
	check "save: and back from there" xd "start sv2"
	goes_on sv2 "restored with a network"
	none_lost sv2 "restored with a network"
	check "save: its network is connected again" wait_for 60 connected sv2
	check "save: our own file is removed" \
	    test -z "$(ls /var/lib/xendeck/save 2>/dev/null)"
	check "save: destroy sv2" xd "destroy sv2"
}

save_restore()
{
	save_guest sv1
	saved_and_restored
	paused_is_refused
	disk_is_full
	helper_is_killed
	save_is_cancelled
	engine_is_killed
	restored_by_xl
	restored_from_xl
	checkpointed
	check "save: destroy" xd "destroy sv1"
	network_comes_back
	store_as_before "save: store as before"
	check "save: no files left" no_files_left
}

# --- the other kinds: PVH with its memory map, HVM with a device model

# pvh_counter NAME: a PVH guest on two virtual CPUs that counts.
pvh_counter()
{
	local file=$work/$1.conf

	cat >"$file" <<-END
		type = "pvh";
		name = "$1";
		memory = 192;
		vcpus = 2;
		image = { kernel = "$LAB_KERNEL"; ramdisk = "$LAB_RAMDISK";
		          args = "console=hvc0 quiet"; };
	END
	check "save: create $1, PVH" xd "create $file"
	check "save: $1 is up" wait_for 400 guest_ready "$1"
	count_in "$1"
	check "save: $1 counts" wait_for 60 counted_to "$1" 4
}

# Compressed: a fifth of the memory, and a file for xl once it is unpacked.
compressed()
{
	local file=$work/packed.save

	timed "save PVH 192 MiB compressed" check "save: PVH, compressed" \
	    xd "save svp $file --compress"
	check "save: it takes a fifth of the memory" \
	    test "$(stat -c %s "$file")" -lt $((192 * 1024 * 1024 / 5))
	timed "restore PVH 192 MiB compressed" \
	    check "save: PVH, compressed: restore" xd "restore svp"
	goes_on svp "PVH restored from a compressed file"
	rm -f "$file"
	check "save: PVH, compressed for xl" xd "save svp $file --compress"
	check "save: zstd unpacks it" zstd -q -d -o "$work/plain.save" "$file"
	check "save: PVH: xl restores what zstd unpacked" \
	    xl restore "$work/plain.save"
	goes_on svp "PVH restored by xl from what zstd unpacked"
	none_lost svp "PVH compressed"
	rm -f "$file" "$work/plain.save"
}

pvh_both_ways()
{
	local file=$work/pvh.save

	pvh_counter svp
	timed "save PVH 192 MiB" check "save: PVH" xd "save svp $file"
	check "save: PVH: the list has it as saved" is_listed svp saved
	timed "restore PVH 192 MiB" check "save: PVH: restore" \
	    xd "restore svp"
	goes_on svp "PVH restored"
	none_lost svp "PVH restored"
	rm -f "$file"
	check "save: PVH for xl" xd "save svp $file"
	timed "xl restore PVH 192 MiB" check "save: PVH: xl restores our file" \
	    xl restore "$file"
	goes_on svp "PVH restored by xl"
	none_lost svp "PVH restored by xl"
	rm -f "$file"
	timed "xl save PVH 192 MiB" check "save: PVH: xl saves it" \
	    xl save svp "$file"
	check "save: PVH: we restore xl's file" xd "restore $file"
	goes_on svp "PVH restored from xl's file"
	none_lost svp "PVH restored from xl's file"
	rm -f "$file"
	compressed
	check "save: PVH: destroy" xd "destroy svp"
}

# The counter of a boot sector, as its serial port says it now. Whoever reads
# there takes what is said from others: the engine lets go of it first.
serial_count()
{
	xd "console-release svh" >/dev/null 2>&1
	timeout 6 cat "$(xenstore-read "/local/domain/$(domid_of svh)/serial/0/tty")" |
	    grep -ao 'count [0-9][0-9]*[^0-9]' | tail -n 1 | tr -dc 0-9
}

serial_has_begun()
{
	[ "$(serial_count)" -ge 3 ]
}

# serial_goes_on WHAT BEFORE: on from where it was, not from the beginning.
serial_goes_on()
{
	local now

	now=$(serial_count)
	if [ -n "$now" ] && [ "$now" -gt "$2" ] && [ "$now" -lt $(($2 + 200)) ]
	then
		pass "save: HVM: $1: it counts on ($2, $now)"
	else
		fail "save: HVM: $1: it counts on" "$2, then ${now:-nothing}"
	fi
}

model_runs()
{
	local id

	id=$(domid_of svh) &&
	    [ "$(xenstore-read "/local/domain/0/device-model/$id/state")" = \
	        running ] && pgrep -f -- "[-]xen-domid $id "
}

hvm_both_ways()
{
	local file=$work/hvm.save n

	check "save: a disk with a boot sector" boot_disk "$work/svh.img"
	check "save: create svh, HVM" xd "create $(hvm_conf svh "$work/svh.img")"
	check "save: svh counts" wait_for 200 serial_has_begun
	n=$(serial_count)
	timed "save HVM 64 MiB" check "save: HVM" xd "save svh $file"
	check "save: HVM: no model is left" sh -c "! pgrep -f '[n]ame svh'"
	check "save: HVM: the list has it as saved" is_listed svh saved
	timed "restore HVM 64 MiB" check "save: HVM: restore" xd "restore svh"
	check "save: HVM: its model runs" model_runs
	serial_goes_on "restored" "$n"
	rm -f "$file"
	n=$(serial_count)
	check "save: HVM: paused" xd "pause svh"
	check "save: HVM: a checkpoint of it paused" \
	    xd "save svh $file --checkpoint"
	check "save: HVM: unpaused" xd "unpause svh"
	serial_goes_on "after a checkpoint" "$n"
	rm -f "$file"
	n=$(serial_count)
	check "save: HVM for xl" xd "save svh $file"
	timed "xl restore HVM 64 MiB" check "save: HVM: xl restores our file" \
	    xl restore "$file"
	serial_goes_on "restored by xl" "$n"
	rm -f "$file"
	n=$(serial_count)
	check "save: HVM: we save a domain of xl's" xd "save svh $file"
	check "save: HVM: and back" xd "restore $file"
	serial_goes_on "saved from xl" "$n"
	rm -f "$file"
	n=$(serial_count)
	timed "xl save HVM 64 MiB" check "save: HVM: xl saves it" \
	    xl save svh "$file"
	check "save: HVM: we restore xl's file" xd "restore $file"
	serial_goes_on "restored from xl's file" "$n"
	rm -f "$file"
	hvm_save_goes_wrong
	check "save: HVM: destroy" xd "destroy svh"
}

# Its model is killed while it is saved, and its helper: it runs on, or is
# reaped, and there is no file.
hvm_save_goes_wrong()
{
	local n

	n=$(serial_count)
	xd "save svh $work/svh.save" >"$work/save.log" 2>&1 &
	saving=$!
	wait_for 30 test -s "$work/svh.save.part"
	pkill -KILL -f '^xendeck-helper --helper xen'
	wait "$saving"
	check "save: HVM: a killed helper fails it" test $? -ne 0
	check "save: HVM: no file after a killed helper" no_part_left svh.save
	serial_goes_on "killed helper" "$n"
	n=$(serial_count)
	xd "save svh $work/svh.save" >"$work/save.log" 2>&1 &
	saving=$!
	wait_for 30 test -s "$work/svh.save.part"
	kill -KILL "$(engine_pid)"
	wait "$saving"
	check "save: HVM: the next engine starts" xd list
	check "save: HVM: it removes the file" wait_for 30 no_part_left svh.save
	serial_goes_on "killed engine" "$n"
}

save_kinds()
{
	kinds_bridge
	store_now >"$work/store.before"
	pvh_both_ways
	hvm_both_ways
	check "save: nothing of them is left" wait_for 60 no_files_left
	store_as_before "save: the store is as before them"
	engine_end
}
