/*
 * clients.c - who reads and writes a console: panes come and go, the captured
 * text stays.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

#include "engine/console/clients.h"
#include "engine/console/console_int.h"
#include "engine/console/console_scroll.h"
#include "src/base/loop_first.h"

#define CAPTURE_SLACK (128 * 1024) /* dropped at once, so that it is rare */

/* --- towards the clients --- */

/* Drops from the front, at least n bytes, up to the end of a line. */
static void
drop_front(struct console *c, size_t n)
{
    const char *nl = memchr(c->capture.data + n, '\n', c->capture.len - n);

    buf_consume(&c->capture,
                nl != NULL ? (size_t)(nl - c->capture.data) + 1 : n);
    if (c->unsaved > c->capture.len)
        c->unsaved = c->capture.len;
}

/* What is kept of all consoles is bounded: the one that keeps most loses the
 * older half of it, and gives its memory back. */
static void
bound_all(struct engine *en)
{
    struct list_node *it;
    struct console *c, *most;
    struct buf half;
    size_t sum;

    for (;;) {
        sum = 0;
        most = NULL;
        list_foreach (it, &console_room(en)->consoles) {
            c = list_entry(it, struct console, node);
            sum += c->capture.len;
            if (most == NULL || c->capture.len > most->capture.len)
                most = c;
        }
        if (sum <= CONSOLE_CAPTURES_MAX || most == NULL)
            return;
        drop_front(most, most->capture.len / 2);
        half = (struct buf){ 0 };
        buf_add(&half, most->capture.data, most->capture.len);
        buf_free(&most->capture);
        most->capture = half;
    }
}

static void
capture(struct console *c, const char *bytes, size_t n)
{
    scroll_begin(c);
    buf_add(&c->capture, bytes, n);
    scroll_grown(c, n);
    if (c->capture.len > CONSOLE_CAPTURE_MAX + CAPTURE_SLACK)
        drop_front(c, c->capture.len - CONSOLE_CAPTURE_MAX);
    bound_all(c->en);
}

void
console_deliver(struct console *c, const char *bytes, size_t n)
{
    struct list_node *it, *tmp;

    capture(c, bytes, n);
    list_foreach_safe (it, tmp, &c->clients) {
        struct console_client *cl = list_entry(it, struct console_client, node);

        cl->data(cl, bytes, n);
    }
}

/* Those who are attached draw a line of their own (console_seam); what is kept
 * gets one in plain text, behind what sets a terminal straight. */
void
console_mark_seam(struct console *c, uint32_t domid)
{
    time_t at = (time_t)loop_wall_s(engine_loop(c->en));
    char line[192], clock[16] = "";
    struct tm tm;

    if (localtime_r(&at, &tm) != NULL)
        strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
    text_fmt(c->seam, sizeof(c->seam), "%s: %s, domain %u -> %u", c->name,
             c->reason, c->domid, domid);
    text_fmt(line, sizeof(line), CONSOLE_STRAIGHT "\r\n--- %s %s ---\r\n",
             clock, c->seam);
    capture(c, line, strlen(line));
    c->reason[0] = '\0';
}

void
console_set(struct console *c, enum console_state state, const char *fmt, ...)
{
    struct list_node *it, *tmp;
    struct buf b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    text_safe(c->why, sizeof(c->why), buf_text(&b), b.len);
    buf_free(&b);
    c->state = state;
    list_foreach_safe (it, tmp, &c->clients) {
        struct console_client *cl = list_entry(it, struct console_client, node);

        if (cl->state != NULL)
            cl->state(cl);
    }
}

bool
clients_may_write(const struct console_client *cl)
{
    return cl->right != NULL && *cl->right >= RIGHT_OPERATE;
}

bool
console_reset(struct console_client *cl)
{
    static const char reset[] = "\x18\x1b"
                                "c"; /* CAN ends a torn sequence */

    if (cl->con == NULL || !clients_may_write(cl))
        return false;
    console_deliver(cl->con, reset, sizeof(reset) - 1);
    return true;
}

void
console_tell_company(struct console *c, const struct console_client *but)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &c->clients) {
        struct console_client *cl = list_entry(it, struct console_client, node);

        if (cl != but && cl->company != NULL)
            cl->company(cl);
    }
}

/* --- from the clients --- */

