/*
 * test_config_set.c - every setting of a domain and of its devices: what it
 * takes and how that is printed, what it refuses and in which words, as a file
 * in the native format and as a reader of another format gives it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/set.h"
#include "engine/config/load.h"
#include "tests/unit/config_fixture.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define HEAD     "memory = 64; image = { kernel = \"/k\"; }; "
#define NAMED    "name = \"a\"; " HEAD
#define VBD(k)   "devices = ( { type = \"vbd\"; vdev = \"xvda\"; " k " } );"
#define VIF(k)   "devices = ( { type = \"vif\"; " k " } );"
#define PCI(k)   "devices = ( { type = \"pci\"; bdf = \"01:00.0\"; " k " } );"
#define VFB(k)   "devices = ( { type = \"vfb\"; " k " } );"

/* Prints it, reads that, and gives back what was printed. */
static void
round_trip(const struct domain_config *c, struct buf *printed)
{
    struct domain_config *again;
    struct buf two = { 0 };

    config_print(c, printed);
    again = parse_ok(buf_text(printed));
    assert_same_config(c, again);
    config_print(again, &two);
    assert_string_equal(buf_text(printed), buf_text(&two));
    config_free(again);
    buf_free(&two);
}

/* --- what is taken, and the line that is printed for it; NULL: none */

