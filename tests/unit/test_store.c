/*
 * test_store.c - the common layer of the store on a tiny table of operations:
 * limits, safe values, transactions that retry, watches, loss.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/store/store.h"
#include "src/base/xalloc.h"

#define EVENTS 8

/* One value for all paths, a queue of events, and a count of what was done. */
struct fake {
    struct store st;
    struct err fail; /* code set: the next calls fail with it */
    int fail_times;
    int calls, begins, commits, aborts;
    struct buf value;
    const char *names; /* of list, with their NULs */
    size_t names_len, names_n;
    char token[32], watched[64];
    int watches, unwatches;
    int efd;
    char ev_path[EVENTS][32], ev_token[EVENTS][32];
    int ev_n;
};

static struct fake *
fake_of(struct store *st)
{
    return container_of(st, struct fake, st);
}

static int
outcome(struct fake *f, struct err *e)
{
    f->calls++;
    if (f->fail_times <= 0)
        return 0;
    f->fail_times--;
    return err_set(e, f->fail.code, "made to fail");
}

static void
fake_close(struct store *st)
{
    struct fake *f = fake_of(st);

    buf_free(&f->value);
    close(f->efd);
    free(f);
}

static int
fake_begin(struct store *st, store_tx *out, struct err *e)
{
    struct fake *f = fake_of(st);

    (void)e;
    *out = (store_tx)++f->begins;
    return 0;
}

static int
fake_end(struct store *st, store_tx tx, bool commit, struct err *e)
{
    struct fake *f = fake_of(st);

    (void)tx;
    if (commit)
        f->commits++;
    else
        f->aborts++;
    return commit ? outcome(f, e) : err_set(e, ERR_AGAIN, "raced");
}

static int
fake_read(struct store *st, store_tx tx, const char *path, struct buf *out,
          struct err *e)
{
    struct fake *f = fake_of(st);

    (void)tx;
    (void)path;
    if (outcome(f, e) < 0)
        return -1;
    buf_clear(out);
    buf_add(out, buf_text(&f->value), f->value.len);
    return 0;
}

static int
fake_write(struct store *st, store_tx tx, const char *path, const void *val,
           size_t n, struct err *e)
{
    struct fake *f = fake_of(st);

    (void)tx;
    (void)path;
    if (outcome(f, e) < 0)
        return -1;
    buf_clear(&f->value);
    buf_add(&f->value, val, n);
    return 0;
}

static int
fake_rm(struct store *st, store_tx tx, const char *path, struct err *e)
{
    (void)tx;
    (void)path;
    return outcome(fake_of(st), e);
}

static int
fake_list(struct store *st, store_tx tx, const char *path, struct buf *out,
          size_t *n_out, struct err *e)
{
    struct fake *f = fake_of(st);

    (void)tx;
    (void)path;
    if (outcome(f, e) < 0)
        return -1;
    buf_add(out, f->names, f->names_len);
    *n_out = f->names_n;
    return 0;
}

static void
push_event(struct fake *f, const char *path, const char *token)
{
    uint64_t one = 1;

    text_fmt(f->ev_path[f->ev_n], sizeof(f->ev_path[0]), "%s", path);
    text_fmt(f->ev_token[f->ev_n], sizeof(f->ev_token[0]), "%s", token);
    f->ev_n++;
    assert_int_equal(write(f->efd, &one, sizeof(one)), sizeof(one));
}

static int
fake_watch(struct store *st, const char *path, const char *token, struct err *e)
{
    struct fake *f = fake_of(st);

    if (outcome(f, e) < 0)
        return -1;
    f->watches++;
    text_fmt(f->token, sizeof(f->token), "%s", token);
    text_fmt(f->watched, sizeof(f->watched), "%s", path);
    push_event(f, path, token);
    return 0;
}

static int
fake_unwatch(struct store *st, const char *path, const char *token,
             struct err *e)
{
    struct fake *f = fake_of(st);

    (void)path;
    (void)token;
    f->unwatches++;
    return outcome(f, e);
}

static int
fake_fd(struct store *st)
{
    struct fake *f = fake_of(st);

    return f->watches > 0 ? f->efd : -1;
}

static bool
fake_next(struct store *st, struct buf *path, struct buf *token)
{
    struct fake *f = fake_of(st);
    uint64_t n;

    if (f->ev_n == 0) {
        (void)!read(f->efd, &n, sizeof(n));
        return false;
    }
    f->ev_n--;
    buf_clear(path);
    buf_clear(token);
    buf_str(path, f->ev_path[f->ev_n]);
    buf_str(token, f->ev_token[f->ev_n]);
    return true;
}

