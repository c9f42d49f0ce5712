/*
 * move_listen.c - see move_listen.h.
 * Invariant: each caller in the list is a stranger with a process that looks at
 * him, or was let in, or has left and is remembered for a moment: so many
 * processes a second are started for one host, and no more.
 */
#include "engine/life/migrate/move_listen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/core/actor.h"
#include "engine/core/engine_options.h"
#include "engine/dom0/dom0.h"
#include "engine/event/events.h"
#include "engine/life/migrate.h"
#include "engine/life/migrate/move_tls.h"
#include "engine/record/record.h"
#include "engine/tls/tls_carrier.h"
#include "src/base/xalloc.h"

#define STRANGERS_MAX  16
#define STRANGERS_HOST 4 /* of them from one host */
#define GUESTS_MAX     64
#define BACKLOG        64
#define ACCEPT_TURN    4
#define LINE_MAX       600
#define STRANGER_MS    (TLS_SHAKE_MS + 5000) /* the process ends before */
#define REMEMBER_MS    1000
#define AGAIN_MS       10000 /* the address is tried again */
/* So many refusals are told in a while, the others counted. */
#define TOLD_MAX 6
#define TOLD_MS  60000

enum caller_state { CALLER_STRANGER, CALLER_GUEST, CALLER_GONE };

struct caller {
    struct move_listener *ml;
    struct list_node node;
    enum caller_state state;
    struct tls_address from;
    char name[TLS_NAME_MAX]; /* of his certificate, once it is known */
    uint64_t since_ms;
    struct dom0_transport carrier;
    struct loop_fd err_lf; /* what the process says */
    struct buf line;
    struct loop_timer limit;
};

struct move_listener {
    struct engine *en;
    struct tls_address at;
    int fd; /* -1: it does not listen yet */
    struct loop_fd lf;
    struct loop_timer again;
    struct list_node callers;
    bool told_no; /* that it cannot listen */
    uint64_t told_since_ms;
    unsigned told, untold; /* refusals */
};

/* --- what is told --- */

static void
tell_refusal(struct move_listener *ml, const struct tls_address *from,
             const char *sentence)
{
    uint64_t now = loop_now_ms(engine_loop(ml->en));
    char address[TLS_ADDR_MAX], more[48] = "";

    if (ml->told_since_ms == 0 || now - ml->told_since_ms >= TOLD_MS) {
        ml->told_since_ms = now;
        ml->told = 0;
    }
    if (ml->told >= TOLD_MAX) {
        ml->untold++;
        return;
    }
    if (ml->untold > 0)
        text_fmt(more, sizeof(more), " (and %u more before)", ml->untold);
    ml->told++;
    ml->untold = 0;
    tls_address_print(from, false, address, sizeof(address));
    event_add(ml->en, EVENT_ENGINE, EVENT_WARN, NULL,
              "no migration from %s: %s%s", address, sentence, more);
}

static unsigned
count_callers(const struct move_listener *ml, enum caller_state state)
{
    const struct list_node *it;
    unsigned n = 0;

    list_foreach (it, &ml->callers)
        n += list_entry(it, struct caller, node)->state == state;
    return n;
}

/* Also those who were strangers a moment ago. */
static unsigned
count_from(const struct move_listener *ml, const struct tls_address *from)
{
    const struct list_node *it;
    unsigned n = 0;

    list_foreach (it, &ml->callers) {
        const struct caller *c = list_entry(it, struct caller, node);

        n += c->state != CALLER_GUEST && tls_address_same_host(&c->from, from);
    }
    return n;
}

static bool
listener_is_full(const struct move_listener *ml)
{
    return count_callers(ml, CALLER_STRANGER) +
                   count_callers(ml, CALLER_GONE) >=
               STRANGERS_MAX ||
           count_callers(ml, CALLER_GUEST) >= GUESTS_MAX;
}

/* --- the end of a caller --- */

/* What is left of the way to his process. */
static void
caller_close(struct caller *c)
{
    if (c->carrier.fd >= 0)
        close(c->carrier.fd);
    if (c->carrier.err_fd >= 0)
        close(c->carrier.err_fd);
    c->carrier = (struct dom0_transport){ .fd = -1, .err_fd = -1 };
}

static void
caller_free(struct caller *c)
{
    loop_timer_del(&c->limit);
    loop_fd_del(&c->err_lf);
    buf_free(&c->line);
    list_del(&c->node);
    caller_close(c);
    free(c);
}

static void
caller_forget(struct loop_timer *lt)
{
    struct caller *c = container_of(lt, struct caller, limit);
    struct move_listener *ml = c->ml;

    caller_free(c);
    if (ml->fd >= 0 && !listener_is_full(ml))
        (void)loop_fd_want(&ml->lf, LOOP_READ);
}

