# shellcheck shell=bash
#
# lab-setup.sh - the parts of the lab: packages, dom0's root, kernel,
# hypervisor, the two initramfs. Sourced by lab.sh, whose $here, $root, $lab,
# $dom0_root, die and say it uses. What is made is complete or absent: written
# aside, then renamed.
# shellcheck disable=SC2154 # from lab.sh

# Of the machine around; of this machine's own root if that is dom0's.
packages="qemu-system-x86 busybox-static kmod cpio xz-utils zstd debootstrap"
dom0_packages="xen-utils-$XEN xenstore-utils qemu-system-xen seabios iproute2
e2fsprogs tmux procps"

# What stage 1 of dom0 inserts, with what they depend on. All of it from the
# initramfs: modprobe reads through 9p, which costs seconds.
dom0_modules="virtio_pci 9pnet_virtio 9p overlay xen-privcmd xen-evtchn
xen-gntdev xen-gntalloc xenfs xen-blkback xen-netback tun bridge loop fuse"
guest_modules="xen-blkfront xen-netfront crc32c_generic ext4"
driver_modules="xen-blkfront xen-netback xen-blkback"

check_packages()
{
	local p missing='' want=$packages

	[ "$dom0_root" != / ] || want="$want $dom0_packages"
	for p in $want; do
		# shellcheck disable=SC2016 # dpkg-query's own variable
		case $(dpkg-query -W -f '${db:Status-Status}' "$p" \
		    2>/dev/null) in
		installed) ;;
		*) missing="$missing $p" ;;
		esac
	done
	[ -z "$missing" ] ||
		die "packages are missing (run 'make deps-test'):$missing"
}

# in_dom0_root COMMAND...: where apt knows dom0's Debian.
in_dom0_root()
{
	if [ "$dom0_root" = / ]; then
		"$@"
	else
		bash "$here/tree.sh" run "$XEN" "$@"
	fi
}

# The tree, and the program built in it.
make_dom0_root()
{
	local make=(make "-j$(nproc)" "BUILD=build/xen-$XEN" \
	    "CFLAGS=${CFLAGS:--O2 -g}" all)

	[ "$dom0_root" != / ] || return 0
	bash "$here/tree.sh" make "$XEN"
	say "building xendeck for Xen $XEN"
	bash "$here/tree.sh" run "$XEN" "${make[@]}" >"$lab/build.log" 2>&1 || {
		cat "$lab/build.log" >&2
		die "xendeck does not build there"
	}
}

# The package behind the metapackage: linux-image-6.1.0-NN-amd64.
kernel_package()
{
	in_dom0_root apt-cache depends linux-image-amd64 2>/dev/null |
		sed -n 's/^ *Depends: *\(linux-image-[0-9][^ ]*\)$/\1/p' |
		head -n 1
}

# Prints the kernel's directory. A cached kernel serves when apt knows none
# (no network, empty lists).
choose_kernel()
{
	local pkg

	pkg=$(kernel_package)
	if [ -n "$pkg" ]; then
		echo "$lab/kernel/${pkg#linux-image-}"
		return
	fi
	find "$lab/kernel" -mindepth 2 -maxdepth 2 -name complete \
	    -printf '%h\n' 2>/dev/null | sort -V | tail -n 1
}

# Lists older than the mirror name a version that is gone: try again.
apt_download()
{
	local pkg=$1 dir=$2

	# shellcheck disable=SC2016 # expanded in there
	in_dom0_root sh -c 'cd "$2" && { apt-get -q download "$1" ||
	    { apt-get -q update && apt-get -q download "$1"; }; }' \
	    download "$pkg" "$dir" >"$dir/download.log" 2>&1 || {
		cat "$dir/download.log" >&2
		die "apt cannot download $pkg"
	}
}

# The ELF image inside a bzImage (boot protocol: setup_sects at 0x1f1,
# payload_offset and payload_length at 0x248): emulated, Xen and libxenguest
# need seconds for the xz or zstd that this machine undoes in a blink.
unpack_vmlinuz()
{
	local in=$1 out=$2 sects off len magic tool

	sects=$(od -An -tu1 -j $((0x1f1)) -N 1 "$in")
	off=$(od -An -tu4 -j $((0x248)) -N 4 "$in")
	len=$(od -An -tu4 -j $((0x24c)) -N 4 "$in")
	off=$((off + (sects + 1) * 512))
	magic=$(od -An -tx1 -j "$off" -N 4 "$in" | tr -d ' ')
	case $magic in
	fd377a58) tool=xz ;;
	28b52ffd) tool=zstd ;;
	*) die "$in: its payload is neither xz nor zstd: magic $magic" ;;
	esac
	# the last four bytes of the payload are the unpacked size
	tail -c "+$((off + 1))" "$in" | head -c "$((len - 4))" |
		"$tool" -dcq >"$out.new"
	mv "$out.new" "$out"
}

