/*
 * desk_int.h - the part of a front end that the rooms below ui/app work on.
 * struct desk is embedded by struct ui as its first member, so that a struct
 * ui can be handed around opaque. Seen by ui/desk and ui/app only.
 */
#ifndef XENDECK_UI_DESK_INT_H
#define XENDECK_UI_DESK_INT_H

#include <stdint.h>

#include "ui/desk/desk.h"
#include "ui/desk/overlay.h"
#include "ui/desk/pane.h"
#include "ui/desk/terms.h"
#include "ui/draw/graph.h"

/* What the whole front end does for the rooms below it. */
struct desk_ops {
    void (*frame_due)(struct ui *); /* see to it that a frame comes */
    void (*bell)(struct ui *);      /* NULL: nothing rings */
    void (*run)(struct ui *, const char *line);
    struct pane *(*pane_find)(struct ui *, enum pane_kind, uint64_t dom_id);
    void (*pane_close)(struct ui *, struct pane *);
    void (*cursor_moved)(struct ui *);
    bool (*clipboard)(struct ui *, const char *text, size_t n);
    void (*page)(struct ui *, const char *title, const char *text);
};

struct desk {
    const struct desk_ops *ops; /* NULL: no frames (tests of a pane) */
    struct loop *lp;
    struct engine *en;
    struct settings *set;
    struct session *ses;
    struct theme theme;
    struct colors *colors;
    bool unicode;
    enum graph_style graphs;
    uint64_t past_ms; /* past.h; 0: now */

    bool dirty;    /* a frame is due */
    bool relayout; /* lay out and draw all */
    bool repaint;  /* the outer terminal's contents are unknown */
    bool header_dirty;
    bool in_key;  /* a key is being dispatched */
    bool closing; /* what is opened now is cancelled at once */

    struct stage stage;  /* as laid out last */
    struct overlay *top; /* the stack, topmost first; NULL: panes have keys */
    void *part[UI_PARTS];
    struct term_share terms;
};

/* What can be shown beyond ASCII on a terminal of this type, and what curves
 * are drawn with; the settings may want less. */
void ui_set_signs(struct ui *ui, const struct settings *set, bool utf8,
                  const char *term);

/* The first member of struct ui: ui/app asserts it. */
static inline struct desk *
ui_desk(struct ui *ui)
{
    return (struct desk *)(void *)ui;
}

static inline const struct desk *
ui_desk_const(const struct ui *ui)
{
    return (const struct desk *)(const void *)ui;
}

#endif
