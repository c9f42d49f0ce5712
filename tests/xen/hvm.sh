# shellcheck shell=bash
#
# hvm.sh - HVM domains by the ways of booting that no disk is needed for: a CD
# that the test makes (boot order, medium changed under the running guest), a
# kernel that the device model loads; and where their screen is. Beside xl with
# the same files. Needs dm.sh, kinds.sh. Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

# boot_cd FILE WORD: an ISO image that boots (El Torito, no emulation) a boot
# sector which says "boot sector WORD" and counts. Of what the firmware looks
# at: the volume's first descriptor, the boot record, the catalog, the sector.
boot_cd()
{
	local check='\xaa\x55' id='\x01CD001\x01'

	boot_code "$work/cd.bin" "$2" && rm -f "$1" && truncate -s 128K "$1" &&
	patch "$1" $((16 * 2048)) "$id" &&
	patch "$1" $((17 * 2048)) "\\x00CD001\\x01EL TORITO SPECIFICATION" &&
	patch "$1" $((17 * 2048 + 71)) '\x13' && # the catalog: block 19
	patch "$1" $((18 * 2048)) '\xffCD001\x01' &&
	patch "$1" $((19 * 2048)) '\x01' && # words of it add up to 0
	patch "$1" $((19 * 2048 + 28)) "$check\\x55\\xaa" &&
	patch "$1" $((19 * 2048 + 32)) '\x88\x00\x00\x00\x00\x00\x01\x00\x14' &&
	dd if="$work/cd.bin" of="$1" bs=2048 seek=20 conv=notrunc status=none
}

# cd_conf NAME ORDER [DISK...]: an xl.cfg, for xl as well.
cd_conf()
{
	local file=$work/$1.cfg name=$1 order=$2
	shift 2

	cat >"$file" <<-END
		type = "hvm"
		name = "$name"
		memory = 64
		boot = "$order"
		serial = "pty"
		vnc = 1
		disk = [ $(printf '"%s", ' "$@")]
	END
	echo "$file"
}

scroll_file()
{
	local id uuid

	id=$(domid_of "$1") && uuid=$(xenstore-read "/local/domain/$id/vm") &&
	    echo "/var/lib/xendeck/console/${uuid#/vm/}"
}

# scroll_of NAME: what the engine has kept of its console.
scroll_of()
{
	local file

	file=$(scroll_file "$1") && cat "$file"{.old,} 2>/dev/null
}

scroll_has()
{
	scroll_of "$1" | grep -aq -e "$2"
}

scroll_count()
{
	scroll_of "$1" | grep -ao 'count [0-9][0-9]*[^0-9]' | tail -n 1 |
	    tr -dc 0-9
}

scroll_over()
{
	[ "$(scroll_count "$1")" -gt "$2" ]
}

# still_counts NAME WHAT
still_counts()
{
	check "$1: $2: it counts on" \
	    wait_for 30 scroll_over "$1" "$(scroll_count "$1")"
}

# serial_says DOMID SECONDS TEXT: on its first port, past any engine.
serial_says()
{
	timeout "$2" grep -aqm 1 -e "$3" \
	    <"$(xenstore-read "/local/domain/$1/serial/0/tty")"
}

# by_xl NAME FILE SECONDS TEXT: made by xl, and says so; destroyed again. On a
# busy machine xl gives a script up after 40 s: once more then.
by_xl()
{
	local began

	began=$(now_ms)
	check "xl: create $1" timed "create $1: xl" xl create "$2" ||
	    { sleep 5; began=$(now_ms); xl create "$2"; }
	check "xl: $1: $4" serial_says "$(domid_of "$1")" "$3" "$4"
	note_time "create $1 to its first line: xl" $(($(now_ms) - began))
	xl destroy "$1"
}

# scroll_says NAME SECONDS TEXT: waits on the file as serial_says does on the
# tty. To look again and again would take half of a host with one processor.
scroll_says()
{
	# shellcheck disable=SC2016 # for the other shell
	timeout "$2" bash -c '
		grep -aqm 1 -e "$2" < <(exec tail --pid=$$ -n +1 -F "$1" 2>/dev/null)' \
	    says "$(scroll_file "$1")" "$3"
}

# by_us NAME FILE SECONDS TEXT
by_us()
{
	local began

	began=$(now_ms)
	check "create $1" timed "create $1: xendeck" xd "create $2"
	check "$1: $4" scroll_says "$1" "$((3 * $3))" "$4"
	note_time "create $1 to its first line: xendeck" \
	    $(($(now_ms) - began))
	beside_xl "create $1"
	beside_xl "create $1 to its first line"
}

hvm_gone()
{
	local id

	id=$(domid_of "$1")
	check "destroy $1" xd "destroy $1"
	check "no model of $1 is left" \
	    wait_for 30 sh -c "! pgrep -f -- '[-]xen-domid $id '"
}

# --- the CD

# medium_is NAME FILE|none: as the model says.
medium_is()
{
	if [ "$2" = none ]; then # what PV drivers would have is another
		xd "qmp $1 query-block" | grep -q '"tray_open": true'
	else
		xd "qmp $1 query-block" | grep -q "\"file\": \"$2\""
	fi
}

