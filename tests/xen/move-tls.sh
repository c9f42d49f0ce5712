# shellcheck shell=bash
#
# move-tls.sh - steps of the proof of migration: engines that are joined by TLS,
# and a large guest that writes to its memory on the way. Sourced by move.sh.
# shellcheck disable=SC2154,SC2317

# tls_up NAME PEER N: this host is NAME, at 10.1.0.N, and takes in what PEER
# sends; the certificates of both were made outside.
tls_up()
{
	mkdir -p /etc/xendeck/tls
	cp "$LAB_DIR/tls/$1/"*.pem /etc/xendeck/tls/
	chmod 600 /etc/xendeck/tls/key.pem
	cat >/etc/xendeck/xendeck.conf <<-END
		migrate_listen = "10.1.0.$3:8003";
		migrate_allow = ( "$2" );
	END
	check "TLS: the engine before ends" engine_end
	setsid "$XD" --headless </dev/null >/run/move.engine 2>&1 &
	echo $! >/run/move.engine.pid
	check "TLS: an engine listens" wait_for 60 event_tells \
	    "takes migrations by TLS at 10.1.0.$3:8003"
}

event_tells()
{
	xd "events -n 200" 2>/dev/null | grep -q -F -e "$1"
}

# send_by_tls NAME N
send_by_tls()
{
	timed "migrate $1 by TLS" check "migrate $1 by TLS" \
	    xd "migrate $1 tls://10.1.0.$2"
	check "migrate $1: it is gone here" wait_for 20 dom_unknown "$1"
}

# came_from PEER N: the journal names it, and how.
came_from()
{
	check "TLS: the journal says where it came from" \
	    event_tells "comes from $1 (10.1.0.$2, by TLS)"
}

# stranger_is_refused NAME N REASON: it stays here, and the reason is said.
stranger_is_refused()
{
	xd "migrate $1 tls://10.1.0.$2" >"$work/refused" 2>&1
	check "TLS: a stranger is refused" grep -q -F -e "$3" "$work/refused"
	cat "$work/refused" >&3
	check "$1: it is still here" xl_names "$1"
}

# tls_revoke PEER: its certificate is, here.
tls_revoke()
{
	cp "$LAB_DIR/tls/$1.crl" /etc/xendeck/tls/revoked.pem
	echo 'tls_crl = "/etc/xendeck/tls/revoked.pem";' \
	    >>/etc/xendeck/xendeck.conf
	kill "$(cat /run/move.engine.pid)"
	wait_for 20 no_xendeck
	setsid "$XD" --headless </dev/null >/run/move.engine 2>&1 &
	echo $! >/run/move.engine.pid
	check "TLS: the engine is there again" wait_for 60 xd list
}

tls_down()
{
	kill "$(cat /run/move.engine.pid)"
	wait_for 20 no_xendeck
	rm -rf /etc/xendeck/tls /etc/xendeck/xendeck.conf
	check "TLS: an engine without it" xd list
}

# --- a large guest

# writer NAME MIB: a PVH domain that writes to 24 MiB of its memory again and
# again, and counts.
writer()
{
	local file

	file=$(xd_conf "$1")
	sed -i 's/memory = 192/memory = '"$2"'/; $a type = "pvh";' "$file"
	check "create $1, $2 MiB" xd "create $file"
	check "$1 is up" wait_for 180 guest_ready "$1"
	count_in "$1"
	check "$1 counts" wait_for 60 counted_to "$1" 4
	# shellcheck disable=SC2016 # for the guest's shell
	guest_type "$(domid_of "$1")" 'while :; do
	    dd if=/dev/zero of=/dirty bs=1M count=24 conv=notrunc; sleep 1
	    done >/dev/null 2>&1 &'
}

# moved_in_rounds NAME: more than one, and the figures of the move.
moved_in_rounds()
{
	local said

	said=$(xd "events -n 60" | grep -a "$1.* rounds while it ran" | tail -n 1)
	echo "$said" >&3
	check "$1: in more than one round" grep -qE \
	    ' in ([2-9]|[0-9]{2,}) rounds while it ran' <<<"$said"
	check "$1: how long it stood still" grep -qE 'stood still|stopped' \
	    <<<"$said"
}
