/*
 * sim_console.c - the xenconsoled of the simulated host: one pty a guest, its
 * name in console/tty, bytes both ways. Invariant: this side keeps the slave
 * open too, so that the pty neither hangs up nor loses its raw mode between
 * readers; what the pty does not take waits here, up to SIM_OUT_MAX, and then
 * the guest's printing stalls as on a full ring.
 */
#include "engine/sim/guest/sim_console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/guest/sim_guest.h"
#include "engine/sim/guest/sim_shell.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/store/sim_store.h"
#include "src/base/loop_first.h"
#include "src/base/xalloc.h"

#define TTY_MS      5 /* from the introduction to the tty node */
#define IN_MAX      1024U
#define DRAIN_MS    10
#define DRAIN_WAITS 100
#define KICK_CHUNKS 4 /* of a flood, in one turn of the loop */

static struct sim_cons *
cons_of(struct sim_dom *d)
{
    struct sim_cons *c = d->cons;

    if (c != NULL)
        return c;
    c = d->cons = xcalloc(1, sizeof(*c));
    c->s = d->s;
    c->dom = d;
    c->master = c->slave = -1;
    return c;
}

static void
cons_close(struct sim_cons *c)
{
    loop_fd_del(&c->lf);
    if (c->slave >= 0)
        close(c->slave);
    if (c->master >= 0)
        close(c->master);
    c->master = c->slave = -1;
}

void
sim_console_free(struct sim_cons *c)
{
    if (c == NULL)
        return;
    loop_timer_del(&c->tm);
    list_del(&c->node);
    cons_close(c);
    buf_free(&c->out);
    buf_free(&c->in);
    free(c);
}

/* Guests are other machines: one that waits for keys answers at once, whatever
 * the others print. */
static void
cons_want(struct sim_cons *c)
{
    unsigned want = 0;
    bool floods;

    if (c->master < 0 || c->dom == NULL)
        return;
    floods = c->dom->running && c->dom->guest.state == SIM_GUEST_UP &&
             c->dom->guest.mode == SIM_SH_FLOOD;
    if (c->in.len < IN_MAX)
        want |= LOOP_READ;
    if (c->out.len > 0 || floods)
        want |= LOOP_WRITE;
    (void)loop_fd_want(&c->lf, want);
    loop_fd_first(&c->lf, !floods);
}

static void
cons_flush(struct sim_cons *c)
{
    size_t done = 0;
    ssize_t r;

    while (c->master >= 0 && done < c->out.len) {
        r = write(c->master, c->out.data + done, c->out.len - done);
        if (r > 0)
            done += (size_t)r;
        else if (r == 0 || errno != EINTR)
            break;
    }
    if (done > 0)
        buf_consume(&c->out, done);
}

/* Input first: a ^C has to reach a guest that floods. */
void
sim_console_kick(struct sim_dom *d)
{
    struct sim_cons *c = d->cons;
    unsigned i;

    if (c == NULL)
        return;
    if (d->running && c->in.len > 0) {
        size_t n = sim_shell_feed(d, c->in.data, c->in.len);

        if (n > 0)
            buf_consume(&c->in, n);
    }
    cons_flush(c);
    for (i = 0; i < KICK_CHUNKS && c->master >= 0 && c->out.len == 0; i++) {
        if (!d->running || !sim_shell_flood(d))
            break;
        cons_flush(c);
    }
    cons_want(c);
}

static void
cons_ready(struct loop_fd *lf, unsigned ready)
{
    struct sim_cons *c = container_of(lf, struct sim_cons, lf);
    char tmp[IN_MAX];
    ssize_t r;

    if ((ready & (LOOP_READ | LOOP_HUP)) != 0 && c->in.len < IN_MAX) {
        r = read(c->master, tmp, IN_MAX - c->in.len);
        if (r > 0)
            buf_add(&c->in, tmp, (size_t)r);
        else if (r == 0 || (errno != EAGAIN && errno != EINTR))
            cons_close(c); /* somebody hung the terminal up for good */
    }
    sim_console_kick(c->dom);
}

