/*
 * help.c - the help pane: the keys of a context as they are bound now, then
 * all verbs, made from the table of commands. What does not fit into its
 * column goes on below.
 * Invariant after sync: the rows are those of the lines at the pane's width.
 */
#include "ui/pane/help/help.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/command.h"
#include "ui/desk/paint.h"
#include "ui/draw/ui_text.h"

#define KEY_COLS   11 /* each with a blank after it */
#define VERB_COLS  16
#define USAGE_COLS 24
#define RIGHT_MIN  30 /* less than this for the text: it goes below */
#define NARROW_COL 4  /* where it begins then */

enum line_kind { LINE_TEXT, LINE_HEAD, LINE_KEY };

struct line {
    enum line_kind kind;
    char *left, *mid, *right; /* keys or verb, verb, what it does */
};

/* One row of the screen: bytes [from, to) of a line's left or right part. */
struct row {
    size_t line, from, to;
    bool left, right; /* what of the line is on it */
};

struct help {
    struct pane p;
    struct line *lines;
    size_t n;
    struct row *rows;
    size_t n_rows, top;
    int cols;      /* that the rows were made for */
    size_t height; /* as last drawn */
    unsigned context;
    char *sought;
    size_t hit; /* line of the last match, n: none */
};

static struct help *
help_of(struct pane *p)
{
    return container_of(p, struct help, p);
}

static const struct help *
help_const(const struct pane *p)
{
    return (const struct help *)(const void *)p; /* first member */
}

static void
lines_free(struct help *h)
{
    size_t i;

    for (i = 0; i < h->n; i++) {
        free(h->lines[i].left);
        free(h->lines[i].mid);
        free(h->lines[i].right);
    }
    free(h->lines);
    h->lines = NULL;
    h->n = 0;
}

static void
help_add(struct help *h, enum line_kind kind, const char *left, const char *mid,
         const char *right)
{
    struct line *l;

    h->lines = xrealloc(h->lines, h->n + 1, sizeof h->lines[0]);
    l = &h->lines[h->n++];
    l->kind = kind;
    l->left = xstrdup(left);
    l->mid = xstrdup(mid);
    l->right = xstrdup(right);
}

static const char *
context_title(unsigned context)
{
    switch (context) {
    case CMD_IN_LIST:
        return "Keys in the domain list";
    case CMD_IN_DETAIL:
        return "Keys in the details";
    case CMD_IN_LOG:
        return "Keys in the log";
    case CMD_IN_HELP:
        return "Keys in this help";
    default:
        return "Keys in a console";
    }
}

static void
add_prefix_note(struct help *h)
{
    char key[24], text[120];

    key_print(&ui_settings(h->p.ui)->prefix, key, sizeof key);
    text_fmt(
        text, sizeof text,
        "All keys go to the guest but %s, which is pressed before these:", key);
    help_add(h, LINE_TEXT, text, "", "");
}

/* What a binding with arguments runs is shown as it is written. */
static void
add_bindings(struct help *h, unsigned context)
{
    const struct settings *set = ui_settings(h->p.ui);
    size_t i;

    for (i = 0; i < set->n_bindings; i++) {
        const struct binding *b = &set->bindings[i];
        const char *line = cmd_of_key(set, context, &b->key);
        char key[24];

        if ((b->context & context) == 0 || line != b->command ||
            strchr(b->command, ' ') == NULL)
            continue;
        key_print(&b->key, key, sizeof key);
        help_add(h, LINE_KEY, key, b->command, "bound in xendeck.conf");
    }
}

