#!/bin/sh
#
# bootloader.sh - a boot loader that does what the word before its disk says.
# It takes the arguments of pygrub, and finds KERNEL=PATH among its own ones.
out='' dir='' kernel='' args='' mode=plain disk=''

for a; do
	case $a in
	--output=*) out=${a#*=} ;;
	--output-directory=*) dir=${a#*=} ;;
	--output-format=simple0) ;;
	--args=*) args=${a#*=} ;;
	--kernel=* | --ramdisk=*) echo "asked for ${a#*=}" ;;
	KERNEL=*) kernel=${a#*=} ;;
	/*) disk=$a ;;
	*) mode=$a ;;
	esac
done

answer()
{
	cp "$kernel" "$dir/boot_kernel" || exit 1
	printf 'kernel %s\0args %s\0\0' "$dir/boot_kernel" "$1" >"$out"
}

stty -echo
[ "$mode" = mute ] && exec sleep 1000
echo "boot loader: $mode of $disk"
case $mode in
plain) answer "$args from=disk" ;;
show)
	cat "$disk"
	answer "$args"
	;;
ramdisk)
	cp "$kernel" "$dir/boot_ramdisk"
	answer "$args"
	printf 'ramdisk %s\0' "$dir/boot_ramdisk" >>"$out"
	;;
menu)
	printf 'Choose a or b: '
	read -r key
	echo "chosen: $key"
	answer "chosen=$key"
	;;
keys) # as a program of curses on a vt100
	stty raw
	printf '\033[?1h\033=Choose a or b: '
	key=$(dd bs=3 count=1 2>/dev/null | od -An -tx1)
	printf 'typed:%s\r\n' "$key"
	answer "chosen=$key"
	;;
hang)
	printf 'Choose a or b: '
	sleep 1000
	;;
fail)
	printf 'Traceback:\n\033[1mRuntimeError\033[0m: no \033[7mpartition\n\n'
	exit 3
	;;
killed) kill -9 $$ ;;
silent) ;;
foreign) printf 'kernel /etc/passwd\0' >"$out" ;;
link)
	ln -s /etc/passwd "$dir/boot_kernel"
	printf 'kernel %s\0' "$dir/boot_kernel" >"$out"
	;;
long) answer "$(head -c 1100 /dev/zero | tr '\0' x)" ;;
empty)
	: >"$dir/boot_kernel"
	printf 'kernel %s\0' "$dir/boot_kernel" >"$out"
	;;
esac