/* mkdir, permissions and the rest are left out: unsupported. */
static const struct store_ops fake_ops = {
    .name = "fake",
    .close = fake_close,
    .tx_begin = fake_begin,
    .tx_end = fake_end,
    .read = fake_read,
    .write = fake_write,
    .rm = fake_rm,
    .list = fake_list,
    .watch = fake_watch,
    .unwatch = fake_unwatch,
    .fd = fake_fd,
    .next_event = fake_next,
};

static int
setup(void **state)
{
    struct fake *f = xcalloc(1, sizeof(*f));

    store_init(&f->st, &fake_ops);
    f->efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fake *f = *state;

    store_close(&f->st);
    store_close(NULL);
    return 0;
}

static void
fail_next(struct fake *f, enum err_code code, int times)
{
    f->fail.code = code;
    f->fail_times = times;
}

static void
test_paths_are_checked_before_the_call(void **state)
{
    struct fake *f = *state;
    static const char *const bad[] = {
        "", "/a//b", "/a/", "/with space", "/dot.dot", "/tab\t", "/\xc3\xa4"
    };
    char lng[STORE_PATH_MAX + 2];
    struct err e = { 0 };
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(store_write(&f->st, 0, bad[i], "x", &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
    }
    memset(lng, 'a', sizeof(lng) - 1);
    lng[0] = '/';
    lng[sizeof(lng) - 1] = '\0';
    assert_int_equal(store_write(&f->st, 0, lng, "x", &e), -1);
    assert_int_equal(e.code, ERR_RANGE);
    lng[STORE_PATH_MAX - 1] = '\0';
    assert_int_equal(f->calls, 0);
    assert_int_equal(store_write(&f->st, 0, lng, "x", &e), 0);
    assert_int_equal(store_write(&f->st, 0, "/", "x", &e), 0);
    assert_int_equal(f->calls, 2);
}

static void
test_a_value_must_fit_with_its_path(void **state)
{
    struct fake *f = *state;
    char val[STORE_PAYLOAD_MAX + 1];
    struct err e = { 0 };

    memset(val, 'v', sizeof(val));
    val[STORE_PAYLOAD_MAX - 3] = '\0'; /* fits beside "/a" and its NUL */
    assert_int_equal(store_write(&f->st, 0, "/a", val, &e), 0);
    assert_int_equal(store_write(&f->st, 0, "/ab", val, &e), -1);
    assert_int_equal(e.code, ERR_RANGE);
    assert_int_equal(store_writef(&f->st, 0, &e, "/n", "%d-%s", 7, "seven"), 0);
    assert_string_equal(buf_text(&f->value), "7-seven");
}

static void
test_numbers_are_strict_decimal(void **state)
{
    struct fake *f = *state;
    static const struct {
        const char *text;
        int rc;
        uint64_t v;
    } cases[] = {
        { "0", 0, 0 },   { "100", 0, 100 }, { "101", -1, 0 }, { "", -1, 0 },
        { "-1", -1, 0 }, { "0x10", -1, 0 }, { " 1", -1, 0 },  { "1\n", -1, 0 },
    };
    struct err e = { 0 };
    uint64_t v;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&f->value);
        buf_str(&f->value, cases[i].text);
        v = 0;
        assert_int_equal(store_read_u64(&f->st, 0, "/n", 100, &v, &e),
                         cases[i].rc);
        assert_int_equal(v, cases[i].v);
    }
    assert_int_equal(e.code, ERR_INVALID);
    buf_clear(&f->value);
    buf_add(&f->value, "1\0002", 3);
    assert_int_equal(store_read_u64(&f->st, 0, "/n", 100, &v, NULL), -1);
}

static void
test_text_is_made_safe(void **state)
{
    struct fake *f = *state;
    char dst[8];

    buf_str(&f->value, "a\033[2Jbcdefgh");
    assert_int_equal(store_read_text(&f->st, 0, "/t", dst, sizeof(dst), NULL),
                     0);
    assert_string_equal(dst, "a?[2Jbc");
}

