/*
 * ui_places.c - what is open on a screen as lines of text, so that a terminal
 * that attaches to the next engine finds its panes, its focus and its place in
 * the text again; and a user a layout that was saved. A client keeps the lines
 * meanwhile, or a file: what comes back is checked like any input.
 *
 * The panes stand in the order of their use, the last has the keys:
 * "console UUID NUMBER CELL", in a layout with the domain's name behind it,
 * "detail", "log", "help", "list UUID" (of its cursor), behind a console "view
 * LINES" if it is scrolled back, behind the details "tab N"; then "border N
 * SHARE/ALL" of each that was moved, "tiles FORM" (split_print) of the cells of
 * the consoles, "whole on" if they have the screen alone; at the end "zoom on"
 * or "zoom off" unless that is left to the size. A layout has no cursor, no
 * views and no help.
 */
#include <stdio.h>
#include <string.h>

#include "engine/config/core/uuid.h"
#include "ui/app/tile/layout_text.h"
#include "ui/app/tile/tile.h"

#define PLACES_MAX 3500 /* bytes; the panes used longest ago are left out */

/* --- saving --- */

static void
places_uuid(struct ui *ui, const char *word, uint64_t dom_id, struct buf *out)
{
    const struct dom *d = engine_dom_by_id(ui->desk.en, dom_id);
    char uuid[37] = "";

    if (d != NULL)
        uuid_print_text(d->uuid, uuid);
    buf_fmt(out, "%s%s%s", word, uuid[0] != '\0' ? " " : "", uuid);
}

static void
places_of_console(struct ui *ui, const struct slot *s, bool layout,
                  struct buf *out)
{
    const struct dom *d = engine_dom_by_id(ui->desk.en, s->p->dom_id);

    if (d == NULL || d->off)
        return; /* the next engine knows nothing of it */
    places_uuid(ui, "console", s->p->dom_id, out);
    buf_fmt(out, " %u %d", console_pane_number(s->p), s->cell);
    if (layout) {
        buf_chr(out, ' ');
        buf_safe(out, d->name, strlen(d->name));
    }
    buf_chr(out, '\n');
    if (!layout && console_pane_view(s->p) > 0)
        buf_fmt(out, "view %zu\n", console_pane_view(s->p));
}

static void
places_pane(struct ui *ui, const struct slot *s, bool layout, struct buf *out)
{
    const struct pane *p = s->p;

    switch (p->ops->kind) {
    case PANE_LIST:
        places_uuid(ui, "list", layout ? 0 : p->dom_id, out);
        buf_chr(out, '\n');
        break;
    case PANE_CONSOLE:
        places_of_console(ui, s, layout, out);
        break;
    case PANE_DETAIL:
        buf_fmt(out, "detail\ntab %d\n", p->tab);
        break;
    case PANE_LOG:
        buf_str(out, "log\n");
        break;
    case PANE_HELP:
        if (!layout)
            buf_str(out, "help\n");
        break;
    }
}

/* Panes that were opened together, and never used, have their order only. */
static bool
used_before(const struct slot *a, const struct slot *b)
{
    return a->used != b->used ? a->used < b->used : a < b;
}

/* The one used next after `last', or NULL. */
static const struct slot *
places_next(const struct ui *ui, const struct slot *last)
{
    const struct slot *best = NULL;
    size_t i;

    for (i = 0; i < ui->fr.n_slots; i++) {
        const struct slot *s = &ui->fr.slots[i];

        if ((last == NULL || used_before(last, s)) &&
            (best == NULL || used_before(s, best)))
            best = s;
    }
    return best;
}

static void
places_form(const struct ui *ui, struct buf *out)
{
    unsigned i;

    for (i = 0; i < LAYOUT_SHARES; i++)
        if (ui->share[i].den > 0)
            buf_fmt(out, "border %u %d/%d\n", i, ui->share[i].num,
                    ui->share[i].den);
    if (ui->fr.tiles != NULL && ui->fr.tiles->way != SPLIT_LEAF) {
        buf_str(out, "tiles ");
        split_print(ui->fr.tiles, out);
        buf_chr(out, '\n');
    }
    if (ui->whole)
        buf_str(out, "whole on\n");
    if (ui->zoom != ZOOM_AUTO)
        buf_fmt(out, "zoom %s\n", ui->zoom == ZOOM_ON ? "on" : "off");
}

static void
places_write(struct ui *ui, bool layout, size_t most, struct buf *out)
{
    const struct slot *s = NULL;
    const char *nl;

    while ((s = places_next(ui, s)) != NULL)
        places_pane(ui, s, layout, out);
    places_form(ui, out);
    while (out->len > most && (nl = memchr(out->data, '\n', out->len)) != NULL)
        buf_consume(out, (size_t)(nl - out->data) + 1);
}

void
ui_places(struct ui *ui, struct buf *out)
{
    places_write(ui, false, PLACES_MAX, out);
}

void
layout_write(struct ui *ui, struct buf *out)
{
    places_write(ui, true, KEPT_BYTES_MAX, out);
}

/* --- taking --- */

/* What has been read so far. */
struct places {
    struct {
        struct pane *p; /* as a key only: it may be closed by now */
        int cell;
    } at[FRAME_PANES_MAX];
    size_t n;
    uint64_t cursor; /* the domain of the list's */
};

bool
layout_line(const char **text, char word[16], char value[LAYOUT_LINE_MAX])
{
    const char *s = *text;
    size_t n = strcspn(s, "\n"), w = strcspn(s, " \n");

    if (*s == '\0')
        return false;
    *text = s + n + (s[n] == '\n');
    word[0] = value[0] = '\0';
    if (w >= 16 || n - w > LAYOUT_LINE_MAX)
        return true; /* none of ours */
    text_fmt(word, 16, "%.*s", (int)w, s);
    if (n > w)
        text_fmt(value, LAYOUT_LINE_MAX, "%.*s", (int)(n - w - 1), s + w + 1);
    return true;
}

