/*
 * test_faults.c - a file with many faults, in each format: all are named, in
 * the file's order, and none that only follows from another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/api/api_formats.h"
#include "engine/hv/hv_info.h"
#include "tests/unit/tmpdir.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char xl[] = "name = 'bad name'\n"
                         "type = 'hvm'\n"
                         "memory = '1G'\n"
                         "vcpus = 900\n"
                         "acpi = 'yes'\n"
                         "vga = 'ati'\n"
                         "maxvcpus = 2\n"
                         "disk = [ 'file:/a.img,hda,w', 'phy:/dev/x',\n"
                         " 'file:/b.img,zzz,w', 'file:/c.img,hda,w' ]\n"
                         "vif = [ 'mac=1:2', 'bridge=br0' ]\n"
                         "seclabel = 'x'\n"
                         "keymap = '../..'\n"
                         "cap = 900\n"
                         "cpus = '99'\n";

static const char conf[] =
    "name = \"a b\";\n"
    "memory = \"1X\";\n"
    "colour = 1;\n"
    "image = { kernel = \"/no/kernel\"; root = 5;\n"
    "  bad = 1; };\n"
    "devices = ( { type = \"vbd\"; path = \"/a\"; vdev = \"zz\"; },\n"
    "  { type = \"none\"; },\n"
    "  { type = \"vif\"; },\n"
    "  { type = \"vbd\"; path = \"/x\"; } );\n";

static const char sxp[] = "(vm (name 'a b') (memory x)\n"
                          " (vcpus 1000)\n"
                          " (image (linux (kernel /no/kernel) (root ())))\n"
                          " (device (vbd (uname phy:x) (dev zz) (mode w)))\n"
                          " (device (vif (mac 1:2)))\n"
                          " (device (vbd (uname phy:y) (dev hda) (mode q)))\n"
                          " (on_crash what))\n";

/* What is refused of a list is not looked at as a whole. */
static const char lists[] = "name = \"a\"; memory = 64;\n"
                            "image = { kernel = \"/no/kernel\"; };\n"
                            "host_stop_to = (\"--xl\", \"--bogus\");\n";

#define ONE_LEAF(n) "(" n " ((eax xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1))) "
#define LEAVES4(n)                                                             \
    ONE_LEAF(n "0") ONE_LEAF(n "1") ONE_LEAF(n "2") ONE_LEAF(n "3")
#define LEAVES16(n) LEAVES4(n "1") LEAVES4(n "2") LEAVES4(n "3") LEAVES4(n "4")

/* One more than there may be. */
static const char leaves[] =
    "(vm (name a) (memory 64)\n"
    " (image (linux (kernel /no/kernel)\n"
    "  (cpuid (" LEAVES16("1") LEAVES16("2") ONE_LEAF("9") ")))))\n";

static const struct {
    const char *text;
    const char *says[16]; /* what each line begins with */
} files[] = {
    { xl,
      { ":1: name: found \"bad name\"", ":3: memory: found \"1G\"",
        ":4: vcpus: found 900", ":5: acpi: found \"yes\"",
        ":11: seclabel: found \"x\"", ":6: vga: found \"ati\"",
        ":8: disk[1]: found \"phy:/dev/x\"", ":9: disk[2].vdev: found \"zzz\"",
        ":10: vif[0]: found \"mac=1:2\"", ":12: keymap: found \"../..\"",
        ":9: disk[3].vdev: found \"hda\"", ":14: cpus: found \"99\"" } },
    { conf,
      { ":1: name: found \"a b\"", ":2: memory: found \"1X\"",
        ":3: colour: found an unknown", ":4: image.root: found 5",
        ":5: image.bad: found an unknown", ":6: devices[0].vdev: found \"zz\"",
        ":7: devices[1].type: found \"none\"",
        ":9: devices[3]: found a vbd without vdev",
        ":4: image.kernel: found /no/kernel" } },
    { sxp,
      { ":1: vm.name: found \"a b\"", ":1: vm.memory: found \"x\"",
        ":7: vm.on_crash: found \"what\"", ":2: vm.vcpus: found 1000",
        ":3: vm.image.linux.root: found a list", ":4: vbd[0].dev: found \"zz\"",
        ":5: vif[0].mac: found \"1:2\"", ":6: vbd[1].mode: found \"q\"",
        ":3: vm.image.linux.kernel: found /no/kernel" } },
    { lists,
      { ":3: host_stop_to[1]: found \"--bogus\"",
        ":2: image.kernel: found /no/kernel" } },
    { leaves,
      { ":3: vm.image.linux.cpuid: found a list, allowed at most 32 leaves",
        ":2: vm.image.linux.kernel: found /no/kernel" } },
};

