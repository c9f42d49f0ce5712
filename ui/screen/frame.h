/*
 * frame.h - the screen of one front end: which panes stand where on it, the
 * lines around them, and drawing it all. struct frame is embedded by struct ui;
 * what is shown is decided above, the frame places and draws it.
 */
#ifndef XENDECK_UI_FRAME_H
#define XENDECK_UI_FRAME_H

#include <stdint.h>

#include "ui/desk/desk.h"
#include "ui/desk/overlay.h"
#include "ui/desk/pane.h"
#include "ui/draw/curses.h"
#include "ui/screen/layout.h"
#include "ui/screen/tty.h"

#define FRAME_PANES_MAX 64
#define FRAME_BAR_MAX   16
#define FRAME_LINES_MAX 64

/* One pane that is open, shown or not. */
struct slot {
    struct pane *p;
    WINDOW *title, *win; /* NULL: not on screen */
    struct rect r;
    unsigned pending; /* ENGINE_CH_ bits its sync has not seen */
    uint64_t used;    /* order of use: the last used side pane is shown */
    int cell;         /* of a console: its leaf in the tree of tiles */
    bool clear;       /* everything in it is to be drawn */
};

/* A label of the function-key bar, also for clicks. */
struct bar_item {
    int x, cols;
    struct key key;
    const char *label; /* borrowed from the table of verbs */
    bool gap;          /* a blank follows */
};

struct frame {
    struct ui *ui;
    struct tty *tty;
    struct slot slots[FRAME_PANES_MAX];
    size_t n_slots;
    struct pane *focus;
    bool prefix; /* a console's prefix key was pressed */

    /* The consoles' part of the screen, cut into cells; NULL: no console is
     * open. See tiles.h. */
    struct split *tiles;
    bool alone; /* of the cells only that of the console used last is shown */

    struct layout lay;
    WINDOW *w_header, *w_status, *w_bar, *w_small;
    WINDOW *w_line[FRAME_LINES_MAX]; /* between panes side by side */
    size_t n_lines;
    struct bar_item bar[FRAME_BAR_MAX];
    size_t n_bar;
    int cursor;                   /* curs_set's last value; -1: not known */
    bool cursor_stays;            /* the terminal cannot hide it */
    struct loop_timer anim_timer; /* a bar without percentage moves */
};

/* What the next frame has to do beside what panes say of themselves. */
struct frame_due {
    bool relayout; /* lay out by in, and draw all */
    bool repaint;  /* the outer terminal's contents are unknown */
    bool header;
};

/* One frame, with the terminal selected: lay out if need be, let panes and
 * overlays take over what has changed, draw, send. in: only read with
 * due.relayout. */
void frame_show(struct frame *fr, struct frame_due due,
                const struct layout_in *in);
/* Calls each with every window that outlives a frame. */
void frame_windows(struct frame *fr, void (*each)(WINDOW **w));
/* Gives all windows back. */
void frame_fini(struct frame *fr);

/* NULL: the pane is not open. */
struct slot *frame_slot(struct frame *fr, const struct pane *p);
/* The last used one of a part of the screen, or NULL. */
struct slot *frame_part(struct frame *fr, enum layout_part part);
/* Which part of the screen a pane is shown in. */
enum layout_part frame_part_of(const struct pane *p);
void slot_windows_free(struct slot *s);

/* --- status.c, header.c: the lines around the panes; for frame.c */
/* Whether the status place has anything to say (a bare console's title has
 * the line otherwise). */
bool status_busy(const struct frame *fr);
void status_sync(struct frame *fr);
void status_draw(const struct frame *fr);
void bar_sync(struct frame *fr);
void bar_draw(const struct frame *fr);
void header_draw(const struct frame *fr);

#endif