static const struct {
    const char *text, *printed;
} good[] = {
    { "", "restart = \"onreboot\";" },
    { "cpus_soft = \"0-3\";", "cpus_soft = \"0-3\";" },
    { "vcpus = 2; cpus_soft = [1, 2];", "cpus_soft = [ \"1\", \"2\" ];" },
    { "pool = \"Pool-0\";", "pool = \"Pool-0\";" },
    { "pool = \"a pool\";", "pool = \"a pool\";" },
    { "pool = 1;", "pool = \"1\";" },
    { "weight = 1;", "weight = 1;" },
    { "weight = 65535;", "weight = 65535;" },
    { "cap = 0;", NULL },
    { "cap = 100;", "cap = 100;" },
    { "vcpus = 2; cap = 200;", "cap = 200;" },
    { "maxvcpus = 4; cap = 400;", "cap = 400;" },
    { "period = 20000; budget = 20000;", "budget = 20000;" },
    { "budget = 10000;", "budget = 10000;" },
    { "period = 4000;", "period = 4000;" },
    { "budget = 10;", "budget = 10;" },
    { "period = 2147483647;", "period = 2147483647;" },
    { "extratime = true;", "extratime = true;" },
    { "extratime = false;", "extratime = false;" },
    { "restart = \"never\";", "restart = \"never\";" },
    { "on_poweroff = \"preserve\";", "on_poweroff = \"preserve\";" },
    { "on_reboot = \"rename-restart\";", "on_reboot = \"rename-restart\";" },
    { "on_crash = \"coredump-destroy\";", "on_crash = \"coredump-destroy\";" },
    { "on_watchdog = \"coredump-restart\";",
      "on_watchdog = \"coredump-restart\";" },
    { "on_reboot = \"destroy\";", "restart = \"never\";" },
    { "restart_min = 0;", "restart_min = 0;" },
    { "restart_min = 86400;", "restart_min = 86400;" },
    { "autostart = true;", "autostart = true;" },
    { "autostart = false;", NULL },
    { "autostart_order = 0;", "autostart_order = 0;" },
    { "autostart_order = 10000;", "autostart_order = 10000;" },
    { "autostart_order = 100;", NULL },
    { "autostart_delay = 3600;", "autostart_delay = 3600;" },
    { "host_stop = \"destroy\";", "host_stop = \"destroy\";" },
    { "host_stop = \"shutdown\";", "host_stop = \"shutdown\";" },
    { "host_stop = \"migrate\";", "host_stop = \"migrate\";" },
    { "host_stop_to = \"root@beta\";", "host_stop_to = \"root@beta\";" },
    { "host_stop_to = (\"--command=ssh -p 22\", \"beta\", \"--xl\");",
      "host_stop_to = (\"--command=ssh -p 22\", \"beta\", \"--xl\");" },
    { "host_stop_to = \"tls://[fe80::1]:8003\";", "tls://[fe80::1]:8003" },
    { "host_stop_else = \"shutdown\";", "host_stop_else = \"shutdown\";" },
    { "driver_domain = true;", "driver_domain = true;" },
    { "features = \"!a|b_1\";", "features = \"!a|b_1\";" },
    { VBD("path = \"/dev/x\";"), "path = \"/dev/x\";" },
    { VBD("path = \"x/y\";"), "path = \"/conf/x/y\";" },
    { VBD("path = \"file:../y\";"), "path = \"/y\";" },
    { VBD("path = \"phy:vg/y\";"), "path = \"/dev/vg/y\";" },
    { VBD("path = \"/dev/vg/y\";"), "path = \"/dev/vg/y\";" },
    { VBD("params = \"file:/x y\";"), "params = \"file:/x y\";" },
    { VBD("params = \"phy:vg/y\";"), "params = \"phy:vg/y\";" },
    { VBD("params = \"drbd:web\";"), "params = \"drbd:web\";" },
    { VBD("params = \"/x\";"), "params = \"/x\";" },
    { VBD("params = \"nbd:x\"; script = \"block-nbd\";"),
      "params = \"nbd:x\"; script = \"block-nbd\";" },
    { VBD("path = \"/x\"; mode = \"w!\";"), "mode = \"w!\";" },
    { VBD("path = \"/x\"; format = \"qcow2\";"), "format = \"qcow2\";" },
    { VBD("cdrom = true;"), "cdrom = true;" },
    { VBD("path = \"/x\"; discard = false;"), "discard = false;" },
    { VBD("path = \"/x\"; direct_io_safe = true;"), "direct_io_safe = true;" },
    { VBD("path = \"/x\"; backend = 3;"), "backend = \"3\";" },
    { VBD("path = \"/x\"; backend = \"storage\";"), "backend = \"storage\";" },
    { VIF(""), "{ type = \"vif\"; }" },
    { VIF("mac = \"00:16:3E:00:00:01\";"), "mac = \"00:16:3E:00:00:01\";" },
    { VIF("bridge = \"xenbr0\"; gatewaydev = \"eth0\";"),
      "bridge = \"xenbr0\"; gatewaydev = \"eth0\";" },
    { VIF("ip = \"10.0.0.1 fe80::1\";"), "ip = \"10.0.0.1 fe80::1\";" },
    { VIF("rate = \"1MB/s@20ms\";"), "rate = \"1MB/s@20ms\";" },
    { VIF("mtu = 9000;"), "mtu = 9000;" },
    { VIF("nictype = \"ioemu\"; model = \"e1000\";"), "nictype = \"ioemu\";" },
    { PCI(""), "bdf = \"0000:01:00.0\";" },
    { "devices = ( { type = \"pci\"; bdf = \"00aB:1F:1f.7\"; } );",
      "bdf = \"00ab:1f:1f.7\";" },
    { PCI("permissive = true; msitranslate = false;"),
      "permissive = true; msitranslate = false;" },
    { PCI("power_mgmt = true; seize = true;"),
      "power_mgmt = true; seize = true;" },
    { PCI("rdm_policy = \"relaxed\"; vslot = 0x1c;"),
      "rdm_policy = \"relaxed\"; vslot = 28;" },
    { "devices = ( { type = \"vkbd\"; backend = 0; } );", "\"vkbd\"" },
    { VFB("vnc = true; vnclisten = \"0.0.0.0\"; vncdisplay = 3;"),
      "vnc = true; vnclisten = \"0.0.0.0\"; vncdisplay = 3;" },
    { VFB("vncunused = false; vncpasswd = \"a\\\"b\\\\c\";"),
      "vncunused = false; vncpasswd = \"a\\\"b\\\\c\";" },
    { VFB("keymap = \"en-us\";"), "keymap = \"en-us\";" },
};

