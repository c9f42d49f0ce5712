# shellcheck shell=bash
#
# boot.sh - PV domains that the real pygrub starts from their disks: its menu in
# the console pane, beside xl's time, cancelled, and with its engine killed.
# Sourced by all.sh.
# shellcheck disable=SC2154 # from lib.sh

# boot_image FILE SECONDS: a file system with a kernel, and GRUB's configuration.
boot_image()
{
	local tree=$work/boot.tree

	mkdir -p "$tree/boot/grub"
	cp "$LAB_KERNEL_XZ" "$tree/boot/vmlinuz"
	cp "$LAB_RAMDISK" "$tree/boot/initrd.img"
	cat >"$tree/boot/grub/grub.cfg" <<-END
		set default="0"
		set timeout=$2
		menuentry 'plain entry' {
		  linux /boot/vmlinuz console=hvc0 quiet entry=plain
		  initrd /boot/initrd.img
		}
		menuentry 'other entry' {
		  linux /boot/vmlinuz console=hvc0 quiet entry=other
		  initrd /boot/initrd.img
		}
	END
	truncate -s 64M "$1" && mke2fs -q -F -t ext2 -d "$tree" "$1"
}

# boot_conf NAME DISK [ARG...]: an xl.cfg, for xl as well.
boot_conf()
{
	local file=$work/$1.cfg name=$1 disk=$2 words=
	shift 2
	[ $# -eq 0 ] || words=$(printf '"%s", ' "$@")

	cat >"$file" <<-END
		name = "$name"
		bootloader = "pygrub"
		bootloader_args = [ $words ]
		memory = 192
		disk = [ "file:$disk,xvda,w" ]
		vif = [ "bridge=xenbr0" ]
	END
	echo "$file"
}

no_boot_loader()
{
	! pgrep -f '[p]ygrub.*simple0' >/dev/null
}

boot_nothing_left()
{
	no_boot_loader && ! pgrep qemu-storage >/dev/null &&
	! grep -q xendeck/boot /proc/mounts && ! ls -d /var/lib/xendeck/boot/* 2>/dev/null
}

# boot_says NAME SECONDS TEXT LINE: the guest's answer to a typed line.
boot_says()
{
	guest_type "$(domid_of "$1")" "$4"
	check "$1: $4" wait_for "$2" console_has "$1" "$3"
}

boot_beside_xl()
{
	local conf

	conf=$(boot_conf bpv "$work/quick.img" -q)
	check "xl: create by pygrub" timed "create by pygrub: xl" xl create "$conf"
	check "xl: it boots" wait_for 200 guest_ready bpv
	xl destroy bpv
	rm -f "$(console_log bpv)"
	check "create by pygrub" \
	    timed "create by pygrub: xendeck" xd "create $conf"
	beside_xl "create by pygrub"
	check "nothing of pygrub is left" boot_nothing_left
	check "it boots" wait_for 200 guest_ready bpv
	# shellcheck disable=SC2016 # for the guest
	boot_says bpv 60 'entry=plain' 'cat /proc/cmdline'
	# shellcheck disable=SC2016 # for the guest
	boot_says bpv 60 'disk=65536' \
	    'echo disk=$(sed -n "s/.* \([0-9]*\) xvda$/\1/p" /proc/partitions)'
	# shellcheck disable=SC2016 # for the guest
	boot_says bpv 60 'net=eth0' 'echo net=$(ls /sys/class/net | grep eth)'
	check "xl has its boot loader" \
	    sh -c 'xl list -l bpv | grep -q "\"bootloader\": \"pygrub\""'
}

# The next life is by pygrub again, from what the disk has then.
boot_again()
{
	rm -f "$(console_log bpv)"
	check "reboot" xd "reboot bpv"
	check "it boots again" wait_for 300 guest_ready bpv
	check "nothing of pygrub is left then" boot_nothing_left
	check "xl destroys it" xl destroy bpv
	check "it is gone" wait_for 60 xl_does_not_see bpv
}

# boot_menu NAME: a terminal whose console pane has pygrub's menu.
boot_menu()
{
	local conf

	conf=$(boot_conf "$1" "$work/menu.img")
	check "$1: tmux starts" term_start 100 30 "$XD"
	screen_has "$1: the list comes up" 30 'Domain-0'
	term_type ":create $conf"
	term_key Enter
	screen_has "$1: pygrub's menu is in the console pane" 120 'other entry'
}

boot_by_menu()
{
	boot_menu bmenu
	check "bmenu: pygrub is nobody" sh -c \
	    "ps -o user= -p \$(pgrep -f '[p]ygrub.*simple0' | head -1) |
	        grep -q nobody"
	screen_keep boot-menu
	term_key Down
	term_key Enter
	screen_has "bmenu: the guest boots in the same pane" 200 \
	    'xendeck lab guest ready'
	boot_says bmenu 60 'entry=other' 'cat /proc/cmdline'
	check "bmenu: nothing of pygrub is left" boot_nothing_left
	term_key C-]
	term_type q
	engine_outlives bmenu
	check "bmenu: xl destroys it" xl destroy bmenu
}

boot_cancelled()
{
	boot_menu bstop
	check "bstop: cancel" xd cancel
	check "bstop: it is gone" wait_for 60 xl_does_not_see bstop
	check "bstop: nothing of pygrub is left" wait_for 10 boot_nothing_left
	term_key C-]
	engine_outlives bstop
}

boot_killed()
{
	boot_menu bkill
	kill -9 "$(engine_pid)"
	check "bkill: pygrub ends with the engine" wait_for 20 no_boot_loader
	term_stop
	check "bkill: the next engine starts" xd info
	check "bkill: it removes the domain" wait_for 60 xl_does_not_see bkill
	check "bkill: and what pygrub left" wait_for 20 boot_nothing_left
}

# What pygrub cannot do is one sentence.
boot_refused()
{
	local conf

	truncate -s 4M "$work/empty.img"
	conf=$(boot_conf bnone "$work/empty.img" -q)
	refused "no kernel in the disk" 1 \
	    'ended with status 1: .*Unable to find partition containing kernel' \
	    "create $conf"
	check "bnone: nothing of pygrub is left" boot_nothing_left
}

# The kernel is in an image, as is the disk that the guest then has.
boot_by_image()
{
	local conf=$work/bqcow2.cfg

	check "a qcow2 image of it" \
	    perl tests/xen/qcow2.pl "$work/quick.img" "$work/quick.qcow2"
	sed "s|file:.*,xvda,w|format=qcow2,vdev=xvda,target=$work/quick.qcow2|" \
	    "$(boot_conf bimage "$work/quick.img" -q)" >"$conf"
	check "bimage: create" xd "create $conf"
	check "bimage: nothing of pygrub is left" boot_nothing_left
	check "bimage: it boots" wait_for 200 guest_ready bimage
	boot_says bimage 60 'entry=plain' 'cat /proc/cmdline'
	# shellcheck disable=SC2016 # for the guest
	boot_says bimage 60 'disk=65536' \
	    'echo disk=$(sed -n "s/.* \([0-9]*\) xvda$/\1/p" /proc/partitions)'
	check "bimage: destroy" xd "destroy bimage"
	echo "no image" >"$work/bad.qcow2"
	sed "s|quick.qcow2|bad.qcow2|" "$conf" >"$work/bbad.cfg"
	refused "what is no such image" 1 'not in qcow2 format' \
	    "create $work/bbad.cfg"
	check "bbad: nothing of pygrub is left" boot_nothing_left
}

boot_loaders()
{
	kinds_bridge
	check "disks with a kernel" boot_image "$work/quick.img" 0
	# pygrub takes -1, "for ever", for one second
	check "and with a menu" boot_image "$work/menu.img" 600
	store_now >"$work/store.before"
	boot_beside_xl
	boot_again
	boot_refused
	boot_by_image
	boot_by_menu
	boot_cancelled
	boot_killed
	check "boot loaders: no file is left" wait_for 60 no_files_left
	store_as_before "boot loaders: the store is as before"
	engine_end
}
