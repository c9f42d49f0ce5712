/*
 * candidates.h - what completion offers, a candidate a line as cmd_complete
 * gives it; behind a tab stands a remark that is shown and not taken.
 */
#ifndef XENDECK_UI_CANDIDATES_H
#define XENDECK_UI_CANDIDATES_H

#include <stddef.h>

#include "src/base/buf.h"

size_t candidates_count(const struct buf *all);
/* The i-th one, borrowed from all; its length in *n. "" behind the last. */
const char *candidates_at(const struct buf *all, size_t i, size_t *n);
/* Bytes that all of them begin with. */
size_t candidates_common(const struct buf *all);

#endif
