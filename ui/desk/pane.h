/*
 * pane.h - a rectangle of the screen with a title line and contents.
 * sync takes over what changed in the model (clamps, scrolls); draw takes the
 * pane const and only writes cells of its curses window; nothing else draws.
 */
#ifndef XENDECK_UI_PANE_H
#define XENDECK_UI_PANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/command/key.h"
#include "ui/desk/desk.h"
#include "ui/draw/curses.h"

struct pane;

enum pane_kind { PANE_LIST, PANE_DETAIL, PANE_CONSOLE, PANE_LOG, PANE_HELP };

struct pane_ops {
    enum pane_kind kind;
    const char *name; /* "domains": title, mouse, help */
    unsigned context; /* CMD_IN_ bit: which key bindings hold here */
    void (*free)(struct pane *);
    /* changed: ENGINE_CH_ bits since the last sync; 0: size or focus only. */
    void (*sync)(struct pane *, unsigned changed);
    void (*draw)(const struct pane *, WINDOW *w);
    /* It was drawn: what counts changes since then begins anew. NULL: none. */
    void (*drawn)(struct pane *);
    /* Text of the title line, already safe. */
    void (*title)(const struct pane *, struct buf *out);
    /* Its name on a tab, already safe; NULL: `name'. */
    void (*tab)(const struct pane *, struct buf *out);
    /* True if the pane used the key; else bindings are looked up. NULL: none
     * used. Console panes use all keys but the prefix. */
    bool (*key)(struct pane *, const struct key *);
    /* y, x relative to the contents. NULL: ignored. */
    bool (*mouse)(struct pane *, const struct mouse *);
    /* Where the hardware cursor goes; false: hidden. */
    bool (*cursor)(const struct pane *, int *y, int *x);
    /* Search of `/`, `n`, `N`: text NULL repeats the last. dir 1 or -1.
     * incremental: still being typed. False: nothing found. NULL op: none. */
    bool (*search)(struct pane *, const char *text, int dir, bool incremental);
    /* The text that was being typed is given up: what still looks for it must
     * not move the view later. NULL: nothing looks longer than a call. */
    void (*search_end)(struct pane *);
    /* Appends all its text, a line each, for the user's own pager. NULL: none.
     */
    void (*text)(const struct pane *, struct buf *out);
    /* Scrolls by lines (negative: up); the keys and wheel of all panes. */
    void (*scroll)(struct pane *, long lines);
};

/* What has happened in a pane that nobody looks at; the later ones weigh more.
 */
enum pane_mark { PANE_UNMARKED, PANE_SILENT, PANE_ACTIVE, PANE_BELL };

/* First member of each pane's own struct. */
struct pane {
    const struct pane_ops *ops;
    struct ui *ui;
    int rows, cols; /* of the contents, without title and border */
    int tabs_cols;  /* columns of its title line that tabs take */
    enum pane_mark mark;
    bool focused;
    bool dirty; /* contents must be drawn */
    bool hidden;
    uint64_t dom_id; /* what it shows, 0: none */
    int tab;         /* which of its tabs is shown, from 0 */
};

/* Tabs of the details that have keys of their own. */
#define PANE_TAB_TUNE    2
#define PANE_TAB_DEVICES 3
#define PANE_TAB_GRAPHS  7

/* Marks it for the draw at the end of the turn. */
void pane_dirty(struct pane *p);

/* "#": it has said something, "!": its bell rang, "~": it is silent, or "". */
const char *pane_mark_text(enum pane_mark m);

/* The pane of this kind (and domain, unless 0), or NULL. */
struct pane *ui_pane_find(struct ui *ui, enum pane_kind kind, uint64_t dom_id);
/* Back one step: closes or hides the pane, focus to the list. Legal in the
 * pane's own callbacks. */
void ui_pane_close(struct ui *ui, struct pane *p);
/* The list's cursor is on another domain: panes that follow it are told. */
void ui_cursor_moved(struct ui *ui);
/* Puts a text on the clipboard of the outer terminal. False: it has none. */
bool ui_clipboard(struct ui *ui, const char *text, size_t n);
/* The outer terminal rings, at most once a second. */
void ui_bell(struct ui *ui);
/* Gives a text to the user's own pager (PAGER), in place of the screen; what is
 * not safe to show is replaced first. */
void ui_page(struct ui *ui, const char *title, const char *text);

#endif
