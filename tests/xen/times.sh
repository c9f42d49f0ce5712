# shellcheck shell=bash
#
# times.sh - what xl does, too, beside xl: alternating on one host, as only
# ratios mean anything in emulation; medians of five. A part makes one table:
# times the creations of PV domains, times_lives saves, restores and the ends of
# a PV guest, times_pvh and times_hvm what there is of these kinds.
# Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

rounds=5

# median LABEL: of the times noted under it.
median()
{
	awk -F '\t' -v l="$1" '$1 == l { print $2 }' "$out/times.tsv" | sort -n |
	    awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

ratio()
{
	printf 'ratio %-39s %s / %s ms = %s\n' "$1" "$2" "$3" \
	    "$(awk -v a="$2" -v b="$3" 'BEGIN { printf "%.2f", a / b }')" >&3
}

# --- the table

# table <ROWS: each "WHAT|OURS|BESIDE|TARGET", the two being labels of times. A
# row without figures fails; a target that is missed is a figure.
table()
{
	local what ours theirs target a b verdict

	printf '%-32s %9s %9s %6s %6s\n' "medians of $rounds, ms" xendeck \
	    beside ratio target >&3
	while IFS='|' read -r what ours theirs target; do
		a=$(median "$ours") b=$(median "$theirs")
		verdict=$(awk -v a="$a" -v b="$b" -v t="$target" 'BEGIN {
			if (a <= 0 || b <= 0) exit 1
			r = sprintf("%.2f", a / b) # judged as it is shown
			printf "%6s %6s %s", r, t, r + 0 <= t + 0 ? "met" : "missed"
		}') || { fail "times: $what" "no figures"; continue; }
		printf '%-32s %9s %9s %s\n' "$what" "$a" "$b" "$verdict" >&3
		pass "times: $what"
	done
}

# note_size LABEL FILE: in KiB, a row among those of the times.
note_size()
{
	printf '%s, KiB\t%s\n' "$1" $(($(stat -c %s "$2") / 1024)) \
	    >>"$out/times.tsv"
}

# --- configurations, for each its own: NAME KIND KERNEL MIB

bench_xl()
{
	local file=$work/$1.cfg

	{
		echo "name = '$1'"
		echo "type = '$2'"
		echo "memory = $4"
		if [ "$2" = hvm ]; then
			echo "boot = 'c'"
			echo "serial = 'pty'"
			echo "disk = ['format=raw,vdev=hda,access=rw,target=$3']"
		else
			echo "kernel = '$3'"
			echo "ramdisk = '$LAB_RAMDISK'"
			echo "extra = 'console=hvc0 quiet'"
		fi
	} >"$file"
	echo "$file"
}

bench_xd()
{
	local file=$work/$1.conf

	{
		echo "name = \"$1\"; type = \"$2\"; memory = $4;"
		if [ "$2" = hvm ]; then
			echo 'machine = { boot = "c"; serial = "pty"; };'
			echo "devices = ( { type = \"vbd\"; path = \"$3\";"
			echo 'vdev = "hda"; } );'
		else
			echo "image = { kernel = \"$3\";"
			echo "ramdisk = \"$LAB_RAMDISK\";"
			echo 'args = "console=hvc0 quiet"; };'
		fi
	} >"$file"
	echo "$file"
}

# --- creations

# A paused guest by each, with its creation and its destruction: nothing of the
# guest's own is in it. LABEL KIND KERNEL MIB
paused_both()
{
	local label=$1
	shift

	timed "xl create, $label" xl create -p "$(bench_xl race "$@")" \
	    >/dev/null 2>&1
	timed "xl destroy, $label" xl destroy race
	timed "create, $label" xd "create $(bench_xd race "$@") --paused" \
	    >/dev/null
	timed "destroy, $label" xd "destroy race" >/dev/null
}

xl_ten()
{
	local i pids=()

	for i in 0 1 2 3 4 5 6 7 8 9; do
		xl create -p "$work/ten$i.cfg" >/dev/null 2>&1 &
		pids+=($!)
	done
	wait "${pids[@]}"
}

xd_ten()
{
	local i pids=()

	for i in 0 1 2 3 4 5 6 7 8 9; do
		xd "create $work/ten$i.conf --paused" >/dev/null 2>&1 &
		pids+=($!)
	done
	wait "${pids[@]}"
}

xd_ten_in_one()
{
	local i args=()

	for i in 0 1 2 3 4 5 6 7 8 9; do
		args+=("create $work/ten$i.conf --paused")
	done
	xd "${args[@]}" >/dev/null 2>&1
}

ten_are()
{
	[ "$(xl list | grep -c '^ten[0-9] ')" -eq "$1" ]
}

ten_destroyed()
{
	local i

	for i in 0 1 2 3 4 5 6 7 8 9; do
		xl destroy "ten$i"
	done 2>/dev/null
	wait_for 20 ten_are 0
}

# Ten at once: by ten processes of each, and by one batch.
ten_both()
{
	local i

	for i in 0 1 2 3 4 5 6 7 8 9; do
		bench_xl "ten$i" pv "$LAB_KERNEL_XZ" 96 >/dev/null
		bench_xd "ten$i" pv "$LAB_KERNEL_XZ" 96 >/dev/null
	done
	timed "xl, ten at once" xl_ten
	check "ten of xl's are there" ten_are 10
	ten_destroyed
	timed "ten at once" xd_ten
	check "ten of ours are there" ten_are 10
	ten_destroyed
	timed "ten in a batch" xd_ten_in_one
	check "ten of a batch are there" ten_are 10
	ten_destroyed
}

# An engine that runs already, as on a host that is administered by it.
with_engine()
{
	term_start 80 24 "$XD"
	wait_for 30 term_has Domain-0
	"$@"
	term_type q
	wait_for 20 term_over
	term_stop
}

creations()
{
	local i

	xd "create $(bench_xd race pv "$LAB_KERNEL_XZ" 128) --paused" >/dev/null
	xd "destroy race" >/dev/null
	for ((i = 0; i < rounds; i++)); do
		paused_both packed pv "$LAB_KERNEL_XZ" 128
		paused_both plain pv "$LAB_KERNEL" 128
		timed "list" xd list >/dev/null
		timed "xl list" xl list >/dev/null
		ten_both
	done
}

times()
{
	warm "$XD"
	with_engine creations
	table <<-END
		PV create|create, packed|xl create, packed|0.70
		PV create, kernel not packed|create, plain|xl create, plain|0.70
		PV ten creations at once|ten at once|xl, ten at once|0.35
		PV ten creations, one batch|ten in a batch|xl, ten at once|0.35
		PV destroy|destroy, plain|xl destroy, plain|1.00
		list|list|xl list|1.00
	END
	store_as_before "store after the times"
}

# --- lives

# A guest that runs goes into a file and back, by each in turn. AWAKE, a command,
# waits until it goes on, as a guest suspends only when it is awake.
save_both()
{
	local file=$work/race.save

	timed "xl save" xl save race "$file" >/dev/null 2>&1
	timed "xl restore" xl restore "$file" >/dev/null 2>&1
	"$@"
	rm -f "$file"
	timed "save" xd "save race $file" >/dev/null
	timed "restore" xd "restore $file" >/dev/null
	note_size "save" "$file"
	"$@"
	rm -f "$file"
	timed "save --compress" xd "save race $file --compress" >/dev/null
	note_size "save --compress" "$file"
	timed "restore of it" xd "restore $file" >/dev/null
	"$@"
	rm -f "$file"
}

race_goes_on()
{
	goes_on race "times: restored"
}

save_rows='save|save|xl save|1.00
restore|restore|xl restore|1.00
save compressed, to plain|save --compress|save|1.30
its size, KiB, to plain|save --compress, KiB|save, KiB|0.20'

# race_counts KIND MIB: the guest to be saved, xl's.
race_counts()
{
	check "times: create a guest to save" \
	    xl create "$(bench_xl race "$1" "$LAB_KERNEL" "$2")"
	wait_for 400 guest_ready race
	count_in race
	check "times: it counts" wait_for 60 counted_to race 4
}

race_over()
{
	check "times: destroy it" xd "destroy race"
	rm -f "$(console_log race)"
}

saves()
{
	local i

	race_counts "$1" "$2"
	for ((i = 0; i < rounds; i++)); do
		save_both race_goes_on
	done
	race_over
}

# A guest by each, to its prompt, and its end by poweroff. CMD creates it.
lived()
{
	local label=$1 id
	shift

	rm -f "$(console_log race)"
	"$@" >/dev/null 2>&1
	wait_for 120 guest_ready race
	id=$(domid_of race)
	releases_start
	guest_type "$id" poweroff
	wait_for 60 dom_gone "$id"
	releases_stop
	releases_note "poweroff, $label"
	wait_for 20 xl_does_not_see race
}

ends()
{
	local i

	for ((i = 0; i < rounds; i++)); do
		lived xl xl create "$(bench_xl race pv "$LAB_KERNEL" 96)"
		lived xendeck xd "create $(bench_xd race pv "$LAB_KERNEL" 96)"
	done
}

saves_and_ends()
{
	saves pv 256
	ends
}

times_lives()
{
	warm "$XD"
	with_engine saves_and_ends
	table <<-END
		$save_rows
		death to reaped|poweroff, xendeck: death to reaped|poweroff, xl: death to reaped|0.50
	END
	store_as_before "store after the lives"
}

# --- the other kinds

pvh()
{
	local i

	for ((i = 0; i < rounds; i++)); do
		paused_both packed pvh "$LAB_KERNEL_XZ" 128
	done
	race_counts pvh 128
	for ((i = 0; i < rounds; i++)); do
		save_both race_goes_on
	done
	race_over
}

times_pvh()
{
	warm "$XD"
	with_engine pvh
	table <<-END
		PVH create|create, packed|xl create, packed|0.70
		$save_rows
	END
	store_as_before "store after the times of PVH"
}

hvm()
{
	local i

	check "a disk with a boot sector" boot_disk "$work/bs.img"
	for ((i = 0; i < rounds; i++)); do
		paused_both model hvm "$work/bs.img" 64
	done
	check "times: create a guest to save" \
	    xl create "$(bench_xl race hvm "$work/bs.img" 64)"
	for ((i = 0; i < rounds; i++)); do
		save_both check "times: it is there" xl_sees race
	done
	check "times: destroy it" xd "destroy race"
}

times_hvm()
{
	warm "$XD"
	with_engine hvm
	table <<-END
		HVM create|create, model|xl create, model|0.70
		$save_rows
	END
	store_as_before "store after the times of HVM"
}
