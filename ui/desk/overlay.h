/*
 * overlay.h - what stands over the panes for a while and has the keys: prompt,
 * confirmation, form, pager. They stand on one stack; the topmost gets keys and
 * mouse, all are drawn, from the lowest up.
 */
#ifndef XENDECK_UI_OVERLAY_H
#define XENDECK_UI_OVERLAY_H

#include <stdbool.h>

#include "src/command/key.h"
#include "ui/draw/rect.h"

struct overlay;
struct ui;

/* The screen as it is laid out. */
struct stage {
    int rows, cols;
    struct rect status; /* the line that asks and tells */
    bool bare;          /* a console has the screen but for the status line */
};

/* Where on the screen an overlay stands. */
enum {
    OVERLAY_STATUS = 1, /* it has the status line */
    OVERLAY_WHOLE = 2   /* it covers the panes; bar and status stand on it */
};

struct overlay_ops {
    unsigned where; /* OVERLAY_ bits; 0: a box in the middle */
    /* Takes over the size of the screen before it is drawn. May be NULL. */
    void (*sync)(struct overlay *, const struct stage *);
    void (*draw)(const struct overlay *, const struct stage *);
    void (*key)(struct overlay *, const struct key *);
    void (*mouse)(struct overlay *, const struct mouse *); /* NULL: ignored */
    /* Where the hardware cursor goes; false or NULL: hidden. */
    bool (*cursor)(const struct overlay *, const struct stage *, int *y,
                   int *x);
    /* It has become the topmost. May be NULL. */
    void (*raised)(struct overlay *);
    /* Takes it off the stack, tells its owner, frees it. */
    void (*cancel)(struct overlay *);
};

/* Embedded by its owner. Zeroed: not on a stack. */
struct overlay {
    const struct overlay_ops *ops;
    struct ui *ui; /* NULL: not on the stack */
    struct overlay *below;
};

/* Puts it on top, with ops set. While the front end closes it is cancelled at
 * once: the owner's callback has been called when this returns. */
void overlay_push(struct ui *ui, struct overlay *ov);
/* As overlay_push, but it waits beneath those of its own kind that are on
 * top. */
void overlay_queue(struct ui *ui, struct overlay *ov);
/* Takes it off, wherever it stands. Not on the stack: nothing is done. */
void overlay_remove(struct overlay *ov);
/* Cancels all and, from then on, each that is pushed. */
void overlay_close_all(struct ui *ui);

/* NULL: there is none. */
struct overlay *overlay_top(const struct ui *ui);
/* The topmost of this kind, or NULL. */
struct overlay *overlay_find(const struct ui *ui,
                             const struct overlay_ops *ops);
/* Whether one has this OVERLAY_ bit. */
bool overlay_has(const struct ui *ui, unsigned where);

/* False: there is none, the key is the panes'. */
bool overlay_key(struct ui *ui, const struct key *k);
bool overlay_mouse(struct ui *ui, const struct mouse *m);

/* For the frame: before drawing; those that bar and status stand on; the
 * others. Of neighbours of one kind only the upper is drawn. */
void overlay_sync(struct ui *ui);
void overlay_draw_whole(const struct ui *ui);
void overlay_draw_rest(const struct ui *ui);
/* The cursor of the topmost; false: hidden. */
bool overlay_cursor(const struct ui *ui, int *y, int *x);
const struct stage *ui_stage(const struct ui *ui);
void ui_stage_set(struct ui *ui, const struct stage *st);

#endif
