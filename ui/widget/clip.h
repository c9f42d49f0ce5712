/*
 * clip.h - what the user has copied: the last texts, the newest first, for this
 * front end alone; the newest goes to the clipboard of the outer terminal as
 * well, if that has one and the settings allow it.
 */
#ifndef XENDECK_UI_CLIP_H
#define XENDECK_UI_CLIP_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "ui/desk/desk.h"

#define CLIP_TEXTS 16

/* Takes the text over; *text is empty afterwards. True: it is on the outer
 * terminal's clipboard, too. */
bool clip_add(struct ui *ui, struct buf *text);
size_t clip_count(struct ui *ui);
/* i < clip_count; 0 is the newest. Valid until the next clip_add. */
const struct buf *clip_at(struct ui *ui, size_t i);
/* The beginning of a text in one row, safe to show. */
void clip_summary(const struct buf *text, char *out, size_t out_size);
void clip_fini(struct ui *ui);

#endif
