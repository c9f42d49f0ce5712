/*
 * console_paste.c - see console_paste.h.
 * Invariant: while a text is under way its console's tty is open, and the queue
 * or the pace timer of channel.c brings the next piece.
 */
#include "engine/console/console_paste.h"

#include <string.h>
#include <termios.h>

#include "engine/console/clients.h"
#include "engine/console/console_int.h"

#define PASTE_AHEAD                                                            \
    2048 /* bytes of a text in the queue: other keys wait as                   \
            long, and answers have room behind them */
#define SHRINK_MIN 65536

static size_t
paste_left(const struct console_paste *p)
{
    return p->text.len - p->at;
}

static unsigned
paste_percent(const struct console_paste *p)
{
    size_t total = p->done + paste_left(p);

    return total == 0 ? 100 : (unsigned)(p->done * 100 / total);
}

static void
paste_describe(const struct console_paste *p, const struct console_client *cl,
               struct console_pasting *out)
{
    *out = (struct console_pasting){ .who = p->who,
                                     .done = p->done,
                                     .total = p->done + paste_left(p),
                                     .own = p->by == cl || p->by == NULL,
                                     .typed = p->typed };
}

/* --- of one who has left --- */

void
paste_orphan(struct console *c, const struct console_client *cl)
{
    if (c->paste.by == cl)
        c->paste.by = NULL;
}

/* Also its last piece, which is in the queue: it ends a bracket. */
bool
paste_goes_on(const struct console *c)
{
    return c->texting && c->fd >= 0 && c->dom_id != 0 &&
           (paste_left(&c->paste) > 0 || c->queue.len > 0);
}

static void
paste_out_due(struct loop_timer *lt)
{
    struct console *c = container_of(lt, struct console, text_out);

    if (paste_goes_on(c)) /* another has begun */
        return;
    c->texting = false;
    (void)console_unwant(c);
}

/* In a turn of its own: those who tell it still use the console. */
void
paste_let_go(struct console *c)
{
    if (c->texting && !paste_goes_on(c))
        loop_timer_arm(engine_loop(c->en), &c->text_out, 0, paste_out_due);
}

/* --- one piece after the other --- */

/* why NULL: all has gone out. The text is forgotten before anybody is told. */
static void
paste_over(struct console *c, const char *why)
{
    struct console_paste was = c->paste;
    struct console_client *cl = NULL;
    struct console_pasting end;
    struct list_node *it;

    c->paste = (struct console_paste){ 0 };
    list_foreach (it, &c->clients)
        if (list_entry(it, struct console_client, node) == was.by)
            cl = list_entry(it, struct console_client, node);
    paste_describe(&was, cl, &end);
    end.why = why;
    buf_free(&was.text);
    console_tell_company(c, NULL);
    if (cl != NULL && cl->pasted != NULL)
        cl->pasted(cl, &end);
    paste_let_go(c);
}

/* What comes into the queue behind a text that is given up: of its last n
 * bytes, the first `max'. */
static void
paste_give_up(struct console *c, size_t n, size_t max, const char *why)
{
    struct console_paste *p = &c->paste;
    size_t left = paste_left(p), skip = n > left ? n - left : 0;
    struct buf rest = { 0 };

    if (skip < max)
        buf_add(&rest, p->text.data + p->text.len - n + skip, max - skip);
    paste_over(c, why);
    buf_add(&c->queue, buf_text(&rest), rest.len);
    buf_free(&rest);
}

/* What has gone out need not be kept. */
static void
paste_shrink(struct console_paste *p)
{
    if (p->at < SHRINK_MIN || p->at < p->text.len / 2)
        return;
    buf_consume(&p->text, p->at);
    p->at = 0;
}

/* One piece into the queue. */
static void
paste_step(struct console *c)
{
    struct console_paste *p = &c->paste;
    size_t n = paste_left(p), room;

    room = c->queue.len < PASTE_AHEAD ? PASTE_AHEAD - c->queue.len : 0;
    if (n > room)
        n = room;
    buf_add(&c->queue, p->text.data + p->at, n);
    p->at += n;
    p->done += n;
    if (paste_left(p) == 0) {
        paste_over(c, NULL);
        return;
    }
    paste_shrink(p);
    if (paste_percent(p) != p->told) {
        p->told = paste_percent(p);
        console_tell_company(c, NULL);
    }
}

