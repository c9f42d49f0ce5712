/*
 * test_config.c - domain configurations: what is taken and how it is printed,
 * and the one sentence for each file under tests/data/bad.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/config/core/config.h"
#include "engine/config/load.h"
#include "tests/unit/config_fixture.h"
#include "tests/unit/tmpdir.h"

#define BAD        "tests/data/bad/"
#define KERNEL_END "/build/tests/minikernel"
#define COUNT(a)   (sizeof(a) / sizeof(a)[0])

/* The sentence that follows the file's name. */
static const struct {
    const char *file, *says;
} bad[] = {
    { "args-long", ":3: image.args: found a linux command line of 1026 bytes "
                   "(root, ip and args), allowed 1023" },
    { "args-netbsd", ":3: image.args: found a netbsd command line of 256 bytes "
                     "(root, ip and args), allowed 255" },
    { "backend", ":1: devices[0].backend: found 40000, allowed the name of a "
                 "domain, or its domid of 0 to 32751" },
    { "binary-nul", ":2: syntax: found a NUL byte, allowed text" },
    { "binary", ":1: syntax: found byte 0x7F, allowed NAME = VALUE; with text "
                "in quotes" },
    { "cpus-list", ":1: cpus[1]: found true, allowed a cpu number or a text "
                   "such as \"0-3,^2\"" },
    { "cpus-none", ":1: cpus: found \"^2\", which leaves no cpu, allowed a "
                   "list such as \"all,^2\" that leaves one" },
    { "cpus", ":1: cpus: found \"3-1\", allowed a list such as \"0-3,^2\" or "
              "\"all\", of cpus 0 to 1023" },
    { "deep",
      ":1: syntax: found more than 16 brackets inside each other, allowed 16" },
    { "device-group", ":1: devices: found a group { }, allowed a list of "
                      "groups, ( { type = \"vbd\"; ... } )" },
    { "device-key", ":2: devices[0].brige: found an unknown setting, allowed "
                    "is the nearest known one, bridge" },
    { "device-none", ":1: devices[0]: found a device without type, allowed one "
                     "with type, such as \"vbd\"" },
    { "device-text", ":1: devices[0]: found \"vif\", allowed a group, { type = "
                     "\"vbd\"; ... }" },
    { "device-type", ":1: devices[0].type: found \"usb\", allowed \"vbd\", "
                     "\"vif\", \"pci\", \"vkbd\" or \"vfb\"" },
    { "duplicate-deep", ":2: devices[1].mac: found the setting a second time, "
                        "allowed one of each name" },
    { "duplicate",
      ":3: name: found the setting a second time, allowed one of each name" },
    { "features", ":1: features: found \"a||b\", allowed names of kernel "
                  "features joined by |, each with or without ! in front" },
    { "image-ip", ":1: image.ip: found \"dhcp init=/bin/sh\", allowed one word "
                  "(other arguments go into args)" },
    { "image-key", ":2: image.kernal: found an unknown setting, allowed is the "
                   "nearest known one, kernel" },
    { "image-text", ":1: image: found \"linux\", allowed a group, image = { "
                    "kernel = \"PATH\"; }" },
    { "image-type", ":1: image.type: found \"plan9\", allowed linux, netbsd" },
    { "include", ":2: @include: found a line that includes another file, "
                 "allowed one file that holds all" },
    { "kernel-outside", ":3: kernel: found an unknown setting, allowed is the "
                        "nearest known one, image.kernel" },
    { "maxmem", ":3: maxmem: found 32, allowed 64 MiB (memory) or more" },
    { "maxvcpus", ":2: maxvcpus: found 2, allowed 4 (vcpus) to 128" },
    { "memory-bool", ":1: memory: found true, allowed 4 to 16777216 whole MiB, "
                     "or a text such as \"512M\" or \"2G\"" },
    { "memory-digits",
      ":1: memory: found a number of 26 characters, allowed at most 18" },
    { "memory-fraction",
      ":1: memory: found the fraction 1.5, allowed 4 to 16777216 whole MiB, or "
      "a text such as \"512M\" or \"2G\"" },
    { "memory-huge", ":2: memory: found 99999999999, allowed 4 to 16777216 "
                     "whole MiB, or a text such as \"512M\" or \"2G\"" },
    { "memory-negative", ":1: memory: found -256, allowed 4 to 16777216 whole "
                         "MiB, or a text such as \"512M\" or \"2G\"" },
    { "memory-part", ":1: memory: found \"5000K\", allowed 4 to 16777216 whole "
                     "MiB, or a text such as \"512M\" or \"2G\"" },
    { "memory-small", ":2: memory: found 3, allowed 4 to 16777216 whole MiB, "
                      "or a text such as \"512M\" or \"2G\"" },
    { "memory-unit", ":1: memory: found \"512X\", allowed 4 to 16777216 whole "
                     "MiB, or a text such as \"512M\" or \"2G\"" },
    { "memory-wrap", ":1: memory: found 4294967808, allowed 4 to 16777216 "
                     "whole MiB, or a text such as \"512M\" or \"2G\"" },
    { "name-control", ":1: name: found \"a?c\", allowed UTF-8 text without "
                      "control characters" },
    { "name-empty", ":1: name: found \"\", allowed a text that is not empty, "
                    "or no such setting" },
    { "name-newline", ":1: name: found byte 0x0A, allowed text of one line "
                      "without control characters" },
    { "name-nul",
      ":1: name: found \\x00 (NUL), allowed text without control characters" },
    { "name-number",
      ":1: name: found \"123\", allowed 1 to 63 letters, digits and . _ - +, a "
      "letter or digit first, not digits alone, not \"Domain-0\"" },
    { "name-slash",
      ":1: name: found \"a/b\", allowed 1 to 63 letters, digits and . _ - +, a "
      "letter or digit first, not digits alone, not \"Domain-0\"" },
    { "name-type", ":1: name: found 7, allowed a text in quotes" },
    { "no-image",
      ": image: found nothing, allowed a group that names the kernel" },
    { "no-kernel",
      ":3: image.kernel: found nothing, allowed the path of a kernel" },
    { "no-memory", ": memory: found nothing, allowed 4 to 16777216 MiB" },
    { "no-name",
      ": name: found nothing, allowed a name, which every domain needs" },
    { "on_crash",
      ":1: on_crash: found 1, allowed \"destroy\", \"restart\", \"preserve\", "
      "\"rename-restart\", \"coredump-destroy\" or \"coredump-restart\"" },
    { "open-comment",
      ":2: syntax: found a comment that is not closed, allowed /* text */" },
    { "open-text", ":1: name: found a text that is not closed, allowed text "
                   "between two \"" },
    { "restart", ":1: restart: found \"sometimes\", allowed \"onreboot\", "
                 "\"never\" or \"always\"" },
    { "syntax", ":2: syntax: found a mistake in or before \"memory 64;\" "
                "(syntax error), allowed NAME = VALUE;" },
    { "text-long", ":1: image.args: found "
                   "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                   "aaa...\", allowed at most 1023 bytes (this is 1024)" },
    { "unknown", ":2: memroy: found an unknown setting, allowed is the nearest "
                 "known one, memory" },
    { "uuid-zero", ":1: uuid: found \"00000000-0000-0000-0000-000000000000\", "
                   "allowed hexadecimal digits as 8-4-4-4-12, not all zero" },
    { "uuid", ":1: uuid: found \"6a1f0c9e-8b3d-4e27-9c55-0123456789a\", "
              "allowed hexadecimal digits as 8-4-4-4-12, not all zero" },
    { "vbd-both", ":2: devices[0].params: found \"b\", allowed only one of "
                  "params and path" },
    { "vbd-cdrom-w",
      ":2: devices[0].mode: found \"w\", allowed \"r\" for a CD drive" },
    { "vbd-cdrom", ":1: devices[0].cdrom: found 1, allowed true or false" },
    { "vbd-format",
      ":1: devices[0].format: found \"vmdk\", allowed \"raw\", \"qcow2\", "
      "\"vhd\" or \"qed\"" },
    { "vbd-mode",
      ":1: devices[0].mode: found \"rw\", allowed \"r\", \"w\" or \"w!\"" },
    { "vbd-no-path", ":1: devices[0]: found a vbd without path, allowed one "
                     "with path, params or cdrom = true" },
    { "vbd-no-vdev", ":1: devices[0]: found a vbd without vdev, allowed one "
                     "with vdev, such as \"xvda\"" },
    { "vbd-twice", ":2: devices[1].vdev: found \"d0\", allowed one that "
                   "devices[0] does not use" },
    { "vbd-vdev",
      ":1: devices[0].vdev: found \"hde\", allowed xvda, hda to hdd, sda to "
      "sdp, each with or without a partition, d0p1 or a device number" },
    { "vcpus-text",
      ":1: vcpus: found \"2\", allowed a whole number of 1 to 128" },
    { "vcpus", ":1: vcpus: found 0, allowed 1 to 128" },
    { "vif-mac",
      ":1: devices[0].mac: found \"01:16:3e:00:00:01\", allowed six pairs of "
      "hexadecimal digits as 00:16:3e:12:34:56, no multicast address" },
    { "vif-name", ":1: devices[0].vifname: found \"sixteen-bytes-16\", allowed "
                  "the name of an interface, at most 15 bytes" },
    { "vif-rate", ":1: devices[0].rate: found \"fast\", allowed a rate as "
                  "\"10Mb/s\", \"250KB/s\" or \"1MB/s@20ms\"" },
    { "vif-script", ":1: devices[0].script: found \"../evil\", allowed an "
                    "absolute path, or a name without /" },
    { "vif-twice", ":2: devices[1].mac: found \"00:16:3E:00:00:01\", allowed "
                   "one that devices[0] does not use" },
};