static void
add_keys(struct help *h, unsigned context)
{
    const struct settings *set = ui_settings(h->p.ui);
    struct buf keys = { 0 };
    const struct cmd *c;
    size_t i;

    help_add(h, LINE_HEAD, context_title(context), "", "");
    if (context == CMD_IN_CONSOLE)
        add_prefix_note(h);
    for (i = 0; (c = cmd_at(ui_session(h->p.ui)->cmds, i)) != NULL; i++) {
        buf_clear(&keys);
        cmd_keys_of(set, c, context, &keys);
        if (keys.len > 0)
            help_add(h, LINE_KEY, buf_text(&keys), c->name, c->help);
    }
    add_bindings(h, context);
    help_add(h, LINE_TEXT, "", "", "");
    buf_free(&keys);
}

static void
help_add_verbs(struct help *h)
{
    struct buf verb = { 0 };
    const struct cmd *c;
    size_t i;

    help_add(h, LINE_HEAD, "Verbs, for `:' and for xendeck -e", "", "");
    for (i = 0; (c = cmd_at(ui_session(h->p.ui)->cmds, i)) != NULL; i++) {
        buf_clear(&verb);
        buf_fmt(&verb, "%s%s%s%s", c->name, c->args != NULL ? " " : "",
                c->args != NULL ? c->args : "", c->json ? " [--json]" : "");
        help_add(h, LINE_KEY, buf_text(&verb), "", c->help);
    }
    buf_free(&verb);
}

static void
build(struct help *h)
{
    lines_free(h);
    add_keys(h, h->context);
    if (h->context != CMD_IN_CONSOLE)
        add_keys(h, CMD_IN_CONSOLE);
    help_add_verbs(h);
    h->cols = -1; /* the rows are of other lines */
    h->n_rows = 0;
    h->top = 0;
    h->hit = h->n;
}

/* --- rows --- */

static void
row_add(struct help *h, const struct row *r)
{
    h->rows = xrealloc(h->rows, h->n_rows + 1, sizeof h->rows[0]);
    h->rows[h->n_rows++] = *r;
}

/* Before its first frame the pane has no width; keys may come sooner. */
static int
width(const struct help *h)
{
    return h->p.cols > 0 ? h->p.cols : 80;
}

/* The column where what a line says begins. */
static int
help_right_at(const struct help *h, const struct line *l)
{
    int at = l->mid[0] != '\0' ? KEY_COLS + VERB_COLS : USAGE_COLS;

    return width(h) - at < RIGHT_MIN ? NARROW_COL : at;
}

/* What stands left of the text has to end before it. */
static bool
left_alone(const struct help *h, const struct line *l)
{
    int at = help_right_at(h, l);

    if (l->kind != LINE_KEY)
        return true;
    return at == NARROW_COL ||
           (l->mid[0] == '\0' && ui_text_cols(l->left) >= at);
}

/* As many rows as a part needs in cols columns. */
static void
help_wrap(struct help *h, struct row r, const char *text, int cols)
{
    size_t at = 0;

    do {
        r.from = at;
        r.to = at + ui_text_fit(text + at, cols > 1 ? cols : 1, true);
        row_add(h, &r);
        r.left = r.left && !r.right;
        at += ui_text_next(text + at, r.to - at);
    } while (text[at] != '\0');
}

static void
line_rows(struct help *h, size_t i)
{
    const struct line *l = &h->lines[i];
    bool alone = left_alone(h, l);

    if (alone && l->mid[0] == '\0')
        help_wrap(h, (struct row){ .line = i, .left = true }, l->left,
                  width(h));
    else if (alone)
        row_add(h, &(struct row){ .line = i, .left = true });
    if (l->kind == LINE_KEY)
        help_wrap(h, (struct row){ .line = i, .left = !alone, .right = true },
                  l->right, width(h) - help_right_at(h, l));
}

static size_t
first_row(const struct help *h, size_t line)
{
    size_t i = 0;

    while (i < h->n_rows && h->rows[i].line < line)
        i++;
    return i;
}

static size_t
top_max(const struct help *h)
{
    size_t rows = h->p.rows > 0 ? (size_t)h->p.rows : 1;

    return h->n_rows > rows ? h->n_rows - rows : 0;
}

