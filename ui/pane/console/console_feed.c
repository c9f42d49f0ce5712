/*
 * console_feed.c - the guest's output on its way into the pane's terminal. A
 * few bytes can ask for much work, so what a turn does is bounded by its cost,
 * and the rest waits for the next turns, in which keys come first.
 * Invariant: while anything waits the engine is held back and go_on is armed.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/pane/console/pane_console.h"

/* A line of our own, `after` bytes of what waits. */
struct feed_seam {
    struct list_node node;
    size_t after;
    char text[];
};

static struct feed_seam *
first_seam(struct console_feed *f)
{
    return list_empty(&f->seams)
               ? NULL
               : list_entry(f->seams.next, struct feed_seam, node);
}

/* --- one turn --- */

/* Feeds some of n bytes; returns how many. */
static size_t
feed_some(struct console_pane *cp, const char *bytes, size_t n)
{
    struct console_feed *f = &cp->feed;
    size_t done;

    if (f->old > 0 && n > f->old)
        n = f->old;
    cp->replaying = f->old > 0;
    done = term_work(cp->t, bytes, n);
    if (f->old > 0)
        f->old -= done;
    if (!cp->replaying && done > 0)
        console_mark_output(cp);
    if (term_bell(cp->t) && !cp->replaying)
        console_mark_bell(cp);
    cp->replaying = false;
    return done;
}

/* Draws the seams whose turn it is. */
static void
draw_seams(struct console_pane *cp)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &cp->feed.seams) {
        struct feed_seam *s = list_entry(it, struct feed_seam, node);

        if (s->after > 0)
            return;
        term_seam(cp->t, s->text);
        list_del(&s->node);
        free(s);
    }
}

static void feed_wait(struct console_pane *cp);

static void
feed_due(struct loop_timer *lt)
{
    struct console_pane *cp = container_of(lt, struct console_pane, feed.go_on);
    struct console_feed *f = &cp->feed;
    struct feed_seam *s = first_seam(f);
    struct list_node *it;
    size_t done;

    done = feed_some(cp, f->wait.data, s != NULL ? s->after : f->wait.len);
    buf_consume(&f->wait, done);
    list_foreach (it, &f->seams)
        list_entry(it, struct feed_seam, node)->after -= done;
    draw_seams(cp);
    feed_wait(cp);
}

void
console_feed_view(struct console_pane *cp)
{
    if (cp->view_due == 0 || cp->feed.old > 0 || cp->opening)
        return;
    term_scroll(cp->t, -(long)cp->view_due);
    cp->view_due = 0;
    pane_dirty(&cp->p);
}

/* After each turn: is there more, and may more come? */
static void
feed_wait(struct console_pane *cp)
{
    struct console_feed *f = &cp->feed;

    console_hold(&cp->client, f->wait.len > 0);
    if (f->wait.len > 0)
        loop_timer_arm(ui_loop(cp->p.ui), &f->go_on, 0, feed_due);
    else
        buf_free(&f->wait);
    console_feed_view(cp);
    if (!cp->p.hidden && f->old == 0)
        pane_dirty(&cp->p);
}

/* --- for the pane --- */

void
console_feed_init(struct console_pane *cp)
{
    list_init(&cp->feed.seams);
}

void
console_feed_fini(struct console_pane *cp)
{
    struct list_node *it, *tmp;

    loop_timer_del(&cp->feed.go_on);
    buf_free(&cp->feed.wait);
    list_foreach_safe (it, tmp, &cp->feed.seams) {
        list_del(it);
        free(list_entry(it, struct feed_seam, node));
    }
}

void
console_feed_bytes(struct console_pane *cp, const char *bytes, size_t n)
{
    struct console_feed *f = &cp->feed;
    size_t done = 0;

    if (cp->opening)
        f->old += n;
    if (f->wait.len == 0)
        done = feed_some(cp, bytes, n);
    buf_add(&f->wait, bytes + done, n - done);
    feed_wait(cp);
}

void
console_feed_seam(struct console_pane *cp, const char *text)
{
    struct console_feed *f = &cp->feed;
    size_t size = strlen(text) + 1;
    struct feed_seam *s;

    if (f->wait.len == 0) {
        term_seam(cp->t, text);
        return;
    }
    s = xcalloc(1, sizeof(*s) + size);
    s->after = f->wait.len;
    memcpy(s->text, text, size);
    list_append(&f->seams, &s->node);
}