/* 0: it was not written. */
static unsigned
line_of(const struct domain_config *c, const char *name)
{
    const struct config_seen *s = config_seen_find(c, name);

    return s != NULL ? s->line : 0;
}

static void
assert_refused(const char *text, const char *says)
{
    struct domain_config *c = NULL;
    struct err e = { 0 };

    assert_int_equal(config_parse(text, "t.conf", NULL, &c, &e), -1);
    assert_string_equal(e.msg, says);
    assert_null(c);
}

static void
assert_ends(const char *text, const char *end)
{
    assert_true(strlen(text) > strlen(end));
    assert_int_equal(text[0], '/');
    assert_string_equal(text + strlen(text) - strlen(end), end);
}

static void
test_bad_files_say_one_sentence(void **state)
{
    struct domain_config *c = NULL;
    char path[256], says[1024];
    struct err e;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bad); i++) {
        snprintf(path, sizeof path, BAD "%s.conf", bad[i].file);
        snprintf(says, sizeof says, "%s%s", path, bad[i].says);
        e = (struct err){ 0 };
        assert_int_equal(config_load(path, &c, &e), -1);
        assert_string_equal(e.msg, says);
        assert_int_not_equal(e.code, ERR_NONE);
        assert_int_equal(config_load(path, &c, NULL), -1);
    }
}

