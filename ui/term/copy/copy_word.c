/*
 * copy_word.c - words, as vi takes them: runs of letters, digits and "_", or of
 * other characters that are no blanks; big words end at blanks alone. The end
 * of a line parts words, the edge where it wraps does not.
 */
#include <wctype.h>

#include "ui/term/copy/copy_int.h"

enum char_class { CLASS_BLANK, CLASS_WORD, CLASS_OTHER };

/* A place that walks over the cells of all rows. */
struct walk {
    struct copy_reader r;
    size_t index;
    int col;
    bool big;
};

static enum char_class
class_at(struct walk *w)
{
    const struct row *row = copy_read(&w->r, w->index);
    uint32_t ch = row != NULL && w->col < row->len ? row->cells[w->col].ch : 0;

    if (ch == 0 || ch == ' ')
        return CLASS_BLANK;
    if (w->big || ch == '_' || iswalnum((wint_t)ch))
        return CLASS_WORD;
    return CLASS_OTHER;
}

static bool
skip_tail(struct walk *w)
{
    const struct row *row = copy_read(&w->r, w->index);

    return w->col < row->len && (row->cells[w->col].attrs & CELL_TAIL);
}

/* One character on; *parted: a line ended in between. False: it is the last. */
static bool
walk_on(struct walk *w, bool *parted)
{
    const struct row *row = copy_read(&w->r, w->index);

    *parted = false;
    if (w->col + 1 < row->len) {
        w->col++;
        return skip_tail(w) ? walk_on(w, parted) : true;
    }
    if (w->index + 1 >= copy_rows(w->r.c))
        return false;
    *parted = !copy_goes_on(&w->r, w->index);
    w->index++;
    w->col = 0;
    return true;
}

static bool
walk_back(struct walk *w, bool *parted)
{
    const struct row *row;

    *parted = false;
    if (w->col > 0) {
        w->col--;
        return skip_tail(w) ? walk_back(w, parted) : true;
    }
    if (w->index == 0)
        return false;
    w->index--;
    *parted = !copy_goes_on(&w->r, w->index);
    row = copy_read(&w->r, w->index);
    w->col = row->len > 0 ? row->len - 1 : 0;
    return skip_tail(w) ? walk_back(w, parted) : true;
}

static void
next_word(struct walk *w)
{
    enum char_class was = class_at(w), now;
    bool parted;

    while (walk_on(w, &parted)) {
        now = class_at(w);
        if (now != CLASS_BLANK && (now != was || parted))
            return;
        was = now;
    }
}

/* The last character of a word in one direction: its end, or its beginning. */
static void
word_edge(struct walk *w, bool (*go)(struct walk *, bool *))
{
    struct walk last;
    enum char_class in;
    bool parted;

    do {
        if (!go(w, &parted))
            return;
    } while (class_at(w) == CLASS_BLANK);
    in = class_at(w);
    do {
        last.index = w->index;
        last.col = w->col;
    } while (go(w, &parted) && !parted && class_at(w) == in);
    w->index = last.index;
    w->col = last.col;
}

void
copy_word_step(struct copy *c, enum copy_step step)
{
    struct walk w = { .r = { .c = c },
                      .index = copy_index(c, c->row),
                      .col = c->col };

    w.big = step == COPY_BIG_WORD || step == COPY_BIG_WORD_END ||
            step == COPY_BIG_WORD_BACK;
    if (step == COPY_WORD || step == COPY_BIG_WORD)
        next_word(&w);
    else
        word_edge(&w, step == COPY_WORD_END || step == COPY_BIG_WORD_END
                          ? walk_on
                          : walk_back);
    row_free(&w.r.work);
    copy_to(c, w.index, w.col);
}

/* As far as the class of the cursor's character goes. */
void
copy_mark_word(struct copy *c)
{
    struct walk w = { .r = { .c = c }, .index = copy_index(c, c->row) };
    enum char_class in;
    size_t index = w.index;
    int col;
    bool parted;

    w.col = col = c->col;
    in = class_at(&w);
    while (walk_back(&w, &parted) && !parted && class_at(&w) == in) {
        index = w.index;
        col = w.col;
    }
    c->shape = COPY_CHARS;
    c->from_row = c->t->sb.gone + index;
    c->from_col = col;
    w.index = index = copy_index(c, c->row);
    w.col = col = c->col;
    while (walk_on(&w, &parted) && !parted && class_at(&w) == in) {
        index = w.index;
        col = w.col;
    }
    row_free(&w.r.work);
    copy_to(c, index, col);
}
