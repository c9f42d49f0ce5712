/*
 * channel.c - the engine's end of a guest console: finds the tty, takes the
 * lock, reads what comes, writes what is queued, and reads out what is left
 * when the guest is gone.
 * Invariant: fd and lock_fd are open together, and only while ATTACHED or
 * while the rest is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "engine/console/clients.h"
#include "engine/console/console_int.h"
#include "engine/console/console_lock.h"
#include "engine/console/console_scroll.h"
#include "src/base/loop_first.h"
#include "src/base/xalloc.h"

#define READ_BYTES  (64 * 1024)
#define FLOOD_BYTES 4096U /* no answer to a key is as much at once */
#define DRAIN_MS    3000  /* xenconsoled lets go of a dead guest's tty sooner */
#define PACE_BYTES  256
#define PACE_MS     5    /* a PV console takes 16 bytes at a time */
#define RETRY_MS    2000 /* while another program holds the console */
#define ONLY_LOOKS                                                             \
    "waits until a session that may operate opens it: viewers alone do not "   \
    "keep `xl console' out"

/* --- the tty --- */

/* Only what dom0 wrote is believed, and only a pseudo-terminal is opened. */
static bool
tty_path_ok(const char *s)
{
    return strncmp(s, "/dev/pts/", 9) == 0 && s[9] != '\0' &&
           s[9 + strspn(s + 9, "0123456789")] == '\0';
}

static bool
guest_cannot_write(struct store *st, const char *path, uint32_t domid)
{
    struct store_perms s;
    size_t i;

    if (store_get_perms(st, 0, path, &s, NULL) < 0 || s.n == 0 ||
        s.p[0].domid == domid || (s.p[0].perms & STORE_PERM_WRITE))
        return false;
    for (i = 1; i < s.n; i++)
        if (s.p[i].domid == domid && (s.p[i].perms & STORE_PERM_WRITE))
            return false;
    return true;
}

/* The node that names the tty of a console. The primary PV console does not
 * stand among the devices, where the others are. */
static void
tty_node(uint32_t domid, struct console_place p, char *dst, size_t n)
{
    if (p.kind == CONSOLE_SERIAL)
        store_path(dst, n, "/local/domain/%u/serial/%u/tty", domid, p.number);
    else if (p.number == 0)
        store_path(dst, n, "/local/domain/%u/console/tty", domid);
    else
        store_path(dst, n, "/local/domain/%u/device/console/%u/tty", domid,
                   p.number);
}

/* A guest that has a serial port of this number talks there, as an HVM guest
 * does. */
static bool
find_tty(struct console *c, char *out, size_t n)
{
    static const enum console_kind kinds[] = { CONSOLE_SERIAL, CONSOLE_PV };
    struct store *st = engine_store(c->en);
    char path[64];
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        c->place.kind = kinds[i];
        tty_node(c->domid, c->place, path, sizeof(path));
        if (store_read_text(st, 0, path, out, n, NULL) == 0 &&
            tty_path_ok(out) && guest_cannot_write(st, path, c->domid))
            return true;
    }
    return false;
}

/* Bytes must pass unchanged in both directions. */
static void
make_raw(int fd)
{
    struct termios t;

    if (tcgetattr(fd, &t) < 0)
        return;
    cfmakeraw(&t);
    (void)tcsetattr(fd, TCSANOW, &t);
}

static int
channel_open_tty(const char *path, struct err *e)
{
    struct stat sb;
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return err_sys(e, errno, "console %s", path);
    if (fstat(fd, &sb) < 0 || !S_ISCHR(sb.st_mode)) {
        close(fd);
        return err_set(e, ERR_INVALID, "console %s is no terminal", path);
    }
    make_raw(fd);
    return fd;
}

static void
retry(struct loop_timer *lt)
{
    struct console *c = container_of(lt, struct console, drain);

    if (c->state == CONSOLE_HELD || c->state == CONSOLE_WAITING)
        console_open(c);
}

static int
channel_attach(struct console *c, const char *tty, struct err *e)
{
    console_lock_path(c, c->lock_path, sizeof(c->lock_path));
    c->lock_fd = console_lock(c->lock_path, e);
    if (c->lock_fd < 0)
        return -1;
    c->fd = channel_open_tty(tty, e);
    if (c->fd >= 0 && loop_fd_add(engine_loop(c->en), &c->lf, c->fd, LOOP_READ,
                                  console_readable) == 0)
        return 0;
    if (c->fd >= 0)
        err_sys(e, errno, "console %s", tty);
    console_close(c);
    return -1;
}