static void
test_every_bad_file_is_in_the_table(void **state)
{
    DIR *d = opendir(BAD);
    struct dirent *de;
    size_t n = 0;

    (void)state;
    assert_non_null(d);
    while ((de = readdir(d)) != NULL)
        n += de->d_name[0] != '.';
    closedir(d);
    assert_int_equal(n, COUNT(bad));
}

static void
test_linux_has_defaults(void **state)
{
    struct domain_config *c = load_ok("tests/data/linux.conf");

    (void)state;
    assert_string_equal(c->file, "tests/data/linux.conf");
    assert_string_equal(c->name, "linux1");
    assert_int_equal(c->mem_kib, 64 * 1024);
    assert_int_equal(c->maxmem_kib, 64 * 1024);
    assert_int_equal(c->vcpus, 1);
    assert_int_equal(c->maxvcpus, 1);
    assert_int_equal(c->cpus.n, 0);
    assert_false(c->uuid_set);
    assert_string_equal(c->image.type, "linux");
    assert_ends(c->image.kernel, KERNEL_END);
    assert_null(strstr(c->image.kernel, ".."));
    assert_null(c->image.ramdisk);
    assert_int_equal(c->on[CONFIG_ON_REBOOT], CONFIG_RESTART);
    assert_int_equal(c->on[CONFIG_ON_CRASH], CONFIG_DESTROY);
    assert_int_equal(c->n_devices, 0);
    assert_int_equal(line_of(c, "name"), 2);
    assert_int_equal(line_of(c, "memory"), 3);
    assert_int_equal(line_of(c, "vcpus"), 4);
    assert_int_equal(line_of(c, "image"), 5);
    assert_int_equal(line_of(c, "image.kernel"), 7);
    assert_int_equal(line_of(c, "image.args"), 8);
    assert_int_equal(line_of(c, "cpus"), 0);
    config_free(c);
}

