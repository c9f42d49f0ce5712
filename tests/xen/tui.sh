# shellcheck shell=bash
#
# tui.sh - the console itself, in tmux inside dom0: a guest created, watched,
# used and shut down from the terminal. Sourced by all.sh.

palette()
{
	term_type ":$1"
	term_key Enter
}

# tui_life WIDTH HEIGHT
tui_life()
{
	local size=$1x$2 conf

	conf=$(xd_conf web2)
	check "$size: tmux starts" term_start "$1" "$2" "$XD"
	screen_has "$size: the list comes up" 30 'Domain-0'
	screen_keep "$size-list"
	palette "create $conf"
	screen_has "$size: the console pane opens and the guest boots" 120 \
	    'xendeck lab guest ready'
	check "$size: xl sees the guest" xl_sees web2
	check "$size: the engine holds the console lock" \
	    test -e "/var/lock/xenconsole.$(domid_of web2)"
	term_type "echo a\$((6 * 7))b"
	term_key Enter
	screen_has "$size: guest answers in the pane" 60 'a42b'
	screen_keep "$size-console"
	"$3" "$size"
	check "$size: web2 is reaped" wait_for 60 xl_does_not_see web2
	screen_keep "$size-after"
}

# Typed into the guest itself: the pane and its text stay.
ended_from_inside()
{
	term_type poweroff
	term_key Enter
	check "$1: gone after poweroff inside" wait_for 60 xl_does_not_see web2
	screen_has "$1: the pane's text stays" 10 'a42b'
	term_key 'C-]'
	term_type q
	screen_has "$1: back in the list" 10 'Domain-0'
	palette log
	screen_has "$1: the log has the reason" 20 'reaped (poweroff)'
}

ended_by_key()
{
	term_key 'C-]'
	term_type q
	screen_has "$1: back in the list" 10 'web2'
	term_type S # the cursor is on the domain whose console was left
	screen_has "$1: it asks first" 10 'Shut down web2?'
	term_type y
}

tui_ends()
{
	engine_outlives "$1"
	store_as_before "$1: store as before"
	check "$1: no files left" no_files_left
}

# A reboot inside the minimum time is refused; after it the console pane stays
# attached over the restart.
tui_restart()
{
	local first

	check "restart: tmux starts" term_start 100 30 "$XD"
	screen_has "restart: the list comes up" 30 'Domain-0'
	palette "create $(xd_conf web3)"
	screen_has "restart: boots" 120 'xendeck lab guest ready'
	first=$(domid_of web3)
	sleep 21
	term_type reboot
	term_key Enter
	check "restart: a new life under its name and domid" wait_for 60 \
	    sh -c "[ \$(xenstore-read /libxl/$first/xendeck/restarts) = 1 ]"
	screen_has "restart: the pane shows the seam" 60 \
	    "web3: reboot, domain $first -> $first"
	screen_has "restart: the pane shows the new boot" 120 \
	    'xendeck lab guest ready'
	screen_keep restart
	term_type reboot
	term_key Enter
	check "restart: inside the minimum time it is refused" \
	    wait_for 60 xl_does_not_see web3
	term_key 'C-]'
	term_type q
	palette log
	screen_has "restart: the refusal is in the log" 20 'restart refused'
	tui_ends restart
}

tui()
{
	tui_life 80 24 ended_from_inside
	tui_ends 80x24
	tui_life 200 60 ended_by_key
	tui_ends 200x60
	tui_restart
}