/* His process has ended, or is ended here. */
static void
caller_gone(struct caller *c, bool end_it)
{
    struct move_listener *ml = c->ml;
    struct loop *lp = engine_loop(ml->en);
    uint64_t stayed = loop_now_ms(lp) - c->since_ms;

    c->state = CALLER_GONE;
    loop_fd_del(&c->err_lf);
    if (end_it)
        dom0_transport_close(engine_dom0(ml->en), &c->carrier);
    else if (c->carrier.pid > 0)
        loop_child_reap(lp, c->carrier.pid);
    caller_close(c);
    loop_timer_arm(lp, &c->limit,
                   stayed < REMEMBER_MS ? REMEMBER_MS - stayed : 0,
                   caller_forget);
}

static void
stranger_late(struct loop_timer *lt)
{
    struct caller *c = container_of(lt, struct caller, limit);

    tell_refusal(c->ml, &c->from, "it has not shown in time who it is");
    caller_gone(c, true);
}

/* --- who he is --- */

/* What follows is done for him, by the name of his certificate. */
static int
let_in(struct caller *c, struct err *e)
{
    struct engine *en = c->ml->en;
    char address[TLS_ADDR_MAX], from[TLS_NAME_MAX + TLS_ADDR_MAX + 16];
    char who[WHO_MAX];
    const struct receive_opts o = { .from = from };
    struct actor before;
    int rc;

    tls_address_print(&c->from, false, address, sizeof(address));
    text_fmt(from, sizeof(from), "%s (%s, by TLS)", c->name, address);
    text_fmt(who, sizeof(who), "%s", c->name);
    before = engine_act_for(en, who, NULL);
    rc = engine_receive(en, c->carrier.fd, c->carrier.fd, &o, NULL, e);
    engine_act_as(en, before);
    close(c->carrier.fd);
    c->carrier.fd = -1;
    return rc;
}

static void
stranger_says(struct caller *c, const char *line)
{
    struct err e = { 0 };

    if (strncmp(line, TLS_PEER_WORD, sizeof(TLS_PEER_WORD) - 1) != 0) {
        tell_refusal(c->ml, &c->from, line);
        return;
    }
    (void)text_safe(c->name, sizeof(c->name), line + sizeof(TLS_PEER_WORD) - 1,
                    strlen(line + sizeof(TLS_PEER_WORD) - 1));
    loop_timer_del(&c->limit);
    c->state = CALLER_GUEST;
    if (let_in(c, &e) < 0)
        tell_refusal(c->ml, &c->from, e.msg);
}

static void
caller_take_line(struct caller *c)
{
    char line[LINE_MAX], address[TLS_ADDR_MAX];

    (void)text_safe(line, sizeof(line), buf_text(&c->line), c->line.len);
    buf_clear(&c->line);
    if (c->state == CALLER_STRANGER) {
        stranger_says(c, line);
        return;
    }
    tls_address_print(&c->from, true, address, sizeof(address));
    log_line(engine_log(c->ml->en), LOGL_WARN, "migration from %s (%s): %s",
             c->name, address, line);
}

static void
caller_speaks(struct loop_fd *lf, unsigned ready)
{
    struct caller *c = container_of(lf, struct caller, err_lf);
    char bytes[LINE_MAX];
    ssize_t i, n = read(lf->fd, bytes, sizeof(bytes));

    (void)ready;
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        caller_gone(c, false);
        return;
    }
    for (i = 0; i < n; i++)
        if (bytes[i] == '\n')
            caller_take_line(c);
        else if (c->line.len < LINE_MAX)
            buf_chr(&c->line, bytes[i]);
}

/* --- who calls --- */

static void
take_stranger(struct move_listener *ml, int fd, const struct tls_address *from)
{
    struct caller *c = xcalloc(1, sizeof(*c));
    struct loop *lp = engine_loop(ml->en);
    struct err e = { 0 };
    int rc;

    c->ml = ml;
    c->from = *from;
    c->since_ms = loop_now_ms(lp);
    list_append(&ml->callers, &c->node);
    rc = move_tls_serve(ml->en, fd, &c->carrier, &e);
    if (rc == 0 && loop_fd_add(lp, &c->err_lf, c->carrier.err_fd, LOOP_READ,
                               caller_speaks) < 0)
        rc = err_sys(&e, errno, "pipe of a process");
    if (rc < 0) {
        tell_refusal(ml, from, e.msg);
        caller_gone(c, true);
        return;
    }
    loop_timer_arm(lp, &c->limit, STRANGER_MS, stranger_late);
}

static void
take_call(struct move_listener *ml, int fd, const struct tls_address *from)
{
    if (count_from(ml, from) >= STRANGERS_HOST)
        tell_refusal(ml, from, "it calls too often");
    else
        take_stranger(ml, fd, from);
    close(fd);
}

