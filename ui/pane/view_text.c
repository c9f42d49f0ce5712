/*
 * view_text.c - see view_text.h.
 */
#include "ui/pane/view_text.h"

void
view_text(const struct view *v, const struct pane *p, struct buf *out)
{
    struct view_row r = { 0 };
    size_t i, next;

    for (i = 0; i < v->n; i = next) {
        struct view_seg all = v->seg[i];

        for (next = i + 1; next < v->n && v->seg[next].item == all.item &&
                           v->seg[next].from > all.from;
             next++)
            all.to = v->seg[next].to;
        view_row_clear(&r);
        v->format(p, &all, &r);
        if (r.to > r.text.len)
            r.to = r.text.len;
        if (r.from < r.to)
            buf_add(out, r.text.data + r.from, r.to - r.from);
        buf_chr(out, '\n');
    }
    buf_free(&r.text);
}
