# shellcheck shell=bash
#
# dmdeath.sh - device models that die and hang, on real Xen: kill -9 and kill
# -STOP under each policy, an engine killed and the model taken back, the verbs
# that talk with it; of a PV guest with a screen, and of an HVM domain. Needs
# dm.sh, kinds.sh. Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

dm_kind=pv # whose model dies

# dm_death_conf NAME POLICY [SETTING]: a guest with a screen.
dm_death_conf()
{
	if [ "$dm_kind" = hvm ]; then
		dm_death_hvm "$1" "$2"
		return
	fi
	xd_conf "$1" "" "on_crash = \"preserve\"; restart_min = 0;
	    device_model = { on_death = \"$2\"; };
	    devices = ( { type = \"vfb\"; vnclisten = \"127.0.0.1\"; ${3:-} },
	    { type = \"vkbd\"; } );"
}

dm_death_hvm()
{
	local file=$work/$1.conf

	cat >"$file" <<-END
		type = "hvm";
		name = "$1";
		memory = 64;
		on_crash = "preserve";
		restart_min = 0;
		machine = { boot = "c"; serial = "pty"; };
		device_model = { on_death = "$2"; };
		devices = ( { type = "vbd"; path = "$work/dmd.img";
		              vdev = "hda"; } );
	END
	echo "$file"
}

events_hold()
{
	xd events | grep -q -E -e "$1"
}

# A restart keeps the domid if it can.
restarted()
{
	xd "show $1" | grep -q '^restarts: *[1-9]'
}

domain_says()
{
	xd "show $1" | grep -q "^state: *$2"
}

# Nobody can read a password. Debian's QEMU for Xen is built without DES, which
# VNC needs for one: then the creation is refused with QEMU's own words.
dm_password()
{
	local said id

	if said=$(xd "create $(dm_death_conf dmd leave \
	    'vncpasswd = "hidden77";')" 2>&1); then
		id=$(domid_of dmd)
		check "vnc tells of the password" sh -c \
		    "'$XD' -e 'vnc dmd' </dev/null | grep -q password"
		check "the password is in no argument" sh -c \
		    "! tr '\\0' ' ' <'/proc/$(model_pid "$id")/cmdline' |
		    grep hidden77"
		check "the password is in no node" sh -c \
		    "! xenstore-ls -f | grep hidden77"
		check "destroy after the password" xd "destroy dmd"
	else
		echo "$said" >"$work/dmd.said"
		check "a model that cannot have a password says why" \
		    grep -q 'device model ended with status 1.*DES' \
		    "$work/dmd.said"
		sed 's/^/     says: /' "$work/dmd.said" >&3
		check "no model of the password is left" wait_for 20 sh -c \
		    '! pgrep -f -- "-name [d]md"'
	fi
}

dm_is_asked()
{
	local id=$1 pid=$2

	check "vnc tells the address" sh -c \
	    "'$XD' -e 'vnc dmd' </dev/null | grep -q '^127.0.0.1:59[0-9]*$'"
	check "the VNC port answers" rfb_answers \
	    "$(xenstore-read "/local/domain/$id/console/vnc-port")"
	check "qmp asks the model" sh -c \
	    "'$XD' -e 'qmp dmd query-status' </dev/null | grep -q running"
	check "the model's stdin is closed" sh -c \
	    "[ \"\$(readlink /proc/$pid/fd/0)\" = /dev/null ]"
	check "the model holds its sentinel" sh -c \
	    "readlink /proc/$pid/fd/3 | grep -q xendeck-dm-$id.fifo"
	check "show has the model" sh -c \
	    "'$XD' -e 'show dmd' </dev/null | grep -q 'model: *process $pid'"
}

# dm_dies POLICY
dm_dies()
{
	local id pid began

	check "create for a death ($1)" xd "create $(dm_death_conf dmd "$1")"
	id=$(domid_of dmd)
	pid=$(model_pid "$id")
	[ "$1" != crash ] || dm_is_asked "$id" "$pid"
	began=$(now_ms)
	kill -9 "$pid"
	check "its death is told ($1)" wait_for 20 \
	    events_hold 'dmd.*device model was killed by signal 9'
	note_time "model's death to told, $1" $(($(now_ms) - began))
	dm_outcome "$1" "$id"
}

# dm_outcome POLICY DOMID: what became of the domain.
dm_outcome()
{
	case $1 in
	crash)
		check "the domain has crashed" wait_for 20 \
		    domain_says dmd preserved
		;;
	restart)
		check "the domain is made again" wait_for 60 \
		    restarted dmd
		check "it has a model again" wait_for 20 \
		    model_of "$(domid_of dmd)"
		;;
	leave)
		check "the domain is left" test "$(domid_of dmd)" = "$2"
		;;
	esac
	check "destroy afterwards ($1)" xd "destroy dmd"
	check "no model is left ($1)" wait_for 20 no_model "$2"
	check "no socket or fifo is left ($1)" no_model_files "$2"
}

# dm_hangs POLICY: settings let it be noticed within 16 s; an emulated host that
# is busy may well need 3 to answer.
dm_hangs()
{
	local id pid

	check "create for a hang ($1)" xd "create $(dm_death_conf dmd "$1")"
	id=$(domid_of dmd)
	pid=$(model_pid "$id")
	kill -STOP "$pid"
	check "the hang is told ($1)" wait_for 60 \
	    events_hold "dmd.*[(]process ${pid}[)] has not answered for 15 s"
	[ "$1" = leave ] || check "the model is killed ($1)" wait_for 20 \
	    sh -c "! kill -0 $pid"
	if [ "$1" = leave ]; then
		kill -CONT "$pid"
		check "it answers again" wait_for 30 \
		    events_hold 'dmd.*device model answers again'
	fi
	dm_outcome "$1" "$id"
}

# A stopped model holds neither pause nor unpause nor destroy.
dm_holds_nobody()
{
	local id pid

	check "create to be held" xd "create $(dm_death_conf dmd leave)"
	id=$(domid_of dmd)
	pid=$(model_pid "$id")
	kill -STOP "$pid"
	check "pause with a stopped model" timed "pause, model stopped" \
	    xd "pause dmd"
	check "unpause with a stopped model" timed "unpause, model stopped" \
	    xd "unpause dmd"
	check "destroy with a stopped model" timed "destroy, model stopped" \
	    xd "destroy dmd"
	check "no stopped model is left" wait_for 20 no_model "$id"
}

# The engine is killed: the next one has the model, and hears of its death.
dm_taken_back()
{
	local id pid

	check "create for another engine" xd "create $(dm_death_conf dmd leave)"
	id=$(domid_of dmd)
	pid=$(model_pid "$id")
	kill -9 "$(engine_pid)"
	check "the model outlives its engine" test "$(model_of "$id")" = "$pid"
	check "the next engine has the model" sh -c \
	    "'$XD' -e 'show dmd' </dev/null | grep -q 'model: *process $pid'"
	check "the next engine asks the model" sh -c \
	    "'$XD' -e 'qmp dmd query-status' </dev/null | grep -q running"
	kill -9 "$pid"
	check "the next engine tells its death" wait_for 20 \
	    events_hold "dmd.*device model (ended|was killed)"
	kill -9 "$(engine_pid)"
	check "destroy by a third engine" xd "destroy dmd"
	check "no file of the model is left" no_model_files "$id"
}

# dm_deaths_of KIND
dm_deaths_of()
{
	local policy

	dm_kind=$1
	mkdir -p /etc/xendeck
	printf 'model_beat = 1;\nmodel_limit = 15;\n' >/etc/xendeck/xendeck.conf
	check "an engine with these settings" engine_end
	[ "$1" = hvm ] || dm_password
	for policy in crash restart leave; do
		dm_dies "$policy"
		dm_hangs "$policy"
	done
	dm_holds_nobody
	dm_taken_back
	rm -f /etc/xendeck/xendeck.conf
	check "the engine of these settings ends" engine_end
	check "no file is left of dmd" no_files_left
	cp /var/log/xen/qemu-dm-dmd.log* "$out/" 2>/dev/null
}

dm_deaths()
{
	dm_deaths_of pv
}

dm_deaths_hvm()
{
	check "a disk with a boot sector" boot_disk "$work/dmd.img"
	dm_deaths_of hvm
}