static void
test_good_settings_are_taken_and_printed(void **state)
{
    struct buf text = { 0 }, printed = { 0 };
    struct domain_config *c;
    char name[32];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(good); i++) {
        buf_clear(&text);
        buf_clear(&printed);
        buf_fmt(&text, NAMED "%s", good[i].text);
        c = parse_ok(buf_text(&text));
        round_trip(c, &printed);
        if (good[i].printed != NULL) {
            if (strstr(buf_text(&printed), good[i].printed) == NULL)
                fail_msg("no %s in:\n%s", good[i].printed, buf_text(&printed));
        } else {
            snprintf(name, sizeof name, "%.*s", (int)strcspn(good[i].text, " "),
                     good[i].text);
            assert_null(strstr(buf_text(&printed), name));
        }
        config_free(c);
    }
    buf_free(&text);
    buf_free(&printed);
}

/* --- what is refused, and the sentence after "t.conf:1: " */

#define TO                                                                     \
    "allowed a host as `migrate' has it, with its options behind: "            \
    "(\"HOST\", \"--command=ssh -p 2222\")"
#define NUM "allowed a whole number of "
#define ACTIONS                                                                \
    "allowed \"destroy\", \"restart\", \"preserve\", \"rename-restart\", "     \
    "\"coredump-destroy\" or \"coredump-restart\""
#define BOOL    "allowed true or false"
#define TEXT    "allowed a text in quotes"
#define IFNAME  "allowed the name of an interface, at most 15 bytes"
#define BACKEND "allowed the name of a domain, or its domid of 0 to 32751"
#define BDF     "allowed DDDD:BB:DD.F or BB:DD.F, as lspci names a device"
#define POOL                                                                   \
    "allowed the name of a cpu pool, at most 63 bytes without /, or its "      \
    "number"
#define CPULIST                                                                \
    "allowed a list such as \"0-3,^2\" or \"all\", of cpus 0 to 1023"