bool
console_wanted(const struct console *c)
{
    const struct list_node *it;

    if (c->own || paste_goes_on(c))
        return true;
    list_foreach (it, &c->clients)
        if (!list_entry(it, struct console_client, node)->only_looks)
            return true;
    return false;
}

bool
console_unwant(struct console *c)
{
    if (!c->own && list_empty(&c->clients) && !paste_goes_on(c)) {
        console_free(c);
        return false;
    }
    if (c->fd >= 0 && c->dom_id != 0 && !console_wanted(c)) {
        console_close(c);
        console_open(c); /* tells the viewers why it is not read */
    }
    return true;
}

void
console_open(struct console *c)
{
    struct err e = { 0 };
    char tty[64];

    if (c->fd >= 0 || c->let_go || c->dom_id == 0 || c->program != NULL)
        return;
    if (!console_wanted(c)) {
        if (strcmp(c->why, ONLY_LOOKS) != 0)
            console_set(c, CONSOLE_WAITING, ONLY_LOOKS);
        return;
    }
    if (!find_tty(c, tty, sizeof(tty))) {
        if (c->state != CONSOLE_WAITING)
            console_set(c, CONSOLE_WAITING, "waits for a console");
        return;
    }
    if (channel_attach(c, tty, &e) == 0) {
        console_set(c, CONSOLE_ATTACHED, "attached to %s", tty);
        console_flush(c);
        return;
    }
    if (c->state != CONSOLE_HELD || strcmp(c->why, e.msg) != 0)
        console_set(c, CONSOLE_HELD, "%s", e.msg);
    loop_timer_arm(engine_loop(c->en), &c->drain, RETRY_MS, retry);
}

void
console_close(struct console *c)
{
    paste_drop(c, "its console was closed");
    loop_fd_del(&c->lf);
    loop_timer_del(&c->drain);
    loop_timer_del(&c->pace);
    if (c->program != NULL)
        c->program->con = NULL; /* whose terminal it is */
    else if (c->fd >= 0)
        close(c->fd);
    c->program = NULL;
    if (engine_is(c->en, ENGINE_ABANDONED))
        c->lock_path[0] = '\0'; /* a killed holder leaves its file */
    console_unlock(c->lock_path, c->lock_fd);
    c->fd = c->lock_fd = -1;
    paste_let_go(c);
}

/* --- bytes --- */

static void
read_over(struct console *c)
{
    if (c->program != NULL) { /* it has closed its terminal */
        loop_fd_del(&c->lf);
        c->fd = -1;
        return;
    }
    console_close(c);
    if (c->dom_id == 0)
        return; /* its end is told already */
    /* xenconsoled went away, or reopens the pty: look again. */
    console_set(c, CONSOLE_WAITING, "the console hung up");
    loop_timer_arm(engine_loop(c->en), &c->drain, RETRY_MS, retry);
}

/* A pty gives at most 4 KiB a read: gathered, so that clients work on few
 * large pieces. Returns what the last read did. */
static ssize_t
gather(int fd, char *bytes, size_t max, size_t *n_out)
{
    size_t n = 0;
    ssize_t r;

    do {
        r = read(fd, bytes + n, max - n);
        if (r > 0)
            n += (size_t)r;
    } while (r > 0 && n < max);
    *n_out = n;
    return r;
}

void
console_readable(struct loop_fd *lf, unsigned ready)
{
    struct console *c = container_of(lf, struct console, lf);
    char bytes[READ_BYTES];
    size_t n;
    ssize_t r;
    bool again;

    if (ready & LOOP_WRITE)
        console_flush(c);
    if (!(ready & (LOOP_READ | LOOP_HUP)) || c->fd < 0)
        return;
    r = gather(c->fd, bytes, sizeof(bytes), &n);
    again = r > 0 || (r < 0 && (errno == EAGAIN || errno == EINTR));
    if (n >= FLOOD_BYTES)
        loop_fd_first(lf, false);
    if (n > 0)
        console_deliver(c, bytes, n);
    if (n > 0 && c->program != NULL)
        c->program->said(c->program, bytes, n);
    if (!again && c->fd >= 0)
        read_over(c);
}