static void
help_show_hit(struct help *h, size_t i)
{
    size_t rows = h->p.rows > 0 ? (size_t)h->p.rows : 1;

    h->hit = i;
    i = first_row(h, i);
    if (i < h->top || i >= h->top + rows)
        h->top = i > rows / 2 ? i - rows / 2 : 0;
    if (h->top > top_max(h))
        h->top = top_max(h);
    pane_dirty(&h->p);
}

/* For the size that the pane has now; the line at the top stays there, and a
 * match that was seen is seen again. */
static void
make_rows(struct help *h)
{
    size_t i, line = h->top < h->n_rows ? h->rows[h->top].line : 0;
    size_t hit = first_row(h, h->hit);
    bool seen = hit < h->n_rows && hit >= h->top && hit < h->top + h->height;

    if (h->cols == h->p.cols)
        return;
    h->n_rows = 0;
    for (i = 0; i < h->n; i++)
        line_rows(h, i);
    h->cols = h->p.cols;
    h->top = first_row(h, line);
    if (seen)
        help_show_hit(h, h->hit);
}

static void
help_free(struct pane *p)
{
    struct help *h = help_of(p);

    lines_free(h);
    free(h->rows);
    free(h->sought);
    free(h);
}

static void
help_sync(struct pane *p, unsigned changed)
{
    struct help *h = help_of(p);

    (void)changed;
    make_rows(h);
    h->height = p->rows > 0 ? (size_t)p->rows : 0;
    if (h->top > top_max(h))
        h->top = top_max(h);
}

struct pen {
    WINDOW *w;
    int y, x;
};

/* text in a column of its own, within what is left of the line. */
static void
help_put(const struct help *h, struct pen *pen, int cols, enum role r,
         const char *text)
{
    if (cols > h->p.cols - pen->x)
        cols = h->p.cols - pen->x;
    if (cols <= 0)
        return;
    ui_role(h->p.ui, pen->w, r);
    pen->x += ui_text(pen->w, pen->y, pen->x, cols, text, true);
}

/* The bytes of a row, to the end of the line. */
static void
put_part(const struct help *h, struct pen *pen, enum role role,
         const char *text, const struct row *r)
{
    char part[256];

    text_fmt(part, sizeof part, "%.*s", (int)(r->to - r->from), text + r->from);
    help_put(h, pen, h->p.cols, role, part);
}

/* Keys and verb, or a verb with its arguments in the place of both. */
static void
draw_left(const struct help *h, struct pen *pen, const struct row *r, bool hit)
{
    const struct line *l = &h->lines[r->line];
    enum role text = hit ? ROLE_MATCH : ROLE_TEXT;

    if (l->kind != LINE_KEY)
        put_part(h, pen, l->kind == LINE_HEAD ? ROLE_TITLE_FOCUS : text,
                 l->left, r);
    else if (l->mid[0] == '\0' && !r->right)
        put_part(h, pen, ROLE_KEY, l->left, r);
    else if (l->mid[0] == '\0')
        help_put(h, pen, USAGE_COLS - 1, ROLE_KEY, l->left);
    else
        help_put(h, pen, KEY_COLS - 1, ROLE_KEY, l->left);
    if (l->mid[0] == '\0')
        return;
    help_put(h, pen, 1, text, "");
    help_put(h, pen, r->right ? VERB_COLS - 1 : h->p.cols, text, l->mid);
}

static void
help_draw_line(const struct help *h, struct pen *pen, const struct row *r,
               bool hit)
{
    const struct line *l = &h->lines[r->line];
    enum role text = hit ? ROLE_MATCH : ROLE_TEXT;

    if (r->left)
        draw_left(h, pen, r, hit);
    if (r->right) {
        help_put(h, pen, help_right_at(h, l) - pen->x, text, "");
        put_part(h, pen, text, l->right, r);
    }
    help_put(h, pen, h->p.cols, text, "");
}

