/*
 * test_settings.c - xendeck.conf: what is taken, and the sentence for what is
 * not.
 */
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

#include "engine/config/core/actions.h"
#include "engine/core/engine_options.h"
#include "src/base/xalloc.h"
#include "src/command/command.h"
#include "src/command/settings.h"
#include "tests/unit/tmpdir.h"
#include "ui/app/front.h"

struct fixture {
    struct tmpdir t;
    struct settings s;
    struct cmd_set cmds;
    struct buf warn;
    struct err e;
};

static int
setup(void **state)
{
    struct fixture *f = tmpdir_new(sizeof *f, "xendeck.conf");

    if (f == NULL)
        return -1;
    cmd_set_init(&f->cmds);
    ui_verbs_add(&f->cmds);
    settings_default(&f->s, &f->cmds);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    buf_free(&f->warn);
    return tmpdir_teardown(state);
}

static int
load_bytes(struct fixture *f, const char *bytes, size_t n)
{
    assert_int_equal(tmpdir_write(&f->t, bytes, n), 0);
    return settings_load(&f->s, f->t.path, false, &f->warn, &f->e);
}

static int
load(struct fixture *f, const char *text)
{
    return load_bytes(f, text, strlen(text));
}

static void
test_every_setting_is_taken(void **state)
{
    struct fixture *f = *state;
    struct key k;

    if (load(f, "theme = \"light\"; prefix = \"F12\"; mouse = false;\n"
                "theme_dirs = (\"/a\", \"/b/c\"); color = false;\n"
                "unicode = false; read_only = true; delay = 2.5;\n"
                "history = false;\n"
                "restart_min = 0; destroy_undo = 0; autoballoon = \"auto\";\n"
                "dom0_min = 1024;\n"
                "helper_limit = 20;\n"
                "kernel_cache = 512; vif_without_scripts = true;\n"
                "scrollback = 1073741824; scrollback_all = 2097152; "
                "scrollback_disk = 65536; sort = \"cpu\"; log = \"/x/y\";\n"
                "tls_certificate = \"/t/c\"; tls_key = \"/t/k\"; "
                "tls_ca = \"/t/a\"; tls_crl = \"/t/r\"; migrate_listen = "
                "\"10.0.0.2:8003\"; "
                "migrate_allow = (\"alpha\", \"beta.example.org\");\n"
                "host_stop = \"migrate\"; host_stop_else = \"shutdown\"; "
                "host_stop_moves = 4; host_stop_to = (\"root@beta\", "
                "\"--command=ssh -p 22\");\n"
                "bind = ( { in = \"list\"; key = \"C-k\"; run = \"destroy\"; },"
                " { key = \"F12\"; run = \"none\"; } );\n") < 0)
        fail_msg("%s", f->e.msg);
    assert_string_equal(f->s.theme, "light");
    assert_string_equal(f->s.theme_dirs, "/a:/b/c");
    assert_true(key_parse("F12", &k) && key_same(&k, &f->s.prefix));
    assert_false(f->s.mouse || f->s.color || f->s.unicode);
    assert_true(f->s.read_only);
    assert_false(f->s.history);
    assert_int_equal(f->s.tick_ms, 2500);
    assert_int_equal(f->s.restart_min_s, 0);
    assert_int_equal(f->s.destroy_undo_s, 0);
    assert_int_equal(f->s.autoballoon, ENGINE_BALLOON_AUTO);
    assert_int_equal(f->s.dom0_min_kib, 1024 * 1024);
    assert_int_equal(f->s.helper_limit_s, 20);
    assert_int_equal(f->s.kernel_cache_kib, 512 * 1024);
    assert_true(f->s.vif_without_scripts);
    assert_int_equal(f->s.scrollback_bytes, 1073741824);
    assert_int_equal(f->s.scrollback_all_bytes, 2097152);
    assert_int_equal(f->s.scroll_disk_bytes, 65536);
    assert_string_equal(f->s.sort, "cpu");
    assert_string_equal(f->s.log_file, "/x/y");
    assert_string_equal(f->s.tls_certificate, "/t/c");
    assert_string_equal(f->s.tls_key, "/t/k");
    assert_string_equal(f->s.tls_ca, "/t/a");
    assert_string_equal(f->s.tls_crl, "/t/r");
    assert_string_equal(f->s.migrate_listen, "10.0.0.2:8003");
    assert_string_equal(f->s.migrate_allow, "alpha beta.example.org");
    assert_int_equal(f->s.host_stop, CONFIG_STOP_MIGRATE);
    assert_int_equal(f->s.host_stop_else, CONFIG_STOP_SHUTDOWN);
    assert_int_equal(f->s.host_stop_moves, 4);
    assert_string_equal(f->s.host_stop_to, "root@beta\n--command=ssh -p 22");
    assert_int_equal(f->s.n_bindings, 2);
    assert_int_equal(f->s.bindings[0].context, CMD_IN_LIST);
    assert_string_equal(f->s.bindings[0].command, "destroy");
    assert_int_equal(f->s.bindings[1].context, CMD_IN_ALL);
    assert_string_equal(f->s.bindings[1].command, "");
}

