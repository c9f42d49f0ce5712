/*
 * console_copy.c - copy mode of a console pane: keys walk over the text, select
 * and copy; none of them reaches the guest. The two sets of keys are those of
 * tmux, which has them from vi and emacs.
 */
#include <string.h>

#include "ui/pane/console/console_copy.h"
#include "ui/pane/console/console_hunt.h"
#include "ui/widget/clip.h"
#include "ui/widget/dialog.h"

enum copy_act {
    ACT_STEP, /* copy_step */
    ACT_CHARS,
    ACT_LINES,
    ACT_BLOCK,
    ACT_SWAP,
    ACT_COPY,
    ACT_COPY_STAY,
    ACT_SEARCH_DOWN,
    ACT_SEARCH_UP,
    ACT_NEXT,
    ACT_PREVIOUS,
    ACT_CLEAR, /* the selection, or copy mode if there is none */
    ACT_LEAVE
};

enum { VI = 1, EMACS = 2, BOTH = 3 };

static const struct {
    const char *key;
    unsigned set;
    enum copy_act act;
    enum copy_step step;
} keys[] = {
    { "Left", BOTH, ACT_STEP, COPY_LEFT },
    { "Right", BOTH, ACT_STEP, COPY_RIGHT },
    { "Up", BOTH, ACT_STEP, COPY_UP },
    { "Down", BOTH, ACT_STEP, COPY_DOWN },
    { "PgUp", BOTH, ACT_STEP, COPY_PAGE_UP },
    { "PgDn", BOTH, ACT_STEP, COPY_PAGE_DOWN },
    { "S-PgUp", BOTH, ACT_STEP, COPY_PAGE_UP },
    { "S-PgDn", BOTH, ACT_STEP, COPY_PAGE_DOWN },
    { "Home", BOTH, ACT_STEP, COPY_ROW_START },
    { "End", BOTH, ACT_STEP, COPY_ROW_END },
    { "Enter", BOTH, ACT_COPY, 0 },
    { "Esc", BOTH, ACT_CLEAR, 0 },
    { "C-c", BOTH, ACT_LEAVE, 0 },
    { "q", BOTH, ACT_LEAVE, 0 },
    { "n", BOTH, ACT_NEXT, 0 },
    { "N", BOTH, ACT_PREVIOUS, 0 },
    { "/", BOTH, ACT_SEARCH_DOWN, 0 },
    { "?", BOTH, ACT_SEARCH_UP, 0 },

    { "h", VI, ACT_STEP, COPY_LEFT },
    { "j", VI, ACT_STEP, COPY_DOWN },
    { "k", VI, ACT_STEP, COPY_UP },
    { "l", VI, ACT_STEP, COPY_RIGHT },
    { "Backspace", VI, ACT_STEP, COPY_LEFT },
    { "0", VI, ACT_STEP, COPY_ROW_START },
    { "^", VI, ACT_STEP, COPY_ROW_TEXT },
    { "$", VI, ACT_STEP, COPY_ROW_END },
    { "w", VI, ACT_STEP, COPY_WORD },
    { "e", VI, ACT_STEP, COPY_WORD_END },
    { "b", VI, ACT_STEP, COPY_WORD_BACK },
    { "W", VI, ACT_STEP, COPY_BIG_WORD },
    { "E", VI, ACT_STEP, COPY_BIG_WORD_END },
    { "B", VI, ACT_STEP, COPY_BIG_WORD_BACK },
    { "g", VI, ACT_STEP, COPY_TOP },
    { "G", VI, ACT_STEP, COPY_BOTTOM },
    { "H", VI, ACT_STEP, COPY_VIEW_FIRST },
    { "M", VI, ACT_STEP, COPY_VIEW_MIDDLE },
    { "L", VI, ACT_STEP, COPY_VIEW_LAST },
    { "C-u", VI, ACT_STEP, COPY_HALF_UP },
    { "C-d", VI, ACT_STEP, COPY_HALF_DOWN },
    { "C-b", VI, ACT_STEP, COPY_PAGE_UP },
    { "C-f", VI, ACT_STEP, COPY_PAGE_DOWN },
    { "C-y", VI, ACT_STEP, COPY_VIEW_UP },
    { "C-e", VI, ACT_STEP, COPY_VIEW_DOWN },
    { "{", VI, ACT_STEP, COPY_PARAGRAPH_UP },
    { "}", VI, ACT_STEP, COPY_PARAGRAPH_DOWN },
    { "Space", VI, ACT_CHARS, 0 },
    { "v", VI, ACT_CHARS, 0 },
    { "V", VI, ACT_LINES, 0 },
    { "C-v", VI, ACT_BLOCK, 0 },
    { "o", VI, ACT_SWAP, 0 },
    { "y", VI, ACT_COPY, 0 },
    { "Y", VI, ACT_COPY_STAY, 0 },

    { "C-b", EMACS, ACT_STEP, COPY_LEFT },
    { "C-f", EMACS, ACT_STEP, COPY_RIGHT },
    { "C-p", EMACS, ACT_STEP, COPY_UP },
    { "C-n", EMACS, ACT_STEP, COPY_DOWN },
    { "C-a", EMACS, ACT_STEP, COPY_ROW_START },
    { "M-m", EMACS, ACT_STEP, COPY_ROW_TEXT },
    { "C-e", EMACS, ACT_STEP, COPY_ROW_END },
    { "M-f", EMACS, ACT_STEP, COPY_WORD_END },
    { "M-b", EMACS, ACT_STEP, COPY_WORD_BACK },
    { "C-v", EMACS, ACT_STEP, COPY_PAGE_DOWN },
    { "M-v", EMACS, ACT_STEP, COPY_PAGE_UP },
    { "M-<", EMACS, ACT_STEP, COPY_TOP },
    { "M->", EMACS, ACT_STEP, COPY_BOTTOM },
    { "M-r", EMACS, ACT_STEP, COPY_VIEW_MIDDLE },
    { "M-{", EMACS, ACT_STEP, COPY_PARAGRAPH_UP },
    { "M-}", EMACS, ACT_STEP, COPY_PARAGRAPH_DOWN },
    { "C-Space", EMACS, ACT_CHARS, 0 },
    { "M-l", EMACS, ACT_LINES, 0 },
    { "R", EMACS, ACT_BLOCK, 0 },
    { "C-x", EMACS, ACT_SWAP, 0 },
    { "M-w", EMACS, ACT_COPY, 0 },
    { "C-w", EMACS, ACT_COPY, 0 },
    { "C-g", EMACS, ACT_CLEAR, 0 },
    { "C-s", EMACS, ACT_SEARCH_DOWN, 0 },
    { "C-r", EMACS, ACT_SEARCH_UP, 0 },
};