static uint64_t
places_dom(struct ui *ui, const char *text)
{
    const struct dom *d;
    uint8_t uuid[16];
    size_t i;

    if (!uuid_parse_text(text, uuid))
        return 0;
    for (i = 0; (d = engine_dom_at(ui->desk.en, i)) != NULL; i++)
        if (memcmp(d->uuid, uuid, sizeof(uuid)) == 0)
            return d->id;
    return 0;
}

/* A domain that was made anew has another uuid: its name stands for it. */
static uint64_t
places_named(struct ui *ui, const char *uuid, const char *name)
{
    uint64_t id = places_dom(ui, uuid);
    const struct dom *d;

    if (id != 0 || name[0] == '\0')
        return id;
    d = engine_dom_by_name(ui->desk.en, name);
    return d != NULL && !d->off ? d->id : 0;
}

bool
layout_console(struct ui *ui, const char *text, struct layout_console *out)
{
    unsigned long long number = 0, cell = 0;
    char uuid[40], word[2][8] = { "", "" };
    int at = 0;

    out->name = "";
    if (sscanf(text, "%36s %7s %7s%n", uuid, word[0], word[1], &at) == 3 &&
        text[at] == ' ')
        out->name = text + at + 1;
    if (!text_u64(word[0], 0, CONSOLE_NUMBER_MAX, &number) ||
        (word[1][0] != '\0' && !text_u64(word[1], 1, 9999, &cell)))
        return false;
    out->number = (unsigned)number;
    out->cell = (int)cell;
    out->dom_id = places_named(ui, uuid, out->name);
    return true;
}

static void
places_console(struct ui *ui, struct places *pl, const char *text)
{
    struct layout_console c;
    struct err e = { 0 };

    if (!layout_console(ui, text, &c) || c.dom_id == 0)
        return;
    if (ui_console_open(ui, c.dom_id, c.number, &e) < 0) {
        ui_notice(ui, EVENT_WARN, "%s", e.msg);
    } else if (pl->n < FRAME_PANES_MAX) {
        pl->at[pl->n].p = ui->fr.focus;
        pl->at[pl->n++].cell = c.cell;
    }
}

/* Each console goes into the cell that it had. */
static void
places_tiles(struct ui *ui, const struct places *pl, const char *form)
{
    struct split *root = split_parse(form, TILE_MIN_ROWS, TILE_MIN_COLS);
    size_t i;

    if (root == NULL)
        return;
    for (i = 0; i < pl->n; i++) {
        struct slot *s = frame_slot(&ui->fr, pl->at[i].p);

        if (s != NULL && pl->at[i].cell > 0)
            s->cell = pl->at[i].cell;
    }
    tiles_take(&ui->fr, root);
}

/* text: "N SHARE/ALL" */
static void
places_border(struct ui *ui, const char *text)
{
    int n, num, den;

    if (sscanf(text, "%d %5d/%5d", &n, &num, &den) != 3 || n < 0 ||
        n >= LAYOUT_SHARES || num < 1 || den < 1)
        return;
    ui->share[n] = (struct split_size){ .num = num, .den = den };
}

/* What was said of the pane that the line before has opened. */
static void
places_more(struct ui *ui, const char *word, unsigned long long n)
{
    struct pane *p = ui->fr.focus;

    if (strcmp(word, "view") == 0 && p->ops->kind == PANE_CONSOLE)
        console_pane_set_view(p, (size_t)n);
    else if (strcmp(word, "tab") == 0 && p->ops->kind == PANE_DETAIL)
        detail_tab(p, (int)n);
}

static void
places_line(struct ui *ui, struct places *pl, const char *word,
            const char *value)
{
    unsigned long long n;

    if (strcmp(word, "console") == 0) {
        places_console(ui, pl, value);
    } else if (strcmp(word, "list") == 0) {
        pl->cursor = places_dom(ui, value);
        ui_focus(ui, ui->list);
    } else if (strcmp(word, "tiles") == 0) {
        places_tiles(ui, pl, value);
    } else if (strcmp(word, "border") == 0) {
        places_border(ui, value);
    } else if (strcmp(word, "whole") == 0) {
        ui->whole = true;
    } else if (strcmp(word, "zoom") == 0) {
        ui->zoom = strcmp(value, "on") == 0 ? ZOOM_ON : ZOOM_OFF;
        ui_relayout(ui);
    } else if (strcmp(word, "detail") == 0 &&
               panes_find(ui, PANE_DETAIL, 0) == NULL) {
        ui_pane_show(ui, detail_pane_new(ui));
    } else if (strcmp(word, "log") == 0) {
        ui->screen.ops->show_log(&ui->screen);
    } else if (strcmp(word, "help") == 0) {
        ui->screen.ops->show_help(&ui->screen);
    } else if (text_u64(value, 0, 1U << 30, &n)) {
        places_more(ui, word, n);
    }
}

void
ui_take_places(struct ui *ui, const char *text)
{
    SCREEN *was = ui_enter(ui);
    struct places pl = { .n = 0 };
    char word[16], value[LAYOUT_LINE_MAX];

    if (text[0] != '\0')
        ui->layout_due = false;
    while (layout_line(&text, word, value))
        places_line(ui, &pl, word, value);
    if (pl.cursor != 0)
        list_select(ui->list, pl.cursor);
    ui_relayout(ui);
    tty_select_back(was);
}
