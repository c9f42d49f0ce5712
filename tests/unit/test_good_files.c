/*
 * test_good_files.c - configurations as people have them, of xl, xm and xend:
 * each is honoured, warned of by name, or refused with the reason. What a host
 * is asked for besides, those whose kernel is a file are checked for with one
 * that is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/api/api_formats.h"
#include "src/base/fdio.h"
#include "tests/unit/corpus.h"
#include "tests/unit/tmpdir.h"

#define DIR      "tests/data/good/"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct corpus_file files[] = {
    { "actions.sxp", LOADS, "" },
    { "alpine-pvh.cfg", LOADS, "" },
    { "aws-fake.cfg", LOADS, "" },
    { "bool.cfg", REFUSED,
      ":4: syntax: found a mistake near 'True': lexical error, allowed NAME = "
      "\"TEXT\", NAME = NUMBER or NAME = [ LIST ], but no Python, as with xl" },
    { "builder-both.cfg", LOADS,
      ":2: builder: not honoured: type says another, as with xl\n" },
    { "centos-virt.cfg", LOADS, "" },
    { "centos7-pv.cfg", LOADS,
      ":8: vfb[0].vncpasswd: VNC takes only the first 8 bytes of a "
      "password\n" },
    { "citrix.cfg", REFUSED, ":6: pae: found true, allowed 1 or 0" },
    { "comment-no-newline.cfg", LOADS, "" },
    { "cpus-bare-list.cfg", LOADS, "" },
    { "d-blktap2.cfg", LOADS, "" },
    { "d-cw.cfg", LOADS, "" },
    { "d-nbd.cfg", LOADS, "" },
    { "d-script-pos.cfg", LOADS, "" },
    { "d-vhd.cfg", LOADS, "" },
    { "debian-hvm-installer.cfg", LOADS,
      ":11: vncconsole: not honoured: xl knows no such setting either\n" },
    { "dilos.cfg", LOADS,
      ":12: vncconsole: not honoured: xl knows no such setting either\n" },
    { "disk-forms2.cfg", LOADS, "" },
    { "double-quote-end.cfg", REFUSED,
      ":5: syntax: found a mistake near '\"': lexical error, allowed NAME = "
      "\"TEXT\", NAME = NUMBER or NAME = [ LIST ]" },
    { "driver-domain.cfg", LOADS, "" },
    { "freebsd.cfg", LOADS, "" },
    { "ganeti-hvm.cfg", LOADS,
      ":12: device_model: not honoured: xl ignores it, too\n"
      ":3: kernel: not honoured: an HVM domain is started by this host's "
      "hvmloader, as with xl; firmware_override names another\n" },
    { "ganeti.cfg", LOADS,
      ":4: bootargs: xm's word for bootloader_args, which xl ignores\n" },
    { "gnt.cfg", LOADS,
      ":8: vnuma: not honoured: this version gives a domain one node of "
      "memory\n"
      ":9: vnuma2: not honoured: xl knows no such setting either, the nearest "
      "known one is vnuma\n"
      ":11: weight: not honoured: xl knows no such setting either\n" },
    { "gpu.cfg", LOADS,
      ":8: gfx_passthru: not honoured: the domain gets no graphics card of the "
      "host\n"
      ":9: rdm: not honoured: no memory is reserved for devices of the host\n"
      ":10: rdm_mem_boundary: not honoured: no memory is reserved for devices "
      "of the host\n" },
    { "heredoc-eof.cfg", REFUSED,
      ":5: syntax: found a mistake near 'EOF': lexical error, allowed NAME = "
      "\"TEXT\", NAME = NUMBER or NAME = [ LIST ]" },
    { "hvm-direct.cfg", LOADS,
      ":7: root: not honoured: cmdline holds all, as with xl\n" },
    { "intel-vca.cfg", LOADS, "" },
    { "litmus.cfg", LOADS, "" },
    { "mem-hex.cfg", LOADS, "" },
    { "microvm-nix.cfg", LOADS, "" },
    { "mirage.cfg", LOADS,
      ":4: builder: xm's word for a PV domain, which xl refuses: type = \"pv\" "
      "says the same\n" },
    { "negative.cfg", REFUSED,
      ":5: syntax: found a mistake near '-3600': lexical error, allowed NAME = "
      "\"TEXT\", NAME = NUMBER or NAME = [ LIST ], but no Python, as with xl" },
    { "nested.cfg", REFUSED,
      ":8: disk[0]: found \"/vm/esxi.vmdk,vmdk,hda,w\", allowed a disk of "
      "xl-disk-configuration(5): unknown value for format: near 'vmdk' in "
      "'/vm/esxi.vmdk,vmdk,hda,w'" },
    { "nixos.cfg", LOADS, "" },
    { "on-xend-start.sxp", LOADS, "" },
    { "opensuse-hvm.cfg", LOADS,
      ":2: description: not honoured: xl knows no such setting either\n"
      ":14: device_model: not honoured: xl ignores it, too\n"
      ":27: extid: not honoured: xl knows no such setting either, the nearest "
      "known one is extra\n"
      ":15: kernel: not honoured: an HVM domain is started by this host's "
      "hvmloader, as with xl; firmware_override names another\n"
      ":18: vif[0].type: netfront is xm's word for vif, which xl refuses\n" },
    { "ovm-hvm.cfg", LOADS,
      ":17: device_model: not honoured: xl ignores it, too\n"
      ":23: vncconsole: not honoured: xl knows no such setting either\n"
      ":27: expose_host_uuid: not honoured: xl knows no such setting either\n"
      ":16: kernel: not honoured: an HVM domain is started by this host's "
      "hvmloader, as with xl; firmware_override names another\n"
      ":1: vif[0].type: netfront is xm's word for vif, which xl refuses\n" },
    { "ovm-upper.cfg", REFUSED,
      ":2: syntax: found a mistake near 'OVM_simple_name': lexical error, "
      "allowed NAME = \"TEXT\", NAME = NUMBER or NAME = [ LIST ]" },
    { "ovm.sxp", LOADS,
      ":31: vm.image.linux.videoram: not honoured: it means nothing for a PV "
      "domain\n"
      ":35: vm.image.linux.device_model: not honoured: xendeck chooses it "
      "itself\n"
      ":45: vbd[0].protocol: not honoured: the domain chooses it\n"
      ":65: vfb[1].xauthority: not honoured: xendeck serves VNC alone\n" },
    { "ovmf-q.cfg", LOADS, "" },
    { "pci-old.cfg", REFUSED,
      ":4: pci[3]: found \"0000:02:00.*\", allowed one function, BB:DD.F: * "
      "would be all of them" },
    { "proxmox.cfg", LOADS, "" },
    { "pvgrub-firmware.cfg", LOADS, "" },
    { "pvh-grub.cfg", LOADS, "" },
    { "pygrub-list.cfg", LOADS, "" },
    { "pygrub-str.cfg", LOADS,
      ":4: bootargs: not honoured: bootloader_args says another\n" },
    { "qubes.cfg", LOADS, "" },
    { "quoted-numbers.cfg", LOADS, "" },
    { "routed.sxp", LOADS,
      ":2: vif[0].dev: not honoured: xendeck knows no such field\n" },
    { "rumprun.cfg", LOADS,
      ":7: vif[0]: xenif: not honoured: no SETTING=VALUE, such as "
      "bridge=br0\n" },
    { "semis.cfg", LOADS, "" },
    { "spaces-in-spec.cfg", LOADS, "" },
    { "stub.cfg", REFUSED,
      ":5: device_model_stubdomain_override: found 1, allowed 0: the device "
      "model runs in domain 0" },
    { "superpages.cfg", LOADS,
      ":4: superpages: not honoured: Xen has large pages for PVH and HVM "
      "domains alone, and gives them by itself\n"
      ":5: machine_address_size: not honoured: xl knows no such setting "
      "either\n"
      ":6: hypervisor: not honoured: xl knows no such setting either\n"
      ":7: iommu: not honoured: xl knows no such setting either, the nearest "
      "known one is iomem\n"
      ":8: blkif: not honoured: xl knows no such setting either\n"
      ":9: netif: not honoured: xl knows no such setting either\n" },
    { "susestudio.cfg", LOADS,
      ":7: bootargs: xm's word for bootloader_args, which xl ignores\n" },
    { "tap-forms.cfg", LOADS, "" },
    { "tsc.sxp", LOADS, "" },
    { "uname-drbd.sxp", LOADS, "" },
    { "usbver.cfg", REFUSED,
      ":4: usbversion: found 3, allowed none together with usb and usbdevice" },
    { "v-multi.cfg", LOADS, "" },
    { "v-route.cfg", LOADS, "" },
    { "vfb-f12.cfg", LOADS, "" },
    { "vfb-orig.sxp", LOADS,
      ":2: vm.image.linux.vnc: not honoured: it means nothing for a PV domain\n"
      ":2: vm.image.linux.vncunused: not honoured: it means nothing for a PV "
      "domain\n"
      ":2: vm.image.linux.vnclisten: not honoured: it means nothing for a PV "
      "domain\n"
      ":2: vm.image.linux.vncpasswd: not honoured: it means nothing for a PV "
      "domain\n"
      ":2: vm.image.linux.keymap: not honoured: it means nothing for a PV "
      "domain\n" },
    { "vif-forms.cfg", LOADS,
      ":4: vif[2]: 00:16:3e:00:00:22: not honoured: no SETTING=VALUE, such as "
      "bridge=br0\n"
      ":6: vif[8]: accel: not honoured\n"
      ":6: vif[8]: policy: not honoured\n" },
    { "vncunused.cfg", LOADS, "" },
    { "win-quoted.cfg", LOADS,
      ":16: audio: not honoured: xl knows no such setting either\n" },
    { "windows-viridian.cfg", LOADS, "" },
    { "xcp.cfg", REFUSED,
      ":7: syntax: found a mistake near 'true': syntax error, unexpected "
      "IDENT, expecting STRING or NUMBER or '[', allowed NAME = \"TEXT\", NAME "
      "= NUMBER or NAME = [ LIST ]" },
    { "xend-hvm.sxp", LOADS,
      ":54: vm.image.hvm.device_model: not honoured: xendeck chooses it "
      "itself\n"
      ":57: vm.image.hvm.isa: not honoured: xendeck knows no such field\n"
      ":78: vbd[0].protocol: not honoured: the domain chooses it\n" },
    { "xend-loader.sxp", LOADS, "" },
    { "xend3-hvm.sxp", LOADS,
      ":2: vm.image.hvm.device_model: not honoured: xendeck chooses it itself\n"
      ":2: vm.image.hvm.ne2000: not honoured: xendeck knows no such field\n"
      ":2: vm.image.hvm.audio: not honoured: xendeck knows no such field\n"
      ":2: vm.image.hvm.full-screen: not honoured: xendeck knows no such "
      "field\n" },
    { "xentools-nopygrub.cfg", REFUSED,
      ":6: syntax: found a mistake near '0': syntax error, unexpected NUMBER, "
      "expecting $end or IDENT or NEWLINE or ';', allowed NAME = \"TEXT\", "
      "NAME = NUMBER or NAME = [ LIST ]" },
    { "xentools.cfg", LOADS,
      ":40: dhcp: not honoured: xl knows no such setting either\n" },
    { "xm-floppies.cfg", LOADS,
      ":5: fda: xm's word for a floppy, which xl ignores\n"
      ":6: fdb: xm's word for a floppy, which xl ignores\n"
      ":2: kernel: not honoured: an HVM domain is started by this host's "
      "hvmloader, as with xl; firmware_override names another\n"
      ":7: cdrom: xm's word for the disk hdc, which xl ignores\n" },
    { "xm-fmt.cfg", REFUSED,
      ":2: syntax: found a mistake near '%': lexical error, allowed NAME = "
      "\"TEXT\", NAME = NUMBER or NAME = [ LIST ], but no Python, as with xl" },
    { "xm-hvm.cfg", LOADS,
      ":9: device_model: not honoured: xl ignores it, too\n"
      ":22: ne2000: not honoured: xl knows no such setting either\n"
      ":23: audio: not honoured: xl knows no such setting either\n"
      ":1: kernel: not honoured: an HVM domain is started by this host's "
      "hvmloader, as with xl; firmware_override names another\n"
      ":11: cdrom: not honoured: disk says what hdc is\n" },
};

static void
good_check_one(const struct corpus_file *f)
{
    struct domain_config *c = NULL;
    struct buf warn = { 0 };
    struct err e = { 0 };
    char path[128], *said;
    int rc;

    snprintf(path, sizeof(path), DIR "%s", f->file);
    rc = config_load_any(path, &c, &warn, &e);
    said = corpus_said(rc < 0 ? e.msg : buf_text(&warn), path);
    if ((rc == 0) != (f->outcome == LOADS) || strcmp(said, f->says) != 0)
        fail_msg("%s: %s\n%s\nnot\n%s", f->file, rc < 0 ? "refused" : "loads",
                 said, f->says);
    free(said);
    buf_free(&warn);
    config_free(c);
}

static void
test_each_is_honoured_warned_of_or_refused(void **state)
{
    const struct corpus all = { .dir = DIR };
    size_t i;

    (void)state;
    assert_int_equal(corpus_count(&all), COUNT(files));
    for (i = 0; i < COUNT(files); i++)
        good_check_one(&files[i]);
}

static struct domain_config *
good_load(const char *file)
{
    struct domain_config *c = NULL;
    struct err e = { 0 };
    char path[128];

    snprintf(path, sizeof(path), DIR "%s", file);
    if (config_load_any(path, &c, NULL, &e) < 0)
        fail_msg("%s", e.msg);
    return c;
}

/* Words of xm, which xl does not know, for floppies and a CD drive. */
static void
test_drives_of_xm(void **state)
{
    struct domain_config *c = good_load("xm-floppies.cfg");

    (void)state;
    assert_string_equal(c->machine.floppy_a, "/images/boot.img");
    assert_string_equal(c->machine.floppy_b, "/images/two.img");
    assert_device(c, 2, "path", "/images/cd.iso");
    assert_device(c, 2, "vdev", "hdc");
    assert_device(c, 2, "cdrom", "true");
    config_free(c);
    c = good_load("xend3-hvm.sxp");
    assert_string_equal(c->machine.floppy_a, "/tmp/f.img");
    assert_device(c, 0, "path", "/dev/cdrom");
    assert_device(c, 0, "cdrom", "true");
    assert_device(c, 1, "vdev", "hda");
    config_free(c);
    c = good_load("xm-hvm.cfg"); /* which has it among its disks as well */
    assert_int_equal(c->n_devices, 3);
    assert_device(c, 1, "path", "/dev/cdrom");
    config_free(c);
}