static struct console *
console_of_dom(struct engine *en, uint64_t dom_id, unsigned number)
{
    struct list_node *it;

    list_foreach (it, &console_room(en)->consoles) {
        struct console *c = list_entry(it, struct console, node);

        if (c->dom_id == dom_id && c->place.number == number)
            return c;
    }
    return NULL;
}

int
console_attach(struct engine *en, uint64_t dom_id, unsigned number,
               struct console_client *cl, struct err *e)
{
    struct dom_entry *de = domains_by_id(en, dom_id);
    struct console *c;

    if (de == NULL)
        return err_set(e, ERR_NOENT, "this domain no longer exists");
    if (de->d.domid == 0)
        return err_set(e, ERR_DENIED, "dom0 has no console of its own");
    c = console_of_dom(en, dom_id, number);
    if (c == NULL) {
        c = console_new(en, &de->d, number);
        c->own = de->d.owned && number == 0;
        if (c->own)
            de->con = c;
    }
    cl->con = c;
    list_append(&c->clients, &cl->node);
    scroll_begin(c);
    if (c->capture.len > 0)
        cl->data(cl, c->capture.data, c->capture.len);
    if (c->dom_id != dom_id)
        console_follow(c, &de->d);
    else
        console_open(c);
    console_tell_company(c, cl);
    return 0;
}

