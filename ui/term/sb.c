/*
 * sb.c - the scrollback's packed lines. A chunk holds lines from its start and
 * their offsets, two bytes each, from its end; so a line costs its text and
 * six bytes, and 12 a run of colour. Push, pop and look-up do not depend on
 * the number of lines but for a binary search over the chunks.
 */
#include "ui/term/sb.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/draw/theme.h"

#define CHUNK_MIN 4096U
#define CHUNK_MAX 65520U /* offsets are 16 bits */

struct sb_chunk {
    uint64_t first; /* number of its first line */
    uint32_t size, used;
    uint32_t n; /* lines */
    uint32_t pad;
    unsigned char data[];
};

/* In front of each line; the runs follow, then the text. */
struct line_head {
    uint16_t text_bytes, runs;
};

struct run {
    int32_t fg, bg;
    uint16_t attrs;
    uint16_t cells; /* characters, not columns */
};

void
term_share_init(struct term_share *s, size_t max_bytes)
{
    *s = (struct term_share){ .max_bytes = max_bytes };
    list_init(&s->all);
}

void
sb_init(struct sb *s, size_t max_bytes, struct term_share *share)
{
    *s = (struct sb){ .max_bytes = max_bytes };
    if (share != NULL && share->max_bytes > 0) {
        s->share = share;
        list_append(&share->all, &s->node);
    }
    s->chunk_bytes = max_bytes / 16;
    if (s->chunk_bytes < CHUNK_MIN)
        s->chunk_bytes = CHUNK_MIN;
    if (s->chunk_bytes > CHUNK_MAX)
        s->chunk_bytes = CHUNK_MAX;
}

static struct sb_chunk *
chunk_at(const struct sb *s, size_t i)
{
    return s->chunk[(s->head + i) % s->cap];
}

static void
count_bytes(struct sb *s, ptrdiff_t n)
{
    s->bytes += (size_t)n;
    if (s->share != NULL)
        s->share->bytes += (size_t)n;
}

void
sb_fini(struct sb *s)
{
    size_t i;

    count_bytes(s, -(ptrdiff_t)s->bytes);
    for (i = 0; i < s->n; i++)
        free(chunk_at(s, i));
    free(s->chunk);
    buf_free(&s->work);
    list_del(&s->node);
    *s = (struct sb){ 0 };
}

static void
sb_drop_oldest(struct sb *s)
{
    struct sb_chunk *c = chunk_at(s, 0);

    count_bytes(s, -(ptrdiff_t)c->size);
    s->first += c->n;
    s->count -= c->n;
    s->head = (s->head + 1) % s->cap;
    s->n--;
    free(c);
    if (s->dropped != NULL)
        s->dropped(s);
}

/* The largest of those that share; NULL: none holds anything. */
static struct sb *
largest(const struct term_share *share)
{
    struct list_node *it;
    struct sb *s, *found = NULL;

    list_foreach (it, &share->all) {
        s = list_entry(it, struct sb, node);
        if (s->n > 0 && (found == NULL || s->bytes > found->bytes))
            found = s;
    }
    return found;
}

/* Before a chunk of size bytes comes. */
static void
sb_make_room(struct sb *s, size_t size)
{
    struct sb *from;

    while (s->n > 0 && s->bytes + size > s->max_bytes)
        sb_drop_oldest(s);
    while (s->share != NULL && s->share->bytes + size > s->share->max_bytes &&
           (from = largest(s->share)) != NULL)
        sb_drop_oldest(from);
}

static void
grow_ring(struct sb *s)
{
    size_t cap = s->cap == 0 ? 16 : s->cap * 2, i;
    struct sb_chunk **ring = xcalloc(cap, sizeof(struct sb_chunk *));

    for (i = 0; i < s->n; i++)
        ring[i] = chunk_at(s, i);
    free(s->chunk);
    s->chunk = ring;
    s->cap = cap;
    s->head = 0;
}

/* A chunk that a line of need bytes and its offset fit into. */
static struct sb_chunk *
room(struct sb *s, size_t need)
{
    size_t data = s->chunk_bytes - sizeof(struct sb_chunk);
    struct sb_chunk *c = s->n > 0 ? chunk_at(s, s->n - 1) : NULL;

    if (c != NULL && c->used + need + 2 * (c->n + 1) <= c->size - sizeof(*c))
        return c;
    if (need + 2 > data)
        data = need + 2;
    sb_make_room(s, data + sizeof(*c));
    if (s->n == s->cap)
        grow_ring(s);
    c = xcalloc(1, sizeof(*c) + data);
    c->size = (uint32_t)(sizeof(*c) + data);
    c->first = s->first + s->count;
    count_bytes(s, (ptrdiff_t)c->size);
    s->chunk[(s->head + s->n++) % s->cap] = c;
    return c;
}

static unsigned char *
offset_slot(struct sb_chunk *c, uint32_t i)
{
    return c->data + (c->size - sizeof(*c)) - 2 * ((size_t)i + 1);
}

static size_t
offset_of(const struct sb_chunk *c, uint32_t i)
{
    uint16_t off;

    memcpy(&off, c->data + (c->size - sizeof(*c)) - 2 * ((size_t)i + 1), 2);
    return off;
}

static uint16_t
run_attrs(const struct cell *c)
{
    unsigned a = c->attrs & CELL_RUN & ~(unsigned)(CELL_MARK1 | CELL_MARK2);

    if (c->mark[0] != 0)
        a |= c->mark[1] != 0 ? CELL_MARK1 | CELL_MARK2 : CELL_MARK1;
    return (uint16_t)a;
}

