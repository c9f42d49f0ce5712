/*
 * ui_int.h - what the files of the front end's frame share: struct ui and its
 * parts. Panes and commands see ui.h only.
 */
#ifndef XENDECK_UI_UI_INT_H
#define XENDECK_UI_UI_INT_H

#include "src/base/buf.h"
#include "src/command/call.h"
#include "src/command/screen.h"
#include "ui/app/front.h"
#include "ui/curses.h"
#include "ui/screen/input.h"
#include "ui/screen/layout.h"
#include "ui/screen/tty.h"
#include "ui/term/color.h"
#include "ui/ui.h"
#include "ui/widget/widget.h"

#define UI_PANES_MAX   64
#define UI_FRAME_MS    16
#define UI_CONFIRM_MAX 8
#define UI_BAR_MAX     16

/* One pane that is open, shown or not. */
struct slot {
    struct pane *p;
    WINDOW *title, *win; /* NULL: not on screen */
    struct rect r;
    unsigned pending; /* ENGINE_CH_ bits its sync has not seen */
    uint64_t used;    /* order of use: the last used side pane is shown */
    bool clear;       /* everything in it is to be drawn */
};

enum zoom { ZOOM_AUTO, ZOOM_ON, ZOOM_OFF };

/* A label of the function-key bar, for clicks. */
struct bar_item {
    int x, cols;
    struct key key;
};

/* Operations begun here whose end is told, and the calls that began them. */
struct op_watch {
    struct {
        uint64_t id;
        struct cmd_call *call;
    } * at;
    size_t n;
};

struct ui {
    struct loop *lp;
    struct engine *en;
    struct settings *set; /* its own copy */
    struct session *ses;
    struct screen screen; /* of ses */
    const struct ui_owner *owner;
    void *owner_arg;
    unsigned asked; /* ASK_ bits that the owner is to be told */
    bool ended;     /* the owner was told of the end */
    bool away;      /* the terminal was given back for a while */
    struct {
        ui_program_cb done;
        void *arg;
        bool runs;
    } program;
    struct tty tty;
    struct input in;
    struct theme theme;
    struct colors *colors;
    bool unicode;

    struct slot slots[UI_PANES_MAX];
    size_t n_slots;
    struct pane *list; /* slots[0]: always there */
    struct pane *focus;
    struct pane *doomed[UI_PANES_MAX]; /* freed once no callback runs */
    size_t n_doomed;
    uint64_t use_clock;

    struct layout lay;
    enum zoom zoom;
    bool relayout; /* lay out and draw all */
    bool repaint;  /* the outer terminal's contents are unknown */
    bool dirty;    /* a frame is due */
    bool hurry;    /* a key was pressed since the last frame */
    bool header_dirty;
    uint64_t frame_ns; /* of the last frame */
    int cursor;        /* curs_set's last value */
    bool cursor_stays; /* the terminal cannot hide it */

    WINDOW *w_header, *w_status, *w_bar, *w_divider, *w_small;
    struct bar_item bar[UI_BAR_MAX];
    size_t n_bar;

    bool in_key;        /* a key is being dispatched */
    bool prefix;        /* a console's prefix key was pressed */
    struct mouse click; /* the last press, for double clicks */
    uint64_t click_ms;

    struct notice notice;
    struct {
        unsigned n; /* restarts refused and not looked at yet */
        char name[MODEL_NAME_MAX];
    } refused;
    struct prompt prompt;
    struct confirm confirms[UI_CONFIRM_MAX]; /* [0] is shown */
    size_t n_confirms;
    struct form form;
    struct pager pager;
    struct op_watch ops;
    struct list_node follows; /* creations whose console is to open */

    struct loop_timer frame_timer, notice_timer, esc_timer, anim_timer,
        ask_timer;
    struct loop_hook hook;
    struct engine_listener listener;
    char *start_line; /* command line to run first */
};

/* Every callback of the loop, the engine or the owner begins with ui_enter and
 * ends with tty_select_back of what it gave: what it calls in between draws on
 * this terminal, and what it interrupted (another front end's code) goes on
 * with its own. */
static inline SCREEN *
ui_enter(struct ui *ui)
{
    return tty_select(&ui->tty);
}

/* ui.c: a frame is due at the end of the turn, or of the frame time. */
void ui_mark(struct ui *ui);

/* ui_panes.c */
struct slot *ui_slot(struct ui *ui, const struct pane *p);
/* The pane of the side place, or NULL. */
struct slot *ui_side_slot(struct ui *ui);
void ui_reap_panes(struct ui *ui);
/* A domain's own place in the layout: which part p is shown in. */
enum layout_part ui_part_of(const struct pane *p);
/* The list's cursor is on another domain: panes that follow it are told. */
void ui_cursor_moved(struct ui *ui);
void ui_layout_in(struct ui *ui, struct layout_in *in);

/* ui_frame.c */
void ui_frame(struct ui *ui);
void ui_frame_fini(struct ui *ui);
/* Calls each with every window that outlives a frame. */
void ui_frame_windows(struct ui *ui, void (*each)(WINDOW **w));

/* ui_text.c */
int ui_text_cols(const char *text);
/* As ui_text, padded; a text that does not fit ends in a cut mark. */
void ui_text_cut(struct ui *ui, WINDOW *w, int y, int x, int width,
                 const char *text);
/* A line of n columns. */
void ui_hline(struct ui *ui, WINDOW *w, int y, int x, int n);
void ui_background(struct ui *ui, WINDOW *w, enum role r);

/* ui_bars.c */
void ui_draw_status(struct ui *ui);
void ui_draw_bar(struct ui *ui);
/* Whether the status place has anything to say (a bare console's title has
 * the line otherwise). */
bool ui_status_busy(struct ui *ui);
/* The newest operation at work, and how many there are. */
const struct op *ui_op_running(struct ui *ui, size_t *n_out);

/* pane/header.c */
void header_draw(struct ui *ui, WINDOW *w);

/* ui_keys.c */
/* The first key of a verb in a context; false: none. */
bool ui_key_of(struct ui *ui, const char *verb, unsigned context, char *out,
               size_t out_size);
void ui_dispatch(struct ui *ui, const struct key *k);

/* ui_mouse.c */
void ui_mouse_key(struct ui *ui, const struct key *k);

/* ui_screen.c */
void ui_screen_init(struct ui *ui);

/* ui_run.c */
void ui_ops_check(struct ui *ui);
void ui_ops_fini(struct ui *ui);

#endif
