/*
 * sim_fixture.h - a simulated host on the virtual clock and what the tests do
 * with it: let time pass, hear watches, make a guest, sit at its console.
 */
#ifndef XENDECK_TESTS_SIM_FIXTURE_H
#define XENDECK_TESTS_SIM_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim.h"
#include "engine/sim/sim_fault.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "engine/sim/store/sim_store.h"

struct fixture {
    struct loop *lp;
    struct sim *s;
    struct hv *h;
    struct store *st;
    struct err e;
};

static inline struct fixture *
fixture_new(struct sim_opts o)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->lp = loop_new(LOOP_CLOCK_VIRTUAL);
    assert_non_null(f->lp);
    f->s = sim_new(f->lp, &o, &f->e);
    assert_non_null(f->s);
    f->h = sim_hv(f->s);
    f->st = sim_store(f->s);
    return f;
}

static inline void
fixture_free(struct fixture *f)
{
    store_close(f->st);
    hv_close(f->h);
    sim_free(f->s);
    loop_free(f->lp);
    free(f);
}

static inline int
setup(void **state)
{
    *state = fixture_new((struct sim_opts){ .domains = 3, .seed = 7 });
    return 0;
}

static inline int
teardown(void **state)
{
    fixture_free(*state);
    return 0;
}

static inline bool
never(void *arg)
{
    (void)arg;
    return false;
}

static inline void
pass_ms(struct fixture *f, uint64_t ms)
{
    uint64_t end = loop_now_ms(f->lp) + ms;

    while (loop_now_ms(f->lp) < end && loop_timer_count(f->lp) > 0)
        (void)loop_until(f->lp, never, NULL, end - loop_now_ms(f->lp));
}

static inline const char *
text_at(struct fixture *f, struct buf *b, const char *path)
{
    if (store_read(f->st, 0, path, b, &f->e) < 0)
        return NULL;
    return buf_text(b);
}

static inline void
assert_node(struct fixture *f, const char *path, const char *want)
{
    struct buf b = { 0 };
    const char *got = text_at(f, &b, path);

    if (want == NULL)
        assert_null(got);
    else if (got == NULL)
        fail_msg("%s: %s", path, f->e.msg);
    else
        assert_string_equal(got, want);
    buf_free(&b);
}

/* A guest made as a toolstack makes one, paused; returns its domid. */
static inline uint32_t
make_guest(struct fixture *f, const char *name)
{
    struct hv_create c = { .kind = HV_PV, .max_vcpus = 2 };
    struct hv_build b = { .mem_kib = 262144, .cmdline = "console=hvc0" };
    struct hv_built r = { 0 };
    struct store_perm ro[] = { { 0, 0 }, { 0, STORE_PERM_READ } };
    struct store_perm rw = { 0, 0 };
    static const char *const own[] = { "control/shutdown",
                                       "control/feature-poweroff",
                                       "control/feature-reboot",
                                       "control/feature-suspend", "data" };
    char path[96];
    uint32_t id = 0;
    size_t i;

    assert_int_equal(hv_create(f->h, &c, &id, &f->e), 0);
    ro[1].domid = rw.domid = id;
    text_fmt(path, sizeof(path), "/local/domain/%u", id);
    assert_int_equal(store_mkdir(f->st, 0, path, &f->e), 0);
    assert_int_equal(store_set_perms(f->st, 0, path, ro, 2, &f->e), 0);
    text_fmt(path, sizeof(path), "/local/domain/%u/name", id);
    assert_int_equal(store_write(f->st, 0, path, name, &f->e), 0);
    for (i = 0; i < 5; i++) {
        text_fmt(path, sizeof(path), "/local/domain/%u/%s", id, own[i]);
        assert_int_equal(store_write(f->st, 0, path, "", &f->e), 0);
        assert_int_equal(store_set_perms(f->st, 0, path, &rw, 1, &f->e), 0);
    }
    text_fmt(path, sizeof(path), "/local/domain/%u/memory/target", id);
    assert_int_equal(store_write(f->st, 0, path, "262144", &f->e), 0);
    text_fmt(path, sizeof(path), "/local/domain/%u/console/type", id);
    assert_int_equal(store_write(f->st, 0, path, "xenconsoled", &f->e), 0);
    text_fmt(path, sizeof(path), "/local/domain/%u/console/port", id);
    assert_int_equal(store_write(f->st, 0, path, "2", &f->e), 0);
    assert_int_equal(hv_set_max_vcpus(f->h, id, 2, &f->e), 0);
    assert_int_equal(hv_set_maxmem(f->h, id, 262144 + 1024, &f->e), 0);
    assert_int_equal(hv_alloc_evtchn(f->h, id, 0, &b.store_port, &f->e), 0);
    assert_int_equal(hv_alloc_evtchn(f->h, id, 0, &b.console_port, &f->e), 0);
    b.domid = id;
    assert_int_equal(hv_check_built(f->h, id, &b, &r, &f->e), 0);
    assert_int_equal(store_introduce(f->st, id, 77, b.store_port, &f->e), 0);
    return id;
}

/* The console of a guest as a reader sees it. */
static inline int
tty_open(struct fixture *f, uint32_t id)
{
    struct buf b = { 0 };
    char path[64];
    int fd;

    text_fmt(path, sizeof(path), "/local/domain/%u/console/tty", id);
    assert_non_null(text_at(f, &b, path));
    fd = open(buf_text(&b), O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(fd >= 0);
    buf_free(&b);
    return fd;
}

#define TTY_LIMIT_S  20 /* real time: a busy host is slow */
#define TTY_KEEP_MAX (4U * 1024 * 1024)

static inline double
real_s(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Reads on until want appears; turns of the loop in between. The kernel's
 * workers carry the bytes, each way by its own: while a guest floods, what is
 * typed may arrive any number of turns later, so real time is the limit. */
static inline bool
tty_expect(struct fixture *f, int fd, struct buf *seen, const char *want)
{
    double end = real_s() + TTY_LIMIT_S;
    size_t from = 0;
    char tmp[4096];
    unsigned i;
    ssize_t r;

    for (i = 0; i < 50 || real_s() < end; i++) {
        struct pollfd p = { .fd = fd, .events = POLLIN };

        while ((r = read(fd, tmp, sizeof(tmp))) > 0)
            buf_add(seen, tmp, (size_t)r);
        if (strstr(buf_text(seen) + from, want) != NULL)
            return true;
        if (seen->len > TTY_KEEP_MAX)
            buf_consume(seen, seen->len - sizeof(tmp));
        from = seen->len > strlen(want) ? seen->len - strlen(want) : 0;
        (void)loop_turn(f->lp, 100);
        (void)poll(&p, 1, i < 50 ? 0 : 1);
    }
    return false;
}

static inline void
tty_type(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

struct heard {
    struct store_watch w;
    unsigned n;
    char last[128];
};

static inline void
heard_cb(struct store_watch *w, const char *path)
{
    struct heard *h = container_of(w, struct heard, w);

    h->n++;
    text_fmt(h->last, sizeof(h->last), "%s", path);
}

static inline void
turn(struct fixture *f)
{
    while (loop_turn(f->lp, 0) > 0 && f->s->ev_head != f->s->ev_tail)
        continue;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
