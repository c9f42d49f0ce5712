/*
 * test_saved_file.c - the file of a saved domain: what is written is read, as
 * xl lays it out; what is no such file is refused with a sentence. And libxl's
 * JSON, which xl's files hold, as an xl.cfg.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/xl/xl.h"
#include "engine/config/xl/xl_json.h"
#include "engine/saved/saved_file.h"
#include "src/base/fdio.h"

static struct err e;

static int
file_of(const void *bytes, size_t n)
{
    int fd = memfd_create("saved", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, bytes, n), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void
print(bool json, const char *config, const char *native, struct buf *out)
{
    struct saved_head h = { .json = json };

    buf_str(&h.config, config);
    if (native != NULL)
        buf_str(&h.native, native);
    saved_head_print(&h, out);
    saved_head_fini(&h);
}

static void
test_what_is_written_is_read(void **state)
{
    struct buf b = { 0 };
    struct saved_head h;
    int fd;

    (void)state;
    print(true, "{ \"c_info\": {} }", "name = \"web1\";\n", &b);
    buf_str(&b, "STREAM");
    fd = file_of(b.data, b.len);
    assert_int_equal(saved_head_read(fd, "f", &h, &e), 0);
    assert_true(h.json);
    assert_string_equal(buf_text(&h.config), "{ \"c_info\": {} }");
    assert_string_equal(buf_text(&h.native), "name = \"web1\";\n");
    assert_int_equal(lseek(fd, 0, SEEK_CUR), (off_t)b.len - 6);
    saved_head_fini(&h);
    close(fd);
    buf_free(&b);
}

/* Offsets and values as they were seen in a file of xl 4.17. */
static void
test_layout_is_xl_s(void **state)
{
    static const uint8_t stream[] = { 0x4c, 0x69, 0x62, 0x78, 0x6c, 0x46,
                                      0x6d, 0x74, 0,    0,    0,    2,
                                      0,    0,    0,    0,    1,    0,
                                      0,    0,    0,    0,    0,    0 };
    static const uint8_t order[] = { 4, 3, 2, 1, 3, 0, 0, 0, 0, 0, 0, 0 };
    struct buf b = { 0 };

    (void)state;
    print(true, "{}", NULL, &b);
    assert_int_equal(b.len, 48 + 4 + 3 + sizeof(stream));
    assert_memory_equal(b.data, "Xen saved domain, xl format\n \0 \r", 32);
    assert_memory_equal(b.data + 32, order, sizeof(order));
    assert_memory_equal(b.data + 44, "\7\0\0\0\3\0\0\0{}", 11);
    assert_memory_equal(b.data + 55, stream, sizeof(stream));
    buf_free(&b);
    print(false, "name='x'", NULL, &b);
    assert_int_equal(b.data[36], 2);
    buf_free(&b);
}