/* --- what is done --- */

void
console_copy_begin(struct console_pane *cp)
{
    if (cp->copying)
        return;
    console_hunt_end(cp);
    copy_begin(&cp->copy, cp->t);
    cp->copying = true;
    cp->copy_count = 0;
    pane_dirty(&cp->p);
}

/* The view stays where it was read, but on the live screen. */
void
console_copy_end(struct console_pane *cp)
{
    if (!cp->copying)
        return;
    console_hunt_end(cp);
    copy_end(&cp->copy);
    cp->copying = false;
    console_live(cp);
}

static void
copy_out(struct console_pane *cp)
{
    struct buf text = { 0 };
    bool whole = copy_text(&cp->copy, &text), out;
    size_t n = text.len;

    if (n == 0) {
        buf_free(&text);
        ui_notice(cp->p.ui, EVENT_WARN, "nothing is there to copy");
        return;
    }
    out = clip_add(cp->p.ui, &text);
    if (whole)
        ui_notice(cp->p.ui, EVENT_INFO, "copied %zu bytes%s", n,
                  out ? ", to the terminal's clipboard as well" : "");
    else
        ui_notice(cp->p.ui, EVENT_WARN,
                  "copied the first %zu bytes: a text has no more", n);
}

static void
copy_next(struct console_pane *cp, int dir)
{
    if (cp->search[0] == '\0')
        ui_notice(cp->p.ui, EVENT_WARN, "nothing was looked for yet: / does");
    else if (!console_hunt(cp, cp->search, dir * cp->search_dir, true))
        ui_notice(cp->p.ui, EVENT_WARN, "not found: %s", cp->search);
    cp->lit = true;
}

static void
begin_search(struct console_pane *cp, int dir)
{
    cp->search_dir = dir;
    ui_run(cp->p.ui, "search");
}

static void
copy_do(struct console_pane *cp, enum copy_act act, enum copy_step step)
{
    switch (act) {
    case ACT_STEP:
        copy_go(&cp->copy, step, cp->copy_count > 0 ? cp->copy_count : 1);
        break;
    case ACT_CHARS:
        copy_mark(&cp->copy, COPY_CHARS);
        break;
    case ACT_LINES:
        copy_mark(&cp->copy, COPY_LINES);
        break;
    case ACT_BLOCK:
        copy_mark(&cp->copy, COPY_BLOCK);
        break;
    case ACT_SWAP:
        copy_swap(&cp->copy);
        break;
    case ACT_COPY:
    case ACT_COPY_STAY:
        copy_out(cp);
        if (act == ACT_COPY)
            console_copy_end(cp);
        break;
    case ACT_SEARCH_DOWN:
    case ACT_SEARCH_UP:
        begin_search(cp, act == ACT_SEARCH_DOWN ? 1 : -1);
        break;
    case ACT_NEXT:
    case ACT_PREVIOUS:
        copy_next(cp, act == ACT_NEXT ? 1 : -1);
        break;
    case ACT_CLEAR:
        if (cp->copy.shape != COPY_NONE)
            copy_mark(&cp->copy, cp->copy.shape);
        else
            console_copy_end(cp);
        break;
    case ACT_LEAVE:
        console_copy_end(cp);
        break;
    }
}

