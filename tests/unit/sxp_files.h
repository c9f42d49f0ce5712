/*
 * sxp_files.h - what becomes of each file under tests/data/sxp.
 */
#ifndef XENDECK_TESTS_SXP_FILES_H
#define XENDECK_TESTS_SXP_FILES_H

#include "tests/unit/corpus.h"

static const struct corpus_file sxp_files[] = {
    { "avail-bad", REFUSED,
      ":2: vm.vcpu_avail: found \"x\", allowed a mask of virtual cpus, in "
      "decimal or 0x" },
    { "avail-more", LOADS, "" },
    { "backend-blkif", LOADS, "" },
    { "backend-netif", LOADS, "" },
    { "backend-none", REFUSED,
      ":2: vm.backend: found nothing, allowed (blkif) or (netif)" },
    { "backend-other", LOADS,
      ":2: vm.backend: not honoured: backends are (blkif), of disks, and "
      "(netif), of interfaces\n" },
    { "bom", LOADS, "" },
    { "bootloader", LOADS, "" },
    { "cpu", LOADS, "" },
    { "cpu-any", LOADS, "" },
    { "cpus-bad", REFUSED,
      ":2: vm.cpus[1]: found \"x\", allowed a list such as \"0-3,^2\" or "
      "\"all\", of cpus 0 to 1023" },
    { "cpus-differ", LOADS, "" },
    { "cpus-flat", LOADS, "" },
    { "cpus-none", LOADS, "" },
    { "cpus-row-bad", REFUSED,
      ":3: vm.cpus[1]: found \"2,()\", allowed a list such as \"0-3,^2\" or "
      "\"all\", of cpus 0 to 1023" },
    { "cpus-some", LOADS, "" },
    { "cpus-texts", LOADS, "" },
    { "crlf", LOADS, "" },
    { "dev-bad", REFUSED,
      ":2: vbd[0].dev: found \"xvda:floppy\", allowed NAME, \"NAME:disk\" or "
      "\"NAME:cdrom\"" },
    { "device-atom", REFUSED,
      ":2: vm.device: found \"vif\", allowed one list, such as (vif ...)" },
    { "device-unknown", LOADS,
      ":2: vm.device.vtpm: not honoured: xendeck attaches no device of this "
      "kind\n"
      ":2: vm.device.vusb: not honoured: xendeck attaches no device of this "
      "kind\n" },
    { "doc-dev", REFUSED,
      ":2: vbd[0].dev: found \"xda1\", allowed xvda, hda to hdd, sda to sdp, "
      "each with or without a partition, d0p1 or a device number" },
    { "doc-disk", LOADS, "" },
    { "doc-vnets", LOADS, "" },
    { "domain-config", LOADS, "" },
    { "escape", REFUSED,
      ":1: syntax: found a backslash with none of its letters, allowed \\a \\b "
      "\\t \\n \\v \\f \\r \\\\ \\' \\\", \\x01 to \\xff and \\001 to \\377" },
    { "hvm", LOADS,
      ":3: vm.image.hvm.device_model: not honoured: xendeck chooses it "
      "itself\n" },
    { "image-atom", REFUSED,
      ":1: vm.image: found \"linux\", allowed one list, (linux ...), (netbsd "
      "...) or (hvm ...)" },
    { "image-hvm", LOADS, "" },
    { "image-plan9", REFUSED,
      ":1: vm.image: found \"plan9\", allowed linux, netbsd" },
    { "image-unknown", LOADS,
      ":1: vm.image.netbsd.colour: not honoured: xendeck knows no such "
      "field\n" },
    { "managed", LOADS,
      ":30: vm.image.linux.videoram: not honoured: it means nothing for a PV "
      "domain\n" },
    { "memory-list", REFUSED,
      ":1: vm.memory: found a list, allowed one text or number" },
    { "memory-small", REFUSED,
      ":2: vm.memory: found 2, allowed 4 to 16777216 whole MiB, or a text such "
      "as \"512M\" or \"2G\"" },
    { "mode-bad", REFUSED,
      ":2: vbd[0].mode: found \"x\", allowed \"r\", \"w\" or \"w!\"" },
    { "no-dev", REFUSED,
      ":2: vbd[0]: found a vbd without vdev, allowed one with vdev, such as "
      "\"xvda\"" },
    { "no-kernel", REFUSED,
      ": vm.image.kernel: found nothing, allowed the path of a kernel" },
    { "no-name", REFUSED,
      ": vm.name: found nothing, allowed a name, which every domain needs" },
    { "open", REFUSED,
      ":1: syntax: found a ( that is not closed, allowed as many ) as (" },
    { "other", REFUSED,
      ":1: syntax: found another expression, allowed (vm ...) or (domain ...), "
      "one for each domain" },
    { "pci-decimal", LOADS, "" },
    { "pci-hex", REFUSED,
      ":2: pci[0].bus: found \"ff\", allowed 0 to 255, in decimal or 0x0 to "
      "0xff" },
    { "pci-no-func", REFUSED,
      ":2: pci[0]: found no func, allowed bus, dev and func" },
    { "pci-range", REFUSED,
      ":2: pci[0].bus: found 256, allowed 0 to 255, in decimal or 0x0 to "
      "0xff" },
    { "pci-same", REFUSED,
      ":3: pci[1].bdf: found \"0000:01:00.0\", allowed one that pci[0] does "
      "not use" },
    { "restart", LOADS, "" },
    { "restart-bad", REFUSED,
      ":2: vm.restart: found \"sometimes\", allowed \"onreboot\", \"never\" or "
      "\"always\"" },
    { "restart-on", LOADS, "" },
    { "security", REFUSED,
      ":2: vm.security: found a list, allowed none: this version sets no "
      "security label, and the domain would have another's rights" },
    { "ssidref", REFUSED,
      ":2: vm.ssidref: found 5, allowed none: this version sets no security "
      "label, and the domain would have another's rights" },
    { "ssidref-none", LOADS, "" },
    { "twice", LOADS,
      ":1: vm.name: not honoured: set more than once, the first one holds\n"
      ":3: vm.image: not honoured: set more than once, the first one holds\n"
      ":2: vm.image.linux.root: not honoured: set more than once, the first "
      "one holds\n"
      ":4: vbd[0].uname: not honoured: set more than once, the first one "
      "holds\n"
      ":5: vbd[0].mode: not honoured: set more than once, the first one "
      "holds\n" },
    { "two", REFUSED,
      ": found several domains (a, b), allowed one: #NAME takes the one of "
      "this "
      "name" },
    { "uname-bad", REFUSED,
      ":2: vbd[0].uname: found \"/x.img\", allowed \"phy:DEVICE\", "
      "\"file:PATH\", \"tap:aio:PATH\", \"tap:qcow2:PATH\", "
      "\"tap:vhd:PATH\" or \"tap:qed:PATH\"" },
    { "uname-vmdk", REFUSED,
      ":2: vbd[0].uname: found \"tap:vmdk:/x.vmdk\", allowed \"phy:DEVICE\", "
      "\"file:PATH\", \"tap:aio:PATH\", \"tap:qcow2:PATH\", "
      "\"tap:vhd:PATH\" or \"tap:qed:PATH\"" },
    { "unames", LOADS,
      ":9: vbd[7].protocol: not honoured: the domain chooses it\n" },
    { "unknown", LOADS,
      ":2: vm.colour: not honoured: xendeck knows no such field\n"
      ":2: vm: not honoured: a text outside of any field\n"
      ":2: vm.image2: not honoured: xendeck knows no such field\n"
      ":3: vm.console: not honoured: a console needs no port\n"
      ":3: vm.description: not honoured: xendeck keeps no descriptions\n" },
    { "uuid-plain", LOADS, "" },
    { "vfr", LOADS, "" },
    { "vfr-entry", REFUSED,
      ":2: vm.vfr.ip: found \"10.0.0.1\", allowed (vif (id ID) ...)" },
    { "vfr-id", REFUSED,
      ":2: vm.vfr.id: found 1, allowed the id of a vif of the vm, or its index "
      "from 0" },
    { "vfr-mac", REFUSED,
      ":3: vm.vfr.vif.mac: found \"00:16:3e:00:00:02\", allowed that of the "
      "vif" },
    { "vif-id", LOADS, "" },
    { "vif-type", REFUSED,
      ":2: vif[0].type: found \"carrier-pigeon\", allowed \"vif\" or "
      "\"ioemu\"" },
    { "vif-unknown", LOADS,
      ":2: vif[0].brige: not honoured: xendeck knows no such field\n" },
    { "vif-vnet", LOADS, "" },
    { "vif-vnet-differ", REFUSED,
      ":2: vif[0].vnet: found \"net1\", allowed the bridge of the vif" },
    { "vnet-bridge", REFUSED,
      ":3: vm.vnet.vif.vnet: found \"b\", allowed the bridge of the vif" },
    { "vnet-unknown", LOADS,
      ":3: vm.vnet.vif.colour: not honoured: xendeck knows no such field\n" },
    { "weight-fraction", LOADS,
      ":2: vm.cpu_weight: not honoured: a fraction is a weight of the BVT "
      "scheduler, which Xen has no more\n" },
};

#endif