xl_has_medium()
{
	xl list -l "$1" | grep -q "\"pdev_path\": \"$2\""
}

# Under the running guest, and what its next life starts from.
cd_changed()
{
	local a=$1 b=$2

	check "cdd: the model has its medium" medium_is cdd "$a"
	check "cdd: cd-eject" xd "cd-eject cdd hdc"
	check "cdd: the drive is empty" medium_is cdd none
	still_counts cdd "ejected"
	check "cdd: cd-insert of another" xd "cd-insert cdd hdc $b"
	check "cdd: the model has the other" medium_is cdd "$b"
	check "cdd: xl knows the other" xl_has_medium cdd "$b"
	still_counts cdd "inserted"
	refused "cdd: no such medium" 1 'No such file' \
	    "cd-insert cdd hdc $work/none.iso"
	check "cdd: the medium stays" medium_is cdd "$b"
	check "cdd: xl ejects it" xl cd-eject cdd hdc
	check "cdd: xl inserts the first" xl cd-insert cdd hdc "$a"
	check "cdd: cd puts the other in again" xd "cd cdd hdc $b"
	still_counts cdd "changed by xl and by us"
	check "cdd: reset" xd "reset cdd"
	check "cdd: the next life starts from the other" \
	    wait_for 120 scroll_has cdd 'boot sector two'
	check "cdd: with a model" model_of_hvm cdd
}

model_of_hvm()
{
	pgrep -f -- "[-]xen-domid $(domid_of "$1") .*-machine xenfv"
}

# What an order finds: the first that starts something.
cd_orders()
{
	local conf

	conf=$(cd_conf cddc dc "file:$work/hd.img,hda,w" \
	    "file:$work/blank.iso,hdc:cdrom,r")
	by_xl cddc "$conf" 120 'count 3'
	by_us cddc "$conf" 120 'count 3'
	check "cddc: from its disk" scroll_has cddc 'boot sector disk'
	hvm_gone cddc
	by_us cdcd "$(cd_conf cdcd cd "file:$work/blank.img,hda,w" \
	    "file:$work/one.iso,hdc:cdrom,r")" 120 'boot sector one'
	hvm_gone cdcd
}

hvm_cd()
{
	local conf

	kinds_bridge
	check "CDs that boot" boot_cd "$work/one.iso" one
	check "and another" boot_cd "$work/two.iso" two
	truncate -s 128K "$work/blank.iso" "$work/blank.img"
	boot_disk "$work/hd.img" disk
	conf=$(cd_conf cdd d "file:$work/one.iso,hdc:cdrom,r")
	by_xl cdd "$conf" 120 'count 3'
	store_now >"$work/store.before"
	by_us cdd "$conf" 120 'count 3'
	hvm_screen cdd
	cd_changed "$work/one.iso" "$work/two.iso"
	hvm_gone cdd
	cd_orders
	hvm_password
	check "CDs: nothing of them is left" wait_for 60 no_files_left
	store_as_before "CDs: the store is as before"
	engine_end
}

# --- the screen

# rfb_talk HOST:PORT: the greeting, then the kinds of authentication that are
# offered to a client of the same version, as numbers.
rfb_talk()
{
	# shellcheck disable=SC2016 # for the other shell
	timeout 20 bash -c '
		exec 4<>"/dev/tcp/${1%:*}/${1##*:}" || exit
		head -c 12 <&4
		printf "RFB 003.008\n" >&4
		n=$(head -c 1 <&4 | od -An -tu1)
		head -c "$n" <&4 | od -An -tu1' rfb "$1"
}

vnc_address()
{
	xd "vnc $1" | grep -o '^[0-9.]*:[0-9]*'
}

hvm_screen()
{
	rfb_talk "$(vnc_address "$1")" >"$work/rfb" 2>&1
	sed 's/^/     says: /' "$work/rfb" >&3
	check "$1: VNC greets" grep -q '^RFB 003.008$' "$work/rfb"
	check "$1: VNC asks for nothing" grep -qE '^ +1$' "$work/rfb"
}

# Debian's QEMU for Xen is built without DES, which VNC needs for a password.
hvm_password()
{
	local conf said

	conf=$(cd_conf cdp d "file:$work/one.iso,hdc:cdrom,r")
	echo 'vncpasswd = "hidden77"' >>"$conf"
	if said=$(xd "create $conf" 2>&1); then
		rfb_talk "$(vnc_address cdp)" >"$work/rfb" 2>&1
		check "cdp: VNC greets" grep -q '^RFB 003.008$' "$work/rfb"
		check "cdp: VNC asks for a password" \
		    grep -qE '^ +2$' "$work/rfb"
		hvm_gone cdp
	else
		echo "     says: $said" >&3
		echo "$said" >"$work/cdp.said"
		check "cdp: a model that cannot have a password says why" \
		    grep -q 'device model ended with status 1.*DES' \
		    "$work/cdp.said"
	fi
	check "cdp: the password is in no argument and no node" sh -c \
	    "! { ps -ef; xenstore-ls -f; } | grep '[h]idden77'"
}