/* The plain case, most of a boot log: ASCII in the default colours. */
static bool
pack_plain(const struct row *r, int used, struct buf *out)
{
    char text[TERM_MAX_COLS];
    int i;

    if (used > TERM_MAX_COLS)
        return false;
    for (i = 0; i < used; i++) {
        const struct cell *c = &r->cells[i];

        if (c->ch > 0x7e || c->mark[0] != 0 || c->fg != COLOR_NONE ||
            c->bg != COLOR_NONE || (c->attrs & CELL_RUN) != 0)
            return false;
        text[i] = c->ch == 0 ? ' ' : (char)c->ch;
    }
    /* cppcheck-suppress uninitvar */ /* of a row without cells it adds none */
    buf_add(out, text, (size_t)used);
    return true;
}

static bool
run_goes_on(const struct run *run, const struct cell *c, uint16_t attrs)
{
    return run->fg == c->fg && run->bg == c->bg && run->attrs == attrs;
}

static size_t
put_char(char *out, const struct cell *c)
{
    int m, n = utf8_put(out, c->ch == 0 ? ' ' : c->ch);

    for (m = 0; m < TERM_MARKS && c->mark[m] != 0; m++)
        n += utf8_put(out + n, c->mark[m]);
    return (size_t)n;
}

/* Any line: its runs, then its text. */
static void
pack_styled(const struct row *r, int used, struct buf *out,
            struct line_head *head)
{
    char text[TERM_MAX_COLS * 4 * (TERM_MARKS + 1)];
    struct run run[TERM_MAX_COLS];
    size_t n_text = 0, n = 0;
    int i;

    for (i = 0; i < used; i++) {
        const struct cell *c = &r->cells[i];
        uint16_t attrs = run_attrs(c);

        if (c->attrs & CELL_TAIL)
            continue;
        if (n == 0 || !run_goes_on(&run[n - 1], c, attrs))
            run[n++] = (struct run){ .fg = c->fg, .bg = c->bg, .attrs = attrs };
        run[n - 1].cells++;
        n_text += put_char(text + n_text, c);
    }
    buf_add(out, run, n * sizeof(run[0]));
    /* cppcheck-suppress uninitvar */ /* likewise */
    buf_add(out, text, n_text);
    head->runs = (uint16_t)n;
    head->text_bytes = (uint16_t)n_text;
}

void
sb_push(struct sb *s, const struct row *r)
{
    struct line_head head = { 0 };
    int used = row_used(r);
    struct sb_chunk *c;
    uint16_t off;

    if (used > TERM_MAX_COLS)
        used = TERM_MAX_COLS;
    buf_clear(&s->work);
    if (pack_plain(r, used, &s->work))
        head.text_bytes = (uint16_t)s->work.len;
    else
        pack_styled(r, used, &s->work, &head);
    c = room(s, sizeof(head) + s->work.len);
    off = (uint16_t)c->used;
    memcpy(offset_slot(c, c->n), &off, sizeof(off));
    memcpy(c->data + c->used, &head, sizeof(head));
    if (s->work.len > 0)
        memcpy(c->data + c->used + sizeof(head), s->work.data, s->work.len);
    c->used += (uint32_t)(sizeof(head) + s->work.len);
    c->n++;
    s->count++;
}

/* Appends a packed character to the row; returns the bytes it took. */
static size_t
unpack_char(struct row *r, const char *p, size_t n, const struct run *run)
{
    struct cell c = { .fg = run->fg, .bg = run->bg };
    int marks = run->attrs & CELL_MARK2 ? 2 : run->attrs & CELL_MARK1 ? 1 : 0;
    int len = utf8_get(p, n, &c.ch), m;
    size_t at = (size_t)len;

    c.attrs = run->attrs & (uint16_t) ~(CELL_WIDE | CELL_MARK1 | CELL_MARK2);
    for (m = 0; m < marks && at < n; m++) {
        len = utf8_get(p + at, n - at, &c.mark[m]);
        at += (size_t)len;
    }
    row_put(r, r->len, &c, run->attrs & CELL_WIDE ? 2 : 1);
    return at;
}

static void
unpack(const unsigned char *p, struct row *r)
{
    struct run run = { .fg = COLOR_NONE, .bg = COLOR_NONE };
    struct line_head head;
    const unsigned char *runs = p + sizeof(head);
    const char *text;
    size_t at = 0;
    unsigned i = 0;

    memcpy(&head, p, sizeof(head));
    text = (const char *)runs + head.runs * sizeof(run);
    r->len = 0;
    row_reserve(r, head.text_bytes);
    while (at < head.text_bytes) {
        if (run.cells == 0 && i < head.runs)
            memcpy(&run, runs + sizeof(run) * i++, sizeof(run));
        at += unpack_char(r, text + at, head.text_bytes - at, &run);
        if (head.runs > 0)
            run.cells--;
    }
}

bool
sb_get(const struct sb *s, size_t i, struct row *r)
{
    uint64_t want = s->first + i;
    size_t lo = 0, hi = s->n;
    struct sb_chunk *c;

    if (i >= s->count)
        return false;
    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;

        if (chunk_at(s, mid)->first <= want)
            lo = mid;
        else
            hi = mid;
    }
    c = chunk_at(s, lo);
    unpack(c->data + offset_of(c, (uint32_t)(want - c->first)), r);
    return true;
}

bool
sb_pop(struct sb *s, struct row *r)
{
    struct sb_chunk *c;

    if (!sb_get(s, s->count == 0 ? 0 : s->count - 1, r))
        return false;
    c = chunk_at(s, s->n - 1);
    c->n--;
    c->used = (uint32_t)offset_of(c, c->n);
    s->count--;
    if (c->n == 0) {
        count_bytes(s, -(ptrdiff_t)c->size);
        s->n--;
        free(c);
    }
    return true;
}
