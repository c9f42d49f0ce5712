# shellcheck shell=bash
#
# rates.sh - what devices do, against the kernel's own counters; PCI devices
# that cannot be given away. Sourced by all.sh.

# counter NAME KIND FIELD: of the domain's only device of this kind.
counter()
{
	xd "devices $1 --json" | tr -d ' ",' |
	    awk -F: -v k="$2" -v f="$3" '
		$1 == "kind" { on = $2 == k }
		on && $1 == f { print $2 }'
}

# A quiet interface: the kernel's number before and after ours are equal.
same_counter()
{
	local before after ours

	before=$(cat "$4")
	ours=$(counter "$1" "$2" "$3")
	after=$(cat "$4")
	[ "$before" = "$after" ] && [ "$ours" = "$before" ]
}

rates_of_devices()
{
	local vif=/sys/class/net/vif$rated_id.0/statistics
	local vbd=/sys/bus/xen-backend/devices/vbd-$rated_id-51712/statistics

	check "what the guest has sent is what dom0 received" \
	    wait_for 30 same_counter rated vif tx_bytes "$vif/rx_bytes"
	check "what the guest has received is what dom0 sent" \
	    wait_for 30 same_counter rated vif rx_bytes "$vif/tx_bytes"
	check "sectors read are blkback's" \
	    wait_for 30 same_counter rated vbd rd_sectors "$vbd/rd_sect"
	guest_type "$rated_id" 'while :; do cat /dev/xvda >/dev/null; sleep 1; echo 3 >/proc/sys/vm/drop_caches; done &'
	check "a guest that reads has a rate" wait_for 60 reads_now
}

reads_now()
{
	xd "list --rates --json" | tr -d ' ",' |
	    awk -F: '$1 == "name" { on = $2 == "rated" }
		on && $1 == "rd_bytes_s" && $2 + 0 > 0 { found = 1 }
		END { exit !found }'
}

# The lab has no pciback: every device is dom0's.
pci_of_dom0()
{
	local dev

	dev=$(for d in /sys/bus/pci/devices/*; do
		[ -e "$d/driver" ] && basename "$d"
	done | head -1)
	check "nothing can be given away" \
	    sh -c "[ -z \"\$($XD -e pci-assignable-list)\" ]"
	refused "a PCI device of dom0 is refused" 1 \
	    'of dom0 holds; allowed a device that pciback holds' \
	    "pci-attach rated $dev"
	refused "a PCI device that is not there is refused" 1 \
	    'this host has no PCI device 0000:7f:1f.7' \
	    "pci-attach rated 7f:1f.7"
}

rates()
{
	local disk=${work:?}/rated.img

	dd if=/dev/zero of="$disk" bs=1M count=8 status=none
	check "a guest with a disk and a network" \
	    xd "create $(xd_conf rated '' "devices = (
	    { type = \"vbd\"; path = \"$disk\"; vdev = \"xvda\"; },
	    { type = \"vif\"; bridge = \"xenbr0\"; } );")"
	check "it shows its banner" wait_for 120 guest_ready rated
	rated_id=$(domid_of rated)
	rates_of_devices
	pci_of_dom0
	check "it is destroyed" xd "destroy rated"
}
