/*
 * test_dev_stats.c - counters of devices from a tree of files as sysfs and
 * /proc have them, and the host's PCI devices from one as well.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/dom0/linux/dev_stats.h"
#include "engine/dom0/linux/pci_sysfs.h"
#include "engine/dom0/pci_bdf.h"
#include "src/base/buf.h"

#define BUS "sys/bus/xen-backend/devices"
#define PCI "sys/bus/pci"

struct fixture {
    char root[64];
    struct dev_stats *ds;
};

/* ROOT/path with its directories; text NULL: a directory. */
static void
put(struct fixture *f, const char *path, const char *text)
{
    char full[256], *p;
    FILE *out;

    text_fmt(full, sizeof(full), "%s/%s", f->root, path);
    for (p = full + strlen(f->root) + 1; (p = strchr(p, '/')) != NULL; p++) {
        *p = '\0';
        (void)mkdir(full, 0700);
        *p = '/';
    }
    if (text == NULL) {
        (void)mkdir(full, 0700);
        return;
    }
    out = fopen(full, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void
put_link(struct fixture *f, const char *path, const char *to)
{
    char full[256];

    text_fmt(full, sizeof(full), "%s/%s", f->root, path);
    assert_int_equal(symlink(to, full), 0);
}

static int
rm_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static void
rm(struct fixture *f, const char *path)
{
    char full[256];

    text_fmt(full, sizeof(full), "%s%s%s", f->root, path[0] ? "/" : "", path);
    (void)nftw(full, rm_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void
put_vbd(struct fixture *f, const char *name, unsigned rd, unsigned wr)
{
    char path[128], text[32];
    static const char *const files[] = { "rd_sect", "rd_req", "wr_sect",
                                         "wr_req" };
    size_t i;

    for (i = 0; i < 4; i++) {
        unsigned v = (i < 2 ? rd : wr) / (i % 2 == 1 ? 8 : 1);

        text_fmt(path, sizeof(path), BUS "/%s/statistics/%s", name, files[i]);
        text_fmt(text, sizeof(text), "%u\n", v);
        put(f, path, text);
    }
}

static void
put_net(struct fixture *f, const char *lines)
{
    struct buf b = { 0 };

    buf_fmt(&b,
            "Inter-|   Receive                 |  Transmit\n"
            " face |bytes    packets errs drop fifo frame compressed "
            "multicast|bytes    packets errs drop fifo colls carrier "
            "compressed\n%s",
            lines);
    put(f, "proc/net/dev", buf_text(&b));
    buf_free(&b);
}

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    text_fmt(f->root, sizeof(f->root), "/tmp/xendeck-test.XXXXXX");
    assert_non_null(mkdtemp(f->root));
    f->ds = dev_stats_new(f->root);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    dev_stats_free(f->ds);
    rm(f, "");
    free(f);
    return 0;
}

static struct dom0_dev_stats
read_one(struct fixture *f, bool vif, uint32_t domid, uint32_t devid)
{
    struct dom0_dev dev = { .vif = vif, .domid = domid, .devid = devid };
    struct dom0_dev_stats v;

    assert_int_equal(dev_stats_read(f->ds, &dev, 1, true, &v, NULL), 0);
    return v;
}

static void
test_a_kernel_without_backends_has_none(void **state)
{
    struct fixture *f = *state;
    size_t n = 9;

    assert_int_equal(dev_stats_list(f->ds, NULL, 0, &n, NULL), 0);
    assert_int_equal(n, 0);
    assert_false(read_one(f, true, 1, 0).known);
    assert_false(read_one(f, false, 1, 51712).known);
}

static void
test_only_names_of_devices_are_listed(void **state)
{
    static const char *const names[] = { "vif-1-0",         "vbd-12-51712",
                                         "vbd-3-268439552", "console-1-0",
                                         "vif-x-0",         "vif-1",
                                         "vbd-1-",          "vif-1-0x",
                                         "vif--1-0",        "vbd-99999-1" };
    struct fixture *f = *state;
    struct dom0_dev dev[8];
    char path[96];
    size_t i, n;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        text_fmt(path, sizeof(path), BUS "/%s", names[i]);
        put(f, path, NULL);
    }
    assert_int_equal(dev_stats_list(f->ds, dev, 8, &n, NULL), 0);
    assert_int_equal(n, 3);
    assert_int_equal(dev_stats_list(f->ds, dev, 1, &n, NULL), 0);
    assert_int_equal(n, 3); /* how many there are */
}

static void
test_vbd_counts_until_it_is_gone(void **state)
{
    struct fixture *f = *state;
    struct dom0_dev_stats v;

    put_vbd(f, "vbd-1-51712", 800, 1600);
    v = read_one(f, false, 1, 51712);
    assert_true(v.known);
    assert_int_equal(v.rd_sectors, 800);
    assert_int_equal(v.wr_sectors, 1600);
    assert_int_equal(v.rd_req, 100);
    assert_int_equal(v.wr_req, 200);
    rm(f, BUS "/vbd-1-51712");
    assert_false(read_one(f, false, 1, 51712).known);
    put_vbd(f, "vbd-1-51712", 8, 16); /* attached anew: another directory */
    assert_int_equal(read_one(f, false, 1, 51712).rd_sectors, 8);
    put(f, BUS "/vbd-1-51712/statistics/rd_sect", "nonsense");
    assert_false(read_one(f, false, 1, 51712).known);
}

static void
test_vif_is_seen_with_the_guests_eyes(void **state)
{
    struct fixture *f = *state;
    struct dom0_dev_stats v;

    put_net(f, "    lo: 5 5 0 0 0 0 0 0 5 5 0 0 0 0 0 0\n"
               "vif1.0: 1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0\n");
    v = read_one(f, true, 1, 0);
    assert_true(v.known);
    assert_int_equal(v.tx_bytes, 1000);
    assert_int_equal(v.tx_packets, 10);
    assert_int_equal(v.tx_errors, 1);
    assert_int_equal(v.tx_drops, 2);
    assert_int_equal(v.rx_bytes, 2000);
    assert_int_equal(v.rx_packets, 20);
    assert_int_equal(v.rx_errors, 3);
    assert_int_equal(v.rx_drops, 4);
    assert_false(read_one(f, true, 1, 1).known);
}

static void
test_renamed_interface_is_found_again(void **state)
{
    struct fixture *f = *state;

    put(f, BUS "/vif-2-0/net/web1", NULL);
    put_net(f, "  web1: 7 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0\n");
    assert_int_equal(read_one(f, true, 2, 0).rx_bytes, 9);
    rm(f, BUS "/vif-2-0/net/web1");
    put(f, BUS "/vif-2-0/net/web9", NULL);
    put_net(f, "  web9: 8 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0\n");
    assert_int_equal(read_one(f, true, 2, 0).rx_bytes, 10);
}

static void
test_emulated_twin_is_added(void **state)
{
    struct fixture *f = *state;

    put_net(f, "vif3.0: 1 1 0 0 0 0 0 0 2 1 0 0 0 0 0 0\n"
               "vif3.0-emu: 10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n");
    assert_int_equal(read_one(f, true, 3, 0).rx_bytes, 22);
    assert_int_equal(read_one(f, true, 3, 0).tx_bytes, 11);
}

static void
test_bad_lines_of_the_kernel_are_left_out(void **state)
{
    struct fixture *f = *state;

    put_net(f, "vif1.0: 1 2 3\n"
               "a-name-that-is-too-long-for-one: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 "
               "1 1\n"
               "nothing\n:\n");
    assert_false(read_one(f, true, 1, 0).known);
}

static void
test_what_nobody_asks_for_is_closed(void **state)
{
    struct fixture *f = *state;
    int i, fd, before;

    put_vbd(f, "vbd-1-51712", 8, 8);
    before = dup(0);
    close(before);
    assert_true(read_one(f, false, 1, 51712).known);
    for (i = 0; i < 200; i++)
        (void)read_one(f, true, 1, 0);
    fd = dup(0); /* the number is free again */
    assert_int_equal(fd, before);
    close(fd);
    assert_true(read_one(f, false, 1, 51712).known);
}

/* --- pci --- */

static void
put_pci(struct fixture *f, const char *bdf, const char *driver)
{
    char path[128], to[128];

    text_fmt(path, sizeof(path), PCI "/devices/%s/vendor", bdf);
    put(f, path, "0x8086\n");
    text_fmt(path, sizeof(path), PCI "/devices/%s/irq", bdf);
    put(f, path, "16\n");
    text_fmt(path, sizeof(path), PCI "/devices/%s/resource", bdf);
    put(f, path,
        "0x00000000f6000000 0x00000000f607ffff 0x0000000000040200\n"
        "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
        "0x000000000000e000 0x000000000000e01f 0x0000000000040101\n");
    if (driver == NULL)
        return;
    text_fmt(path, sizeof(path), PCI "/drivers/%s/%s", driver, bdf);
    put(f, path, NULL);
    text_fmt(path, sizeof(path), PCI "/devices/%s/driver", bdf);
    text_fmt(to, sizeof(to), "../../../../bus/pci/drivers/%s", driver);
    put_link(f, path, to);
}

static void
test_addresses_of_pci_devices(void **state)
{
    static const char *const bad[] = {
        "",           "1",        "01:00",         "01:20.0",   "01:00.8",
        "01:00.0x",   "001:00.0", "0000:01:00.0 ", "x:01:00.0", "00000:01:00.0",
        "0000:01:.0", ":01:00.0"
    };
    char text[PCI_BDF_MAX];
    uint32_t sbdf;
    size_t i;

    (void)state;
    assert_true(pci_bdf_parse("0001:02:1f.7", &sbdf));
    assert_int_equal(sbdf, 0x102ff);
    pci_bdf_print(sbdf, text);
    assert_string_equal(text, "0001:02:1f.7");
    assert_true(pci_bdf_parse("3:0.1", &sbdf));
    assert_int_equal(sbdf, 0x301);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(pci_bdf_parse(bad[i], &sbdf));
}

static void
test_pci_device_and_who_holds_it(void **state)
{
    struct fixture *f = *state;
    struct err e = { 0 };
    struct dom0_pci p;

    put_pci(f, "0000:03:00.0", "ixgbe");
    assert_int_equal(pci_sysfs_get(f->root, 0x300, &p, &e), 0);
    assert_string_equal(p.driver, "ixgbe");
    assert_int_equal(p.vendor, 0x8086);
    assert_int_equal(p.irq, 16);
    assert_int_equal(p.n_res, 2);
    assert_false(p.res[0].io);
    assert_int_equal(p.res[0].size, 0x80000);
    assert_true(p.res[1].io);
    assert_int_equal(p.res[1].start, 0xe000);
    assert_int_equal(p.res[1].size, 0x20);
    assert_int_equal(pci_sysfs_get(f->root, 0x400, &p, &e), -1);
    assert_string_equal(e.msg, "this host has no PCI device 0000:04:00.0");
}

static void
test_pciback_holds_what_is_assignable(void **state)
{
    struct fixture *f = *state;
    struct dom0_pci p[4];
    struct err e = { 0 };
    size_t n;

    assert_int_equal(pci_sysfs_list(f->root, p, 4, &n, &e), 0);
    assert_int_equal(n, 0);
    put_pci(f, "0000:04:00.0", "xen-pciback");
    put_pci(f, "0000:03:00.0", "pciback");
    put_pci(f, "0000:05:00.0", "nvme");
    put(f, PCI "/drivers/pciback/do_flr", "");
    assert_int_equal(pci_sysfs_list(f->root, p, 4, &n, &e), 0);
    assert_int_equal(n, 2);
    assert_int_equal(p[0].sbdf, 0x300);
    assert_int_equal(p[1].sbdf, 0x400);
    assert_string_equal(p[1].driver, DOM0_PCI_BACK); /* whatever its name */
    assert_int_equal(pci_sysfs_reset(f->root, 0x300, &e), 0);
    rm(f, PCI "/drivers/pciback/do_flr");
    assert_int_equal(pci_sysfs_reset(f->root, 0x300, &e), -1);
    assert_non_null(strstr(e.msg, "reset of 0000:03:00.0"));
    put(f, PCI "/devices/0000:03:00.0/reset", "");
    assert_int_equal(pci_sysfs_reset(f->root, 0x300, &e), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_kernel_without_backends_has_none),
        TEST(test_only_names_of_devices_are_listed),
        TEST(test_vbd_counts_until_it_is_gone),
        TEST(test_vif_is_seen_with_the_guests_eyes),
        TEST(test_renamed_interface_is_found_again),
        TEST(test_emulated_twin_is_added),
        TEST(test_bad_lines_of_the_kernel_are_left_out),
        TEST(test_what_nobody_asks_for_is_closed),
        TEST(test_addresses_of_pci_devices),
        TEST(test_pci_device_and_who_holds_it),
        TEST(test_pciback_holds_what_is_assignable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