static const struct {
    const char *text, *says;
} bad[] = {
    { "cpus_soft = \"9-1\";", "cpus_soft: found \"9-1\", " CPULIST },
    { "cpus_soft = true;", "cpus_soft: found true, allowed a cpu number or a "
                           "text such as \"0-3,^2\"" },
    { "pool = \"a/b\";", "pool: found \"a/b\", " POOL },
    { "pool = true;", "pool: found true, " POOL },
    { "weight = 0;", "weight: found 0, allowed 1 to 65535" },
    { "weight = 65536;", "weight: found 65536, allowed 1 to 65535" },
    { "weight = \"256\";", "weight: found \"256\", " NUM "1 to 65535" },
    { "weight = -1;", "weight: found -1, allowed 1 to 65535" },
    { "weight = 1.5;", "weight: found the fraction 1.5, " NUM "1 to 65535" },
    { "cap = 101;", "cap: found 101, allowed 0 to 100 (100 for each vcpu)" },
    { "maxvcpus = 2; cap = 201;",
      "cap: found 201, allowed 0 to 200 (100 for each vcpu)" },
    { "cap = 99999;", "cap: found 99999, allowed 0 to 12800" },
    { "period = 9;", "period: found 9, allowed 10 to 2147483647" },
    { "period = 100;",
      "period: found 100, allowed 4000 (the default budget) or more" },
    { "period = 5000; budget = 5001;",
      "budget: found 5001, allowed 10 to 5000 (period) microseconds" },
    { "budget = 10001;", "budget: found 10001, allowed 10 to 10000 (the "
                         "default period) microseconds" },
    { "budget = 9;", "budget: found 9, allowed 10 to 2147483647" },
    { "extratime = 1;", "extratime: found 1, " BOOL },
    { "restart = \"often\";", "restart: found \"often\", allowed "
                              "\"onreboot\", \"never\" or \"always\"" },
    { "on_poweroff = \"stop\";", "on_poweroff: found \"stop\", " ACTIONS },
    { "on_reboot = true;", "on_reboot: found true, " ACTIONS },
    { "on_watchdog = \"\";", "on_watchdog: found \"\", " ACTIONS },
    { "restart_min = 86401;", "restart_min: found 86401, allowed 0 to 86400" },
    { "restart_min = \"20s\";",
      "restart_min: found \"20s\", " NUM "0 to 86400" },
    { "autostart = \"true\";", "autostart: found \"true\", " BOOL },
    { "autostart_order = 10001;",
      "autostart_order: found 10001, allowed 0 to 10000" },
    { "autostart_delay = 3601;",
      "autostart_delay: found 3601, allowed 0 to 3600" },
    { "host_stop = \"suspend\";",
      "host_stop: found \"suspend\", allowed \"shutdown\", \"destroy\", "
      "\"save\" or \"migrate\"" },
    { "host_stop_else = \"migrate\";",
      "host_stop_else: found \"migrate\", allowed \"shutdown\", \"destroy\" "
      "or \"save\"" },
    { "host_stop_to = \"a b; rm\";", "host_stop_to: found \"a b; rm\", " TO },
    { "host_stop_to = \"--rounds=0\";",
      "host_stop_to: found \"--rounds=0\", " TO },
    { "host_stop_to = \"-x\";", "host_stop_to: found \"-x\", " TO },
    { "host_stop_to = \"--xl\";", "host_stop_to: found no host, allowed one" },
    { "host_stop_to = (\"a\", \"b\");",
      "host_stop_to: found \"a\" and \"b\", allowed one host" },
    { "driver_domain = 0;", "driver_domain: found 0, " BOOL },
    { "autostrat = true;", "autostrat: found an unknown setting, allowed is "
                           "the nearest known one, autostart" },
    { "image = 5;", "image: found 5, allowed a group, image = { kernel = "
                    "\"PATH\"; }" },
    { VBD("path = \"\";"), "devices[0].path: found \"\", allowed a text that "
                           "is not empty, or no such setting" },
    { VBD("path = \"file:\";"),
      "devices[0].path: found \"file:\", allowed a path that starts with /" },
    { VBD("path = 7;"), "devices[0].path: found 7, " TEXT },
    { VBD("params = \"sda\";"), "devices[0].params: found \"sda\", allowed "
                                "\"file:PATH\", \"phy:DEVICE\", or "
                                "a script that knows what it means" },
    { VBD("path = \"/x\"; format = \"qcow2\"; script = \"s\";"),
      "devices[0].script: found \"s\", allowed none with format = \"qcow2\", "
      "which no script serves" },
    { VBD("path = \"/x\"; discard = 1;"),
      "devices[0].discard: found 1, " BOOL },
    { VBD("path = \"/x\"; direct_io_safe = \"yes\";"),
      "devices[0].direct_io_safe: found \"yes\", " BOOL },
    { VBD("path = \"/x\"; backend = -1;"),
      "devices[0].backend: found -1, " BACKEND },
    { VBD("path = \"/x\"; backend = \"a b\";"),
      "devices[0].backend: found \"a b\", " BACKEND },
    { VIF("mac = \"00:00:00:00:00:00\";"),
      "devices[0].mac: found \"00:00:00:00:00:00\", allowed six pairs of "
      "hexadecimal digits as 00:16:3e:12:34:56, no multicast address" },
    { VIF("bridge = \"a/b\";"),
      "devices[0].bridge: found \"a/b\", " IFNAME
      ", or NAME.VLAN or NAME:TRUNK:TRUNK of vif-openvswitch" },
    { VBD("path = \"nbd:192.0.2.1:10809\";"),
      "devices[0].path: found \"nbd:192.0.2.1:10809\", allowed a file or a "
      "block device: QEMU opens nothing else for a disk of Xen; attach it to "
      "this host, as \"rbd map\" or nbd-client do, or name a script" },
    { VIF("gatewaydev = \"-i\";"),
      "devices[0].gatewaydev: found \"-i\", " IFNAME },
    { VIF("ip = \"10.0.0.1; rm\";"),
      "devices[0].ip: found \"10.0.0.1; rm\", allowed IP addresses separated "
      "by spaces" },
    { VIF("mtu = 67;"), "devices[0].mtu: found 67, allowed 68 to 65535" },
    { VIF("nictype = \"pv\";"),
      "devices[0].nictype: found \"pv\", allowed \"vif\" or \"ioemu\"" },
    { VIF("model = \"E 1\";"), "devices[0].model: found \"E 1\", allowed "
                               "letters, digits and - _ ." },
    { "devices = ( { type = \"pci\"; } );",
      "devices[0]: found a pci without bdf, allowed one with bdf, such as "
      "\"0000:01:00.0\"" },
    { "devices = ( { type = \"pci\"; bdf = \"01:20.0\"; } );",
      "devices[0].bdf: found \"01:20.0\", " BDF },
    { "devices = ( { type = \"pci\"; bdf = \"01:00.8\"; } );",
      "devices[0].bdf: found \"01:00.8\", " BDF },
    { "devices = ( { type = \"pci\"; bdf = \"1:0.0\"; } );",
      "devices[0].bdf: found \"1:0.0\", " BDF },
    { "devices = ( { type = \"pci\"; bdf = \"../../../../\"; } );",
      "devices[0].bdf: found \"../../../../\", " BDF },
    { PCI("vslot = 32;"), "devices[0].vslot: found 32, allowed 0 to 31" },
    { PCI("permissive = 1;"), "devices[0].permissive: found 1, " BOOL },
    { PCI("rdm_policy = \"none\";"),
      "devices[0].rdm_policy: found \"none\", allowed \"strict\" or "
      "\"relaxed\"" },
    { "devices = ( { type = \"pci\"; bdf = \"0000:01:00.0\"; }, { type = "
      "\"pci\"; bdf = \"01:00.0\"; } );",
      "devices[1].bdf: found \"0000:01:00.0\", allowed one that devices[0] "
      "does not use" },
    { VFB("vncpasswd = \"123456789\";"),
      "devices[0].vncpasswd: found a password of 9 bytes, allowed at most 8" },
    { VFB("vncpasswd = 12345678;"),
      "devices[0].vncpasswd: found a password, allowed a text in quotes" },
    { VFB("vncdisplay = 59636;"),
      "devices[0].vncdisplay: found 59636, allowed 0 to 59635" },
    { VFB("vnclisten = \"a,b\";"), "devices[0].vnclisten: found \"a,b\", "
                                   "allowed the address of an interface" },
    { VFB("keymap = \"../de\";"), "devices[0].keymap: found \"../de\", allowed "
                                  "the name of a keymap, such as \"en-us\"" },
    { VFB("vnc = \"on\";"), "devices[0].vnc: found \"on\", " BOOL },
    { VFB("vncpassword = \"x\";"),
      "devices[0].vncpassword: found an unknown setting, allowed is the "
      "nearest known one, vncpasswd" },
};

