/*
 * test_hooks.c - hooks are real scripts in a directory of the test, on the
 * real clock: what runs, what it is told, and what bounds it.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/event/hooks.h"
#include "src/base/fdio.h"

#define LIMIT_MS 60000

struct fixture {
    char dir[64], out[96];
    struct loop *lp;
    struct hooks *h;
    bool off;
    struct buf notes;
};

static bool
enabled(void *arg)
{
    return !((const struct fixture *)arg)->off;
}

static void
note(void *arg, enum event_level l, const char *text)
{
    struct fixture *fx = arg;

    assert_int_equal(l, EVENT_WARN);
    buf_fmt(&fx->notes, "%s\n", text);
}

/* Scripts are real processes: on a busy machine one takes seconds to start, and
 * only the test of the limit may have a short one. */
static int
setup_limit(void **state, unsigned limit_ms)
{
    struct fixture *fx = calloc(1, sizeof(*fx));
    struct hooks_opts o = {
        .limit_ms = limit_ms, .enabled = enabled, .note = note, .arg = fx
    };

    assert_non_null(fx);
    text_fmt(fx->dir, sizeof(fx->dir), "/tmp/xendeck-test.XXXXXX");
    assert_non_null(mkdtemp(fx->dir));
    text_fmt(fx->out, sizeof(fx->out), "%s.out", fx->dir);
    fx->lp = loop_new(LOOP_CLOCK_REAL);
    o.lp = fx->lp;
    o.dir = fx->dir;
    fx->h = hooks_new(&o);
    *state = fx;
    return 0;
}

static int
setup(void **state)
{
    return setup_limit(state, LIMIT_MS);
}

static int
setup_short(void **state)
{
    return setup_limit(state, 300);
}

static int
teardown(void **state)
{
    static const char *const names[] = { "10-one", "20-two", "open", "plain",
                                         "link",   "slow",   ".hid", "old~" };
    struct fixture *fx = *state;
    char path[128];
    size_t i;

    hooks_free(fx->h);
    loop_free(fx->lp);
    buf_free(&fx->notes);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        text_fmt(path, sizeof(path), "%s/%s", fx->dir, names[i]);
        (void)unlink(path);
    }
    (void)unlink(fx->out);
    assert_int_equal(rmdir(fx->dir), 0);
    free(fx);
    return 0;
}

/* body sees $OUT, the test's file. */
static void
script(struct fixture *fx, const char *name, unsigned mode, const char *body)
{
    struct buf b = { 0 };
    char path[128];
    int fd;

    text_fmt(path, sizeof(path), "%s/%s", fx->dir, name);
    buf_fmt(&b, "#!/bin/sh\nOUT=%s\n%s\n", fx->out, body);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, b.data, b.len), 0);
    assert_int_equal(fchmod(fd, (mode_t)mode), 0);
    close(fd);
    buf_free(&b);
}

static bool
idle(void *arg)
{
    struct hooks_stats st;

    hooks_stats(arg, &st);
    return st.running == 0 && st.queued == 0;
}

static void
wait_idle(struct fixture *fx)
{
    assert_true(loop_until(fx->lp, idle, fx->h, LIMIT_MS));
}

/* What the scripts wrote; "" if nothing. */
static char *
output(struct fixture *fx)
{
    struct buf b = { 0 };

    (void)fd_read_file(fx->out, 1 << 20, &b, NULL);
    return buf_take(&b);
}

static struct event
death(void)
{
    struct event ev = { .kind = EVENT_DEATH,
                        .level = EVENT_ERROR,
                        .domid = 7,
                        .name = "web1",
                        .text = "crash; rm -rf $HOME `id` \"'",
                        .who = "root@pts/3",
                        .reason = "crash",
                        .wall_s = 1795250948.5 };

    memset(ev.uuid, 0xab, sizeof(ev.uuid));
    return ev;
}

static void
test_facts_are_in_the_environment(void **state)
{
    struct fixture *fx = *state;
    struct event ev = death();
    char *out;

    script(fx, "10-one", 0700,
           "printf '%s|' \"$XENDECK_EVENT\" \"$XENDECK_DOMID\" "
           "\"$XENDECK_NAME\" \"$XENDECK_UUID\" \"$XENDECK_REASON\" "
           "\"$XENDECK_LEVEL\" \"$XENDECK_TEXT\" \"$XENDECK_WHO\" "
           "\"$XENDECK_OP\" \"$XENDECK_RESULT\" \"$XENDECK_DURATION_MS\" "
           "\"$XENDECK_TIME\" \"${#XENDECK_HOOK}\" \"$PWD\" >$OUT");
    hooks_event(fx->h, &ev);
    wait_idle(fx);
    out = output(fx);
    assert_string_equal(out, "death|7|web1|abababab-abab-abab-abab-abababababab"
                             "|crash|error|crash; rm -rf $HOME `id` \"'|"
                             "root@pts/3||||1795250948.500|32|/|");
    free(out);
    assert_string_equal(buf_text(&fx->notes), "");
}

static void
test_a_hook_is_known_by_its_secret(void **state)
{
    struct fixture *fx = *state;
    struct event ev = death();
    struct buf out = { 0 };

    script(fx, "10-one", 0700, "printf %s \"$XENDECK_HOOK\" >$OUT");
    hooks_event(fx->h, &ev);
    wait_idle(fx);
    assert_int_equal(fd_read_file(fx->out, 4096, &out, NULL), 0);
    assert_true(hooks_started(fx->h, buf_text(&out)));
    out.data[0] = out.data[0] == '0' ? '1' : '0';
    assert_false(hooks_started(fx->h, buf_text(&out)));
    assert_false(hooks_started(fx->h, "1"));
    assert_false(hooks_started(fx->h, ""));
    buf_free(&out);
}

