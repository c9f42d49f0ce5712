/*
 * sb.c - the scrollback's chunks. A chunk holds packed lines from its start and
 * their offsets, two bytes each, from its end; so a line costs its text and
 * eight bytes, and 12 a run of colour.
 */
#include "ui/term/sb_int.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#define CHUNK_MIN 4096U
#define CHUNK_MAX 65520U /* offsets are 16 bits */

void
term_share_init(struct term_share *s, size_t max_bytes)
{
    *s = (struct term_share){ .max_bytes = max_bytes };
    list_init(&s->all);
}

void
sb_init(struct sb *s, size_t max_bytes, int cols, struct term_share *share)
{
    *s = (struct sb){ .max_bytes = max_bytes, .cols = cols };
    if (share != NULL && share->max_bytes > 0) {
        s->share = share;
        list_append(&share->all, &s->node);
    }
    s->index = xcalloc(1, sizeof(*s->index));
    s->chunk_bytes = max_bytes / 16;
    if (s->chunk_bytes < CHUNK_MIN)
        s->chunk_bytes = CHUNK_MIN;
    if (s->chunk_bytes > CHUNK_MAX)
        s->chunk_bytes = CHUNK_MAX;
}

struct sb_chunk *
sb_chunk_at(const struct sb *s, size_t i)
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
        free(sb_chunk_at(s, i));
    free(s->chunk);
    buf_free(&s->work);
    sb_index_free(s);
    list_del(&s->node);
    *s = (struct sb){ 0 };
}

/* What a row that began in it has in the next chunk is a row of its own then;
 * the rows keep their numbers as they are counted from the newest. */
static void
sb_drop_oldest(struct sb *s)
{
    struct sb_chunk *c = sb_chunk_at(s, 0);
    size_t had = s->rows;

    count_bytes(s, -(ptrdiff_t)c->size);
    s->rows -= c->rows;
    s->head = (s->head + 1) % s->cap;
    s->n--;
    free(c);
    sb_index_end(s);
    if (s->n > 0)
        sb_count(s, 0, (struct sb_flow){ 0 });
    else
        s->end = (struct sb_flow){ 0 };
    s->gone += had - s->rows;
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
        ring[i] = sb_chunk_at(s, i);
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
    struct sb_chunk *c = s->n > 0 ? sb_chunk_at(s, s->n - 1) : NULL;

    if (c != NULL && c->used + need + 2 * (c->n + 1) <= c->size - sizeof(*c))
        return c;
    if (need + 2 > data)
        data = need + 2;
    sb_make_room(s, data + sizeof(*c));
    if (s->n == s->cap)
        grow_ring(s);
    c = xcalloc(1, sizeof(*c) + data);
    c->size = (uint32_t)(sizeof(*c) + data);
    c->first = s->next;
    c->from = s->end;
    count_bytes(s, (ptrdiff_t)c->size);
    s->chunk[(s->head + s->n++) % s->cap] = c;
    return c;
}

static unsigned char *
offset_slot(struct sb_chunk *c, uint32_t i)
{
    return c->data + (c->size - sizeof(*c)) - 2 * ((size_t)i + 1);
}

const unsigned char *
sb_line(const struct sb_chunk *c, uint32_t i)
{
    uint16_t off;

    memcpy(&off, c->data + (c->size - sizeof(*c)) - 2 * ((size_t)i + 1), 2);
    return c->data + off;
}

size_t
sb_push(struct sb *s, const struct row *r)
{
    struct sb_head head = { .runs = r->wraps ? SB_OPEN : 0 };
    int used = r->wraps ? r->len : row_used(r);
    struct sb_chunk *c;
    uint16_t off;
    size_t rows;

    sb_pack(r, used < TERM_MAX_COLS ? used : TERM_MAX_COLS, &s->work, &head);
    c = room(s, sizeof(head) + s->work.len);
    off = (uint16_t)c->used;
    memcpy(offset_slot(c, c->n), &off, sizeof(off));
    memcpy(c->data + c->used, &head, sizeof(head));
    if (s->work.len > 0)
        memcpy(c->data + c->used + sizeof(head), s->work.data, s->work.len);
    c->used += (uint32_t)(sizeof(head) + s->work.len);
    c->n++;
    s->next++;
    rows = sb_lay(c->data + off, s->cols, &s->end, 0, NULL);
    c->rows += (uint32_t)rows;
    s->rows += rows;
    sb_index_end(s);
    return rows;
}

void
sb_end_line(struct sb *s)
{
    struct sb_chunk *c = s->n > 0 ? sb_chunk_at(s, s->n - 1) : NULL;
    struct sb_head head;
    size_t at;

    if (!s->end.open || c == NULL)
        return;
    at = (size_t)(sb_line(c, c->n - 1) - c->data);
    memcpy(&head, c->data + at, sizeof(head));
    head.runs &= (uint16_t)~SB_OPEN;
    memcpy(c->data + at, &head, sizeof(head));
    s->end.open = false;
    sb_index_end(s);
}

void
sb_cut(struct sb *s, size_t i, uint32_t n)
{
    struct sb_chunk *c;

    sb_index_end(s);
    while (s->n > i + 1 || (s->n == i + 1 && n == 0)) {
        c = sb_chunk_at(s, --s->n);
        s->next = c->first;
        s->rows -= c->rows;
        s->end = c->from;
        count_bytes(s, -(ptrdiff_t)c->size);
        free(c);
    }
    if (s->n <= i)
        return;
    c = sb_chunk_at(s, i);
    c->used = (uint32_t)(sb_line(c, n) - c->data);
    c->n = n;
    s->next = c->first + n;
    sb_count(s, i, c->from);
}