static void
test_full_takes_every_setting(void **state)
{
    struct domain_config *c = load_ok("tests/data/full.conf");
    char uuid[37];

    (void)state;
    assert_true(c->uuid_set);
    uuid_print_text(c->uuid, uuid);
    assert_string_equal(uuid, "6a1f0c9e-8b3d-4e27-9c55-0123456789ab");
    assert_int_equal(c->mem_kib, 256 * 1024);
    assert_int_equal(c->maxmem_kib, 1024 * 1024);
    assert_int_equal(c->vcpus, 2);
    assert_int_equal(c->maxvcpus, 4);
    assert_cpus(&c->cpus, 4, "0-3,^2|0-3,^2|0-3,^2|0-3,^2");
    assert_ends(c->image.ramdisk, KERNEL_END);
    assert_string_equal(c->image.root, "/dev/xvda1 ro");
    assert_string_equal(c->image.args, "console=hvc0 quiet note=\"a \\ b\"");
    assert_int_equal(c->on[CONFIG_ON_POWEROFF], CONFIG_RESTART);
    assert_int_equal(c->on[CONFIG_ON_CRASH], CONFIG_PRESERVE);
    assert_string_equal(c->features,
                        "!writable_page_tables|pae_pgdir_above_4gb");
    config_free(c);
}

static void
test_devices_are_kept_in_order(void **state)
{
    struct domain_config *c = load_ok("tests/data/devices.conf");
    const struct config_device *d;

    (void)state;
    assert_int_equal(c->n_devices, 6);
    assert_int_equal(line_of(c, "devices"), 4);
    d = &c->devices[1];
    assert_string_equal(d->kind, "vbd");
    assert_int_equal(d->line, 6);
    assert_int_equal(d->n_keys, 4);
    assert_string_equal(d->keys[0], "path");
    assert_ends(d->values[0], "/tests/data/disks/data.qcow2");
    assert_string_equal(d->keys[3], "mode");
    assert_string_equal(d->values[3], "r");
    assert_string_equal(c->devices[2].values[1], "true");
    d = &c->devices[5];
    assert_string_equal(d->kind, "vif");
    assert_string_equal(d->keys[2], "backend");
    assert_string_equal(d->values[2], "3");
    config_free(c);
}

static void
test_print_round_trip(void **state)
{
    static const char *const files[] = {
        "tests/data/linux.conf",
        "tests/data/netbsd.conf",
        "tests/data/full.conf",
        "tests/data/devices.conf",
    };
    struct domain_config *a, *b;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(files); i++) {
        struct buf one = { 0 }, two = { 0 };

        a = load_ok(files[i]);
        config_print(a, &one);
        b = parse_ok(buf_text(&one));
        config_print(b, &two);
        assert_string_equal(buf_text(&one), buf_text(&two));
        assert_same_config(a, b);
        config_free(a);
        config_free(b);
        buf_free(&one);
        buf_free(&two);
    }
}

#define HEAD "name = \"a\"; memory = 64; image = { kernel = \"/k\"; }; "

static void
test_memory_units(void **state)
{
    static const struct {
        const char *written;
        uint64_t kib;
    } sizes[] = {
        { "4", 4096 },
        { "16777216", 16ULL << 30 },
        { "0x100", 256 * 1024 },
        { "512L", 512 * 1024 },
        { "\"65536K\"", 65536 },
        { "\"512m\"", 512 * 1024 },
        { "\"2G\"", 2 * 1024 * 1024 },
        { "\"16T\"", 16ULL << 30 },
    };
    struct domain_config *c;
    char text[128];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(sizes); i++) {
        snprintf(text, sizeof text,
                 "name = \"a\"; image = { kernel = \"/k\"; }; memory = %s;",
                 sizes[i].written);
        c = parse_ok(text);
        assert_int_equal(c->mem_kib, sizes[i].kib);
        config_free(c);
    }
}