static void
help_draw(const struct pane *p, WINDOW *w)
{
    const struct help *h = help_const(p);
    size_t i;
    int y;

    for (y = 0; y < p->rows; y++) {
        struct pen pen = { .w = w, .y = y };

        i = h->top + (size_t)y;
        if (i < h->n_rows)
            help_draw_line(h, &pen, &h->rows[i], h->rows[i].line == h->hit);
        else
            help_put(h, &pen, p->cols, ROLE_TEXT, "");
    }
}

static void
help_title(const struct pane *p, struct buf *out)
{
    const struct help *h = help_const(p);

    buf_str(out, "help");
    if (top_max(h) > 0)
        buf_fmt(out, " %zu%%", 100 * h->top / top_max(h));
}

static bool
line_has(const struct line *l, const char *text)
{
    return strcasestr(l->left, text) != NULL ||
           strcasestr(l->mid, text) != NULL ||
           strcasestr(l->right, text) != NULL;
}

/* Round the end to the other. */
static bool
help_search(struct pane *p, const char *text, int dir, bool incremental)
{
    struct help *h = help_of(p);
    size_t at, i, k;

    make_rows(h);
    at = h->top < h->n_rows ? h->rows[h->top].line : 0;
    if (h->hit < h->n)
        at = h->hit;
    if (text != NULL) {
        char *copy = xstrdup(text); /* may be our own */

        free(h->sought);
        h->sought = copy;
    }
    if (h->sought == NULL || h->sought[0] == '\0' || h->n == 0)
        return false;
    /* typing on, or a new text: the present line may match as well */
    k = incremental || text != NULL || h->hit >= h->n ? 0 : 1;
    for (; k < h->n + 1; k++) {
        i = dir > 0 ? (at + k) % h->n : (at + h->n - k % h->n) % h->n;
        if (!line_has(&h->lines[i], h->sought))
            continue;
        help_show_hit(h, i);
        return true;
    }
    return false;
}

static void
help_scroll(struct pane *p, long lines)
{
    struct help *h = help_of(p);
    long top, max;

    make_rows(h);
    top = (long)h->top + lines;
    max = (long)top_max(h);
    h->top = (size_t)(top < 0 ? 0 : top > max ? max : top);
    pane_dirty(p);
}

static bool
help_mouse(struct pane *p, const struct mouse *m)
{
    if (m->what != MOUSE_WHEEL)
        return false;
    help_scroll(p, m->wheel);
    return true;
}

static void
help_text(const struct pane *p, struct buf *out)
{
    const struct help *h = help_const(p);
    size_t i;

    for (i = 0; i < h->n; i++) {
        const struct line *l = &h->lines[i];

        if (l->kind != LINE_KEY)
            buf_str(out, l->left);
        else if (l->mid[0] == '\0')
            buf_fmt(out, "%-*s %s", USAGE_COLS - 1, l->left, l->right);
        else
            buf_fmt(out, "%-*s %-*s %s", KEY_COLS - 1, l->left, VERB_COLS - 1,
                    l->mid, l->right);
        buf_chr(out, '\n');
    }
}

static const struct pane_ops ops = {
    .kind = PANE_HELP,
    .name = "help",
    .context = CMD_IN_HELP,
    .free = help_free,
    .sync = help_sync,
    .draw = help_draw,
    .title = help_title,
    .mouse = help_mouse,
    .search = help_search,
    .text = help_text,
    .scroll = help_scroll,
};

struct pane *
help_pane_new(struct ui *ui)
{
    struct help *h = xcalloc(1, sizeof *h);

    h->p.ops = &ops;
    h->p.ui = ui;
    h->p.dirty = true;
    h->context = CMD_IN_LIST;
    build(h);
    return &h->p;
}

void
help_topic(struct pane *help, unsigned context)
{
    struct help *h = help_of(help);

    if (context != CMD_IN_HELP || h->n == 0)
        h->context = context;
    build(h);
    pane_dirty(help);
}