static void listener_again(struct loop_timer *lt);

static void
listen_ready(struct loop_fd *lf, unsigned ready)
{
    struct move_listener *ml = container_of(lf, struct move_listener, lf);
    struct tls_address from = { .len = sizeof(from.sa) };
    int i, fd;

    (void)ready;
    for (i = 0; i < ACCEPT_TURN; i++) {
        if (listener_is_full(ml) || engine_is(ml->en, ENGINE_CLOSING)) {
            (void)loop_fd_want(lf, 0);
            return;
        }
        from.len = sizeof(from.sa);
        fd = accept4(ml->fd, (struct sockaddr *)&from.sa, &from.len,
                     SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            take_call(ml, fd, &from);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
                   errno == ENOBUFS) {
            (void)loop_fd_want(lf, 0);
            loop_timer_arm(engine_loop(ml->en), &ml->again, REMEMBER_MS,
                           listener_again);
            return;
        } else if (errno != ECONNABORTED) {
            return;
        }
    }
}

/* --- the address --- */

static int
listener_open(struct move_listener *ml)
{
    int on = 1;

    ml->fd = socket(ml->at.sa.ss_family,
                    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (ml->fd >= 0 &&
        setsockopt(ml->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        bind(ml->fd, (const struct sockaddr *)&ml->at.sa, ml->at.len) == 0 &&
        listen(ml->fd, BACKLOG) == 0 &&
        loop_fd_add(engine_loop(ml->en), &ml->lf, ml->fd, LOOP_READ,
                    listen_ready) == 0)
        return 0;
    on = errno;
    if (ml->fd >= 0)
        close(ml->fd);
    ml->fd = -1;
    errno = on;
    return -1;
}

/* The one before may still have it, or the address is not there yet. */
static void
listener_try(struct move_listener *ml)
{
    char address[TLS_ADDR_MAX];
    int error;

    tls_address_print(&ml->at, true, address, sizeof(address));
    if (listener_open(ml) == 0) {
        event_add(ml->en, EVENT_ENGINE, EVENT_INFO, NULL,
                  "takes migrations by TLS at %s", address);
        return;
    }
    error = errno;
    if (!ml->told_no)
        event_add(ml->en, EVENT_ENGINE, EVENT_ERROR, NULL,
                  "takes no migrations at %s: %s; it tries again", address,
                  strerror(error));
    ml->told_no = true;
    loop_timer_arm(engine_loop(ml->en), &ml->again, AGAIN_MS, listener_again);
}

static void
listener_again(struct loop_timer *lt)
{
    struct move_listener *ml = container_of(lt, struct move_listener, again);

    if (ml->fd < 0)
        listener_try(ml);
    else if (!listener_is_full(ml))
        (void)loop_fd_want(&ml->lf, LOOP_READ);
}

struct move_listener *
move_listener_new(struct engine *en)
{
    const struct engine_opts *o = engine_options(en);
    struct move_listener *ml;
    struct tls_address at;
    struct err e = { 0 };

    if (o->migrate_listen == NULL || o->one_shot || !record_ours(en))
        return NULL;
    if (tls_address_parse(o->migrate_listen, &at, &e) < 0 ||
        move_tls_check(en, &e) < 0) {
        event_add(en, EVENT_ENGINE, EVENT_ERROR, NULL, "migrate_listen: %s",
                  e.msg);
        return NULL;
    }
    if (o->migrate_allow == NULL) {
        event_add(en, EVENT_ENGINE, EVENT_ERROR, NULL,
                  "takes no migrations: migrate_allow names nobody who may "
                  "send them");
        return NULL;
    }
    ml = xcalloc(1, sizeof(*ml));
    ml->en = en;
    ml->at = at;
    ml->fd = -1;
    list_init(&ml->callers);
    listener_try(ml);
    return ml;
}

void
move_listener_free(struct move_listener *ml)
{
    struct list_node *it, *tmp;

    if (ml == NULL)
        return;
    loop_timer_del(&ml->again);
    loop_fd_del(&ml->lf);
    if (ml->fd >= 0)
        close(ml->fd);
    list_foreach_safe (it, tmp, &ml->callers) {
        struct caller *c = list_entry(it, struct caller, node);

        if (c->carrier.pid > 0)
            loop_child_reap(engine_loop(ml->en), c->carrier.pid);
        caller_free(c);
    }
    free(ml);
}

unsigned
move_listener_strangers(const struct move_listener *ml)
{
    return count_callers(ml, CALLER_STRANGER);
}

unsigned
move_listener_guests(const struct move_listener *ml)
{
    return count_callers(ml, CALLER_GUEST);
}
