# shellcheck shell=bash
#
# beside.sh - an engine that stays, with verbs of other processes and with xl
# beside it on the same host. Sourced by all.sh.

console_locked()
{
	test -e "/var/lock/xenconsole.$(domid_of "$1")"
}

# A guest made by a single verb is taken in by the engine that stays.
taken_in()
{
	check "beside: create with -e" xd "create $(xd_conf web4)"
	screen_has "beside: the engine lists it" 20 'web4'
	check "beside: the engine takes its console" \
	    wait_for 20 console_locked web4
	check "beside: xl console is refused" \
	    sh -c "xl console web4 2>&1 </dev/null | grep -q 'Could not lock'"
	check "beside: it boots" wait_for 120 guest_ready web4
	guest_type "$(domid_of web4)" poweroff
	check "beside: the engine reaps it" wait_for 60 xl_does_not_see web4
}

# What xl does is seen, and xl's consoles can be read while xl does not.
with_xl()
{
	check "beside: xl creates theirs" xl create "$(xl_config theirs)"
	screen_has "beside: the list shows it" 20 'theirs'
	palette "console theirs"
	screen_has "beside: its console is shown" 120 'xendeck lab guest ready'
	check "beside: xl destroys it" xl destroy theirs
	screen_has "beside: the text stays" 20 'xendeck lab guest ready'
	term_key 'C-]'
	term_type q
	check "beside: the list loses it" \
	    wait_for 20 sh -c '! tmux -L lab capture-pane -t lab -p | grep -q theirs'
}

# What xl takes from a guest of the engine stays away in its next life.
taken_away()
{
	local id

	rm -f "$(console_log web5)"
	check "beside: create with a vif" \
	    xd "create $(xd_conf web5 '' \
	        'restart_min = 1; devices = ( { type = "vif"; } );')"
	id=$(domid_of web5)
	check "beside: web5 boots" wait_for 120 guest_ready web5
	check "beside: it has its vif" \
	    xenstore-exists "/libxl/$id/device/vif/0"
	check "beside: xl network-detach" xl network-detach web5 0
	check "beside: no node is left by xl" wait_for 10 no_device "$id" vif/0
	guest_ends web5 reboot
	new_life web5 "$id" beside
	check "beside: the vif stays away" no_device "$id" vif/0
	check "beside: web5 is destroyed" xd "destroy web5"
}

# weight_is NAME N: what Xen's scheduler has.
weight_is()
{
	xl sched-credit2 -d "$1" | grep -Eq "^$1 +[0-9]+ +$2 "
}

# What xl changes on a guest of the engine is in its next life.
changed_by_xl()
{
	local id text

	rm -f "$(console_log web6)"
	check "beside: create for xl to change" \
	    xd "create $(xd_conf web6 '' 'restart_min = 1; maxvcpus = 2;')"
	id=$(domid_of web6)
	check "beside: web6 boots" wait_for 120 guest_ready web6
	check "beside: xl sets its weight" xl sched-credit2 -d web6 -w 700
	check "beside: xl attaches a vif" \
	    xl network-attach web6 mac=00:16:3e:00:06:01 bridge=xenbr0
	check "beside: xl sets its vcpus" xl vcpu-set --ignore-host web6 2
	check "beside: xl pins one" xl vcpu-pin web6 0 0 all
	check "beside: xl renames it" xl rename web6 web7
	guest_ends web7 reboot
	new_life web7 "$id" beside
	check "beside: the weight stays" weight_is web7 700
	check "beside: the vif stays" sh -c \
	    "xl network-list web7 | grep -qi 00:16:3e:00:06:01"
	check "beside: the vcpus stay" sh -c \
	    "test \"\$(xenstore-read /local/domain/\$(xl domid web7)/cpu/1/availability)\" = online"
	xd events >"$work/beside.events"
	for text in "renamed from 'web6' by another tool" \
	    "vcpus were set from 1 to 2 by another tool" \
	    "weight and cap were set to 700 and 0 by another tool"; do
		check "beside: it is told: $text" \
		    grep -qF "$text" "$work/beside.events"
	done
	check "beside: web7 is destroyed" xd "destroy web7"
}

beside()
{
	check "beside: tmux starts" term_start 100 30 "$XD"
	screen_has "beside: the list comes up" 30 'Domain-0'
	taken_in
	with_xl
	taken_away
	changed_by_xl
	tui_ends beside
}
