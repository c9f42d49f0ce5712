# shellcheck shell=bash
#
# card.sh - the emulated card that an interface of an HVM domain has besides the
# paravirtual one: its tap is a port of the bridge, as with xl, what the guest's
# firmware sends by it is seen there, and it goes with the domain. Needs
# kinds.sh, hvm.sh. Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

card_mac=00:16:3e:00:00:c1

# card_conf NAME: an xl.cfg, for xl as well: one interface with a card, one
# without. The firmware asks for an address, by the card.
card_conf()
{
	local file=$work/$1.cfg

	cat >"$file" <<-END
		type = "hvm"
		name = "$1"
		memory = 64
		boot = "n"
		serial = "pty"
		vif = [ "bridge=xenbr0,mac=$card_mac,mtu=1400",
		        "bridge=xenbr0,mac=00:16:3e:00:00:c2,type=vif" ]
	END
	echo "$file"
}

# card_ports DOMID: those of the bridge that are the domain's, with MTU and
# whether they are up, without its number.
card_ports()
{
	local port name

	for port in /sys/class/net/xenbr0/brif/vif"$1".*; do
		name=${port##*/}
		echo "${name#vif"$1"} $(cat "/sys/class/net/$name/mtu")" \
		    "$(ip -o link show "$name" | grep -c '[<,]UP[,>]')"
	done
}

# The bridge learns an address from a frame that has come in by a port.
card_learned()
{
	bridge fdb show br xenbr0 |
	    grep -i "^$card_mac dev vif$1\.0-emu " >"$work/card.fdb"
}

card_received()
{
	[ "$(cat "/sys/class/net/vif$1.0-emu/statistics/rx_packets")" -gt 0 ]
}

card_beside_xl()
{
	local id

	check "xl: create hcard" xl create -p "$1"
	id=$(domid_of hcard)
	card_ports "$id" >"$out/card-ports.xl"
	xenstore-read "/local/domain/0/backend/vif/$id/0/type" \
	    "/local/domain/0/backend/vif/$id/1/type" >>"$out/card-ports.xl"
	check "xl: destroy hcard" xl destroy hcard
}

card_as_xl()
{
	card_ports "$1" >"$out/card-ports.ours"
	xenstore-read "/local/domain/0/backend/vif/$1/0/type" \
	    "/local/domain/0/backend/vif/$1/1/type" >>"$out/card-ports.ours"
	check "card: the ports of the bridge are those of xl" \
	    diff -u "$out/card-ports.xl" "$out/card-ports.ours"
	check "card: its tap is among them, with its MTU" \
	    grep -qx '\.0-emu 1400 1' "$out/card-ports.ours"
}

# What comes to a running domain is paravirtual, as with xl.
card_hot()
{
	check "card: network-attach" \
	    xd "network-attach hcard mac=00:16:3e:00:00:c3 bridge=xenbr0"
	check "card: a port for it" \
	    test -e "/sys/class/net/xenbr0/brif/vif$1.2"
	check "card: but no card" \
	    test ! -e "/sys/class/net/vif$1.2-emu"
	refused "card: a card for a running domain" 1 'allowed "vif"' \
	    "network-attach hcard type=ioemu bridge=xenbr0"
}

no_port_of()
{
	! compgen -G "/sys/class/net/vif$1.*"
}

hvm_card()
{
	local conf id

	kinds_bridge
	conf=$(card_conf hcard)
	card_beside_xl "$conf"
	store_now >"$work/store.before"
	check "create hcard" timed "create an HVM domain with a card: xendeck" \
	    xd "create $conf"
	id=$(domid_of hcard)
	card_as_xl "$id"
	card_hot "$id"
	check "card: the firmware sends by it" wait_for 420 card_received "$id"
	check "card: the bridge has learned the address there" \
	    wait_for 60 card_learned "$id"
	sed 's/^/     says: /' "$work/card.fdb" >&3
	check "card: xl destroys it" xl destroy hcard
	check "card: it is gone" wait_for 60 dom_gone "$id"
	check "card: no interface of it is left" wait_for 30 no_port_of "$id"
	check "create hcard again" xd "create $conf"
	id=$(domid_of hcard)
	check "card: it has its port again" \
	    test -e "/sys/class/net/xenbr0/brif/vif$id.0-emu"
	hvm_gone hcard
	check "card: no interface of it is left" wait_for 30 no_port_of "$id"
	check "card: nothing of it is left" wait_for 60 no_files_left
	store_as_before "card: the store is as before"
	engine_end
}
