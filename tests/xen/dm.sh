# shellcheck shell=bash
#
# dm.sh - device models of PV guests: a qcow2 disk written and read back, also
# by the guest's next life; a screen; what a killed model leaves. Sourced by
# all.sh.
# shellcheck disable=SC2154 # from lib.sh

# be N VALUE: N bytes, the most significant first, for printf %b.
be()
{
	local hex i

	hex=$(printf "%0$(($1 * 2))x" "$2")
	for ((i = 0; i < ${#hex}; i += 2)); do
		printf '\\x%s' "${hex:i:2}"
	done
}

# patch FILE OFFSET BYTES
patch()
{
	printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# qcow2_make FILE: an empty image of 8 MiB, by the format's description:
# clusters of 64 KiB; header, table of reference counts, their block, L1 table.
qcow2_make()
{
	rm -f "$1"
	truncate -s 256K "$1"
	patch "$1" 0 "QFI\\xfb$(be 4 2)$(be 8 0)$(be 4 0)$(be 4 16)"
	patch "$1" 24 "$(be 8 $((8 << 20)))$(be 4 0)$(be 4 1)$(be 8 $((3 << 16)))"
	patch "$1" 48 "$(be 8 $((1 << 16)))$(be 4 1)$(be 4 0)$(be 8 0)"
	patch "$1" $((1 << 16)) "$(be 8 $((2 << 16)))"
	patch "$1" $((2 << 16)) "$(be 2 1)$(be 2 1)$(be 2 1)$(be 2 1)"
}

model_pid()
{
	xenstore-read "/local/domain/$1/image/device-model-pid"
}

# model_of DOMID: the processes that are its device model.
model_of()
{
	pgrep -f -- "-xen-domid $1 .*-machine xen[pf]v"
}

no_model()
{
	! model_of "$1"
}

# ls fails as soon as one is missing: what it prints counts.
no_model_files()
{
	[ -z "$(ls /var/run/xen/qmp-*-"$1" \
	    "/var/run/xen/xendeck-dm-$1.fifo" 2>/dev/null)" ]
}

# rfb_answers PORT: the first words of a VNC server.
rfb_answers()
{
	timeout 10 bash -c "exec 4<>/dev/tcp/127.0.0.1/$1; head -c 4 <&4" |
	    grep -q '^RFB '
}

dm_conf()
{
	xd_conf "$1" "" "devices = ( { type = \"vbd\"; vdev = \"xvda\";
	    path = \"$2\"; format = \"qcow2\"; }, { type = \"vfb\";
	    vnclisten = \"127.0.0.1\"; }, { type = \"vkbd\"; } );"
}

dm_first_life()
{
	local id

	check "create with a qcow2 disk and a screen" \
	    timed "create with a device model" xd "create $(dm_conf dms "$1")"
	id=$(domid_of dms)
	store_dump >"$out/store-dm.txt"
	tr '\0' ' ' <"/proc/$(model_pid "$id")/cmdline" >"$out/dm-cmdline.txt"
	check "one device model runs" \
	    test "$(model_of "$id")" = "$(model_pid "$id")"
	check "the guest with a device model is up" \
	    wait_for 120 guest_ready dms
	check "the guest writes its qcow2 disk" guest_says dms "$id" \
	    "echo kept-in-qcow2 | dd of=/dev/xvda bs=4096 conv=sync && sync && echo wrote-\$((11*11))" \
	    wrote-121
	check "the disk is served by a qdisk backend" test \
	    "$(xenstore-read "/local/domain/0/backend/qdisk/$id/51712/state")" = 4
	check "xl block-list has the qcow2 disk" \
	    sh -c "xl block-list dms | grep -q '^51712 .* 4 '"
	check "xl list -l has its format" \
	    sh -c "xl list -l dms | grep -q '\"format\": \"qcow2\"'"
	check "the VNC port answers" rfb_answers \
	    "$(xenstore-read "/local/domain/$id/console/vnc-port")"
	check "destroy ends the model" \
	    timed "destroy with a device model" xd "destroy dms"
	check "no model is left" wait_for 20 no_model "$id"
	check "no socket of it is left" no_model_files "$id"
	check "what was written is in the image" grep -q kept-in-qcow2 "$1"
}

# Hot added; the model is killed.
dm_second_life()
{
	local id pid headless follow

	check "create without a device model" xd "create $(xd_conf dms '' \
	    'device_model = { on_death = "leave"; };')"
	id=$(domid_of dms)
	check "the guest of the second life is up" \
	    wait_for 120 guest_ready dms
	check "no model runs without need" no_model "$id"
	check "add a qcow2 disk" timed "add a qcow2 disk" \
	    xd "attach dms vbd path=$1 vdev=xvdb format=qcow2"
	check "the guest reads what its last life wrote" guest_says dms "$id" \
	    "$(await_disk xvdb) dd if=/dev/xvdb bs=4096 count=1 | grep -a kept-in && echo read-\$((12*12))" \
	    read-144
	check "remove the qcow2 disk" xd "detach dms vbd xvdb"
	check "no node of the qcow2 disk is left" no_device "$id" vbd/51728
	check "add it again" \
	    xd "attach dms vbd path=$1 vdev=xvdb format=qcow2"
	pid=$(model_pid "$id")
	check "the engine that started it ends" engine_end
	check "the model lives on" test "$(model_of "$id")" = "$pid"
	"$XD" --headless </dev/null >/dev/null 2>&1 &
	headless=$!
	check "another engine looks after it" wait_for 60 engine_is "$headless"
	"$XD" -e "events --follow" </dev/null >"$work/dm.events" &
	follow=$!
	wait_for 20 follower_is_there
	kill -9 "$pid"
	check "the death of the model is told" wait_for 20 \
	    grep -q 'dms.*device model' "$work/dm.events"
	kill "$follow" "$headless"
	wait "$follow" "$headless"
	check "destroy after the model's death" xd "destroy dms"
}

device_models()
{
	qcow2_make "$work/data.qcow2"
	dm_first_life "$work/data.qcow2"
	dm_second_life "$work/data.qcow2"
	store_as_before "store after device models"
	check "no file is left of dms" no_files_left
	cp /var/log/xen/qemu-dm-dms.log* "$out/" 2>/dev/null
}