static void
test_bad_settings_are_refused_in_one_sentence(void **state)
{
    struct domain_config *c = NULL;
    char says[512];
    struct err e;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bad); i++) {
        struct buf text = { 0 };

        e = (struct err){ 0 };
        /* only cap and the scheduler's wait for the rest of the file */
        buf_fmt(&text, "name = \"a\"; %s%s",
                strncmp(bad[i].text, "image", 5) == 0 ? "" : HEAD, bad[i].text);
        assert_int_equal(config_parse(buf_text(&text), "t.conf", "/", &c, &e),
                         -1);
        assert_null(c);
        if (bad[i].says != NULL) {
            snprintf(says, sizeof says, "t.conf:1: %s", bad[i].says);
            assert_string_equal(e.msg, says);
        }
        buf_free(&text);
    }
}

/* --- the same table as readers of other formats use it */

static int
set(struct domain_config *c, const struct config_src *src, const char *name,
    const char *shown, const char *value)
{
    struct config_item it = {
        .name = name, .shown = shown, .value = value, .line = 3
    };

    return config_set(src, c, &it);
}

static const char *
word(const char *native)
{
    return strcmp(native, "image.kernel") == 0 ? "kernel" : NULL;
}

static void
test_messages_have_the_words_of_the_format(void **state)
{
    struct err e = { 0 };
    struct config_src src = { .file = "x.cfg", .e = &e, .word = word };
    struct domain_config *c = config_new("x.cfg");

    (void)state;
    assert_int_equal(set(c, &src, "name", NULL, "a"), 0);
    assert_int_equal(set(c, &src, "memory", NULL, "512"), 0);
    assert_int_equal(config_finish(&src, c), -1);
    assert_string_equal(e.msg, "x.cfg: kernel: found nothing, allowed the path "
                               "of a kernel");
    assert_int_equal(set(c, &src, "image.kernel", "kernel", "/k"), 0);
    assert_int_equal(set(c, &src, "weight", "cpu_weight", "lots"), -1);
    assert_string_equal(e.msg, "x.cfg:3: cpu_weight: found \"lots\", allowed a "
                               "whole number of 1 to 65535");
    assert_int_equal(set(c, &src, "weight", "cpu_weight", "0"), -1);
    assert_string_equal(e.msg, "x.cfg:3: cpu_weight: found 0, allowed 1 to "
                               "65535");
    assert_int_equal(set(c, &src, "cap", "cap", "500"), 0);
    assert_int_equal(config_finish(&src, c), -1);
    assert_string_equal(e.msg, "x.cfg:3: cap: found 500, allowed 0 to 100 (100 "
                               "for each vcpu)");
    assert_int_equal(set(c, &src, "cap", NULL, "0x32"), 0);
    assert_int_equal(config_finish(&src, c), 0);
    assert_int_equal(c->cap, 50);
    assert_int_equal(set(c, &src, "wieght", NULL, "1"), -1);
    assert_int_equal(e.code, ERR_NOENT);
    config_free(c);
}