void
paste_feed(struct console *c)
{
    struct console_paste *p = &c->paste;

    if (paste_left(p) == 0)
        return;
    /* the guest is not left within a bracket; keys behind it go nowhere */
    if (p->by != NULL && !clients_may_write(p->by))
        paste_give_up(c, p->tail, p->bracket,
                      "its session may not type any more");
    else
        paste_step(c);
}

void
paste_drop(struct console *c, const char *why)
{
    if (paste_left(&c->paste) > 0)
        paste_over(c, why);
}

static void
paste_begin(struct console *c, struct console_client *cl)
{
    struct console_paste *p = &c->paste;

    p->by = cl;
    c->texting = true;
    text_fmt(p->who, sizeof(p->who), "%s", cl->who);
    clients_types(c, cl);
}

size_t
paste_behind(struct console *c, struct console_client *cl, const char *bytes,
             size_t *n)
{
    struct console_paste *p = &c->paste;
    size_t take = *n, room;

    if (paste_left(p) == 0 && c->queue.len + take > CONSOLE_QUEUE_MAX) {
        paste_begin(c, cl);
        p->typed = true;
    } else if (paste_left(p) == 0 || p->by != cl) {
        return 0;
    }
    *n = 0;
    room = CONSOLE_PASTE_MAX + CONSOLE_QUEUE_MAX - paste_left(p);
    if (take > room)
        take = room;
    buf_add(&p->text, bytes, take);
    if (!p->typed)
        p->tail += take;
    return take;
}

/* --- for front ends --- */

static int
paste_refused(const struct console *c, const struct console_client *cl,
              size_t n, struct err *e)
{
    const struct console_paste *p = &c->paste;

    if (!clients_may_write(cl))
        return err_set(e, ERR_DENIED, "this session may not type into guests");
    if (c->state != CONSOLE_ATTACHED)
        return err_set(e, ERR_BUSY, "%s does not get the text: %s", c->name,
                       c->why);
    if (n > CONSOLE_PASTE_MAX)
        return err_set(e, ERR_RANGE,
                       "%zu bytes are more than can be pasted at once, allowed "
                       "are 16 MiB",
                       n);
    if (paste_left(p) > 0)
        return err_set(e, ERR_BUSY,
                       "%s is still being typed into %s, %u%% of it: "
                       "paste-stop gives it up",
                       p->by == cl ? "another text" : "a text of another",
                       c->name, paste_percent(p));
    return 0;
}

int
console_paste(struct console_client *cl, struct buf *text, size_t tail,
              struct err *e)
{
    struct console *c = cl->con;

    if (c == NULL)
        return err_set(e, ERR_NOENT, "the console is detached");
    if (paste_refused(c, cl, text->len, e) < 0)
        return -1;
    if (text->len == 0)
        return 0;
    c->paste.text = *text;
    c->paste.tail = c->paste.bracket = tail;
    *text = (struct buf){ 0 };
    paste_begin(c, cl);
    console_flush(c);
    return 0;
}

bool
console_pasting(const struct console_client *cl, struct console_pasting *out)
{
    const struct console *c = cl->con;

    if (c == NULL || paste_left(&c->paste) == 0)
        return false;
    paste_describe(&c->paste, cl, out);
    return true;
}

/* The tty may hold much that the guest has not read: but for the 4 KiB that its
 * line discipline has, that does not go on either, nor do keys of others that
 * stand in the queue. */
bool
console_paste_stop(struct console_client *cl)
{
    struct console *c = cl->con;
    struct console_paste *p;
    char why[80];

    if (c == NULL || paste_left(&c->paste) == 0 || !clients_may_write(cl))
        return false;
    p = &c->paste;
    buf_clear(&c->queue);
    (void)tcflush(c->fd, TCOFLUSH);
    text_fmt(why, sizeof(why), "stopped by %s", cl->who);
    paste_give_up(c, p->tail, p->tail, why);
    console_flush(c);
    return true;
}