/* --- keys --- */

/* A digit of a count; 0 begins none. */
static bool
count_key(struct console_pane *cp, const struct key *k)
{
    if (k->mods != 0 || k->code < '0' || k->code > '9' ||
        (k->code == '0' && cp->copy_count == 0))
        return false;
    cp->copy_count = cp->copy_count * 10 + (k->code - '0');
    if (cp->copy_count > COPY_COUNT_MAX)
        cp->copy_count = COPY_COUNT_MAX;
    return true;
}

void
console_copy_key(struct console_pane *cp, const struct key *k)
{
    unsigned set = ui_settings(cp->p.ui)->copy_emacs ? EMACS : VI;
    char name[24];
    size_t i;

    pane_dirty(&cp->p);
    if (k->code == K_PASTE || k->code == K_MOUSE || count_key(cp, k))
        return;
    copy_sync(&cp->copy);
    key_print(k, name, sizeof(name));
    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if ((keys[i].set & set) && strcmp(keys[i].key, name) == 0)
            break;
    if (i < sizeof(keys) / sizeof(keys[0]))
        copy_do(cp, keys[i].act, keys[i].step);
    else
        ui_notice(cp->p.ui, EVENT_WARN,
                  "%s does nothing in copy mode, and the guest does not get "
                  "it; q leaves",
                  name);
    cp->copy_count = 0;
}

/* --- mouse --- */

/* What a button does; press and release at one cell select nothing. */
static void
copy_button(struct console_pane *cp, const struct mouse *m)
{
    bool drags = cp->pressed && (m->y != cp->press.y || m->x != cp->press.x);

    cp->pressed = m->what == MOUSE_PRESS;
    if (m->what == MOUSE_RELEASE && !drags)
        return;
    cp->copy.shape = COPY_NONE;
    if (m->what == MOUSE_RELEASE) {
        copy_point(&cp->copy, cp->press.y, cp->press.x);
        copy_mark(&cp->copy, COPY_CHARS);
    }
    copy_point(&cp->copy, m->y, m->x);
    if (m->what == MOUSE_DOUBLE)
        copy_mark_word(&cp->copy);
    else if (m->what == MOUSE_TRIPLE)
        copy_mark(&cp->copy, COPY_LINES);
    else if (m->what == MOUSE_PRESS)
        cp->press = *m;
}

bool
console_copy_mouse(struct console_pane *cp, const struct mouse *m)
{
    copy_sync(&cp->copy);
    if (m->what == MOUSE_WHEEL)
        copy_go(&cp->copy, m->wheel < 0 ? COPY_VIEW_UP : COPY_VIEW_DOWN,
                (unsigned)(m->wheel < 0 ? -m->wheel : m->wheel));
    else if (m->button == 1)
        copy_button(cp, m);
    else
        return false;
    pane_dirty(&cp->p);
    return true;
}

bool
console_copy_by_mouse(struct console_pane *cp, const struct mouse *m)
{
    bool drags = cp->pressed && m->what == MOUSE_RELEASE &&
                 (m->y != cp->press.y || m->x != cp->press.x);

    if (m->button != 1 || m->what == MOUSE_WHEEL)
        return false;
    if (drags || m->what == MOUSE_DOUBLE || m->what == MOUSE_TRIPLE) {
        console_copy_begin(cp);
        return console_copy_mouse(cp, m);
    }
    cp->pressed = m->what == MOUSE_PRESS;
    cp->press = *m;
    return false;
}

/* --- search and title --- */

bool
console_copy_search(struct console_pane *cp, const char *text, int dir,
                    bool incremental)
{
    bool found;

    if (!cp->looking) {
        cp->looking_row = cp->copy.row;
        cp->looking_col = cp->copy.col;
    }
    cp->lit = true;
    text_fmt(cp->search, sizeof(cp->search), "%s", text);
    cp->copy.row = cp->looking_row;
    cp->copy.col = cp->looking_col;
    cp->looking = incremental;
    found = console_hunt(cp, cp->search, dir * cp->search_dir, !incremental);
    if (!found)
        copy_sync(&cp->copy);
    return found;
}

void
console_copy_title(const struct console_pane *cp, const char *dot,
                   struct buf *out)
{
    static const char *const shapes[] = { "", ": characters", ": lines",
                                          ": a block" };
    const struct copy *c = &cp->copy;

    buf_fmt(out, "%scopy mode%s", dot, shapes[c->shape]);
    if (cp->lit && c->total >= COPY_COUNT_MAX)
        buf_fmt(out, "%s%u of many", dot, c->found);
    else if (cp->lit && c->total > 0)
        buf_fmt(out, "%s%u of %u", dot, c->found, c->total);
    if (cp->copy_count > 0)
        buf_fmt(out, "%s%u", dot, cp->copy_count);
    buf_fmt(out, "%sEnter: copy%sq: leave", dot, dot);
}
