/*
 * test_golden.c - whole screens against texts in tests/screen/golden. What
 * differs from run to run is masked. GENERATE=1 writes the texts anew: read
 * them before they are committed.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/xalloc.h"
#include "tests/screen/act.h"

#define DIR "tests/screen/golden"

/* In a mask 0 stands for a digit, x for a hexadecimal one, and the rest for
 * itself. */
static size_t
match(const char *text, const char *mask)
{
    size_t i;

    for (i = 0; mask[i] != '\0'; i++) {
        bool ok = mask[i] == '0'   ? isdigit((unsigned char)text[i]) != 0
                  : mask[i] == 'x' ? isxdigit((unsigned char)text[i]) != 0
                                   : text[i] == mask[i];

        if (!ok)
            return 0;
    }
    return i;
}

/* Uuids, dates, clocks, durations, cpu seconds. */
static void
mask(char *text)
{
    static const char *const masks[] = { "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
                                         "0000-00-00", "00:00:00", "0.000 s",
                                         " 00000.0" };
    size_t i, n;

    for (; *text != '\0'; text++)
        for (i = 0; i < sizeof masks / sizeof masks[0]; i++) {
            n = match(text, masks[i]);
            for (; n > 0; n--)
                if (isxdigit((unsigned char)text[n - 1]))
                    text[n - 1] = '#';
        }
}

static void
picture(struct scr *s, struct buf *out)
{
    buf_clear(out);
    scr_dump(s, out);
    mask(out->data);
}

/* A frame comes in pieces: the one that is awaited is the whole one. */
static bool
becomes(struct scr *s, const char *golden, struct buf *now)
{
    uint64_t end = scr_now_ms() + SCR_MS;

    for (picture(s, now); strcmp(buf_text(now), golden) != 0; picture(s, now)) {
        if (scr_now_ms() >= end)
            return false;
        scr_pump(s, 50);
    }
    return true;
}

static void
check(struct scr *s, const char *name)
{
    char *path = xasprintf(DIR "/%s.txt", name);
    struct buf now = { 0 }, golden = { 0 };
    const char *generate = getenv("GENERATE");

    if (generate != NULL && generate[0] == '1') {
        scr_settle(s, 1000);
        picture(s, &now);
        mkdir(DIR, 0777);
        act_write(path, buf_text(&now));
    } else {
        act_read(path, &golden);
        if (!becomes(s, buf_text(&golden), &now)) {
            fprintf(stderr, "--- %s\n%s+++ now\n%s", path, buf_text(&golden),
                    buf_text(&now));
            fail_msg("%s: the screen differs (GENERATE=1 rewrites)", name);
        }
    }
    buf_free(&now);
    buf_free(&golden);
    free(path);
}

/* One set of statistics only: no percentage moves. */
static struct scr *
start(int rows, int cols)
{
    struct scr *s = act_start(rows, cols, "--sim=3 -d 60");

    SEE(s, "F10Quit");
    return s;
}

static void
test_list(void **state)
{
    struct scr *s = start(24, 80);

    (void)state;
    check(s, "list-80x24");
    scr_close(s);
    s = start(60, 200);
    check(s, "list-200x60");
    scr_close(s);
}

static void
test_list_ascii(void **state)
{
    struct scr *s = act_start_env(24, 80, "--sim=3 -d 60", "TERM=vt100 LANG=C");

    *state = s;
    SEE(s, "F10Quit");
    check(s, "list-vt100");
}

static void
test_detail(void **state)
{
    struct scr *s = start(24, 80);

    *state = s;
    scr_send(s, "j\r");
    SEE(s, "overview");
    SEE(s, "memory");
    check(s, "detail-80x24");
    scr_send(s, "]");
    SEE(s, "VCPU STATE");
    check(s, "vcpus-80x24");
}

static void
test_devices(void **state)
{
    struct scr *s = start(24, 80);

    *state = s;
    scr_send(s, "j\r]]]");
    SEE(s, "console0");
    act_verb(s, "pci-attach web1 03:00.0");
    SEE(s, "8086:10fb");
    SEE(s, "connected");
    LOSE(s, "done"); /* the notice fades */
    scr_send(s, "j");
    check(s, "devices-80x24");
    scr_send(s, "+\t/dev/vg/data");
    SEE(s, "/dev/vg/data");
    scr_send(s, "\r");
    SEE(s, "allowed");
    check(s, "form-80x24");
}

static void
test_help(void **state)
{
    struct scr *s = start(24, 80);

    *state = s;
    scr_send(s, "?");
    SEE(s, "Keys in the domain list");
    scr_send(s, "z");
    LOSE(s, "web1");
    check(s, "help-80x24");
}

static void
test_confirm(void **state)
{
    struct scr *s = start(24, 80);

    *state = s;
    scr_send(s, "jD");
    SEE(s, "n no");
    check(s, "confirm-80x24");
}

static void
test_console(void **state)
{
    struct scr *s = start(24, 80);

    *state = s;
    act_create(s, "linux1");
    SEE(s, "linux1 (4)");
    scr_send(s, "clear\r");
    LOSE(s, "Started serial");
    scr_send(s, "utf8\r");
    SEE(s, "Lines:");
    scr_send(s, "ps\r");
    SEE(s, "-bash");
    check(s, "console-80x24");
}

static void
test_beside(void **state)
{
    struct scr *s = start(60, 200);

    *state = s;
    scr_send(s, "jc");
    SEE(s, "web1 (1)");
    SEE(s, "web1:~#");
    check(s, "console-200x60");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test_teardown(test_list_ascii, act_teardown),
        cmocka_unit_test_teardown(test_detail, act_teardown),
        cmocka_unit_test_teardown(test_devices, act_teardown),
        cmocka_unit_test_teardown(test_help, act_teardown),
        cmocka_unit_test_teardown(test_confirm, act_teardown),
        cmocka_unit_test_teardown(test_console, act_teardown),
        cmocka_unit_test_teardown(test_beside, act_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
