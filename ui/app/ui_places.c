/*
 * ui_places.c - what is open on a screen as lines of text, so that a terminal
 * that attaches to the next engine finds its panes, its focus and its place in
 * the text again. A client keeps the lines meanwhile: what comes back is
 * checked like any input.
 *
 * The panes stand in the order of their use, the last has the keys:
 * "console UUID NUMBER", "detail", "log", "help", "list UUID" (of its cursor),
 * behind a console "view LINES" if it is scrolled back, behind the details
 * "tab N"; at the end "zoom on" or "zoom off" unless that is left to the size.
 */
#include <string.h>

#include "engine/config/core/uuid.h"
#include "ui/app/ui_int.h"

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
places_pane(struct ui *ui, const struct pane *p, struct buf *out)
{
    const struct dom *d;

    switch (p->ops->kind) {
    case PANE_LIST:
        places_uuid(ui, "list", p->dom_id, out);
        buf_chr(out, '\n');
        break;
    case PANE_CONSOLE:
        d = engine_dom_by_id(ui->desk.en, p->dom_id);
        if (d == NULL || d->off)
            break; /* the next engine knows nothing of it */
        places_uuid(ui, "console", p->dom_id, out);
        buf_fmt(out, " %u\n", console_pane_number(p));
        if (console_pane_view(p) > 0)
            buf_fmt(out, "view %zu\n", console_pane_view(p));
        break;
    case PANE_DETAIL:
        buf_fmt(out, "detail\ntab %d\n", p->tab);
        break;
    case PANE_LOG:
        buf_str(out, "log\n");
        break;
    case PANE_HELP:
        buf_str(out, "help\n");
        break;
    }
}

/* The one used next after `used', or NULL. */
static const struct slot *
places_next(const struct ui *ui, const struct slot *last)
{
    const struct slot *best = NULL;
    size_t i;

    for (i = 0; i < ui->fr.n_slots; i++) {
        const struct slot *s = &ui->fr.slots[i];

        if ((last == NULL || s->used > last->used) &&
            (best == NULL || s->used < best->used))
            best = s;
    }
    return best;
}

void
ui_places(struct ui *ui, struct buf *out)
{
    const struct slot *s = NULL;
    const char *nl;

    while ((s = places_next(ui, s)) != NULL)
        places_pane(ui, s->p, out);
    if (ui->zoom != ZOOM_AUTO)
        buf_fmt(out, "zoom %s\n", ui->zoom == ZOOM_ON ? "on" : "off");
    while (out->len > PLACES_MAX &&
           (nl = memchr(out->data, '\n', out->len)) != NULL)
        buf_consume(out, (size_t)(nl - out->data) + 1);
}

/* --- taking --- */

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

/* text: "UUID NUMBER" */
static void
places_console(struct ui *ui, const char *text)
{
    size_t len = strcspn(text, " ");
    unsigned long long number = 0;
    struct err e = { 0 };
    char uuid[40];
    uint64_t id;

    text_fmt(uuid, sizeof(uuid), "%.*s", (int)len, text);
    id = places_dom(ui, uuid);
    if (id == 0 || (text[len] == ' ' &&
                    !text_u64(text + len + 1, 0, CONSOLE_NUMBER_MAX, &number)))
        return;
    if (ui_console_open(ui, id, (unsigned)number, &e) < 0)
        ui_notice(ui, EVENT_WARN, "%s", e.msg);
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

/* word and value of one line; *cursor: the domain of the list's. */
static void
places_line(struct ui *ui, const char *word, const char *value,
            uint64_t *cursor)
{
    unsigned long long n;

    if (strcmp(word, "console") == 0) {
        places_console(ui, value);
    } else if (strcmp(word, "list") == 0) {
        *cursor = places_dom(ui, value);
        ui_focus(ui, ui->list);
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
    uint64_t cursor = 0;
    const char *s;
    size_t n;

    for (s = text; *s != '\0'; s += n + (s[n] == '\n')) {
        char word[16], value[48] = "";
        size_t w;

        n = strcspn(s, "\n");
        w = strcspn(s, " \n");
        if (w >= sizeof(word) || n - w >= sizeof(value))
            continue;
        text_fmt(word, sizeof(word), "%.*s", (int)w, s);
        if (n > w)
            text_fmt(value, sizeof(value), "%.*s", (int)(n - w - 1), s + w + 1);
        places_line(ui, word, value, &cursor);
    }
    if (cursor != 0)
        list_select(ui->list, cursor);
    tty_select_back(was);
}