void
console_want(struct console *c, bool write)
{
    struct list_node *it;
    bool held = false;

    list_foreach (it, &c->clients)
        held = held || list_entry(it, struct console_client, node)->hold;
    loop_fd_want(&c->lf, (held ? 0 : LOOP_READ) | (write ? LOOP_WRITE : 0));
}

static void
pace_due(struct loop_timer *lt)
{
    console_flush(container_of(lt, struct console, pace));
}

void
console_flush(struct console *c)
{
    ssize_t done;
    size_t n;

    if (c->fd < 0 || loop_timer_active(&c->pace))
        return;
    paste_feed(c);
    n = c->queue.len < PACE_BYTES ? c->queue.len : PACE_BYTES;
    done = n == 0 ? 0 : write(c->fd, c->queue.data, n);
    if (done > 0)
        buf_consume(&c->queue, (size_t)done);
    if (done > 0 && c->program != NULL)
        c->program->typed(c->program);
    if (done < 0 && errno != EAGAIN && errno != EINTR) {
        paste_drop(c, "its console takes nothing any more");
        buf_clear(&c->queue); /* the reading side tells the end */
    }
    if (c->queue.len > 0 && done > 0)
        loop_timer_arm(engine_loop(c->en), &c->pace, PACE_MS, pace_due);
    console_want(c, c->queue.len > 0 && done <= 0);
    paste_let_go(c);
}

/* --- life --- */

static void
channel_tty_changed(struct store_watch *w, const char *path)
{
    (void)path;
    console_open(container_of(w, struct console, tty_watch));
}

void
console_follow(struct console *c, const struct dom *d)
{
    char path[64];

    console_close(c);
    store_watch_del(&c->tty_watch);
    if (c->reason[0] != '\0')
        console_mark_seam(c, d->domid);
    c->dom_id = d->id;
    c->domid = d->domid;
    text_fmt(c->name, sizeof(c->name), "%s", d->name);
    c->place.kind = CONSOLE_PV;
    tty_node(d->domid, c->place, path, sizeof(path));
    (void)store_watch_add(engine_store(c->en), &c->tty_watch, path,
                          channel_tty_changed, NULL);
    console_open(c);
}

struct console *
console_new(struct engine *en, const struct dom *d, unsigned number)
{
    struct console *c = xcalloc(1, sizeof(*c));

    c->en = en;
    c->fd = c->lock_fd = -1;
    c->state = CONSOLE_WAITING;
    c->place.number = number;
    memcpy(c->uuid, d->uuid, sizeof(c->uuid));
    text_fmt(c->name, sizeof(c->name), "%s", d->name);
    list_init(&c->clients);
    list_append(&console_room(en)->consoles, &c->node);
    return c;
}

void
console_free(struct console *c)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &c->clients) {
        struct console_client *cl = list_entry(it, struct console_client, node);

        list_del(&cl->node);
        cl->con = NULL;
    }
    console_close(c);
    loop_timer_del(&c->text_out);
    loop_timer_del(&c->typing);
    scroll_end(c);
    store_watch_del(&c->tty_watch);
    list_del(&c->node);
    buf_free(&c->capture);
    buf_free(&c->queue);
    free(c);
}

/* The primary console of earlier lives; the others go on with this life. */
static struct console *
channel_take_over(struct engine *en, const struct dom *d)
{
    struct console *primary = NULL;
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &console_room(en)->consoles) {
        struct console *c = list_entry(it, struct console, node);

        if (memcmp(c->uuid, d->uuid, sizeof(c->uuid)) != 0)
            continue;
        if (c->place.number == 0 && primary == NULL)
            primary = c;
        else if (c->place.number > 0 && c->dom_id != d->id)
            console_follow(c, d);
    }
    return primary;
}

struct console *
console_of_entry(struct dom_entry *de)
{
    struct console *c = de->con;

    if (c != NULL)
        return c;
    c = channel_take_over(de->en, &de->d);
    if (c == NULL)
        c = console_new(de->en, &de->d, 0);
    c->own = true;
    c->let_go = false;
    de->con = c;
    if (c->dom_id != de->d.id)
        console_follow(c, &de->d);
    else
        console_open(c);
    return c;
}

