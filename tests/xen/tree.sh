#!/bin/bash
#
# tree.sh - a Debian tree made by debootstrap, with what building xendeck and
# being a dom0 need. The lab boots it where this machine's own root has another
# Xen, and the suites are built and run in it as on that Debian.
#
#   tree.sh make XEN                  make build/lab/xen-XEN/root (cached)
#   tree.sh run XEN COMMAND [ARG...]  run a command in it, in the checkout,
#                                     which is at the same path inside
#
# What is mounted for that is seen by the command alone and goes with it.
# Settings (environment): DEBIAN_MIRROR, http://deb.debian.org/debian.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

die()
{
	echo "tree: $*" >&2
	exit 1
}

suite_of()
{
	case $1 in
	4.17) echo bookworm ;;
	4.20) echo trixie ;;
	*) die "no Debian is known for Xen $1; known are 4.17 and 4.20" ;;
	esac
}

write_sources()
{
	cat >"$1/etc/apt/sources.list" <<-END
		deb $mirror $2 main
		deb $mirror $2-updates main
		deb $mirror-security $2-security main
	END
}

# inside TREE COMMAND...: the environment is as after a login.
inside()
{
	local tree=$1
	shift

	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount bash -euc '
		tree=$1 root=$2
		shift 2
		mount -t proc proc "$tree/proc"
		mount --rbind /sys "$tree/sys"
		mount --rbind /dev "$tree/dev"
		mount -t tmpfs -o mode=1777 tmpfs "$tree/tmp"
		mount -t tmpfs -o mode=755 tmpfs "$tree/run"
		mkdir -p "$tree/run/lock" "$tree$root"
		mount --bind "$root" "$tree$root"
		exec chroot "$tree" env -i HOME=/root LC_ALL=C.UTF-8 \
		    TERM="${TERM:-dumb}" DEBIAN_FRONTEND=noninteractive \
		    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		    sh -c "cd \"\$0\" && exec \"\$@\"" "$root" "$@"
	' inside "$tree" "$root" "$@"
}

# What a tree was made of: another list of packages makes it anew.
recipe()
{
	echo "$mirror $1"
	awk '/^(DEPS|DOM0_DEPS) :=/, /[^\\]$/' "$root/Makefile"
	sed -n '/^write_sources/,/^}/p' "$0"
}

make_tree()
{
	local suite=$1 dir=$2 new=$2/root.new

	recipe "$suite" | cmp -s - "$dir/root.recipe" && return
	command -v debootstrap >/dev/null ||
		die "debootstrap is missing: run 'make deps-test'"
	echo "tree: debootstrap $suite (log: ${dir#"$root"/}/root.log)"
	rm -rf --one-file-system "$new" "$dir/root" "$dir/root.recipe"
	mkdir -p "$new"
	debootstrap --variant=minbase "$suite" "$new" "$mirror" \
	    >"$dir/root.log" 2>&1 || die "debootstrap failed: see the log"
	rm -f "$new"/var/cache/apt/archives/*.deb
	write_sources "$new" "$suite"
	printf '#!/bin/sh\nexit 101\n' >"$new/usr/sbin/policy-rc.d"
	chmod 755 "$new/usr/sbin/policy-rc.d" # nothing is started in there
	inside "$new" sh -c 'apt-get -q update &&
	    apt-get install -y -q make && make deps-dom0' \
	    >>"$dir/root.log" 2>&1 || die "packages: see the log"
	mv "$new" "$dir/root"
	recipe "$suite" >"$dir/root.recipe"
}

[ $# -ge 2 ] || die "usage: tree.sh make XEN | run XEN COMMAND [ARG...]"
verb=$1 dir=$root/build/lab/xen-$2
suite=$(suite_of "$2")
shift 2
[ "$(id -u)" = 0 ] || die "debootstrap and chroot need root"
case $verb in
make)
	mkdir -p "$dir"
	exec 9>"$dir/root.lock"
	flock 9
	make_tree "$suite" "$dir" 9>&-
	;;
run)
	[ -e "$dir/root.recipe" ] || die "no tree for it: tree.sh make first"
	inside "$dir/root" "$@"
	;;
*)
	die "$verb: unknown"
	;;
esac