static void
test_an_operations_end_has_its_result(void **state)
{
    struct fixture *fx = *state;
    struct event ev = { .kind = EVENT_OP_END,
                        .op = 3,
                        .verb = OP_SHUTDOWN,
                        .result = OP_FAILED,
                        .duration_ms = 1234 };
    char *out;

    script(fx, "10-one", 0700,
           "echo \"$XENDECK_OP $XENDECK_RESULT $XENDECK_DURATION_MS "
           "[$XENDECK_DOMID]\" >$OUT");
    hooks_event(fx->h, &ev);
    wait_idle(fx);
    out = output(fx);
    assert_string_equal(out, "shutdown failed 1234 []\n");
    free(out);
}

static void
test_all_run_in_order_of_their_names(void **state)
{
    struct fixture *fx = *state;
    struct event ev = death();
    struct hooks_stats st;

    script(fx, "20-two", 0755, "exit 0");
    script(fx, "10-one", 0500, "exit 0");
    script(fx, ".hid", 0700, "echo hid >>$OUT");
    script(fx, "old~", 0700, "echo old >>$OUT");
    hooks_event(fx->h, &ev);
    wait_idle(fx);
    hooks_stats(fx->h, &st);
    assert_int_equal(st.files, 2);
    assert_int_equal(st.done, 2);
    assert_int_equal(st.failed, 0);
    assert_int_equal(access(fx->out, F_OK), -1);
}

static void
test_untrusted_files_are_skipped_and_told_once(void **state)
{
    struct fixture *fx = *state;
    struct event ev = death();
    char path[128];
    const char *notes;

    script(fx, "open", 0722, "echo open >>$OUT");
    script(fx, "plain", 0600, "echo plain >>$OUT");
    text_fmt(path, sizeof(path), "%s/link", fx->dir);
    assert_int_equal(symlink("/bin/true", path), 0);
    hooks_event(fx->h, &ev);
    hooks_event(fx->h, &ev);
    wait_idle(fx);
    assert_int_equal(access(fx->out, F_OK), -1);
    notes = buf_text(&fx->notes);
    assert_non_null(strstr(notes, "/open is skipped: others than root may"));
    assert_non_null(strstr(notes, "/plain is skipped: it is not executable"));
    assert_non_null(strstr(notes, "/link is skipped: it is no regular file"));
    assert_null(strstr(strstr(notes, "/open") + 1, "/open")); /* once */
}

static void
test_a_failure_is_told(void **state)
{
    struct fixture *fx = *state;
    struct event ev = death();

    script(fx, "10-one", 0700, "echo no good >&2; exit 3");
    hooks_event(fx->h, &ev);
    wait_idle(fx);
    assert_string_equal(buf_text(&fx->notes), "hook 10-one on death of web1: "
                                              "it ended with status 3\n");
}

static void
test_one_that_does_not_end_is_ended(void **state)
{
    struct fixture *fx = *state;
    struct event ev = death();
    struct hooks_stats st;

    script(fx, "slow", 0700, "trap '' TERM; while :; do sleep 1; done");
    hooks_event(fx->h, &ev);
    wait_idle(fx);
    hooks_stats(fx->h, &st);
    assert_int_equal(st.failed, 1);
    assert_non_null(strstr(buf_text(&fx->notes), "did not end within 0.3 s"));
}

static void
test_number_and_queue_are_bounded(void **state)
{
    struct fixture *fx = *state;
    struct event ev = death();
    struct hooks_stats st;
    unsigned i;

    script(fx, "10-one", 0700, "exit 0");
    for (i = 0; i < HOOKS_AT_ONCE + HOOKS_QUEUE_MAX + 40; i++)
        hooks_event(fx->h, &ev);
    hooks_stats(fx->h, &st);
    assert_int_equal(st.running, HOOKS_AT_ONCE);
    assert_int_equal(st.queued, HOOKS_QUEUE_MAX);
    assert_int_equal(st.dropped, 40);
    assert_non_null(strstr(buf_text(&fx->notes), "the rest is dropped"));
    assert_null(strstr(strchr(buf_text(&fx->notes), '\n') + 1, "dropped"));
    wait_idle(fx);
    hooks_stats(fx->h, &st);
    assert_int_equal(st.done, HOOKS_AT_ONCE + HOOKS_QUEUE_MAX);
}

static void
test_a_hooks_own_events_run_none(void **state)
{
    struct fixture *fx = *state;
    struct event ev = death();
    struct hooks_stats st;

    script(fx, "10-one", 0700, "exit 0");
    ev.hook = true;
    hooks_event(fx->h, &ev);
    fx->off = true;
    ev.hook = false;
    hooks_event(fx->h, &ev);
    hooks_stats(fx->h, &st);
    assert_int_equal(st.running + st.queued, 0);
}

static void
test_much_output_is_bounded(void **state)
{
    struct fixture *fx = *state;
    struct event ev = death();
    struct hooks_stats st;

    script(fx, "10-one", 0700, "head -c 300000 /dev/zero | tr '\\0' x");
    hooks_event(fx->h, &ev);
    wait_idle(fx);
    hooks_stats(fx->h, &st);
    assert_int_equal(st.done, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_hook_is_known_by_its_secret),
        T(test_facts_are_in_the_environment),
        T(test_an_operations_end_has_its_result),
        T(test_all_run_in_order_of_their_names),
        T(test_untrusted_files_are_skipped_and_told_once),
        T(test_a_failure_is_told),
        cmocka_unit_test_setup_teardown(test_one_that_does_not_end_is_ended,
                                        setup_short, teardown),
        T(test_number_and_queue_are_bounded),
        T(test_a_hooks_own_events_run_none),
        T(test_much_output_is_bounded),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
