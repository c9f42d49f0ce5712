#!/bin/bash
#
# golden.sh - what xl gives a device model for each of tests/data/dm/*.cfg: run
# it in the lab (`lab.sh run tests/xen/golden.sh`), then take the .args files
# that it leaves in build/lab/share beside the configurations. The model is a
# script that writes its arguments, one a line, and ends; xl's creation fails
# then, which is meant. Arguments may give the names of some configurations.
# shellcheck disable=SC2154 # from lib.sh

# shellcheck source=tests/xen/lib.sh
. "$LAB_ROOT/tests/xen/lib.sh"

srv=/srv/xen

make_files()
{
	local f

	mkdir -p "$srv/out"
	for f in a b c d e f g; do
		truncate -s 1M "$srv/$f.img"
	done
	cp "$srv/a.img" "$srv/a,b.img"
	for f in c.qcow2 a.vhd a.qed cd.iso; do
		truncate -s 1M "$srv/$f"
	done
	cp "$LAB_KERNEL" "$srv/vmlinuz"
	cp "$LAB_RAMDISK" "$srv/initrd"
	ovmf_there && cp /usr/share/ovmf/OVMF.fd "$srv/"
}

# Disks are never read: a script that does nothing in place of loop devices.
make_programs()
{
	printf '#!/bin/sh\nexit 0\n' >/etc/xen/scripts/block
	cat >"$srv/model" <<-'END'
		#!/bin/sh
		[ "$1" = -help ] && exit 0
		printf '%s\n' "$@" >"/srv/xen/out/$(cat /srv/xen/current).args"
		exit 1
	END
	chmod +x "$srv/model" /etc/xen/scripts/block
	ip link add xenbr1 type bridge
	id xen-qemuuser-shared >/dev/null 2>&1 ||
	    echo 'xen-qemuuser-shared:x:65500:65500::/:/bin/false' >>/etc/passwd
}

golden_of()
{
	local name=$1

	echo "$name" >"$srv/current"
	{
		cat "$LAB_ROOT/tests/data/dm/$name.cfg"
		echo "device_model_override = \"$srv/model\""
	} >"$srv/now.cfg"
	timeout 100 xl create -p "$srv/now.cfg" >"$srv/out/$name.log" 2>&1
	if [ -s "$srv/out/$name.args" ]; then
		cp "$srv/out/$name.args" "$out/"
		pass "arguments for $name"
	else
		cp "$srv/out/$name.log" "$out/"
		fail "arguments for $name" "$(tail -n 3 "$srv/out/$name.log")"
	fi
	xl list | awk 'NR > 1 && $2 > 0 { print $2 }' | xargs -r -n 1 xl destroy
}

make_files
make_programs
if [ $# -gt 0 ]; then
	for name; do
		golden_of "$name"
	done
else
	for cfg in "$LAB_ROOT"/tests/data/dm/*.cfg; do
		name=${cfg##*/}
		golden_of "${name%.cfg}"
	done
fi
finish
