/*
 * xl_files.h - what becomes of each file under tests/data/xl.
 */
#ifndef XENDECK_TESTS_XL_FILES_H
#define XENDECK_TESTS_XL_FILES_H

#include "tests/unit/corpus.h"

static const struct corpus_file xl_files[] = {
    { "action-bad", REFUSED,
      ":4: on_crash: found \"explode\", allowed \"destroy\", \"restart\", "
      "\"preserve\", \"rename-restart\", \"coredump-destroy\" or "
      "\"coredump-restart\"" },
    { "action-soft-reset", LOADS,
      ":4: on_soft_reset: not honoured: a domain that asks for a soft reset "
      "ends as on a reboot\n" },
    { "actions", LOADS, "" },
    { "append", LOADS, "" },
    { "append-number", REFUSED,
      ":5: vcpus: found 11, allowed a whole number, set with =" },
    { "append-type", REFUSED,
      ":5: syntax: found a mistake near ']': can't add [list] to \"string\" or "
      "vice versa, allowed NAME = \"TEXT\", NAME = NUMBER or NAME = [ LIST ]" },
    { "bom", LOADS, "" },
    { "bootargs", LOADS,
      ":5: bootargs: xm's word for bootloader_args, which xl ignores\n" },
    { "bootloader", LOADS, "" },
    { "bootloader-none", LOADS, "" },
    { "builder-hvm", LOADS, "" },
    { "builder-linux", LOADS,
      ":1: builder: xm's word for a PV domain, which xl refuses: type = \"pv\" "
      "says the same\n" },
    { "cmdline", LOADS,
      ":5: root: not honoured: cmdline holds all, as with xl\n"
      ":6: extra: not honoured: cmdline holds all, as with xl\n" },
    { "cmdline-empty", LOADS,
      ":5: extra: not honoured: cmdline holds all, as with xl\n" },
    { "comments", LOADS, "" },
    { "control", REFUSED,
      ":4: extra: found \"a?b\", allowed UTF-8 text without control "
      "characters" },
    { "cpus-bad", REFUSED,
      ":4: cpus: found \"3-1\", allowed a list such as \"0-3,^2\" or \"all\", "
      "of cpus 0 to 1023" },
    { "cpus-list", LOADS, "" },
    { "cpus-list-bad", REFUSED,
      ":5: cpus[1]: found \"x\", allowed a list such as \"0-3,^2\" or \"all\", "
      "of "
      "cpus 0 to 1023" },
    { "cpus-list-differ", LOADS, "" },
    { "cpus-list-long", LOADS, "" },
    { "cpus-list-nested", REFUSED,
      ":5: cpus: found a list, allowed a list of texts" },
    { "cpus-list-nodes", LOADS,
      ":5: cpus[0]: not honoured: cpus are not looked up by their node, the "
      "virtual cpu may run on any\n" },
    { "cpus-list-short", LOADS, "" },
    { "cpus-nodes", LOADS,
      ":4: cpus: not honoured: cpus are not looked up by their node, the "
      "domain may run on any\n" },
    { "cpus-number", LOADS, "" },
    { "crlf", LOADS, "" },
    { "deep", REFUSED,
      ":4: syntax: found too many lists inside each other, allowed 8" },
    { "disk-comma", LOADS, "" },
    { "disk-colo", REFUSED,
      ":4: disk[0]: found \"vdev=xvda,colo,target=/a.img\", allowed no colo: "
      "this version replicates no disk" },
    { "disk-empty", REFUSED,
      ":4: disk[0]: found \"/dev/vg/web1,empty,xvda,rw\", allowed format=raw, "
      "format=qcow2, format=vhd or format=qed: only a CD drive is empty" },
    { "disk-empty-cdrom", LOADS, "" },
    { "disk-format", REFUSED,
      ":4: disk[0]: found \"/x.qcow,qcow,xvda,rw\", allowed format=raw, "
      "format=qcow2, format=vhd or format=qed" },
    { "disk-images", LOADS, "" },
    { "disk-keys", LOADS, "" },
    { "disk-nested", REFUSED,
      ":4: disk[0]: found a list, allowed a text in quotes" },
    { "disk-network", REFUSED,
      ":4: disk[0]: found "
      "\"vdev=xvda,backendtype=qdisk,target=rbd:pool/img:mon_host=m1\", "
      "allowed "
      "a file or a block device: QEMU opens nothing else for a disk of Xen; "
      "attach it to this host, as \"rbd map\" or nbd-client do, or name a "
      "script" },
    { "disk-network-script", LOADS, "" },
    { "disk-no-vdev", REFUSED,
      ":6: disk[1]: found \"/dev/vg/b\", allowed a disk of "
      "xl-disk-configuration(5): no vdev specified in '/dev/vg/b'" },
    { "disk-phy-relative", LOADS, "" },
    { "disk-positional", LOADS, "" },
    { "disk-prefixes", LOADS, "" },
    { "disk-qdisk-raw", LOADS,
      ":4: disk[0]: backendtype: not honoured: a raw disk needs no device "
      "model\n" },
    { "disk-same", REFUSED,
      ":4: disk[1].vdev: found \"xvda\", allowed one that disk[0] does not "
      "use" },
    { "disk-tap", REFUSED,
      ":4: disk[0]: found \"vdev=xvda,backendtype=tap,target=/a.img\", allowed "
      "backendtype=phy or backendtype=qdisk" },
    { "disk-text", REFUSED,
      ":4: disk: found \"/dev/vg/a,raw,xvda,rw\", allowed a list, [ "
      "\"SPECIFICATION\", ... ]" },
    { "disk-too-many", REFUSED,
      ":4: disk[0]: found \"/dev/vg/a,raw,xvda,rw,more\", allowed a disk of "
      "xl-disk-configuration(5): too many positional parameters: near 'more' "
      "in '/dev/vg/a,raw,xvda,rw,more'" },
    { "disk-untrusted", REFUSED,
      ":4: disk[0]: found \"vdev=xvda,untrusted,target=/a.img\", allowed no "
      "untrusted: this version cannot tell the domain so" },
    { "disk-vdev", REFUSED,
      ":4: disk[0].vdev: found \"zda\", allowed xvda, hda to hdd, sda to sdp, "
      "each with or without a partition, d0p1 or a device number" },
    { "disk-virtio", REFUSED,
      ":4: disk[0]: found \"/a.img,raw,xvda,rw,specification=virtio\", allowed "
      "specification=xen: a PV domain has no virtio" },
    { "disk-word", REFUSED,
      ":4: disk[0]: found \"/x.img,raww,xvda,rw\", allowed a disk of "
      "xl-disk-configuration(5): unknown value for format: near 'raww' in "
      "'/x.img,raww,xvda,rw'" },
    { "dm-restrict", LOADS, "" },
    { "dm-restrict-off", LOADS, "" },
    { "driver-domain", LOADS, "" },
    { "driver-domain-word", REFUSED,
      ":4: driver_domain: found \"yes\", allowed 1 or 0" },
    { "empty", REFUSED,
      ": name: found nothing, allowed a name, which every domain needs" },
    { "empty-texts", LOADS, "" },
    { "firmware", LOADS, "" },
    { "full", LOADS, "" },
    { "hvm", LOADS, "" },
    { "hvm-bad-viridian", REFUSED,
      ":4: viridian: found a list, allowed no group without \"base\"" },
    { "hvm-spice", LOADS, "" },
    { "hvm-xm", LOADS,
      ":14: bootloader: not honoured: it means nothing for an HVM domain\n"
      ":1: kernel: not honoured: an HVM domain is started by this host's "
      "hvmloader, as with xl; firmware_override names another\n"
      ":13: vfb: not honoured: the screen of an HVM domain is set by vnc, sdl "
      "or spice, as with xl\n" },
    { "kernel-missing", REFUSED,
      ": kernel: found nothing, allowed the path of a kernel" },
    { "lists", LOADS, "" },
    { "maxmem-huge", REFUSED,
      ":4: maxmem: found \"99999999999999999999\", allowed 4 to 16777216 whole "
      "MiB without a unit, set with =" },
    { "maxmem-small", REFUSED,
      ":4: maxmem: found 64, allowed 128 MiB (memory) or more" },
    { "maxvcpus-small", REFUSED,
      ":5: maxvcpus: found 2, allowed 4 (vcpus) to 128" },
    { "memory-missing", REFUSED,
      ": memory: found nothing, allowed 4 to 16777216 MiB" },
    { "memory-small", REFUSED,
      ":3: memory: found 3, allowed 4 to 16777216 whole MiB without a unit, "
      "set "
      "with =" },
    { "memory-unit", REFUSED,
      ":3: memory: found \"128M\", allowed 4 to 16777216 whole MiB without a "
      "unit, set with =" },
    { "memory-word", REFUSED,
      ":4: maxmem: found \"lots\", allowed 4 to 16777216 whole MiB without a "
      "unit, set with =" },
    { "minimal", LOADS, "" },
    { "name-missing", REFUSED,
      ": name: found nothing, allowed a name, which every domain needs" },
    { "no-newline", LOADS, "" },
    { "not-pv", LOADS,
      ":4: acpi: not honoured: it means nothing for a PV domain\n"
      ":5: apic: not honoured: it means nothing for a PV domain\n"
      ":6: boot: not honoured: it means nothing for a PV domain\n"
      ":7: hap: not honoured: it means nothing for a PV domain\n"
      ":8: nx: not honoured: it means nothing for a PV domain\n"
      ":9: pae: not honoured: it means nothing for a PV domain\n"
      ":10: serial: not honoured: it means nothing for a PV domain\n"
      ":11: stdvga: not honoured: it means nothing for a PV domain\n"
      ":12: usb: not honoured: it means nothing for a PV domain\n"
      ":13: usbdevice: not honoured: it means nothing for a PV domain\n"
      ":14: videoram: not honoured: it means nothing for a PV domain\n"
      ":15: viridian: not honoured: it means nothing for a PV domain\n"
      ":16: xen_platform_pci: not honoured: it means nothing for a PV "
      "domain\n" },
    { "numbers", LOADS, "" },
    { "only-comments", REFUSED,
      ": name: found nothing, allowed a name, which every domain needs" },
    { "password-long", LOADS,
      ":4: vfb[0].vncpasswd: VNC takes only the first 8 bytes of a "
      "password\n" },
    { "pvh", LOADS,
      ":14: boot: not honoured: it means nothing for a PVH domain\n"
      ":15: e820_host: not honoured: it means nothing for a PVH domain\n" },
    { "passthrough", LOADS,
      ":4: passthrough: not honoured: there is no pci, and none can be added "
      "later\n" },
    { "passthrough-off", REFUSED,
      ":4: passthrough: found \"disabled\", allowed \"enabled\" with a pci" },
    { "passthrough-share", REFUSED,
      ":4: passthrough: found \"share_pt\", allowed \"default\", \"disabled\", "
      "\"enabled\" or \"sync_pt\" for a PV domain" },
    { "pci", LOADS, "" },
    { "pci-all-functions", REFUSED,
      ":4: pci[0]: found \"01:00.*\", allowed one function, BB:DD.F: * would "
      "be all of them" },
    { "pci-junk", REFUSED,
      ":4: pci[0]: found \"not a device\", allowed a device of "
      "xl-pci-configuration(5), such as \"01:00.0,permissive=1\"" },
    { "pci-name", REFUSED,
      ":4: pci[0]: found \"name=nic0\", allowed BB:DD.F or DDDD:BB:DD.F: this "
      "version keeps no names of PCI devices" },
    { "pci-no-function", REFUSED,
      ":4: pci[0]: found \"01:00\", allowed a device of "
      "xl-pci-configuration(5), such as \"01:00.0,permissive=1\"" },
    { "pci-option", REFUSED,
      ":4: pci[0]: found \"01:00.0,colour=red\", allowed a device of "
      "xl-pci-configuration(5), such as \"01:00.0,permissive=1\"" },
    { "pci-range", REFUSED,
      ":4: pci[0]: found \"01:20.0\", allowed a device of "
      "xl-pci-configuration(5), such as \"01:00.0,permissive=1\"" },
    { "python", REFUSED,
      ":1: syntax: found a mistake near 'os': syntax error, unexpected IDENT, "
      "expecting += or '=', allowed NAME = \"TEXT\", NAME = NUMBER or NAME = [ "
      "LIST ], but no Python, as with xl" },
    { "quotes", LOADS, "" },
    { "relative", LOADS, "" },
    { "resources", LOADS, "" },
    { "root-extra", LOADS, "" },
    { "rtds", LOADS, ":6: slice: not honoured: Xen's default is used\n" },
    { "sdl", LOADS,
      ":4: sdl: not honoured: xendeck serves VNC alone\n"
      ":5: opengl: not honoured: xendeck serves VNC alone\n"
      ":6: display: not honoured: xendeck serves VNC alone\n"
      ":7: xauthority: not honoured: xendeck serves VNC alone\n" },
    { "seclabel", REFUSED,
      ":4: seclabel: found \"system_u:system_r:domU_t\", allowed none: this "
      "version sets no security label, and the domain would have another's "
      "rights" },
    { "semicolons", LOADS, "" },
    { "string-long", REFUSED,
      ":4: syntax: found too many bytes of text, allowed 8192" },
    { "syntax-escape", REFUSED,
      ":4: syntax: found a mistake near '\"a\\qb\"': invalid character after "
      "backlash in quoted string, allowed NAME = \"TEXT\", NAME = NUMBER or "
      "NAME = [ LIST ]" },
    { "syntax-list", REFUSED,
      ":5: syntax: found a mistake near 'vcpus': syntax error, unexpected "
      "IDENT, expecting ']', allowed NAME = \"TEXT\", NAME = NUMBER or NAME = "
      "[ LIST ]" },
    { "syntax-negative", REFUSED,
      ":4: syntax: found a mistake near '-1': lexical error, allowed NAME = "
      "\"TEXT\", NAME = NUMBER or NAME = [ LIST ], but no Python, as with xl" },
    { "syntax-open", REFUSED,
      ":4: syntax: found a mistake at the end of the file: syntax error, "
      "unexpected $end, expecting ']', allowed NAME = \"TEXT\", NAME = NUMBER "
      "or NAME = [ LIST ]" },
    { "syntax-string", REFUSED,
      ":4: syntax: found a mistake near '\"open': lexical error, allowed NAME "
      "= \"TEXT\", NAME = NUMBER or NAME = [ LIST ]" },
    { "syntax-upper", REFUSED,
      ":4: syntax: found a mistake near 'Vcpus': lexical error, allowed NAME = "
      "\"TEXT\", NAME = NUMBER or NAME = [ LIST ]" },
    { "syntax-value", REFUSED,
      ":4: syntax: found a mistake near <newline>: syntax error, unexpected "
      "NEWLINE, expecting STRING or NUMBER or '[', allowed NAME = \"TEXT\", "
      "NAME = NUMBER or NAME = [ LIST ]" },
    { "syntax-word", REFUSED,
      ":4: syntax: found a mistake near 'two': syntax error, unexpected IDENT, "
      "expecting STRING or NUMBER or '[', allowed NAME = \"TEXT\", NAME = "
      "NUMBER or NAME = [ LIST ]" },
    { "tabs", LOADS, "" },
    { "text-long", REFUSED,
      ":4: extra: found "
      "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\", "
      "allowed at most 1023 bytes (this is 1100)" },
    { "timer-mode", REFUSED,
      ":4: timer_mode: found 0, allowed none for a PV domain, as with xl" },
    { "twice", LOADS,
      ":4: memory: set more than once, the last value holds\n" },
    { "type-empty", LOADS, "" },
    { "type-hvm-prefix", LOADS, "" },
    { "type-list", REFUSED,
      ":1: type: found a list, allowed \"pv\", \"pvh\" or \"hvm\"" },
    { "type-prefix", LOADS, "" },
    { "type-pv", LOADS, "" },
    { "unknown", LOADS,
      ":4: memroy: not honoured: xl knows no such setting either, the nearest "
      "known one is memory\n"
      ":5: hostname: not honoured: xl knows no such setting either\n"
      ":6: restart: not honoured: xl knows no such setting either\n" },
    { "unknown-xm", LOADS,
      ":4: dhcp: not honoured: xl knows no such setting either\n"
      ":5: ip: not honoured: xl knows no such setting either\n"
      ":6: cpu: not honoured: xl knows no such setting either, the nearest "
      "known one is cpus\n"
      ":7: vcpu: not honoured: xl knows no such setting either, the nearest "
      "known one is vcpus\n" },
    { "unmet", LOADS,
      ":4: vnuma: not honoured: this version gives a domain one node of "
      "memory\n"
      ":16: shadow_memory: not honoured: it means nothing for a PV domain\n"
      ":17: device_model_version: not honoured: xendeck chooses the device "
      "model itself\n"
      ":19: vtpm: not honoured: xendeck attaches no device of this kind\n"
      ":20: p9: not honoured: xendeck attaches no device of this kind\n"
      ":21: channel: not honoured: xendeck attaches no device of this kind\n"
      ":22: usbctrl: not honoured: xendeck attaches no device of this kind\n"
      ":23: vkb: not honoured: xendeck attaches no device of this kind\n"
      ":24: ioports: not honoured: the domain is given no access to it\n"
      ":25: iomem: not honoured: the domain is given no access to it\n"
      ":26: irqs: not honoured: the domain is given no access to it\n"
      ":27: device_tree: not honoured: it means something on Arm only\n"
      ":28: vmtrace_buf_kb: not honoured: nothing is traced\n" },
    { "unmet-off", LOADS, "" },
    { "uuid", LOADS, "" },
    { "uuid-bad", REFUSED,
      ":4: uuid: found \"6a1f0c9e\", allowed hexadecimal digits as 8-4-4-4-12, "
      "not all zero" },
    { "vcpus-huge", REFUSED,
      ":4: vcpus: found \"99999999999999999999\", allowed 1 to 128" },
    { "vfb", LOADS,
      ":4: vfb[0]: sdl: not honoured: xendeck serves VNC alone\n" },
    { "vif", LOADS, "" },
    { "vif-bridge", REFUSED,
      ":4: vif[0].bridge: found \"a/b\", allowed the name of an interface, at "
      "most 15 bytes, or NAME.VLAN or NAME:TRUNK:TRUNK of vif-openvswitch" },
    { "vif-ovs", LOADS, "" },
    { "vif-ovs-bridge", REFUSED,
      ":4: vif[0].bridge: found \"ovsbr0:42\", allowed the name of a bridge, "
      "at "
      "most 15 bytes: VLANs and trunks are for script = "
      "\"vif-openvswitch\"" },
    { "vif-ovs-vlan", REFUSED,
      ":4: vif[0].bridge: found \"ovsbr0:5000\", allowed the name of an "
      "interface, at most 15 bytes, or NAME.VLAN or NAME:TRUNK:TRUNK of "
      "vif-openvswitch" },
    { "vif-mac", REFUSED,
      ":4: vif[0]: found \"mac=00:16:3e\", allowed mac=XX:XX:XX:XX:XX:XX" },
    { "vif-mac-group", REFUSED,
      ":4: vif[0].mac: found \"01:16:3e:00:00:01\", allowed six pairs of "
      "hexadecimal digits as 00:16:3e:12:34:56, no multicast address" },
    { "vif-rate", REFUSED,
      ":4: vif[0]: found \"rate=fast\", allowed rate=10Mb/s@20ms or the like: "
      "invalid rate in 'fast'" },
    { "vif-type", REFUSED,
      ":4: vif[0].type: found \"fast\", allowed \"vif\" or \"ioemu\"" },
    { "vif-unknown", LOADS,
      ":4: vif[0]: brige: not honoured\n"
      ":4: vif[1]: devid: not honoured: interfaces are numbered in their "
      "order\n"
      ":4: vif[2]: accel: not honoured\n" },
    { "vif-untrusted", REFUSED,
      ":4: vif[0]: found \"bridge=xenbr0,untrusted\", allowed no untrusted: "
      "this version cannot tell the domain so" },
    { "vnc", LOADS, "" },
    { "vnc-and-vfb", LOADS,
      ":6: vncdisplay: not honoured: a vfb has settings of its own\n" },
    { "vnc-display", REFUSED,
      ":6: vncdisplay: found 99999, allowed 0 to 59635" },
    { "vnc-off", LOADS,
      ":6: vncdisplay: not honoured: there is no vnc = 1 and no vfb\n" },
    { "weight-range", REFUSED, ":4: cpu_weight: found 0, allowed 1 to 65535" },
    { "xlexample.hvm", LOADS, "" },
    { "xlexample.pvhlinux", LOADS, "" },
    { "xlexample.pvlinux", LOADS, "" },
};

#endif
