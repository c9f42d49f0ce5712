/*
 * desk.h - what panes and widgets see of the front end they belong to: its
 * handles, and how they ask it for a frame. struct ui itself is known to
 * ui/app alone, which embeds struct desk (desk_int.h) in it and answers what
 * is asked here through struct desk_ops.
 */
#ifndef XENDECK_UI_DESK_H
#define XENDECK_UI_DESK_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/api/toolstack.h"
#include "src/base/loop.h"
#include "src/command/session.h"
#include "src/command/settings.h"
#include "ui/draw/theme.h"

struct colors;
struct ui;

struct engine *ui_engine(struct ui *ui);
struct loop *ui_loop(struct ui *ui);
struct settings *ui_settings(struct ui *ui);
struct session *ui_session(struct ui *ui); /* whose front end it is */
struct colors *ui_colors(struct ui *ui);
const struct theme *ui_theme(struct ui *ui);
bool ui_unicode(const struct ui *ui); /* line drawing beyond ASCII is safe */

/* A frame is due at the end of the turn, or of the frame time. */
void ui_mark(struct ui *ui);
/* The header line is drawn anew in the next frame. */
void ui_mark_header(struct ui *ui);
/* Everything is laid out and drawn anew at the end of the turn. */
void ui_relayout(struct ui *ui);
/* Clears and repaints the outer terminal (^L). */
void ui_redraw(struct ui *ui);

/* Runs a command line as if from the palette: asks, waits, reports. */
void ui_run(struct ui *ui, const char *line);
/* False: what happens now happens by itself, no key of the user is being
 * handled. */
bool ui_in_key(const struct ui *ui);

/* State that a widget keeps for each front end. */
enum ui_part { UI_PART_NOTICE, UI_PART_PROMPT, UI_PART_CLIP, UI_PARTS };
/* The part's memory: size bytes, zeroed when it is first asked for. */
void *ui_part(struct ui *ui, enum ui_part which, size_t size);
/* Gives it back. */
void ui_part_free(struct ui *ui, enum ui_part which);

#endif