void
console_own(struct dom_entry *de)
{
    if (record_ours(de->en) && de->d.domid != 0)
        (void)console_of_entry(de);
}

void
console_disown(struct dom_entry *de)
{
    struct console *c = de->con;

    de->con = NULL;
    if (c == NULL)
        return;
    c->own = false;
    (void)console_unwant(c);
}

static void
channel_drained(struct loop_timer *lt)
{
    console_close(container_of(lt, struct console, drain));
}

void
console_dom_gone(struct dom_entry *de, const char *why)
{
    struct list_node *it, *tmp;

    de->con = NULL;
    list_foreach_safe (it, tmp, &console_room(de->en)->consoles) {
        struct console *c = list_entry(it, struct console, node);

        if (c->dom_id != de->d.id)
            continue;
        store_watch_del(&c->tty_watch);
        loop_timer_del(&c->drain);
        text_fmt(c->reason, sizeof(c->reason), "%s", why);
        c->dom_id = 0;
        paste_drop(c, "its guest has ended");
        buf_clear(&c->queue); /* not for the next life */
        if (c->fd >= 0) {
            /* The last words may still be on their way. */
            console_readable(&c->lf, LOOP_READ);
            loop_timer_arm(engine_loop(de->en), &c->drain, DRAIN_MS,
                           channel_drained);
        }
        console_set(c, CONSOLE_ENDED, "%s (domid %u): %s", c->name, c->domid,
                    why);
    }
    console_trim(de->en);
}

/* --- the room --- */

static void
channel_dom_born(struct dom_observer *o, struct dom_entry *de)
{
    (void)o;
    if (de->d.owned && !de->d.building)
        console_own(de);
}

static void
dom_gone(struct dom_observer *o, struct dom_entry *de, const char *why)
{
    (void)o;
    console_dom_gone(de, why);
    scroll_sweep_later(de->en);
}

static void
channel_dom_ours(struct record_observer *o, struct dom_entry *de)
{
    (void)o;
    console_own(de);
}

static void
dom_let_go(struct record_observer *o, struct dom_entry *de)
{
    (void)o;
    console_disown(de);
}

static void
channel_sweep(struct record_observer *o)
{
    struct engine *en = container_of(o, struct console_room, record)->en;

    console_locks_sweep(en);
    scroll_sweep(en);
}

void
consoles_open(struct engine *en)
{
    struct console_room *r = xcalloc(1, sizeof(*r));

    r->en = en;
    list_init(&r->consoles);
    r->doms.born = channel_dom_born;
    r->doms.gone = dom_gone;
    r->record.own = channel_dom_ours;
    r->record.disown = dom_let_go;
    r->record.sweep = channel_sweep;
    engine_set_room(en, ROOM_CONSOLE, r);
    domains_observe(en, &r->doms);
    record_observe(en, &r->record);
}

void
consoles_close(struct engine *en)
{
    struct console_room *r = console_room(en);
    struct list_node *it, *tmp;

    if (r == NULL)
        return;
    domains_unobserve(&r->doms);
    record_unobserve(&r->record);
    list_foreach_safe (it, tmp, &r->consoles)
        console_free(list_entry(it, struct console, node));
    scroll_room_close(r);
    engine_set_room(en, ROOM_CONSOLE, NULL);
    free(r);
}

void
consoles_forget(struct engine *en, const uint8_t uuid[16])
{
    scroll_forget(en, uuid);
}

/* --- for `info` --- */

size_t
consoles_info(const struct engine *en, struct buf *out)
{
    struct list_node *it, *at;
    size_t n = 0, readers;

    list_foreach (it, &console_room(en)->consoles) {
        const struct console *c = list_entry(it, struct console, node);

        n++;
        if (out == NULL)
            continue;
        readers = c->own ? 1 : 0;
        list_foreach (at, &c->clients)
            readers++;
        buf_fmt(out,
                "console      %s (%u): %s%s%s, %zu reader%s, %zu KiB kept\n",
                c->name, c->domid, console_state_name(c->state),
                c->why[0] != '\0' ? ", " : "", c->why, readers,
                readers == 1 ? "" : "s", c->capture.len / 1024);
    }
    return n;
}