static void
test_sizes_that_would_overflow(void **state)
{
    static const char *const sizes[] = {
        "\"17T\"",
        "\"16777217M\"",
        "\"99999999999T\"",
        "\"18446744073709551616K\"",
        "\"-1M\"",
        "\"M\"",
        "\"\"",
        "\" 64M\"",
        "\"0x40M\"",
        "\"64\"",
        "[64]",
        "{ }",
    };
    struct domain_config *c;
    struct err e;
    char text[128];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(sizes); i++) {
        e = (struct err){ 0 };
        snprintf(text, sizeof text, "memory = %s;", sizes[i]);
        assert_int_equal(config_parse(text, "t.conf", NULL, &c, &e), -1);
        assert_non_null(strstr(e.msg, "t.conf:1: memory: found "));
        assert_non_null(strstr(e.msg, "allowed 4 to 16777216"));
    }
}

static void
test_cpus_forms(void **state)
{
    static const struct {
        const char *written, *text;
        unsigned first_byte;
    } forms[] = {
        { "3", "3", 0x08 },
        { "\"0-3,^2\"", "0-3,^2", 0x0b },
        { "\" all , ^0 \"", " all , ^0 ", 0xfe },
    };
    uint8_t mask[CONFIG_CPUS_MAX / 8];
    struct domain_config *c;
    char text[256];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(forms); i++) {
        snprintf(text, sizeof text, HEAD "cpus = %s;", forms[i].written);
        c = parse_ok(text);
        assert_false(c->cpus.each);
        assert_true(config_cpus_mask(&c->cpus, 0, mask));
        assert_int_equal(mask[0], forms[i].first_byte);
        assert_cpus(&c->cpus, 1, forms[i].text);
        config_free(c);
    }
    assert_refused("cpus = 1024;",
                   "t.conf:1: cpus: found 1024, allowed 0 to 1023");
}

/* One list for each vcpu: what is written, what is printed, and the lists of
 * four vcpus. */
static void
test_cpus_of_each_vcpu(void **state)
{
    static const struct {
        const char *more, *printed, *lists;
    } forms[] = {
        { "cpus = [\"0\", \"1-3\"];", "cpus = [ \"0\", \"1-3\" ];",
          "0|1-3|-|-" },
        { "cpus = (\"0\", 2, \"0-7,^1\");",
          "cpus = [ \"0\", \"2\", \"0-7,^1\" ];", "0|2|0-7,^1|-" },
        { "cpus = [0];", "cpus = [ \"0\" ];", "0|-|-|-" },
        { "cpus = [0, 1, 2, 3, 4, 5];",
          "cpus = [ \"0\", \"1\", \"2\", \"3\" ];", "0|1|2|3" },
        { "cpus = \"5\"; cpus_soft = [6, 7];",
          "cpus = \"5\";\ncpus_soft = [ \"6\", \"7\" ];", "5|5|5|5" },
    };
    struct domain_config *c, *again;
    struct buf out = { 0 };
    char text[256];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(forms); i++) {
        snprintf(text, sizeof text, HEAD "vcpus = 2; maxvcpus = 4; %s",
                 forms[i].more);
        c = parse_ok(text);
        assert_cpus(&c->cpus, 4, forms[i].lists);
        buf_clear(&out);
        config_print(c, &out);
        assert_non_null(strstr(buf_text(&out), forms[i].printed));
        again = parse_ok(buf_text(&out));
        assert_same_config(c, again);
        config_free(again);
        config_free(c);
    }
    buf_free(&out);
}