static void
test_the_later_of_two_values_wins(void **state)
{
    struct config_src src = { .file = "x.cfg" };
    struct domain_config *c = config_new("x.cfg");

    (void)state;
    assert_int_equal(set(c, &src, "name", NULL, "a"), 0);
    assert_int_equal(set(c, &src, "name", NULL, "b"), 0);
    assert_string_equal(c->name, "b");
    assert_int_equal(set(c, &src, "cpus", NULL, "1"), 0);
    assert_int_equal(set(c, &src, "cpus", NULL, "2"), 0);
    assert_cpus(&c->cpus, 2, "2|2");
    assert_int_equal(set(c, &src, "autostart", NULL, "1"), 0);
    assert_true(c->autostart);
    assert_int_equal(set(c, &src, "autostart", NULL, "false"), 0);
    assert_false(c->autostart);
    assert_int_equal(set(c, &src, "memory", NULL, "1G"), 0);
    assert_int_equal(set(c, &src, "memory", NULL, "64"), 0);
    assert_int_equal(c->mem_kib, 64 * 1024);
    config_free(c);
}

static void
test_values_are_safe_and_bounded(void **state)
{
    static const char *const values[] = { "",        "a\tb",  "a\nb",
                                          "\x1b[2J", "a\xff", "\xe2\x80\xae" };
    struct config_src src = { .file = "x.cfg" };
    struct domain_config *c = config_new("x.cfg");
    char text[1026];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(values); i++) {
        assert_int_equal(set(c, &src, "image.args", NULL, values[i]), -1);
        assert_int_equal(set(c, &src, "image.kernel", NULL, values[i]), -1);
        assert_int_equal(set(c, &src, "cpus", NULL, values[i]), -1);
        assert_int_equal(set(c, &src, "memory", NULL, values[i]), -1);
    }
    memset(text, '/', sizeof text);
    text[1024] = '\0';
    assert_int_equal(set(c, &src, "image.kernel", NULL, text), -1);
    text[1023] = '\0';
    assert_int_equal(set(c, &src, "image.kernel", NULL, text), 0);
    src.dir = "/a";
    text[0] = 'k';
    assert_int_equal(set(c, &src, "image.kernel", NULL, text), -1);
    config_free(c);
}