# --- a kernel that the model loads

kernel_conf()
{
	local file=$work/$1.cfg

	cat >"$file" <<-END
		type = "hvm"
		name = "$1"
		memory = 224
		kernel = "$LAB_KERNEL_XZ"
		ramdisk = "$LAB_RAMDISK"
		extra = "console=ttyS0 quiet tsc=reliable from=$1"
		serial = "pty"
		disk = [ "file:$work/data.img,hda,w" ]
		vif = [ "bridge=xenbr0" ]
	END
	echo "$file"
}

# serial_type NAME LINE
serial_type()
{
	printf '%s\n' "$2" \
	    >"$(xenstore-read "/local/domain/$(domid_of "$1")/serial/0/tty")"
}

hvm_kernel()
{
	local conf

	kinds_bridge
	truncate -s 16M "$work/data.img"
	conf=$(kernel_conf hvmk)
	by_xl hvmk "$conf" 900 'xendeck lab guest ready'
	store_now >"$work/store.before"
	by_us hvmk "$conf" 900 'xendeck lab guest ready'
	# shellcheck disable=SC2016 # for the guest
	serial_type hvmk 'echo said=$(cat /proc/cmdline)'
	check "hvmk: a shell answers, with the arguments of the file" \
	    wait_for 60 scroll_has hvmk 'said=.*from=hvmk'
	# shellcheck disable=SC2016 # for the guest
	serial_type hvmk 'echo net=$(ls /sys/class/net | grep eth)'
	check "hvmk: it has its network" wait_for 60 scroll_has hvmk 'net=eth0'
	# shellcheck disable=SC2016 # for the guest
	serial_type hvmk 'echo disk=$(cat /sys/block/xvda/size)'
	check "hvmk: it has its disk" wait_for 60 scroll_has hvmk 'disk=32768'
	hvm_screen hvmk
	check "hvmk: shutdown" timed "shutdown hvmk" xd "shutdown hvmk"
	check "hvmk: it is reaped" wait_for 120 xl_does_not_see hvmk
	check "hvmk: nothing is left" wait_for 60 no_files_left
	store_as_before "hvmk: the store is as before"
	engine_end
}

# --- OVMF: what the firmware is told, and the model

ovmf_conf()
{
	local file=$work/ovmf.cfg

	cat >"$file" <<-END
		type = "hvm"
		name = "ovmf"
		uuid = "6d1cf1a6-3c5c-4b4f-9d0f-0f3d7f1c2b11"
		memory = 256
		bios = "ovmf"
		boot = "dc"
		serial = "pty"
		disk = [ "file:$work/data.img,hda,w" ]
		vif = [ "bridge=xenbr0,mac=00:16:3e:00:00:11" ]
	END
	echo "$file"
}

# hvm_told NAME: what the guest reads of its machine, by its own paths.
hvm_told()
{
	local id at

	id=$(domid_of "$1")
	for at in hvmloader platform bios-strings control; do
		xenstore-ls -fp "/local/domain/$id/$at" 2>/dev/null
	done | sed "s|/local/domain/$id/||; s|(n0,r$id)|(n0,rID)|;
	    s|(n$id)|(nID)|; s|(r$id)|(rID)|" | LC_ALL=C sort
}

# hvm_model_args NAME: one a line, without domid and our own socket.
hvm_model_args()
{
	local id

	id=$(domid_of "$1")
	tr '\0' '\n' <"/proc/$(model_pid "$id")/cmdline" |
	    sed "1d; s/libxl-$id,/libxl-ID,/; s/libxenstat-$id,/libxenstat-ID,/;
	        s/vif$id\./vifID./; s/^$id\$/ID/" |
	    awk '{ line[NR] = $0 }
		END { for (i = 1; i <= NR; i++)
			if (line[i + 1] ~ /^socket,id=xendeck-cmd/) i += 3
			else print line[i] }'
}

# Paused: the firmware does not run.
hvm_ovmf()
{
	local conf

	kinds_bridge
	truncate -s 16M "$work/data.img"
	check "a firmware" ovmf_there
	conf=$(ovmf_conf)
	check "xl: create with OVMF" xl create -p "$conf"
	hvm_told ovmf >"$out/ovmf-told.xl"
	hvm_model_args ovmf >"$out/ovmf-args.xl"
	xl destroy ovmf
	store_now >"$work/store.before"
	check "create with OVMF" xd "create $conf --paused"
	hvm_told ovmf >"$out/ovmf-told.ours"
	hvm_model_args ovmf >"$out/ovmf-args.ours"
	check "OVMF: it is told what it is told by xl" \
	    diff -u "$out/ovmf-told.xl" "$out/ovmf-told.ours"
	check "OVMF: among it the firmware" grep -q \
	    'hvmloader/bios = "ovmf"' "$out/ovmf-told.ours"
	check "OVMF: the model has xl's arguments" \
	    diff -u "$out/ovmf-args.xl" "$out/ovmf-args.ours"
	check "OVMF: destroy" xd "destroy ovmf"
	check "OVMF: nothing is left" wait_for 60 no_files_left
	store_as_before "OVMF: the store is as before"
	engine_end
}
