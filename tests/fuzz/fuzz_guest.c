/*
 * fuzz_guest.c - a guest that writes what it likes wherever xenstore lets it,
 * while the engine works on it. The input is a list of acts: a guest's write,
 * its end, an operator's verb, a look of the front end, time that passes.
 * What is shown must stay bounded and free of control bytes.
 */
#include <assert.h>
#include <ctype.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/api/open_on.h"
#include "engine/api/toolstack.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "engine/sim/store/sim_store.h"

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define GUEST     1U
#define ACTS_MAX  64U
#define LINES_MAX 2000U
#define DEVICES   8U
#define PASS_MS   700U
#define LAST_MS   5000U

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Below /local/domain/1: what a guest owns of it, and some that it does not. */
static const char *const nodes[] = {
    "control/shutdown",
    "control/feature-poweroff",
    "control/feature-suspend",
    "control/sysrq",
    "device/suspend/event-channel",
    "device/vbd/51712/state",
    "device/vbd/51712/backend",
    "device/vbd/51712/ring-ref",
    "device/vbd/51712/eject",
    "device/vif/0/state",
    "device/vif/0/mac",
    "device/vif/0/tx-ring-ref",
    "error/device/vbd/51712/error",
    "data/updated",
    "attr/os/name",
    "drivers/0",
    "feature/x",
    "name",
    "memory/target",
    "console/tty",
};

struct input {
    const uint8_t *p;
    size_t n;
};

struct victim {
    struct loop *lp;
    struct sim *sim;
    struct engine *en;
};

static uint8_t
next(struct input *in)
{
    if (in->n == 0)
        return 0;
    in->n--;
    return *in->p++;
}

/* A value: its length, then its bytes. */
static size_t
value(struct input *in, const char **out)
{
    size_t len = next(in);

    /* now and then as much as a guest may write */
    if (len == 255)
        len = SIM_GUEST_VALUE;
    if (len > in->n)
        len = in->n;
    *out = (const char *)in->p;
    in->p += len;
    in->n -= len;
    return len;
}

static void
guest_writes(struct victim *h, struct input *in)
{
    const char *node = nodes[next(in) % COUNT(nodes)], *val;
    uint8_t deep = next(in);
    char path[STORE_PATH_MAX];
    size_t n = value(in, &val);

    if (deep < 200)
        store_path(path, sizeof(path), "/local/domain/%u/%s", GUEST, node);
    else
        store_path(path, sizeof(path), "/local/domain/%u/data/%s/%u/%u/%u",
                   GUEST, node, deep, deep & 7U, deep & 3U);
    (void)sim_guest_write(h->sim, GUEST, path, val, n);
}

static void
operator_acts(struct victim *h, struct input *in)
{
    static int (*const verbs[])(struct engine *, uint64_t, uint64_t *,
                                struct err *) = {
        engine_shutdown, engine_reboot,  engine_suspend,
        engine_pause,    engine_unpause, engine_destroy,
    };
    const struct dom *d = engine_dom_by_domid(h->en, GUEST);
    uint8_t which = next(in);
    const struct device_leave leave = { .kind = which < 235 ? "vbd" : "vif",
                                        .name = which < 235 ? "xvda" : "0",
                                        .force = which & 1 };
    struct err e = { 0 };

    if (d == NULL)
        return;
    if (which < 200)
        (void)verbs[which % COUNT(verbs)](h->en, d->id, NULL, &e);
    else if (which < 220)
        (void)engine_mem_set(h->en, d->id, d->mem_kib / 2, NULL, &e);
    else
        (void)engine_device_remove(h->en, d->id, &leave, NULL, &e);
}

/* Whether a terminal may have it as it is. */
static void
check_shown(const char *text, size_t max)
{
    size_t n = strnlen(text, max);

    assert(n < max);
    for (; n > 0; n--, text++)
        assert(!iscntrl((unsigned char)*text));
}

static void
check_lines(const struct buf *b, size_t max)
{
    size_t i, lines = 0;

    for (i = 0; i < b->len; i++) {
        unsigned char c = (unsigned char)b->data[i];

        lines += c == '\n';
        assert(!iscntrl(c) || c == '\n' || c == '\t');
    }
    assert(lines <= max);
}

static void
look_at_devices(struct victim *h, uint64_t id)
{
    struct dom_device dev[DEVICES];
    struct err e = { 0 };
    size_t i, n;

    if (engine_devices(h->en, id, dev, DEVICES, &n, &e) < 0)
        return;
    for (i = 0; i < n && i < DEVICES; i++) {
        check_shown(dev[i].name, sizeof(dev[i].name));
        check_shown(dev[i].detail, sizeof(dev[i].detail));
        check_shown(dev[i].error, sizeof(dev[i].error));
    }
}

static void
look(struct victim *h)
{
    struct buf b = { 0 };
    struct err e = { 0 };
    size_t i;

    for (i = 0; i < engine_dom_count(h->en); i++) {
        const struct dom *d = engine_dom_at(h->en, i);

        check_shown(d->name, sizeof(d->name));
        look_at_devices(h, d->id);
        buf_clear(&b);
        if (engine_store_text(h->en, d->id, LINES_MAX, &b, &e) == 0)
            check_lines(&b, LINES_MAX + 1);
        buf_clear(&b);
        if (engine_config_text(h->en, d->id, &b, &e) == 0)
            check_lines(&b, LINES_MAX);
    }
    for (i = 0; i < engine_event_count(h->en); i++)
        check_shown(engine_event_at(h->en, i)->text, 256);
    for (i = 0; i < engine_op_count(h->en); i++)
        check_shown(engine_op_at(h->en, i)->err.msg, ERR_MSG_MAX);
    buf_free(&b);
}

static bool
never(void *arg)
{
    (void)arg;
    return false;
}

static void
act(struct victim *h, struct input *in)
{
    switch (next(in) % 8) {
    case 0:
        operator_acts(h, in);
        break;
    case 1:
        (void)sim_guest_shutdown(h->sim, GUEST, (enum hv_reason)(next(in) % 6));
        break;
    case 2:
        (void)loop_until(h->lp, never, NULL, next(in) * PASS_MS);
        break;
    case 3:
        look(h);
        break;
    default:
        guest_writes(h, in);
    }
}

static void
host_open(struct victim *h)
{
    struct sim_opts so = { .domains = 2, .seed = 3, .quick_boot = true };
    struct engine_opts eo = { .host = ENGINE_SIM };
    struct err e = { 0 };

    h->lp = eo.lp = loop_new(LOOP_CLOCK_VIRTUAL);
    h->sim = sim_new(h->lp, &so, &e);
    assert(h->sim != NULL);
    sim_leave(h->sim);
    h->en = engine_new(&eo, sim_hv(h->sim), sim_store(h->sim), sim_dom0(h->sim),
                       &e);
    assert(h->en != NULL);
}

/* The helper of these engines is this program. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (*argc > 1 && strcmp((*argv)[1], ENGINE_HELPER_ARG) == 0)
        exit(engine_helper_main(*argc, *argv));
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct input in = { data, n };
    struct victim h;
    unsigned i;

    host_open(&h);
    for (i = 0; i < ACTS_MAX && in.n > 0; i++)
        act(&h, &in);
    (void)loop_until(h.lp, never, NULL, LAST_MS);
    look(&h);
    engine_close(h.en);
    loop_free(h.lp);
    return 0;
}