static void
test_devices_of_another_format(void **state)
{
    struct err e = { 0 };
    struct config_src src = { .file = "x.cfg", .e = &e };
    struct domain_config *c = config_new("x.cfg");
    struct config_device *d = config_device_begin(&src, c, "vbd", 4);
    struct config_item it = { .name = "vdev", .value = "hde", .line = 4 };

    (void)state;
    config_device_name(d, "disk[0]");
    assert_int_equal(config_device_set(&src, d, &it), -1);
    assert_non_null(strstr(e.msg, "x.cfg:4: disk[0].vdev: found \"hde\""));
    it.value = "hda";
    assert_int_equal(config_device_set(&src, d, &it), 0);
    it.value = "hdb";
    assert_int_equal(config_device_set(&src, d, &it), 0);
    assert_int_equal(d->n_keys, 1);
    assert_string_equal(config_device_value(d, "vdev"), "hdb");
    assert_null(config_device_begin(&src, c, "usb", 5));
    assert_string_equal(e.msg, "x.cfg:5: devices[1].type: found \"usb\", "
                               "allowed \"vbd\", \"vif\", \"pci\", \"vkbd\" or "
                               "\"vfb\"");
    while (config_device_begin(&src, c, "vif", 6) != NULL)
        ;
    assert_int_equal(c->n_devices, CONFIG_DEVICES_MAX);
    assert_string_equal(e.msg, "x.cfg:6: devices[64]: found more than 64 "
                               "devices, allowed 64");
    assert_int_equal(config_finish(&src, c), -1);
    assert_string_equal(e.msg, "x.cfg:4: disk[0]: found a vbd without path, "
                               "allowed one with path, params or cdrom = true");
    config_free(c);
}

static void
test_warnings_are_lines(void **state)
{
    struct buf warn = { 0 };
    struct config_src src = { .file = "x.cfg", .warn = &warn };

    (void)state;
    config_warn(&src, 7, "tsc_mode", "found \"%s\", which has no effect", "x");
    config_warn(&src, 0, "acpi", "is not for PV\n");
    assert_string_equal(buf_text(&warn),
                        "x.cfg:7: tsc_mode: found \"x\", which has no effect\n"
                        "x.cfg: acpi: is not for PV?\n");
    src.warn = NULL;
    config_warn(&src, 7, "acpi", "nobody listens");
    buf_free(&warn);
}

/* --- devices from words */

static void
test_device_from_words(void **state)
{
    static const char *const words[] = { "path=phy:/dev/vg/x", "vdev=xvdb",
                                         "mode=r", "discard=1" };
    static const char *const none[] = { "vdev=xvdb", "vdev" };
    static const char *const wrong[] = { "vdev=hde" };
    static const char *const relative[] = { "vdev=xvda", "path=disk" };
    struct config_device d = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(config_device_parse("vbd", words, 4, &d, &e), 0);
    assert_string_equal(d.kind, "vbd");
    assert_string_equal(config_device_value(&d, "discard"), "true");
    assert_string_equal(config_device_value(&d, "path"), "/dev/vg/x");
    config_device_fini(&d);
    assert_int_equal(config_device_parse("vbd", none, 2, &d, &e), -1);
    assert_string_equal(e.msg, "device: vbd: found \"vdev\", allowed "
                               "SETTING=VALUE, such as \"backend=0\"");
    assert_int_equal(config_device_parse("vbd", wrong, 1, &d, &e), -1);
    assert_non_null(
        strstr(e.msg, "device: vbd.vdev: found \"hde\", allowed xvda"));
    assert_int_equal(config_device_parse("vbd", words, 1, &d, &e), -1);
    assert_string_equal(e.msg,
                        "device: vbd: found a vbd without vdev, allowed one "
                        "with vdev, such as \"xvda\"");
    assert_int_equal(config_device_parse("vbd", relative, 2, &d, &e), -1);
    assert_string_equal(e.msg,
                        "device: vbd.path: found \"disk\", allowed a path that "
                        "starts with /");
    assert_int_equal(config_device_parse("usb", words, 0, &d, &e), -1);
    assert_non_null(strstr(e.msg, "device: type: found \"usb\", allowed"));
    assert_int_equal(config_device_parse("vif", NULL, 0, &d, &e), 0);
    assert_int_equal(d.n_keys, 0);
    config_device_fini(&d);
}