static void
test_cpus_of_each_vcpu_refused(void **state)
{
    struct domain_config *c;
    struct buf text = { 0 };
    struct err e = { 0 };
    int i;

    (void)state;
    assert_refused("cpus = ();", "t.conf:1: cpus: found a list ( ), allowed "
                                 "one cpu list, or one for each virtual cpu");
    assert_refused("cpus = [0,\n1024];",
                   "t.conf:2: cpus[1]: found 1024, allowed 0 to 1023");
    assert_refused("cpus = (\"0\",\n\"^1\");",
                   "t.conf:2: cpus[1]: found \"^1\", which leaves no cpu, "
                   "allowed a list such as \"all,^2\" that leaves one");
    assert_refused("cpus_soft = (\"0\", (1));",
                   "t.conf:1: cpus_soft[1]: found a list ( ), allowed a cpu "
                   "number or a text such as \"0-3,^2\"");
    buf_str(&text, HEAD "vcpus = 128; cpus = [0");
    for (i = 1; i < CONFIG_VCPUS_MAX; i++)
        buf_str(&text, ",0");
    buf_str(&text, "];");
    c = parse_ok(buf_text(&text));
    assert_int_equal(c->cpus.n, CONFIG_VCPUS_MAX);
    config_free(c);
    text.len -= 2;
    text.data[text.len] = '\0';
    buf_str(&text, ",0];");
    assert_int_equal(config_parse(buf_text(&text), "t.conf", NULL, &c, &e), -1);
    assert_string_equal(e.msg, "t.conf:1: cpus[128]: found 0, allowed 128 cpu "
                               "lists, one for each virtual cpu");
    buf_free(&text);
}

/* restart gives all ends, the others override it wherever they stand. */
static void
test_restart_and_ends_in_any_order(void **state)
{
    static const char *const texts[] = {
        HEAD "restart = \"always\"; on_crash = \"preserve\";",
        HEAD "on_crash = \"preserve\"; restart = \"always\";",
    };
    struct domain_config *c;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(texts); i++) {
        c = parse_ok(texts[i]);
        assert_int_equal(c->on[CONFIG_ON_POWEROFF], CONFIG_RESTART);
        assert_int_equal(c->on[CONFIG_ON_CRASH], CONFIG_PRESERVE);
        assert_int_equal(c->on[CONFIG_ON_WATCHDOG], CONFIG_RESTART);
        config_free(c);
    }
}

static void
test_line_ends_and_byte_order_mark(void **state)
{
    struct domain_config *c =
        parse_ok("\xef\xbb\xbfname = \"a\";\r\nmemory = 64;\r\n"
                 "image = {\r\n kernel = \"/k\";\r\n};\r\n");

    (void)state;
    assert_string_equal(c->name, "a");
    assert_int_equal(line_of(c, "memory"), 2);
    assert_int_equal(line_of(c, "image.kernel"), 4);
    config_free(c);
}

static void
test_relative_paths(void **state)
{
    static const struct {
        const char *written, *path;
    } paths[] = {
        { "k", "/conf/k" },
        { "./k", "/conf/k" },
        { "../k", "/k" },
        { "../../../k", "/k" },
        { ".//../x/../k", "/x/../k" },
        { "/boot/../k", "/boot/../k" },
    };
    struct domain_config *c;
    char text[128];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(paths); i++) {
        snprintf(text, sizeof text,
                 "name = \"a\"; memory = 4; image = { kernel = \"%s\"; };",
                 paths[i].written);
        c = parse_ok(text);
        assert_string_equal(c->image.kernel, paths[i].path);
        config_free(c);
    }
    assert_refused("image = { kernel = \"k\"; };",
                   "t.conf:1: image.kernel: found \"k\", allowed a path that "
                   "starts with /");
}

static void
test_brackets_up_to_the_limit(void **state)
{
    struct buf b = { 0 };
    unsigned i;

    (void)state;
    buf_str(&b, "x = ");
    for (i = 0; i < 16; i++)
        buf_chr(&b, '(');
    for (i = 0; i < 16; i++)
        buf_chr(&b, ')');
    assert_refused(buf_text(&b), "t.conf:1: x: found an unknown setting, "
                                 "allowed are those of xendeck-domain(5)");
    for (i = 0; i < 900000; i++)
        buf_chr(&b, '(');
    assert_refused(buf_text(&b), "t.conf:1: syntax: found more than 16 "
                                 "brackets inside each other, allowed 16");
    buf_free(&b);
}

static void
test_too_many_settings(void **state)
{
    struct buf b = { 0 };
    unsigned i;

    (void)state;
    for (i = 0; i < 5000; i++)
        buf_fmt(&b, "a%u=1\n", i);
    assert_refused(buf_text(&b),
                   "t.conf:2049: a2048: found more than 2048 settings and list "
                   "elements, allowed 2048");
    buf_free(&b);
}