static unsigned
smaller(unsigned a, unsigned b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* A guest has one size, its viewers many. */
void
console_fit(struct console *c)
{
    const struct console_client *w = c->writer;
    unsigned rows = 0, cols = 0;
    struct winsize ws;
    struct list_node *it;

    list_foreach (it, &c->clients) {
        const struct console_client *cl =
            list_entry(it, struct console_client, node);

        rows = smaller(rows, cl->rows);
        cols = smaller(cols, cl->cols);
    }
    if (w != NULL && w->size_of_writer && w->rows != 0) {
        rows = w->rows;
        cols = w->cols;
    }
    ws = (struct winsize){ .ws_row = (unsigned short)rows,
                           .ws_col = (unsigned short)cols };
    if (rows != 0 && cols != 0 && c->fd >= 0)
        (void)ioctl(c->fd, TIOCSWINSZ, &ws);
}

void
console_detach(struct console_client *cl)
{
    struct console *c = cl->con;

    if (c == NULL)
        return;
    console_hold(cl, false);
    list_del(&cl->node);
    cl->con = NULL;
    paste_orphan(c, cl);
    if (c->writer == cl) {
        c->writer = NULL;
        loop_timer_del(&c->typing);
    }
    if (!console_unwant(c))
        return;
    console_fit(c);
    console_tell_company(c, NULL);
}

struct console_place
console_place(const struct console_client *cl)
{
    return cl->con != NULL ? cl->con->place : (struct console_place){ 0 };
}

void
console_hold(struct console_client *cl, bool hold)
{
    struct console *c = cl->con;

    if (cl->hold == hold)
        return;
    cl->hold = hold;
    if (c != NULL && c->fd >= 0)
        console_want(c, (c->lf.want & LOOP_WRITE) != 0);
}

enum console_state
console_state(const struct console_client *cl)
{
    return cl->con != NULL ? cl->con->state : CONSOLE_ENDED;
}

const char *
console_why(const struct console_client *cl)
{
    return cl->con != NULL ? cl->con->why : "detached";
}

const char *
console_seam(const struct console_client *cl)
{
    return cl->con != NULL ? cl->con->seam : "";
}

size_t
console_others(const struct console_client *cl, const char **who_out)
{
    const char *who = "";
    struct list_node *it;
    size_t n = 0;

    if (cl->con != NULL)
        list_foreach (it, &cl->con->clients)
            if (it != &cl->node && ++n == 1)
                who = list_entry(it, const struct console_client, node)->who;
    if (who_out != NULL)
        *who_out = who;
    return n;
}

const char *
console_typist(const struct console_client *cl)
{
    const struct console *c = cl->con;

    return c != NULL && c->writer != NULL && c->writer != cl &&
                   loop_timer_active(&c->typing)
               ? c->writer->who
               : NULL;
}

static void
clients_typing_over(struct loop_timer *lt)
{
    struct console *c = container_of(lt, struct console, typing);

    console_tell_company(c, c->writer);
}

void
clients_types(struct console *c, const struct console_client *cl)
{
    bool news = c->writer != cl || !loop_timer_active(&c->typing);

    loop_timer_arm(engine_loop(c->en), &c->typing, CONSOLE_TYPING_MS,
                   clients_typing_over);
    if (c->writer != cl) {
        c->writer = cl;
        console_fit(c);
    }
    if (news)
        console_tell_company(c, cl);
}

size_t
console_write(struct console_client *cl, const char *bytes, size_t n)
{
    struct console *c = cl->con;
    size_t behind, room;

    if (c == NULL || c->state != CONSOLE_ATTACHED || !clients_may_write(cl))
        return 0;
    behind = paste_behind(c, cl, bytes, &n);
    room =
        c->queue.len < CONSOLE_QUEUE_MAX ? CONSOLE_QUEUE_MAX - c->queue.len : 0;
    if (n > room)
        n = room;
    clients_types(c, cl);
    buf_add(&c->queue, bytes, n);
    loop_fd_first(&c->lf, true); /* its echo is waited for */
    console_flush(c);
    return behind + n;
}

/* Whose terminal answers the guest's queries; NULL: nobody's. */
static const struct console_client *
clients_answerer(const struct console *c)
{
    struct list_node *it;

    if (c->writer != NULL && clients_may_write(c->writer))
        return c->writer;
    list_foreach (it, &c->clients) {
        const struct console_client *cl =
            list_entry(it, struct console_client, node);

        if (clients_may_write(cl))
            return cl;
    }
    return NULL;
}

void
console_answer(struct console_client *cl, const char *bytes, size_t n)
{
    struct console *c = cl->con;

    if (c == NULL || c->state != CONSOLE_ATTACHED ||
        c->queue.len + n > CONSOLE_ANSWERS_MAX || clients_answerer(c) != cl)
        return;
    buf_add(&c->queue, bytes, n);
    console_flush(c);
}

/* What is done to each console of a domain, by its verb. */
static int
each_console(struct engine *en, uint64_t dom_id,
             int (*act)(struct console *, struct err *), struct err *e)
{
    struct list_node *it, *tmp;
    bool any = false;
    int rc = 0;

    list_foreach_safe (it, tmp, &console_room(en)->consoles) {
        struct console *c = list_entry(it, struct console, node);

        if (dom_id == 0 || c->dom_id != dom_id)
            continue;
        any = true;
        if (act(c, e) < 0)
            rc = -1;
    }
    if (!any)
        return err_set(e, ERR_NOENT,
                       "xendeck does not read a console of this domain: "
                       "whoever wants it can have it");
    return rc;
}

static int
release(struct console *c, struct err *e)
{
    if (c->program != NULL)
        return err_set(e, ERR_BUSY,
                       "%s still looks for the guest's kernel: others can read "
                       "this console once the guest runs",
                       c->program->name);
    c->let_go = true;
    console_close(c);
    console_set(c, CONSOLE_RELEASED, "let go: others can read this console");
    return 0;
}

static int
retake(struct console *c, struct err *e)
{
    c->let_go = false;
    console_open(c);
    if (!console_wanted(c))
        return err_set(e, ERR_DENIED, "%s", c->why);
    if (c->state == CONSOLE_HELD)
        return err_set(e, ERR_BUSY,
                       "%s: xendeck takes the console when it is free", c->why);
    return 0;
}

int
console_release(struct engine *en, uint64_t dom_id, struct err *e)
{
    return each_console(en, dom_id, release, e);
}

int
console_retake(struct engine *en, uint64_t dom_id, struct err *e)
{
    return each_console(en, dom_id, retake, e);
}

void
console_resize(struct console_client *cl, unsigned rows, unsigned cols)
{
    cl->rows = rows;
    cl->cols = cols;
    if (cl->con != NULL)
        console_fit(cl->con);
}

void
console_trim(struct engine *en)
{
    struct list_node *it, *tmp;
    size_t ended = 0;

    list_foreach (it, &console_room(en)->consoles)
        ended += list_entry(it, struct console, node)->dom_id == 0;
    list_foreach_safe (it, tmp, &console_room(en)->consoles) {
        struct console *c = list_entry(it, struct console, node);

        if (ended <= CONSOLE_ENDED_KEPT)
            return;
        if (c->dom_id != 0 || !list_empty(&c->clients))
            continue;
        console_free(c);
        ended--;
    }
}
