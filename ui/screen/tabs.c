/*
 * tabs.c - the tabs on the title of a console that is not alone in its cell:
 * "web1# [db2] mail!", or "2/3!" where there is no room for names.
 */
#include "ui/screen/tabs.h"

#include "src/base/buf.h"
#include "ui/desk/paint.h"
#include "ui/draw/ui_text.h"
#include "ui/screen/tiles.h"

#define TAB_NAME_MAX 16 /* columns of a name */

struct tab {
    size_t slot; /* index in frame.slots */
    int x, cols;
    char text[96];
};

struct tabs {
    struct tab at[FRAME_PANES_MAX];
    size_t n;
    int cols;
    size_t front; /* which of them is shown */
};

static void
tab_text(const struct pane *p, bool front, struct tab *t)
{
    struct buf name = { 0 };

    if (p->ops->tab != NULL)
        p->ops->tab(p, &name);
    else
        buf_str(&name, p->ops->name);
    text_fmt(t->text, sizeof(t->text), "%s%.*s%s%s", front ? "[" : " ",
             (int)ui_text_fit(buf_text(&name), TAB_NAME_MAX, false),
             buf_text(&name), front ? "" : pane_mark_text(p->mark),
             front ? "]" : " ");
    t->cols = ui_text_cols(t->text);
    buf_free(&name);
}

/* Names would take too much of the title: "2/3" and the mark that weighs most.
 */
static void
tabs_shorten(const struct frame *fr, struct tabs *ts)
{
    enum pane_mark most = PANE_UNMARKED;
    size_t i, next = ts->n > 0 ? (ts->front + 1) % ts->n : 0;

    for (i = 0; i < ts->n; i++) {
        enum pane_mark m = fr->slots[ts->at[i].slot].p->mark;

        if (i != ts->front && m > most)
            most = m;
    }
    ts->at[0].slot = ts->at[next].slot; /* what a click leads to */
    text_fmt(ts->at[0].text, sizeof(ts->at[0].text), " %zu/%zu%s ",
             ts->front + 1, ts->n, pane_mark_text(most));
    ts->cols = ts->at[0].cols = ui_text_cols(ts->at[0].text);
    ts->n = 1;
    ts->front = 1; /* none */
}

/* The tabs of the title of s, which is cols wide; none where it is alone. */
static void
tabs_make(const struct frame *fr, const struct slot *s, int cols,
          struct tabs *ts)
{
    size_t i;
    int x;

    ts->n = 0;
    ts->cols = 0;
    if (!tiles_has(s) || tiles_depth(fr, s->cell) < 2)
        return;
    for (i = 0; i < fr->n_slots; i++) {
        const struct slot *o = &fr->slots[i];

        if (!tiles_has(o) || o->cell != s->cell)
            continue;
        if (o == s)
            ts->front = ts->n;
        ts->at[ts->n].slot = i;
        tab_text(o->p, o == s, &ts->at[ts->n]);
        ts->cols += ts->at[ts->n++].cols;
    }
    if (ts->cols > cols / 2)
        tabs_shorten(fr, ts);
    for (i = 0, x = cols - ts->cols; i < ts->n; x += ts->at[i++].cols)
        ts->at[i].x = x;
}

void
tabs_sync(struct frame *fr)
{
    struct tabs ts = { .n = 0 };
    size_t i;

    for (i = 0; i < fr->n_slots; i++)
        if (fr->slots[i].title != NULL) {
            tabs_make(fr, &fr->slots[i], getmaxx(fr->slots[i].title), &ts);
            fr->slots[i].p->tabs_cols = ts.cols;
        }
}

static enum role
tab_role(const struct pane *p, bool front)
{
    if (front)
        return p->focused ? ROLE_TITLE_FOCUS : ROLE_TITLE;
    if (p->mark == PANE_BELL)
        return ROLE_WARN;
    return p->mark == PANE_ACTIVE ? ROLE_INFO : ROLE_DIM;
}

void
tabs_draw(const struct frame *fr, const struct slot *s)
{
    struct tabs ts = { .n = 0 };
    size_t i;

    tabs_make(fr, s, getmaxx(s->title), &ts);
    for (i = 0; i < ts.n; i++) {
        const struct tab *t = &ts.at[i];

        ui_role(s->p->ui, s->title,
                tab_role(fr->slots[t->slot].p, i == ts.front));
        ui_text(s->title, 0, t->x, t->cols, t->text, false);
    }
}

struct slot *
tabs_at(struct frame *fr, const struct slot *s, int x)
{
    struct tabs ts = { .n = 0 };
    size_t i;

    if (s->title == NULL)
        return NULL;
    tabs_make(fr, s, getmaxx(s->title), &ts);
    for (i = 0; i < ts.n; i++)
        if (x >= ts.at[i].x && x < ts.at[i].x + ts.at[i].cols)
            return &fr->slots[ts.at[i].slot];
    return NULL;
}