static void
refused(size_t at, const void *bytes, size_t n, const char *text)
{
    struct buf b = { 0 };
    struct saved_head h;
    int fd;

    print(true, "{}", "x", &b);
    assert_true(at + n <= b.len);
    memcpy(b.data + at, bytes, n);
    fd = file_of(b.data, b.len);
    err_clear(&e);
    assert_int_equal(saved_head_read(fd, "web1.save", &h, &e), -1);
    assert_int_equal(strncmp(e.msg, "web1.save: ", 11), 0);
    if (strstr(e.msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text, e.msg);
    saved_head_fini(&h);
    close(fd);
    buf_free(&b);
}

static void
test_what_is_refused(void **state)
{
    static const uint32_t huge = 0xfffffff0, one = 1, four = 4, nil = 0;

    (void)state;
    refused(0, "Y", 1, "no file of a saved domain");
    refused(32, "\1\2\3\4", 4, "another byte order");
    refused(36, &huge, 4, "later version");
    refused(36, &one, 4, "before 4.6");
    refused(44, &huge, 4, "impossible length");
    refused(44, &one, 4, "impossible length");
    refused(48, &huge, 4, "impossible length");
    refused(48, &nil, 4, "no configuration");
    refused(52, "\0", 1, "no configuration");
    refused(44, &four, 4, "impossible length");
}

static void
test_every_cut_is_refused(void **state)
{
    struct saved_head h;
    struct buf b = { 0 };
    size_t n;

    (void)state;
    print(true, "{}", "x = 1;\n", &b);
    for (n = 0; n < b.len; n++) {
        int fd = file_of(b.data, n);

        err_clear(&e);
        assert_int_equal(saved_head_read(fd, "f", &h, &e), -1);
        assert_non_null(strstr(e.msg, "ends in the middle"));
        saved_head_fini(&h);
        close(fd);
    }
    buf_free(&b);
}

static void
test_end(void **state)
{
    static const uint32_t model[] = { 3, 8 };
    int fd = memfd_create("end", MFD_CLOEXEC);

    (void)state;
    assert_int_equal(saved_tail_write(fd, -1, &e), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(saved_tail_read(fd, -1, &e), 0);
    close(fd);
    fd = file_of(model, sizeof(model));
    assert_int_equal(saved_tail_read(fd, -1, &e), -1);
    assert_non_null(strstr(e.msg, "device model"));
    close(fd);
}

/* With pads, as libxl writes it; what is read back is the same. */
static void
test_state_of_a_model(void **state)
{
    static const char bytes[] = "QEVM\0\0\0\3 and so on";
    int fd = memfd_create("tail", MFD_CLOEXEC), back;
    int from = file_of(bytes, sizeof(bytes));
    uint32_t head[4];
    char got[64];

    (void)state;
    assert_int_equal(saved_tail_write(fd, from, &e), 0);
    assert_int_equal(lseek(fd, 0, SEEK_CUR) % 8, 0);
    assert_int_equal(pread(fd, head, sizeof(head), 0), sizeof(head));
    assert_int_equal(head[0], 3);
    assert_int_equal(head[1], 8 + sizeof(bytes));
    assert_int_equal(head[2], 2);
    assert_int_equal(head[3], 0);
    back = memfd_create("state", MFD_CLOEXEC);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(saved_tail_read(fd, back, &e), 0);
    assert_int_equal(pread(back, got, sizeof(got), 0), sizeof(bytes));
    assert_memory_equal(got, bytes, sizeof(bytes));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(saved_tail_read(fd, -1, &e), -1); /* of a PV guest */
    close(back);
    close(from);
    close(fd);
}

static int
tail_of(const void *records, size_t n, int state_fd)
{
    int fd = file_of(records, n), rc;

    err_clear(&e);
    rc = saved_tail_read(fd, state_fd, &e);
    close(fd);
    return rc;
}

/* Nodes of an old model, and what may be skipped, are skipped. */
static void
test_records_behind_the_stream(void **state)
{
    static const uint32_t nodes[] = { 2, 12, 2,    0, 0x78797a,    0, 3, 9,
                                      2, 0,  0x41, 0, 0x80000077U, 0, 0, 0 };
    static const uint32_t twice[] = { 3, 9, 2, 0,    0x41, 0, 3,
                                      9, 2, 0, 0x41, 0,    0, 0 };
    static const uint32_t other[] = { 3, 9, 1, 0, 0x41, 0, 0, 0 };
    static const uint32_t large[] = { 3, 0xffffffffU, 2, 0 };
    static const uint32_t unknown[] = { 77, 0, 0, 0 };
    static const uint32_t nothing[] = { 0, 0 };
    int to = memfd_create("state", MFD_CLOEXEC);

    (void)state;
    if (tail_of(nodes, sizeof(nodes), to) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(lseek(to, 0, SEEK_END), 1);
    assert_int_equal(tail_of(twice, sizeof(twice), to), -1);
    assert_non_null(strstr(e.msg, "stands twice"));
    assert_int_equal(tail_of(other, sizeof(other), to), -1);
    assert_non_null(strstr(e.msg, "not known here"));
    assert_int_equal(tail_of(large, sizeof(large), to), -1);
    assert_non_null(strstr(e.msg, "impossible length"));
    assert_int_equal(tail_of(unknown, sizeof(unknown), to), -1);
    assert_int_equal(tail_of(nothing, sizeof(nothing), to), -1);
    assert_non_null(strstr(e.msg, "no state of a device model"));
    close(to);
}

/* --- libxl's JSON --- */

static const char of_xl[] =
    "{ \"c_info\": { \"type\": \"pv\", \"name\": \"pv1\", \"domid\": "
    "4294967295, \"uuid\": \"0865ec5c-a1c4-494d-9363-63217d30b684\", "
    "\"run_hotplug_scripts\": \"True\" }, \"b_info\": { \"max_vcpus\": 2, "
    "\"avail_vcpus\": [ 0 ], \"max_memkb\": 262144, \"target_memkb\": 196608, "
    "\"sched_params\": { \"sched\": \"credit2\", \"weight\": 512, \"cap\": 0 "
    "}, \"kernel\": \"/kern/vmlinux\", \"cmdline\": \"console=hvc0 a='b c'\", "
    "\"ramdisk\": \"/kern/ir.gz\", \"type.pv\": { } }, \"disks\": [ { "
    "\"pdev_path\": \"/share/d.img\", \"vdev\": \"xvda\", \"format\": "
    "\"raw\", \"readwrite\": 1 } ], \"nics\": [ { \"devid\": 0, \"mac\": "
    "\"00:16:3e:00:00:12\", \"bridge\": \"xenbr0\", \"nictype\": \"vif\" } ], "
    "\"on_reboot\": \"preserve\", \"on_crash\": \"destroy\" }";

static void
test_json_of_xl(void **state)
{
    const struct config_src src = { .file = "f", .dir = "/", .e = &e };
    struct domain_config *c = NULL;
    struct buf cfg = { 0 };

    (void)state;
    if (config_xl_from_json(of_xl, &cfg, &e) < 0 ||
        config_xl_parse(buf_text(&cfg), &src, &c) < 0)
        fail_msg("%s\n%s", e.msg, buf_text(&cfg));
    assert_string_equal(c->name, "pv1");
    assert_int_equal(c->uuid[0], 0x08);
    assert_int_equal(c->mem_kib, 196608);
    assert_int_equal(c->maxmem_kib, 262144);
    assert_int_equal(c->vcpus, 1);
    assert_int_equal(c->maxvcpus, 2);
    assert_int_equal(c->weight, 512);
    assert_string_equal(c->image.kernel, "/kern/vmlinux");
    assert_string_equal(c->image.ramdisk, "/kern/ir.gz");
    assert_int_equal(c->on[CONFIG_ON_REBOOT], CONFIG_PRESERVE);
    assert_int_equal(c->n_devices, 2);
    assert_string_equal(config_device_value(&c->devices[0], "path"),
                        "/share/d.img");
    assert_string_equal(config_device_value(&c->devices[1], "mac"),
                        "00:16:3e:00:00:12");
    config_free(c);
    buf_free(&cfg);
}

/* CPUID as Xen 4.17 has it, and beside MSRs as 4.18 may; cpus that no host
 * has. */
static void
test_json_of_a_machine(void **state)
{
    static const char leaves[] =
        "[ { \"leaf\": 1, \"ecx\": \"xxxxxx0xxxxxxxxxxxxxxxxxxxxxxxx0\", "
        "\"edx\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1\" }, { \"leaf\": 7, "
        "\"subleaf\": 0, \"ebx\": \"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkks\" } ]";
    static const char *const forms[] = { "%s",
                                         "{ \"cpuid\": %s, \"msr\": [] }" };
    char json[1024], cpuid[640];
    struct buf cfg = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        snprintf(cpuid, sizeof(cpuid), forms[i], leaves);
        snprintf(json, sizeof(json),
                 "{ \"c_info\": {}, \"b_info\": { \"vcpu_hard_affinity\": [ [ "
                 "0, 1, 2, 5000, -1 ], [ ] ], \"cpuid\": %s } }",
                 cpuid);
        if (config_xl_from_json(json, &cfg, &e) < 0)
            fail_msg("%s", e.msg);
        assert_non_null(
            strstr(buf_text(&cfg),
                   "cpuid = [ \"0x1:ecx=xxxxxx0xxxxxxxxxxxxxxxxxxxxxxxx0,"
                   "edx=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1\", "
                   "\"0x7,0x0:ebx=kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkks\" ]"));
        assert_non_null(strstr(buf_text(&cfg), "cpus = [ \"0-2\", \"all\" ]"));
        buf_clear(&cfg);
    }
    buf_free(&cfg);
}

/* As `xl save' writes it of an HVM guest, with a little of everything. */
static void
test_json_of_an_hvm_guest(void **state)
{
    const struct config_src src = { .file = "f", .dir = "/", .e = &e };
    struct buf json = { 0 }, cfg = { 0 };
    struct domain_config *c = NULL;

    (void)state;
    assert_int_equal(
        fd_read_file("tests/fuzz/saved/hvm.json", 65536, &json, &e), 0);
    if (config_xl_from_json(buf_text(&json), &cfg, &e) < 0 ||
        config_xl_parse(buf_text(&cfg), &src, &c) < 0)
        fail_msg("%s\n%s", e.msg, buf_text(&cfg));
    assert_int_equal(c->kind, DOM_HVM);
    assert_int_equal(c->screen.vga, CONFIG_VGA_STD);
    assert_int_equal(c->screen.videoram_mib, 16);
    assert_string_equal(c->screen.vncpasswd, "x");
    assert_string_equal(c->screen.vnclisten, "127.0.0.1");
    assert_string_equal(c->machine.serial.at[0], "pty");
    assert_string_equal(c->machine.usbdevice.at[0], "tablet");
    assert_string_equal(c->machine.viridian.at[1], "time_ref_count");
    assert_string_equal(c->image.kernel, "/kern/vmlinuz");
    assert_int_equal(c->on[CONFIG_ON_REBOOT], CONFIG_RESTART);
    assert_int_equal(c->on[CONFIG_ON_POWEROFF], CONFIG_DESTROY);
    assert_int_equal(c->n_devices, 3); /* a vfb is of other kinds */
    assert_string_equal(config_device_value(&c->devices[1], "nictype"),
                        "ioemu");
    config_free(c);
    buf_free(&json);
    buf_free(&cfg);
}

static void
test_json_that_is_none(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "3",
        "{}",
        "{ \"c_info\": 1, \"b_info\": {} }",
        "{ \"c_info\": { \"name\": \"a\\nkernel='/x'\" }, \"b_info\": {} }",
        "{ \"c_info\": { \"name\": \"a'\\\"\" }, \"b_info\": {} }",
        "{ \"c_info\": {}, \"b_info\": {}, \"nics\": [ { \"mac\": \"a,b\" } ] "
        "}",
        "{ \"c_info\": {}, \"b_info\": {}, \"disks\": [ { \"pdev_path\": "
        "\"/a' \\\" ]\" } ] }",
        "{ \"c_info\": {}, \"b_info\": { \"extra\": [ 1 ] } }",
        "{ \"c_info\": {}, \"b_info\": { \"cpuid\": [ 1 ] } }",
        "{ \"c_info\": {}, \"b_info\": { \"cpuid\": [ { \"leaf\": 1, "
        "\"eax\": \"x\" } ] } }",
    };
    struct buf cfg = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        err_clear(&e);
        assert_int_equal(config_xl_from_json(texts[i], &cfg, &e), -1);
        assert_true(e.msg[0] != '\0');
        buf_clear(&cfg);
    }
    buf_free(&cfg);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_layout_is_xl_s),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_every_cut_is_refused),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_state_of_a_model),
        cmocka_unit_test(test_records_behind_the_stream),
        cmocka_unit_test(test_json_of_xl),
        cmocka_unit_test(test_json_of_a_machine),
        cmocka_unit_test(test_json_of_an_hvm_guest),
        cmocka_unit_test(test_json_that_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
