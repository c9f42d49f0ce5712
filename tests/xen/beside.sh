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

beside()
{
	check "beside: tmux starts" term_start 100 30 "$XD"
	screen_has "beside: the list comes up" 30 'Domain-0'
	taken_in
	with_xl
	taken_away
	tui_ends beside
}