/* After the file's name. */
static const struct {
    const char *text, *sentence;
} faults[] = {
    { "host_stop = \"suspend\";", ":1: host_stop: found \"suspend\", allowed "
                                  "shutdown, destroy, save or migrate" },
    { "host_stop_else = \"migrate\";",
      ":1: host_stop_else: found \"migrate\", allowed shutdown, destroy or "
      "save" },
    { "host_stop_moves = 0;",
      ":1: host_stop_moves: found 0, allowed a number from 1 to 64" },
    { "host_stop_to = (\"--xl\");",
      ":1: host_stop_to: found no host, allowed one" },
    { "host_stop_to = (\"a\", \"b\");",
      ":1: host_stop_to[1]: found \"b\", allowed a host and options of the "
      "verb "
      "migrate: (\"HOST\", \"--command=ssh -p 2222\")" },
    { "host_stop_to = \"a;b\";",
      ":1: host_stop_to: found \"a;b\", allowed a host and options of the verb "
      "migrate: (\"HOST\", \"--command=ssh -p 2222\")" },
    { "host_stop_to = 5;",
      ":1: host_stop_to: found no text and no list, allowed \"HOST\" or "
      "(\"HOST\", \"--OPTION\", ...)" },
    { "theme = 5;", ":1: theme: found 5, allowed a text in quotes" },
    { "\nmouse = \"on\";", ":2: mouse: found \"on\", allowed true or false" },
    { "delay = 0.1;",
      ":1: delay: found the fraction 0.1, allowed a number from 0.25 to 60" },
    { "autoballoon = \"maybe\";",
      ":1: autoballoon: found \"maybe\", allowed xl, auto, on or off" },
    { "kernel_cache = 65537;",
      ":1: kernel_cache: found 65537, allowed a number "
      "from 0 to 65536" },
    { "dom0_min = 64;", ":1: dom0_min: found 64, allowed a number from 128 to "
                        "16777216" },
    { "helper_limit = 19;", ":1: helper_limit: found 19, allowed a number from "
                            "20 to 86400" },
    { "restart_min = 1.5;", ":1: restart_min: found 1.5, allowed whole" },
    { "destroy_undo = 4000;",
      ":1: destroy_undo: found 4000, allowed a number from 0 to 3600" },
    { "restart_min = -1;", ":1: restart_min: found -1, allowed a number from "
                           "0 to 86400" },
    { "scrollback = 12;", ":1: scrollback: found 12, allowed a number from "
                          "65536 to 1073741824" },
    { "scrollback_all = 12;", ":1: scrollback_all: found 12, allowed a number "
                              "from 1048576 to 8589934592" },
    { "scrollback = 99999999999;", ":1: scrollback: found 99999999999, "
                                   "allowed a number from 65536 to" },
    { "scrollback_disk = 4096;",
      ":1: scrollback_disk: found 4096, allowed 0 or "
      "65536 to 67108864" },
    { "scrollback_disk = -1;", ":1: scrollback_disk: found -1, allowed" },
    { "bell = \"loud\";", ":1: bell: found \"loud\", allowed pass, visible or "
                          "off" },
    { "silence = -1;", ":1: silence: found -1, allowed a number from 0" },
    { "layout = \"a name that is longer than any layout may have\";",
      ":1: layout: found" },
    { "prefix = \"a\";", ":1: prefix: found a plain character" },
    { "prefix = \"C-\";", ":1: prefix: found \"C-\", allowed a key as" },
    { "sort = \"size\";", ":1: sort: found \"size\", allowed id|name|" },
    { "log = \"x.log\";", ":1: log: found \"x.log\", allowed a path that" },
    { "tls_key = \"key.pem\";",
      ":1: tls_key: found \"key.pem\", allowed a path that" },
    { "migrate_listen = \"beta:8003\";",
      ":1: migrate_listen: found \"beta:8003\", allowed a port, or an "
      "address" },
    { "migrate_listen = 8003;",
      ":1: migrate_listen: found 8003, allowed a text" },
    { "migrate_allow = \"alpha\";", ":1: migrate_allow: found no list" },
    { "migrate_allow = ( \"alpha\", \"*.example.org\" );",
      ":1: migrate_allow[1]: found \"*.example.org\", allowed the name of a "
      "host" },
    { "migrate_allow = ( \"sha256:12\" );",
      ":1: migrate_allow[0]: found \"sha256:12\", allowed" },
    { "bind = ( { key = \"x\"; run = \"nosuch\"; } );",
      ":1: bind[0].run: found \"nosuch\", allowed none or a verb" },
    { "bind = ( { key = \"x\"; } );", ":1: bind[0]: allowed {" },
    { "bind = ( 5 );", ":1: bind[0]: allowed {" },
    { "bind = ( { in = \"moon\"; key = \"x\"; run = \"quit\"; } );",
      ":1: bind[0].in: found \"moon\", allowed list" },
    { "bind = { };", ":1: bind: found no list" },
    { "@include \"/etc/shadow\"", ":1: @include: found a line that includes" },
    { "joe@example.org", ":1: syntax: found byte 0x40, allowed NAME" },
    { "theme = \"a", ":1: theme: found a text that is not closed" },
    { "/* x", ":1: syntax: found a comment that is not closed" },
    { "theme = = 1;", ":1: syntax: found a mistake in or before" },
    { "theme = \"\x1b[2J\";", ":1: theme: found byte 0x1B, allowed text" },
    { "theme = \"\\x1b[2J\";", ":1: theme: found \"?[2J\", allowed UTF-8 text "
                               "without control characters" },
    { "mouse = true;\nmouse = false;",
      ":2: mouse: found the setting a second time, allowed one" },
    { "theme = \"0123456789012345678901234567890123456789\";",
      ":1: theme: found \"0123456789012345678901234567890123456789\", "
      "allowed at most 31 bytes (this is 40)" },
};

