/*
 * op_row.h - operations as rows: what one does and how far it is; below that
 * what has become of it, or the xl line that would do the same.
 */
#ifndef XENDECK_UI_OP_ROW_H
#define XENDECK_UI_OP_ROW_H

#include "engine/model/operation.h"
#include "ui/pane/view.h"

/* Its words, for a filter: "12 save web1 running: suspending the guest". */
void op_row_words(const struct op *op, struct buf *out);
/* Adds its segments to a view of so many columns. */
void op_row_segments(struct view *v, const struct op *op, int cols);
/* One of them. now_ms: of the loop. */
void op_row(const struct op *op, const struct view_seg *s, int cols,
            uint64_t now_ms, struct view_row *r);

#endif
