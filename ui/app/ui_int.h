/*
 * ui_int.h - struct ui and what the files of ui/app share. Other rooms are
 * handed a struct ui and see the headers of ui/desk.
 */
#ifndef XENDECK_UI_UI_INT_H
#define XENDECK_UI_UI_INT_H

#include "src/base/list.h"
#include "src/command/call.h"
#include "src/command/screen.h"
#include "ui/app/front.h"
#include "ui/desk/desk_int.h"
#include "ui/screen/frame.h"
#include "ui/screen/input.h"
#include "ui/screen/tty.h"
#include "ui/ui.h"

#define UI_FRAME_MS 16

enum zoom { ZOOM_AUTO, ZOOM_ON, ZOOM_OFF };

/* Operations begun here whose end is told, and the calls that began them. */
struct op_watch {
    struct {
        uint64_t id;
        struct cmd_call *call;
    } * at;
    size_t n;
};

/* A line that goes on as a job: it waits for a file server, mostly. */
struct ui_job {
    struct ui *ui;
    struct cmd_job *job;
    struct cmd_call *call;
    struct ui_job *next;
};

struct ui {
    struct desk desk;     /* first: see desk_int.h; set is its own copy */
    struct screen screen; /* of the session */
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
    struct frame fr;
    struct tty tty;
    struct input in;

    struct pane *list;    /* fr.slots[0]: always there */
    struct pane **doomed; /* closed; freed once no callback runs */
    size_t n_doomed, doomed_cap;
    uint64_t use_clock;
    enum zoom zoom;
    bool whole; /* the consoles have the screen alone when in use */
    struct split_size share[LAYOUT_SHARES]; /* as borders were moved to */
    bool layout_due; /* the settings' layout is to be restored at first */
    unsigned shape;  /* enum split_shape: what `arrange' does next */
    bool moved;      /* panes were opened, closed or focused in this turn */

    bool bell;          /* the terminal is to ring with the next frame */
    uint64_t bell_ms;   /* when it did last */
    bool hurry;         /* a key was pressed since the last frame */
    uint64_t frame_ns;  /* of the last frame */
    struct mouse click; /* the last press, for double clicks */
    uint64_t click_ms;
    unsigned clicks; /* presses on that cell, one soon after another */
    bool dragging;   /* a border is held where the button went down: */
    struct mouse drag;
    uint64_t left_ms; /* when a key closed a view; 0: none has yet */

    struct op_watch ops;
    struct ui_job *jobs;
    struct list_node sets;    /* marked domains that a verb runs on */
    char *marked_text;        /* what became of the last of them, or NULL */
    bool in_set;              /* a verb is begun on one marked domain of many */
    struct list_node follows; /* creations whose console is to open */

    struct loop_timer frame_timer, esc_timer, ask_timer;
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

_Static_assert(offsetof(struct ui, desk) == 0, "ui_desk() casts");

/* ui_panes.c */
/* The domain that commands without NAME act on: the focused pane's, else
 * the one of the list's cursor. 0: none. */
uint64_t ui_current_dom(struct ui *ui);
struct pane *panes_find(struct ui *ui, enum pane_kind kind, uint64_t dom_id);
void panes_close(struct ui *ui, struct pane *p);
void panes_cursor_moved(struct ui *ui);
void panes_reap(struct ui *ui);
void panes_layout(struct ui *ui, struct layout_in *in);

/* ui.c: the consoles that wait for their domain, for verb_console.c */
struct list_node *ui_follows(struct ui *ui);

/* verb_console.c: shows a console of a domain, a new pane if need be */
int ui_console_open(struct ui *ui, uint64_t dom_id, unsigned number,
                    struct err *e);

/* ui_keys.c */
void ui_dispatch(struct ui *ui, const struct key *k);

/* ui_mouse.c */
void ui_mouse_key(struct ui *ui, const struct key *k);

/* ui_screen.c */
/* term: the type that the terminal says it has; another one is told. */
void ui_screen_init(struct ui *ui, const char *term);

/* ui_run.c */
void run_command(struct ui *ui, const char *line);
void run_ops_check(struct ui *ui);
void run_ops_fini(struct ui *ui);

#endif