static void
test_each_fault_is_one_sentence(void **state)
{
    struct fixture *f = *state;
    size_t i, n = strlen(f->t.path);

    for (i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        f->s.tick_ms = 777;
        if (load(f, faults[i].text) == 0)
            fail_msg("taken: %s", faults[i].text);
        assert_memory_equal(f->e.msg, f->t.path, n);
        if (strncmp(f->e.msg + n, faults[i].sentence,
                    strlen(faults[i].sentence)) != 0)
            fail_msg("'%s' for: %s", f->e.msg + n, faults[i].text);
        assert_int_equal(f->s.tick_ms, 777);
    }
}

static void
test_a_fault_leaves_all_unchanged(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, "theme = \"light\"; mouse = 5;"), -1);
    assert_string_equal(f->s.theme, "dark");
}

static void
test_unknown_settings_are_told(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, "nosuch = 1;\nmouse = false;"), 0);
    assert_false(f->s.mouse);
    assert_non_null(strstr(buf_text(&f->warn), ":1: nosuch: no such setting"));
}

static void
test_bombs_are_refused(void **state)
{
    struct fixture *f = *state;
    struct buf b = { 0 };
    int i;

    buf_str(&b, "a = ");
    for (i = 0; i < 200000; i++)
        buf_chr(&b, '(');
    assert_int_equal(load(f, buf_text(&b)), -1);
    assert_non_null(strstr(f->e.msg, "16 brackets"));
    buf_clear(&b);
    for (i = 0; i < 5000; i++)
        buf_fmt(&b, "a%d=1;", i);
    assert_int_equal(load(f, buf_text(&b)), -1);
    assert_non_null(strstr(f->e.msg, "2048 settings"));
    for (i = 0; b.len <= 1024 * 1024; i++)
        buf_str(&b, "# ten megabytes of comment would be no better\n");
    assert_int_equal(load(f, buf_text(&b)), -1);
    buf_free(&b);
    assert_int_equal(load_bytes(f, "mouse\0= 1;", 10), -1);
    assert_non_null(strstr(f->e.msg, "NUL"));
}

static void
test_missing_file(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(settings_load(&f->s, f->t.path, true, NULL, &f->e), 0);
    assert_int_equal(settings_load(&f->s, f->t.path, false, NULL, &f->e), -1);
    assert_int_equal(f->e.code, ERR_NOENT);
    assert_int_equal(settings_load(&f->s, f->t.dir, true, NULL, &f->e), -1);
}

static void
test_root_refuses_what_others_may_write(void **state)
{
    struct fixture *f = *state;

    if (geteuid() != 0)
        skip();
    assert_int_equal(load(f, "mouse = false;"), 0);
    assert_int_equal(chmod(f->t.path, 0622), 0);
    assert_int_equal(settings_load(&f->s, f->t.path, true, NULL, &f->e), -1);
    assert_int_equal(f->e.code, ERR_DENIED);
    assert_int_equal(chmod(f->t.path, 0600), 0);
    assert_int_equal(chown(f->t.path, 12345, (gid_t)-1), 0);
    assert_int_equal(settings_load(&f->s, f->t.path, true, NULL, &f->e), -1);
    assert_non_null(strstr(f->e.msg, "user 12345"));
}

static void
test_too_many_bindings(void **state)
{
    struct fixture *f = *state;
    struct buf b = { 0 };
    int i;

    buf_str(&b, "bind = (");
    for (i = 0; i <= SETTINGS_BINDINGS_MAX; i++)
        buf_fmt(&b, "%s{ key = \"x\"; run = \"quit\"; }", i > 0 ? "," : "");
    buf_str(&b, ");");
    assert_int_equal(load(f, buf_text(&b)), -1);
    assert_non_null(strstr(f->e.msg, "more than 128"));
    buf_free(&b);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_every_setting_is_taken),
        T(test_each_fault_is_one_sentence),
        T(test_a_fault_leaves_all_unchanged),
        T(test_unknown_settings_are_told),
        T(test_bombs_are_refused),
        T(test_missing_file),
        T(test_root_refuses_what_others_may_write),
        T(test_too_many_bindings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