fetch_kernel()
{
	local dir=$1 version=${1##*/} tmp

	[ -e "$dir/complete" ] && return
	say "downloading and unpacking kernel $version"
	tmp=$lab/kernel/.new
	rm -rf "$tmp" "$dir"
	mkdir -p "$tmp"
	apt_download "linux-image-$version" "$tmp"
	dpkg -x "$tmp"/linux-image-*.deb "$tmp"
	rm -f "$tmp"/*.deb
	[ -e "$tmp/lib" ] || ln -s usr/lib "$tmp/lib" # since Debian 13
	depmod -b "$tmp" "$version"
	cp "$tmp/boot/vmlinuz-$version" "$tmp/vmlinuz"
	unpack_vmlinuz "$tmp/vmlinuz" "$tmp/vmlinux"
	touch "$tmp/complete"
	mv "$tmp" "$dir"
}

# Copies modules and what they need to TREE/modules, their names in loading
# order to TREE/modules/order.
add_modules()
{
	local tree=$1 dir=$2 m path
	shift 2

	mkdir -p "$tree/modules"
	for m in "$@"; do
		modprobe -d "$dir" -S "${dir##*/}" --show-depends "$m" ||
			die "kernel ${dir##*/} has no module $m"
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' |
	while read -r path; do
		case $path in
		*.xz) # busybox's insmod takes none
			xz -dc "$path" >"$tree/modules/$(basename "$path" .xz)"
			;;
		*) cp "$path" "$tree/modules/" ;;
		esac
		basename "$path" .xz >>"$tree/modules/order"
	done
}

# What a driver domain has more than another guest: xenstore's client, and who
# uses it as a toolstack would.
add_driver()
{
	local tree=$1 from=${dom0_root%/} lib tool

	mkdir -p "$tree/lib" "$tree/lib64"
	for lib in libxenstore.so.4 libxentoolcore.so.1 libc.so.6; do
		cp -L "$from/lib/x86_64-linux-gnu/$lib" "$tree/lib/"
	done
	cp -L "$from/lib64/ld-linux-x86-64.so.2" "$tree/lib64/"
	for tool in list read write rm; do
		cp "$from/usr/bin/xenstore-$tool" "$tree/bin/"
	done
	cp "$here/guest-driver" "$tree/driver"
	chmod 755 "$tree/driver"
}

# All initramfs are alike: busybox, modules, an init; $with adds to the tree.
make_initramfs()
{
	local out=$1 dir=$2 init=$3 tree=$lab/tree
	shift 3

	rm -rf "$tree"
	mkdir -p "$tree/bin" "$tree/sbin" "$tree/proc" "$tree/sys" "$tree/dev"
	cp "$(command -v busybox)" "$tree/bin/busybox"
	ln -s busybox "$tree/bin/sh"
	cp "$init" "$tree/init"
	chmod 755 "$tree/init"
	add_modules "$tree" "$dir" "$@"
	${with:+"$with" "$tree"}
	(cd "$tree" && find . | LC_ALL=C sort |
	    cpio -o -H newc -R 0:0 --quiet) >"$out.new"
	mv "$out.new" "$out"
	rm -rf "$tree"
}

# Under a stable name, because tests name these files.
link_kernel()
{
	local dir=$1

	mkdir -p "$lab/guest"
	ln -sfn "${dir##*/}" "$lab/kernel/current"
	ln -sf ../kernel/current/vmlinuz "$lab/guest/vmlinuz"
	ln -sf ../kernel/current/vmlinux "$lab/guest/vmlinux"
}

make_xen()
{
	local gz

	gz=${dom0_root%/}/boot/xen-$XEN-amd64.gz
	[ "$lab/xen" -nt "$gz" ] && return
	gunzip -c "$gz" >"$lab/xen.new"
	mv "$lab/xen.new" "$lab/xen"
}

setup()
{
	local dir

	check_packages
	make_dom0_root
	dir=$(choose_kernel)
	if [ -z "$dir" ]; then
		in_dom0_root apt-get -q update >"$lab/update.log" 2>&1 || :
		dir=$(choose_kernel)
	fi
	[ -n "$dir" ] || die "apt knows no package linux-image-amd64"
	fetch_kernel "$dir"
	link_kernel "$dir"
	make_xen
	# shellcheck disable=SC2086 # lists of words
	make_initramfs "$lab/dom0.cpio" "$dir" "$here/dom0-init" $dom0_modules
	# shellcheck disable=SC2086
	make_initramfs "$lab/guest/initrd" "$dir" "$here/guest-init" \
	    $guest_modules
	gzip -nc "$lab/guest/initrd" >"$lab/guest/initrd.gz"
	# shellcheck disable=SC2086
	with=add_driver make_initramfs "$lab/guest/driver" "$dir" \
	    "$here/guest-init" $driver_modules
}