static void
test_lists_are_sorted(void **state)
{
    static const char sorted[] = "10\0002\0B\0a";
    struct fake *f = *state;
    struct buf b = { 0 };
    size_t n = 0;

    f->names = "a\0B\00010\0002";
    f->names_len = 9;
    f->names_n = 4;
    assert_int_equal(store_list(&f->st, 0, "/d", &b, &n, NULL), 0);
    assert_int_equal(n, 4);
    assert_int_equal(b.len, 9);
    assert_memory_equal(b.data, sorted, 9);
    f->names_len = f->names_n = 0;
    assert_int_equal(store_list(&f->st, 0, "/d", &b, &n, NULL), 0);
    assert_int_equal(n, 0);
    buf_free(&b);
}

static void
test_removal_of_what_is_gone_succeeds(void **state)
{
    struct fake *f = *state;
    struct err e = { 0 };

    fail_next(f, ERR_NOENT, 1);
    assert_int_equal(store_rm(&f->st, 0, "/x", &e), 0);
    assert_int_equal(e.code, ERR_NONE);
    fail_next(f, ERR_NOENT, 1);
    assert_int_equal(store_rm_if_empty(&f->st, 0, "/x", NULL, &e), 0);
    fail_next(f, ERR_DENIED, 1);
    assert_int_equal(store_rm(&f->st, 0, "/x", &e), -1);
    assert_int_equal(e.code, ERR_DENIED);
    f->calls = 0;
    f->names = "kid";
    f->names_len = 4;
    f->names_n = 1;
    assert_int_equal(store_rm_if_empty(&f->st, 0, "/x", NULL, &e), 0);
    assert_int_equal(f->calls, 1); /* only looked */
    f->names_len = 0;
    assert_int_equal(store_rm_if_empty(&f->st, 0, "/x", NULL, &e), 0);
    assert_int_equal(f->calls, 3);
}

static void
test_missing_operations_are_unsupported(void **state)
{
    struct fake *f = *state;
    struct store_perm p = { 0 };
    struct err e = { 0 };

    assert_int_equal(store_mkdir(&f->st, 0, "/x", &e), -1);
    assert_int_equal(e.code, ERR_UNSUPPORTED);
    assert_string_equal(e.msg, "fake: no mkdir");
    assert_int_equal(store_set_perms(&f->st, 0, "/x", &p, 1, &e), -1);
    assert_int_equal(e.code, ERR_UNSUPPORTED);
    assert_int_equal(store_introduce(&f->st, 1, 2, 3, &e), -1);
    assert_string_equal(e.msg, "fake: no introduce");
}

static int
body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    int *runs = arg;

    (void)st;
    (void)tx;
    ++*runs;
    return *runs == 99 ? err_set(e, ERR_INVALID, "no") : 0;
}

static void
test_a_lost_race_runs_the_whole_again(void **state)
{
    struct fake *f = *state;
    struct err e = { 0 };
    int runs = 0;

    fail_next(f, ERR_AGAIN, 3);
    assert_int_equal(store_tx_run(&f->st, body, &runs, &e), 0);
    assert_int_equal(runs, 4);
    assert_int_equal(e.code, ERR_NONE);
    runs = 98;
    assert_int_equal(store_tx_run(&f->st, body, &runs, &e), -1);
    assert_int_equal(f->aborts, 1);
    assert_string_equal(e.msg, "no");
    runs = 100;
    fail_next(f, ERR_AGAIN, 1000);
    assert_int_equal(store_tx_run(&f->st, body, &runs, &e), -1);
    assert_int_equal(runs, 100 + STORE_TX_RETRIES);
    assert_int_equal(e.code, ERR_BUSY);
    assert_int_equal(f->begins, f->commits + f->aborts);
}

struct seen {
    struct store_watch w;
    struct store_watch *kill; /* deleted by the callback, or NULL */
    int calls;
    char path[32];
};

static void
on_watch(struct store_watch *w, const char *path)
{
    struct seen *s = container_of(w, struct seen, w);

    s->calls++;
    text_fmt(s->path, sizeof(s->path), "%s", path);
    if (s->kill != NULL)
        store_watch_del(s->kill);
}

static void
test_watch_before_attach_is_delivered(void **state)
{
    struct fake *f = *state;
    struct loop *lp = loop_new(LOOP_CLOCK_VIRTUAL);
    struct seen s = { 0 };
    struct err e = { 0 };

    assert_int_equal(
        store_watch_add(&f->st, &s.w, "@releaseDomain", on_watch, &e), 0);
    assert_int_equal(
        store_watch_add(&f->st, &s.w, "@releaseDomain", on_watch, &e), -1);
    assert_int_equal(e.code, ERR_EXISTS);
    assert_int_equal(store_attach(&f->st, lp, &e), 0);
    assert_int_equal(f->watches, 1);
    loop_turn(lp, 0);
    assert_int_equal(s.calls, 1);
    assert_string_equal(s.path, "@releaseDomain");
    assert_int_equal(store_watch_count(&f->st), 1);
    store_watch_del(&s.w);
    store_watch_del(&s.w);
    assert_int_equal(f->unwatches, 1);
    assert_int_equal(store_watch_count(&f->st), 0);
    loop_fd_del(&f->st.lf);
    loop_free(lp);
}

