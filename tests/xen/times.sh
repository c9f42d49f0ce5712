# shellcheck shell=bash
#
# times.sh - what xl does, too, beside xl: alternating on one host, as only
# ratios mean anything in emulation; medians of five. Sourced by all.sh.

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

# One guest by each, from the start of the command to its prompt.
create_both()
{
	local id

	timed "xl create" xl create "$(xl_config race)" >/dev/null 2>&1
	id=$(domid_of race)
	wait_for 120 guest_ready race
	releases_start
	guest_type "$id" poweroff
	wait_for 60 dom_gone "$id"
	releases_stop
	releases_note "poweroff, xl"
	rm -f "$(console_log race)"

	timed "xendeck create" xd "create $(xd_conf race)" >/dev/null 2>&1
	wait_for 120 guest_ready race
	xd "destroy race"
	rm -f "$(console_log race)"
}

# From a terminal on the engine: what the operation itself takes.
create_and_reap_in_engine()
{
	local id

	rm -f "$(console_log race)"
	term_type ":create $(xd_conf race)"
	term_key Enter
	wait_for 120 guest_ready race
	id=$(domid_of race)
	releases_start
	guest_type "$id" poweroff
	wait_for 60 dom_gone "$id"
	releases_stop
	releases_note "poweroff, xendeck"
	wait_for 20 xl_does_not_see race
	term_key 'C-]'
	term_type q
}

engine_times()
{
	local i

	term_start 80 24 "$XD"
	wait_for 30 term_has Domain-0
	for ((i = 0; i < $1; i++)); do
		create_and_reap_in_engine
	done
	term_type q
	wait_for 20 term_over
	term_stop
	grep -h 'race.*create done' /var/log/xendeck/xendeck.log | tail -n "$1" >&3
}

# A paused guest by each, with its creation and its destruction: nothing of
# the guest's own is in it. Beside an engine that runs already.
paused_both()
{
	local id

	timed "xl create -p" xl create -p "$(xl_config race '' 128)" \
	    >/dev/null 2>&1
	timed "xl destroy" xl destroy race
	timed "xendeck create --paused" \
	    xd "create $(xd_conf_small race) --paused" >/dev/null 2>&1
	timed "xendeck destroy" xd "destroy race"
}

# xd_conf_small NAME: as xl_config NAME '' 128.
xd_conf_small()
{
	local file

	file=$(xd_conf "$1")
	sed -i 's/memory = 192/memory = 128/' "$file"
	echo "$file"
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
	[ "$(xl list | grep -c ' *ten[0-9] ')" -eq "$1" ]
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
		xl_config "ten$i" '' 128 >/dev/null
		xd_conf_small "ten$i" >/dev/null
	done
	timed "xl, ten at once" xl_ten
	check "ten of xl's are there" ten_are 10
	ten_destroyed
	timed "xendeck, ten at once" xd_ten
	check "ten of ours are there" ten_are 10
	ten_destroyed
	timed "xendeck, ten in a batch" xd_ten_in_one
	check "ten of a batch are there" ten_are 10
	ten_destroyed
}

beside_an_engine()
{
	local i

	term_start 80 24 "$XD"
	wait_for 30 term_has Domain-0
	for i in 1 2 3 4 5; do
		paused_both
		ten_both
		timed "xendeck -e list" xd list >/dev/null
		timed "xl list" xl list >/dev/null
	done
	save_times
	term_type q
	wait_for 20 term_over
	term_stop
}

# A guest that runs goes into a file and back, by each in turn; what counts in
# it must go on before the next one, as a guest suspends only when it is awake.
save_both()
{
	local file=$work/race.save

	timed "xl save" xl save race "$file" >/dev/null 2>&1
	timed "xl restore" xl restore "$file" >/dev/null 2>&1
	goes_on race "times: restored by xl"
	rm -f "$file"
	timed "xendeck save" xd "save race $file"
	timed "xendeck restore" xd "restore $file"
	note_size "xendeck save" "$file"
	goes_on race "times: restored by us"
	rm -f "$file"
	timed "xendeck save --compress" xd "save race $file --compress"
	note_size "xendeck save --compress" "$file"
	xd "restore $file"
	goes_on race "times: restored from a compressed file"
	rm -f "$file"
}

# note_size LABEL FILE: in KiB, a row among those of the times.
note_size()
{
	printf '%s, KiB\t%s\n' "$1" $(($(stat -c %s "$2") / 1024)) \
	    >>"$out/times.tsv"
}

save_times()
{
	local i

	check "times: create a guest to save" xl create "$(xl_config race '' 256)"
	wait_for 120 guest_ready race
	count_in race
	check "times: it counts" wait_for 60 counted_to race 4
	for i in 1 2 3 4 5; do
		save_both
	done
	check "times: destroy it" xd "destroy race"
	rm -f "$(console_log race)"
}

# What is measured: ours, whose beside it, and what the ratio should be.
rows='create --paused|xendeck create --paused|xl create -p|0.70
create to the prompt|xendeck create|xl create|0.70
list|xendeck -e list|xl list|1.00
destroy|xendeck destroy|xl destroy|1.00
death to reaped|poweroff, xendeck: death to reaped|poweroff, xl: death to reaped|0.50
ten creations at once|xendeck, ten at once|xl, ten at once|0.35
ten creations, one batch|xendeck, ten in a batch|xl, ten at once|0.35
save, 256 MiB|xendeck save|xl save|1.00
restore, 256 MiB|xendeck restore|xl restore|1.00
save compressed, to plain|xendeck save --compress|xendeck save|1.30
its size, KiB, to plain|xendeck save --compress, KiB|xendeck save, KiB|0.20'

times_table()
{
	local what ours theirs target a b

	printf '%-26s %10s %10s %7s %7s\n' "medians, ms" xendeck beside \
	    ratio target
	while IFS='|' read -r what ours theirs target; do
		a=$(median "$ours") b=$(median "$theirs")
		printf '%-26s %10s %10s %7s %7s\n' "$what" "${a:--}" "${b:--}" \
		    "$(awk -v a="$a" -v b="$b" \
		        'BEGIN { if (b > 0) printf "%.2f", a / b }')" "$target"
	done <<<"$rows"
}

times()
{
	local i

	warm "$XD"
	beside_an_engine
	for i in 1 2 3 4 5; do
		create_both
	done
	engine_times 5
	check "times were taken" test -n "$(median 'xendeck create')"
	times_table >&3
	store_as_before "store after the times"
}