static void
test_device_from_a_word_of_xl(void **state)
{
    static const struct {
        const char *kind, *word, *key, *value;
    } devices[] = {
        { "vbd", "/dev/vg/x,raw,xvdb,w", "path", "/dev/vg/x" },
        { "vbd", "vdev=xvda,access=ro,target=/a,b", "path", "/a,b" },
        { "vif", "mac=00:16:3e:00:00:01,bridge=br0", "bridge", "br0" },
        { "vif", "bridge=br0", "bridge", "br0" },
        { "pci", "01:00.0", "bdf", "0000:01:00.0" },
        { "vfb", "vnc=1,vncdisplay=2", "vncdisplay", "2" },
    };
    static const char *const wrong[] = { "what" };
    struct config_device d;
    struct err e;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(devices); i++) {
        e = (struct err){ 0 };
        if (config_device_parse(devices[i].kind, &devices[i].word, 1, &d, &e) <
            0)
            fail_msg("%s: %s", devices[i].word, e.msg);
        assert_string_equal(config_device_value(&d, devices[i].key),
                            devices[i].value);
        config_device_fini(&d);
    }
    for (i = 0; i < COUNT(devices); i++) {
        e = (struct err){ 0 };
        assert_int_equal(config_device_parse(devices[i].kind, wrong, 1, &d, &e),
                         -1);
        assert_memory_equal(e.msg, "device: ", 8);
    }
    assert_int_equal(config_device_parse("vkbd", wrong, 1, &d, &e), -1);
}

/* --- JSON */

static json_object *
member(json_object *o, const char *key)
{
    json_object *m;

    if (!json_object_object_get_ex(o, key, &m))
        fail_msg("no %s", key);
    return m;
}

static void
test_json(void **state)
{
    struct domain_config *c =
        parse_ok(NAMED "vcpus = 2; cpus = \"0-1\"; cpus_soft = (1, \"2-3\"); "
                       "restart_min = 0; " VFB(
                           "vnc = true; vncdisplay = 3; keymap = \"de\";"));
    struct buf b = { 0 };
    json_object *o, *d;

    (void)state;
    config_json_print(c, &b);
    o = json_tokener_parse(buf_text(&b));
    assert_non_null(o);
    assert_string_equal(json_object_get_string(member(o, "name")), "a");
    assert_null(member(o, "uuid"));
    assert_true(json_object_is_type(member(o, "memory"), json_type_int));
    assert_int_equal(json_object_get_int(member(o, "memory")), 64);
    assert_int_equal(json_object_get_int(member(o, "restart_min")), 0);
    assert_null(member(o, "weight"));
    assert_string_equal(json_object_get_string(member(o, "cpus")), "0-1");
    d = member(o, "cpus_soft");
    assert_int_equal(json_object_array_length(d), 2);
    assert_string_equal(json_object_get_string(json_object_array_get_idx(d, 1)),
                        "2-3");
    assert_string_equal(json_object_get_string(member(o, "on_reboot")),
                        "restart");
    assert_string_equal(
        json_object_get_string(member(member(o, "image"), "kernel")), "/k");
    d = json_object_array_get_idx(member(o, "devices"), 0);
    assert_string_equal(json_object_get_string(member(d, "type")), "vfb");
    assert_true(json_object_is_type(member(d, "vnc"), json_type_boolean));
    assert_int_equal(json_object_get_int(member(d, "vncdisplay")), 3);
    json_object_put(o);
    buf_free(&b);
    config_free(c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_settings_are_taken_and_printed),
        cmocka_unit_test(test_bad_settings_are_refused_in_one_sentence),
        cmocka_unit_test(test_messages_have_the_words_of_the_format),
        cmocka_unit_test(test_the_later_of_two_values_wins),
        cmocka_unit_test(test_values_are_safe_and_bounded),
        cmocka_unit_test(test_devices_of_another_format),
        cmocka_unit_test(test_warnings_are_lines),
        cmocka_unit_test(test_device_from_words),
        cmocka_unit_test(test_device_from_a_word_of_xl),
        cmocka_unit_test(test_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