/* What xend listed beside the image, and did not mean as it stands. */
static void
test_devices_of_xend(void **state)
{
    struct domain_config *c = good_load("xend-hvm.sxp");
    size_t i;

    (void)state;
    for (i = 0; i < c->n_devices; i++)
        assert_string_not_equal(c->devices[i].kind, "vfb");
    assert_string_equal(c->screen.keymap, "en-us");
    assert_string_equal(c->devices[3].kind, "pci");
    assert_device(c, 3, "vslot", NULL); /* 0x100: any */
    assert_device(c, 3, "msitranslate", "true");
    assert_device(c, 3, "power_mgmt", NULL);
    config_free(c);
    c = good_load("opensuse-hvm.cfg");
    assert_device(c, 2, "nictype", "vif");
    config_free(c);
}

/* xm and xend split them as a shell does, xl at each blank. */
static void
test_arguments_of_a_boot_loader(void **state)
{
    struct domain_config *c = good_load("ganeti.cfg");
    const struct config_texts *t = &c->image.bootloader_args;

    (void)state;
    assert_int_equal(t->n, 1);
    assert_string_equal(t->at[0], "--args=root=/dev/xvda1 ro");
    config_free(c);
    c = good_load("pygrub-str.cfg");
    t = &c->image.bootloader_args;
    assert_int_equal(t->n, 2);
    assert_string_equal(t->at[1], "--isconfig");
    config_free(c);
}