static const struct hv_host eight = {
    .cpus = 8, .free_kib = 100 * 1024, .has_hvm = true, .has_pv = true
};

static void
faults_write(const struct tmpdir *t, const char *text)
{
    assert_int_equal(tmpdir_write(t, text, strlen(text)), 0);
}

static void
faults_check(const struct tmpdir *t, size_t i)
{
    struct buf need = { 0 }, said = { 0 };
    struct err e = { 0 };
    const char *line;
    size_t n = strlen(t->path), k;

    faults_write(t, files[i].text);
    assert_int_equal(engine_check_host(&eight, t->path, &need, &said, &e), -1);
    buf_fmt(&said, "%s\n", e.msg);
    line = buf_text(&said);
    for (k = 0; files[i].says[k] != NULL; k++) {
        if (strncmp(line, t->path, n) != 0 ||
            strncmp(line + n, files[i].says[k], strlen(files[i].says[k])) != 0)
            fail_msg("%s is not said at %s", files[i].says[k], line);
        line += strcspn(line, "\n") + 1;
    }
    assert_string_equal(line, "");
    assert_string_equal(buf_text(&need), "");
    buf_free(&said);
}

static void
test_each_fault_is_named_once(void **state)
{
    struct tmpdir t;
    size_t i;

    (void)state;
    assert_int_equal(tmpdir_init(&t, "file"), 0);
    for (i = 0; i < COUNT(files); i++)
        faults_check(&t, i);
    tmpdir_fini(&t);
}

/* A file of nothing but faults does not fill the memory. */
static void
test_no_end_of_faults(void **state)
{
    struct buf text = { 0 }, need = { 0 }, said = { 0 };
    struct err e = { 0 };
    struct tmpdir t;
    const char *p;
    unsigned i, n = 0;

    (void)state;
    assert_int_equal(tmpdir_init(&t, "file"), 0);
    for (i = 0; i < 2000; i++)
        buf_fmt(&text, "unknown%u = 1;\n", i);
    buf_str(&text, "image = { };\n");
    faults_write(&t, buf_text(&text));
    assert_int_equal(engine_check(NULL, t.path, &need, &said, &e), -1);
    for (p = buf_text(&said); (p = strchr(p, '\n')) != NULL; p++)
        n++;
    assert_int_equal(n, 64); /* and the last one is in e */
    buf_free(&said);
    buf_free(&text);
    tmpdir_fini(&t);
}

/* What the hypervisor alone tells of itself. */
static void
test_without_an_engine(void **state)
{
    struct buf need = { 0 }, said = { 0 };
    struct err e = { 0 };
    struct tmpdir t;

    (void)state;
    assert_int_equal(tmpdir_init(&t, "file"), 0);
    faults_write(&t, "name = 'a'\nmemory = 64\ntype = 'hvm'\nvcpus = 2\n");
    assert_int_equal(engine_check_host(&eight, t.path, &need, &said, &e), 0);
    assert_string_equal(buf_text(&need),
                        "needs 70 MiB of 100 MiB free; 2 virtual cpus, the "
                        "host has 8");
    buf_clear(&need);
    faults_write(&t, "name = 'a'\nmemory = 128\ntype = 'hvm'\n");
    assert_int_equal(engine_check_host(&eight, t.path, &need, &said, &e), 0);
    assert_string_equal(buf_text(&need),
                        "needs 132 MiB of 100 MiB free, which is 32 MiB too "
                        "little; 1 virtual cpu, the host has 8");
    buf_free(&need);
    buf_free(&said);
    tmpdir_fini(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_fault_is_named_once),
        cmocka_unit_test(test_no_end_of_faults),
        cmocka_unit_test(test_without_an_engine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