static void
test_comment_at_the_end(void **state)
{
    struct domain_config *c = parse_ok(HEAD "# no newline");

    (void)state;
    config_free(c);
    assert_refused("# nothing", "t.conf: name: found nothing, allowed a name, "
                                "which every domain needs");
}

static void
test_long_setting_name(void **state)
{
    (void)state;
    assert_refused(
        "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd = 1;",
        "t.conf:1: abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"
        ": found a setting's name that is too long, allowed 63 bytes");
}

static void
test_long_file_name_is_cut(void **state)
{
    struct domain_config *c = NULL;
    struct err e = { 0 };
    char file[4000];

    (void)state;
    memset(file, 'd', sizeof file);
    file[sizeof file - 1] = '\0';
    assert_int_equal(config_parse("vcpus = 0;", file, NULL, &c, &e), -1);
    assert_memory_equal(e.msg, "...dd", 5);
    assert_non_null(strstr(e.msg, "d:1: vcpus: found 0, allowed 1 to 128"));
}

/* Files that are none: made in a folder of their own. */
static int
setup(void **state)
{
    *state = tmpdir_new(sizeof(struct tmpdir), "t.conf");
    return *state != NULL ? 0 : -1;
}

static void
assert_load_says(const char *path, const char *says)
{
    struct domain_config *c = NULL;
    char whole[512];
    struct err e = { 0 };

    snprintf(whole, sizeof whole, "%s%s", path, says);
    assert_int_equal(config_load(path, &c, &e), -1);
    assert_string_equal(e.msg, whole);
}

static void
test_load_of_ten_megabytes(void **state)
{
    const struct tmpdir *t = *state;
    int fd = open(t->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 10485760), 0);
    close(fd);
    assert_load_says(t->path, ": found 10485760 bytes, allowed 1048576");
}

static void
test_load_of_what_is_no_file(void **state)
{
    const struct tmpdir *t = *state;

    assert_load_says(t->path, ": No such file or directory");
    assert_load_says(t->dir, ": not a regular file, but a directory");
    assert_int_equal(mkfifo(t->path, 0600), 0);
    assert_load_says(t->path, ": not a regular file, but a fifo");
}

static void
test_load_of_an_empty_file(void **state)
{
    const struct tmpdir *t = *state;

    close(open(t->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_load_says(t->path, ": name: found nothing, allowed a name, which "
                              "every domain needs");
}

static void
test_load_of_an_unreadable_file(void **state)
{
    const struct tmpdir *t = *state;
    uid_t uid = geteuid();

    close(open(t->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0));
    if (uid == 0) /* root reads everything */
        assert_int_equal(seteuid(65534), 0);
    assert_load_says(t->path, ": Permission denied");
    assert_int_equal(seteuid(uid), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_files_say_one_sentence),
        cmocka_unit_test(test_every_bad_file_is_in_the_table),
        cmocka_unit_test(test_linux_has_defaults),
        cmocka_unit_test(test_full_takes_every_setting),
        cmocka_unit_test(test_devices_are_kept_in_order),
        cmocka_unit_test(test_print_round_trip),
        cmocka_unit_test(test_memory_units),
        cmocka_unit_test(test_sizes_that_would_overflow),
        cmocka_unit_test(test_cpus_forms),
        cmocka_unit_test(test_cpus_of_each_vcpu),
        cmocka_unit_test(test_cpus_of_each_vcpu_refused),
        cmocka_unit_test(test_restart_and_ends_in_any_order),
        cmocka_unit_test(test_line_ends_and_byte_order_mark),
        cmocka_unit_test(test_relative_paths),
        cmocka_unit_test(test_brackets_up_to_the_limit),
        cmocka_unit_test(test_too_many_settings),
        cmocka_unit_test(test_comment_at_the_end),
        cmocka_unit_test(test_long_setting_name),
        cmocka_unit_test(test_long_file_name_is_cut),
        cmocka_unit_test_setup_teardown(test_load_of_ten_megabytes, setup,
                                        tmpdir_teardown),
        cmocka_unit_test_setup_teardown(test_load_of_what_is_no_file, setup,
                                        tmpdir_teardown),
        cmocka_unit_test_setup_teardown(test_load_of_an_empty_file, setup,
                                        tmpdir_teardown),
        cmocka_unit_test_setup_teardown(test_load_of_an_unreadable_file, setup,
                                        tmpdir_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