static void
test_attach_makes_the_descriptor_exist(void **state)
{
    struct fake *f = *state;
    struct loop *lp = loop_new(LOOP_CLOCK_VIRTUAL);

    assert_int_equal(store_attach(&f->st, lp, NULL), 0);
    assert_int_equal(f->watches, 1);
    assert_int_equal(store_watch_count(&f->st), 0);
    assert_int_equal(loop_turn(lp, 0), 1); /* an event that is nobody's */
    loop_fd_del(&f->st.lf);
    loop_free(lp);
}

static void
test_deleted_watches_hear_nothing(void **state)
{
    struct fake *f = *state;
    struct loop *lp = loop_new(LOOP_CLOCK_VIRTUAL);
    struct seen a = { 0 }, b = { 0 };

    assert_int_equal(store_attach(&f->st, lp, NULL), 0);
    store_watch_add(&f->st, &a.w, "/a", on_watch, NULL);
    store_watch_add(&f->st, &b.w, "/b", on_watch, NULL);
    a.kill = b.kill = &a.w; /* b comes first: the fake's queue is a stack */
    loop_turn(lp, 0);
    assert_int_equal(b.calls, 1);
    assert_int_equal(a.calls, 0);
    push_event(f, "/b", "x");
    push_event(f, "/b", "99");
    push_event(f, "/b", "-1");
    loop_turn(lp, 0);
    assert_int_equal(b.calls, 1);
    b.kill = &b.w;
    push_event(f, "/b", f->token);
    loop_turn(lp, 0);
    assert_int_equal(b.calls, 2);
    assert_int_equal(store_watch_count(&f->st), 0);
    loop_fd_del(&f->st.lf);
    loop_free(lp);
}

static void
test_loss_is_remembered(void **state)
{
    struct fake *f = *state;
    struct loop *lp = loop_new(LOOP_CLOCK_VIRTUAL);
    struct seen s = { 0 };
    struct err e = { 0 };
    int runs = 0;

    store_watch_add(&f->st, &s.w, "/a", on_watch, NULL);
    assert_int_equal(store_attach(&f->st, lp, NULL), 0);
    fail_next(f, ERR_LOST, 1);
    assert_false(store_lost(&f->st));
    assert_false(store_exists(&f->st, 0, "/x"));
    assert_true(store_lost(&f->st));
    f->calls = 0;
    assert_int_equal(store_write(&f->st, 0, "/x", "1", &e), -1);
    assert_int_equal(e.code, ERR_LOST);
    assert_non_null(strstr(e.msg, "xenstored is gone"));
    assert_int_equal(store_tx_run(&f->st, body, &runs, &e), -1);
    assert_int_equal(runs, 0);
    assert_int_equal(f->calls, 0);
    loop_turn(lp, 0); /* the descriptor would stay readable for ever */
    assert_int_equal(loop_fd_count(lp), 0);
    store_watch_del(&s.w);
    assert_int_equal(f->unwatches, 0);
    loop_free(lp);
}

static void
test_join(void **state)
{
    char p[16];

    (void)state;
    assert_true(store_path(p, sizeof(p), "/vm/%d/%s", 12, "name"));
    assert_string_equal(p, "/vm/12/name");
    assert_false(store_path(p, sizeof(p), "/local/domain/%d", 12345));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_paths_are_checked_before_the_call),
        T(test_a_value_must_fit_with_its_path),
        T(test_numbers_are_strict_decimal),
        T(test_text_is_made_safe),
        T(test_lists_are_sorted),
        T(test_removal_of_what_is_gone_succeeds),
        T(test_missing_operations_are_unsupported),
        T(test_a_lost_race_runs_the_whole_again),
        T(test_watch_before_attach_is_delivered),
        T(test_attach_makes_the_descriptor_exist),
        T(test_deleted_watches_hear_nothing),
        T(test_loss_is_remembered),
        cmocka_unit_test(test_join),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
