# shellcheck shell=bash
#
# restart.sh - what follows the end of a domain: each policy after a crash and
# after a reboot, a crash loop, the end of all domains. Sourced by all.sh.

restart_policies="destroy restart preserve rename-restart coredump-restart"

# lives DOMID: how many came before this one.
lives()
{
	xenstore-read "/libxl/$1/xendeck/restarts" 2>/dev/null
}

# lives_are DOMID N: and this one is whole.
lives_are()
{
	[ "$(lives "$1")" = "$2" ] &&
	    [ "$(xenstore-read "/libxl/$1/xendeck/state")" = built ]
}

# guest_ends NAME END: from its own shell, past any client of its console.
guest_ends()
{
	case $2 in
	crash) guest_type "$(domid_of "$1")" 'echo c >/proc/sysrq-trigger' ;;
	*) guest_type "$(domid_of "$1")" "$2" ;;
	esac
}

preserved_is()
{
	[ "$(xenstore-read "/libxl/$1/xendeck/preserved" 2>/dev/null)" = "$2" ]
}

# The dead one's name after rename-restart.
renamed()
{
	xl list | awk -v name="$1" '$1 ~ "^" name "-[0-9]+T[0-9]+$" { print $1 }'
}

has_renamed()
{
	[ -n "$(renamed "$1")" ]
}

# new_life NAME DOMID END: under the same number.
new_life()
{
	check "$3, $1: a new life" wait_for 600 lives_are "$2" 1
	check "$3, $1: it keeps its domid" test "$(domid_of "$1")" = "$2"
	check "$3, $1: it is unpaused" \
	    wait_for 30 sh -c "! xl list $1 | tail -n 1 | grep -q ' ..p... '"
}

after_destroy()
{
	check "$3, $1: it is gone" wait_for 60 xl_does_not_see "$1"
}

after_restart()
{
	new_life "$@"
	check "$3, $1: it boots again" wait_for 180 \
	    sh -c "[ \$(grep -ac 'lab guest ready' $(console_log "$1")) -ge 2 ]"
}

after_preserve()
{
	check "$3, $1: it is marked" wait_for 60 preserved_is "$2" "$3"
	check "$3, $1: xl still sees it" xl_sees "$1"
	check "$3, $1: show says so" \
	    sh -c "$XD -e 'show $1' | grep -q 'state: *preserved'"
}

after_rename_restart()
{
	local dead new

	check "$3, $1: the dead one has another name" wait_for 120 has_renamed "$1"
	dead=$(renamed "$1")
	check "$3, $1: it is marked" preserved_is "$2" "$3"
	check "$3, $1: its next life has the name" wait_for 120 xl_sees "$1"
	new=$(domid_of "$1")
	check "$3, $1: counted" wait_for 60 lives_are "$new" 1
	check "$3, $1: two domains, two uuids" test \
	    "$(xenstore-read "/local/domain/$2/vm")" != \
	    "$(xenstore-read "/local/domain/$new/vm")"
	check "$3, $1: the dead one is destroyed" xd "destroy $dead"
}

after_coredump_restart()
{
	check "$3, $1: its memory is in a file" wait_for 120 \
	    sh -c "test \$(stat -c %s /var/lib/xen/dump/$1.*.core) -gt 100000000"
	new_life "$@"
	rm -f "/var/lib/xen/dump/$1".*.core
}

# restart_each END: all five guests end in the same seconds.
restart_each()
{
	local policy name
	declare -A id

	for policy in $restart_policies; do
		name=r-$policy
		rm -f "$(console_log "$name")"
		check "$1, $policy: create" \
		    xd "create $(xd_conf "$name" '' \
		        "on_$1 = \"$policy\"; restart_min = 1;")"
		id[$policy]=$(domid_of "$name")
	done
	for policy in $restart_policies; do
		check "$1, $policy: boots" wait_for 180 guest_ready "r-$policy"
	done
	screen_keep "$1-before"
	for policy in $restart_policies; do
		guest_ends "r-$policy" "$1"
	done
	for policy in $restart_policies; do
		"after_${policy//-/_}" "r-$policy" "${id[$policy]}" "$1"
	done
	screen_keep "$1-after"
	for policy in $restart_policies; do
		! xl_sees "r-$policy" ||
		    check "$1, $policy: destroyed" xd "destroy r-$policy"
	done
	store_as_before "store after $1 with each policy"
	check "no files left after $1" no_files_left
}

crash_loop()
{
	check "crash loop: create" \
	    xd "create $(xd_conf loop 'lab=crash:0' \
	        'on_crash = "restart"; restart_min = 600;')"
	check "crash loop: it is stopped" wait_for 180 xl_does_not_see loop
	screen_has "crash loop: shown above the list" 20 'RESTART REFUSED: loop'
	screen_keep crash-loop
	palette log
	screen_has "crash loop: the log says why" 20 'restart refused after crash'
	term_key Escape
}

# The engine of record is in the terminal; the verbs come from outside.
restarts()
{
	check "restarts: tmux starts" term_start 110 30 "$XD"
	screen_has "restarts: the list comes up" 30 'Domain-0'
	restart_each crash
	restart_each reboot
	crash_loop
	engine_outlives restarts
	store_as_before "store after restarts"
}

# The end of all domains, those of xl, too; dom0 stays.
stop_all()
{
	local began

	check "stop: create" \
	    xd "create $(xd_conf s-late '' 'autostart_order = 2;')" \
	    "create $(xd_conf s-early '' 'autostart_order = 1;')" \
	    "create $(xd_conf s-deaf lab=ignore 'autostart_order = 3;')"
	check "stop: a domain of xl" xl create "$(xl_config theirs)"
	for name in s-late s-early s-deaf theirs; do
		check "stop: $name boots" wait_for 180 guest_ready "$name"
	done
	refused "shutdown-all wants --yes" 2 'no --yes' shutdown-all
	began=$(now_ms)
	check "shutdown-all" xd "shutdown-all 60 --yes"
	note_time "shutdown-all, one of four deaf for 60 s" $(($(now_ms) - began))
	check "stop: xl's own daemon for it ends" \
	    wait_for 30 xl_does_not_see theirs
	check "stop: no domain is left" test "$(xl list | wc -l)" -eq 2
	store_as_before "store after shutdown-all"
	check "no files left after shutdown-all" no_files_left
}
