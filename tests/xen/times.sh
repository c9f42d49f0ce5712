# shellcheck shell=bash
#
# times.sh - create and reap beside xl, alternating on one host: only ratios
# mean anything in emulation. Sourced by all.sh.

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

times()
{
	local i

	warm "$XD"
	for i in 1 2 3; do
		create_both
	done
	engine_times 3
	check "times were taken" test -n "$(median 'xendeck create')"
	ratio "create, xendeck to xl" "$(median 'xendeck create')" \
	    "$(median 'xl create')"
	ratio "death to reaped, xendeck to xl" \
	    "$(median 'poweroff, xendeck: death to reaped')" \
	    "$(median 'poweroff, xl: death to reaped')"
	store_as_before "store after the times"
}
