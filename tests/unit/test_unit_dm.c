/*
 * test_unit_dm.c - the command line of a device model, and what it makes of the
 * settings of a vfb.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/dm/dm_int.h"
#include "engine/dom0/linux/linux_dom0.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char *
joined(const struct dm_args *a)
{
    struct buf b = { 0 };
    size_t i, n = dm_args_fill(a, &b), seen = 0;

    for (i = 0; i + 1 < b.len; i++)
        if (b.data[i] == '\0') {
            b.data[i] = ' ';
            seen++;
        }
    assert_int_equal(seen + 1, n);
    return buf_take(&b);
}

static void
test_without_a_screen(void **state)
{
    const struct dm_args a = { .domid = 7,
                               .name = "a,b",
                               .mem_kib = 256 * 1024 + 1 };
    char *text = joined(&a);

    (void)state;
    assert_string_equal(
        text, "-xen-domid 7 -no-shutdown "
              "-chardev socket,id=libxl-cmd,path=/var/run/xen/qmp-libxl-7,"
              "server=on,wait=off -mon chardev=libxl-cmd,mode=control "
              "-chardev socket,id=libxenstat-cmd,"
              "path=/var/run/xen/qmp-libxenstat-7,server=on,wait=off "
              "-mon chardev=libxenstat-cmd,mode=control "
              "-chardev socket,id=xendeck-cmd,path=/var/run/xen/qmp-xendeck-7,"
              "server=on,wait=off -mon chardev=xendeck-cmd,mode=control "
              "-nodefaults -no-user-config -xen-attach -name a,,b -vnc none "
              "-display none -nographic "
              "-machine xenpv -m 257");
    free(text);
}

static struct config_device
vfb(char **keys, char **values, size_t n)
{
    return (struct config_device){ .kind = (char *)(uintptr_t) "vfb",
                                   .keys = keys,
                                   .values = values,
                                   .n_keys = n };
}

/* One setting, and what -vnc says. */
static const struct {
    const char *key, *value, *vnc;
} screens[] = {
    { "keymap", "de", "-vnc 127.0.0.1:0,to=99 -display none -k de" },
    { "vncunused", "false", "-vnc 127.0.0.1:0 -display none" },
    { "vncdisplay", "5", "-vnc 127.0.0.1:5,to=99 -display none" },
    { "vnclisten", "0.0.0.0", "-vnc 0.0.0.0:0,to=99 -display none" },
    { "vnclisten", "10.0.0.1:3", "-vnc 10.0.0.1:3,to=99 -display none" },
    { "vnclisten", "10.0.0.1:x", "-vnc 10.0.0.1:0,to=99 -display none" },
    { "vnclisten", "::1", "-vnc [::1]:0,to=99 -display none" },
    { "vnclisten", "[fe80::2]", "-vnc [fe80::2]:0,to=99 -display none" },
    { "vncpasswd", "secret",
      "-vnc 127.0.0.1:0,password=on,to=99 -display none" },
    { "vncpasswd", "", "-vnc 127.0.0.1:0,to=99 -display none" },
    { "vnctls", "true",
      "-object tls-creds-anon,id=vnc-tls,endpoint=server "
      "-vnc 127.0.0.1:0,to=99,tls-creds=vnc-tls -display none" },
    { "vnctls", "false",
      "-xen-attach -name n -vnc 127.0.0.1:0,to=99 -display" },
    { "vncx509", "/etc/a,b",
      "-object tls-creds-x509,id=vnc-tls,endpoint=server,dir=/etc/a,,b,"
      "verify-peer=off -vnc 127.0.0.1:0,to=99,tls-creds=vnc-tls -display "
      "none" },
    { "vnc", "false", "-vnc none -display none -nographic" },
};

static void
test_screens(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(screens); i++) {
        char *key = (char *)(uintptr_t)screens[i].key;
        char *value = (char *)(uintptr_t)screens[i].value, *text;
        struct config_device c = vfb(&key, &value, 1);
        struct dm_args a = { .name = "n", .mem_kib = 1024 };

        dm_screen_of_vfb(&c, &a.screen);
        text = joined(&a);
        if (strstr(text, screens[i].vnc) == NULL)
            fail_msg("'%s' is not in: %s", screens[i].vnc, text);
        assert_null(strstr(text, "-kx"));
        assert_null(strstr(text, "=secret "));
        free(text);
    }
}

static void
test_a_process_that_is_no_model(void **state)
{
    struct loop *lp = loop_new(LOOP_CLOCK_VIRTUAL);
    struct dom0 *d = linux_dom0_open(lp);
    struct rlimit was, none;
    enum life life;

    (void)state;
    assert_int_equal(dom0_model_serves(d, 7, (uint64_t)getpid()), LIFE_GONE);
    assert_int_equal(dom0_model_serves(d, 7, DOM0_MODEL_PID_MAX), LIFE_GONE);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    none = was;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    life = dom0_model_serves(d, 7, (uint64_t)getpid());
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    assert_int_equal(life, LIFE_UNKNOWN);
    dom0_close(d);
    loop_free(lp);
}

static void
test_log_of_a_hostile_name(void **state)
{
    char path[160];

    (void)state;
    dm_log_path("../../etc/x", path, sizeof(path));
    assert_string_equal(path, "/var/log/xen/qemu-dm-.._.._etc_x.log");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_screen),
        cmocka_unit_test(test_screens),
        cmocka_unit_test(test_a_process_that_is_no_model),
        cmocka_unit_test(test_log_of_a_hostile_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