static int
pty_open(struct sim_cons *c)
{
    struct termios tio;

    c->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (c->master < 0)
        return -1;
    if (grantpt(c->master) < 0 || unlockpt(c->master) < 0 ||
        ptsname_r(c->master, c->tty, sizeof(c->tty)) != 0)
        return -1;
    c->slave = open(c->tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (c->slave < 0 || tcgetattr(c->slave, &tio) < 0)
        return -1;
    cfmakeraw(&tio);
    return tcsetattr(c->slave, TCSANOW, &tio);
}

static bool
cons_open(struct sim_cons *c)
{
    if (c->master >= 0)
        return true;
    if (pty_open(c) < 0 ||
        loop_fd_add(c->s->lp, &c->lf, c->master, LOOP_READ, cons_ready) < 0) {
        cons_close(c);
        return false;
    }
    cons_flush(c);
    cons_want(c);
    return true;
}

static void
tty_due(struct loop_timer *lt)
{
    struct sim_cons *c = container_of(lt, struct sim_cons, tm);
    char path[64];

    text_fmt(path, sizeof(path), "/local/domain/%u/console", c->dom->domid);
    if (sim_tree_find(&c->s->tree, path) == NULL || !cons_open(c))
        return;
    text_fmt(path, sizeof(path), "/local/domain/%u/console/tty", c->dom->domid);
    sim_dom0_write(c->s, path, c->tty);
    sim_console_kick(c->dom);
}

static const struct sim_node *
fe_node(const struct sim_dom *d, const char *rest)
{
    char path[96];

    text_fmt(path, sizeof(path), "/local/domain/%u/console/%s", d->domid, rest);
    return sim_tree_find(&d->s->tree, path);
}

void
sim_console_check(struct sim_dom *d)
{
    const struct sim_node *type = fe_node(d, "type"), *tty = fe_node(d, "tty");
    struct sim_cons *c;

    if (!d->introduced || d->dying || d->s->no_consoled || d->domid == 0)
        return;
    if (fe_node(d, "port") == NULL || (tty != NULL && tty->len > 0))
        return;
    if (type != NULL && (type->len != 11 || /* else a device model's */
                         memcmp(type->val, "xenconsoled", 11) != 0))
        return;
    c = cons_of(d);
    if (c->master < 0 && !loop_timer_active(&c->tm))
        loop_timer_arm(d->s->lp, &c->tm, TTY_MS + d->s->delay_ms[SIM_DELAY_TTY],
                       tty_due);
}

const char *
sim_console_want(struct sim_dom *d)
{
    bool fresh = d->cons == NULL || d->cons->master < 0;
    struct sim_cons *c = cons_of(d);
    struct sim_node *n;
    char path[64];

    if (!cons_open(c))
        return NULL;
    text_fmt(path, sizeof(path), "/local/domain/%u/console/tty", d->domid);
    n = sim_tree_edit(&d->s->tree, path);
    if (n != NULL)
        sim_node_set(&d->s->tree, n, c->tty, strlen(c->tty));
    if (!fresh)
        return c->tty;
    /* Nobody has read this guest's console before. On a crowded host the log
     * of all at once would only be noise. */
    if (d->s->o.domains <= 8)
        sim_boot_log(d);
    sim_shell_prompt(d);
    return c->tty;
}

bool
sim_console_room(const struct sim_dom *d)
{
    return d->cons == NULL || d->cons->out.len < SIM_OUT_MAX / 2;
}

void
sim_console_put(struct sim_dom *d, const char *text, size_t n)
{
    struct sim_cons *c = cons_of(d);
    size_t i, from = 0;

    if (c->out.len + n > SIM_OUT_MAX)
        return; /* the ring is full and nobody reads */
    for (i = 0; i < n; i++) {
        if (text[i] != '\n')
            continue;
        buf_add(&c->out, text + from, i - from);
        buf_add(&c->out, "\r\n", 2);
        from = i + 1;
    }
    buf_add(&c->out, text + from, n - from);
    if (c->master >= 0) {
        cons_flush(c);
        cons_want(c);
    }
}

void
sim_console_print(struct sim_dom *d, const char *fmt, ...)
{
    struct buf b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    sim_console_put(d, buf_text(&b), b.len);
    buf_free(&b);
}

/* poll makes the kernel hand over what it still holds back, so an answer of
 * "nothing" means that the reader has it all. */
static bool
sim_console_drained(const struct sim_cons *c)
{
    struct pollfd p = { .fd = c->slave, .events = POLLIN };

    return c->out.len == 0 && poll(&p, 1, 0) == 0;
}

static void
drain(struct loop_timer *lt)
{
    struct sim_cons *c = container_of(lt, struct sim_cons, tm);

    cons_flush(c);
    if (sim_console_drained(c) || ++c->waits > DRAIN_WAITS)
        sim_console_free(c); /* closing the master hangs the reader up */
    else
        loop_timer_arm(c->s->lp, &c->tm, DRAIN_MS, drain);
}

void
sim_console_release(struct sim_dom *d)
{
    struct sim_cons *c = d->cons;

    if (c == NULL)
        return;
    d->cons = NULL;
    c->dom = NULL;
    loop_timer_del(&c->tm);
    loop_fd_del(&c->lf);
    if (c->master < 0) {
        sim_console_free(c);
        return;
    }
    list_append(&c->s->draining, &c->node);
    drain(&c->tm);
}