/* The text with kernel and ramdisk that are there. */
static void
good_replace(const char *text, const char *word, const char *path,
             struct buf *out)
{
    const char *p;

    for (; (p = strstr(text, word)) != NULL; text = p + strlen(word)) {
        buf_add(out, text, (size_t)(p - text));
        buf_str(out, path);
    }
    buf_str(out, text);
}

static bool
good_write(const struct tmpdir *t, const char *file)
{
    struct buf text = { 0 }, out = { 0 }, both = { 0 };
    char path[128];
    bool kernel;

    snprintf(path, sizeof(path), DIR "%s", file);
    assert_int_equal(fd_read_file(path, 1U << 20, &text, NULL), 0);
    kernel = strstr(buf_text(&text), "/boot/vmlinuz\"") != NULL ||
             strstr(buf_text(&text), "/boot/vmlinuz'") != NULL ||
             strstr(buf_text(&text), "/boot/vmlinuz)") != NULL;
    good_replace(buf_text(&text), "/boot/vmlinuz", "/bin/true", &out);
    good_replace(buf_text(&out), "/boot/initrd.img", t->path, &both);
    if (kernel)
        assert_int_equal(tmpdir_write(t, both.data, both.len), 0);
    buf_free(&text);
    buf_free(&out);
    buf_free(&both);
    return kernel;
}

/* What loads passes `check', which says the same of it and what it needs. */
static void
test_what_loads_is_good(void **state)
{
    struct tmpdir t;
    size_t i;

    (void)state;
    assert_int_equal(tmpdir_init(&t, "file"), 0);
    for (i = 0; i < COUNT(files); i++) {
        struct buf need = { 0 }, warn = { 0 };
        struct err e = { 0 };
        char *said;

        if (files[i].outcome != LOADS || !good_write(&t, files[i].file))
            continue;
        if (engine_check(NULL, t.path, &need, &warn, &e) < 0)
            fail_msg("%s: %s", files[i].file, e.msg);
        said = corpus_said(buf_text(&warn), t.path);
        assert_string_equal(said, files[i].says);
        assert_non_null(strstr(buf_text(&need), "needs "));
        free(said);
        buf_free(&need);
        buf_free(&warn);
    }
    tmpdir_fini(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_honoured_warned_of_or_refused),
        cmocka_unit_test(test_drives_of_xm),
        cmocka_unit_test(test_devices_of_xend),
        cmocka_unit_test(test_arguments_of_a_boot_loader),
        cmocka_unit_test(test_what_loads_is_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
