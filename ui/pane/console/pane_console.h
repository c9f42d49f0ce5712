/*
 * pane_console.h - the console pane as its files share it: pane_console.c
 * (life, state, drawing), console_feed.c (the guest's output on its way into
 * the terminal), console_mark.c (what happens while nobody looks), pane_paste.c
 * (long texts on their way to the guest) and
 * pane_console_keys.c (what the user does).
 */
#ifndef XENDECK_UI_PANE_CONSOLE_H
#define XENDECK_UI_PANE_CONSOLE_H

#include "engine/api/toolstack.h"
#include "ui/desk/pane.h"
#include "ui/pane/console/console_pane.h"
#include "ui/term/copy/copy.h"
#include "ui/term/term.h"

/* What the guest has said and the terminal has not taken yet. A turn takes what
 * its cost allows (term_work); while anything waits the engine reads no more
 * of this guest, so that no more than a capture and a read wait. */
struct console_feed {
    struct buf wait;
    size_t old;             /* bytes to come that are a replay */
    struct list_node seams; /* lines of our own, in their places in wait */
    struct loop_timer go_on;
};

struct paste_ask;

struct console_pane {
    struct pane p; /* first: see pane.h */
    struct console_client client;
    struct term *t;
    enum console_state state; /* as last seen */
    char name[MODEL_NAME_MAX];
    uint32_t domid;
    unsigned number; /* of the domain's consoles */
    uint8_t uuid[16];
    struct console_feed feed;
    size_t view_due; /* lines to scroll back once the replay is over */
    bool opening;    /* being made: what comes is a replay */
    bool replaying;  /* old output is fed: its queries are not to be answered */
    bool typing;     /* what goes out now comes from the user */
    bool sizes;      /* its size counts: it could be typed into when told */
    uint64_t said_ms; /* when the guest said something last */
    struct loop_timer silence;
    struct err refusal; /* the sentence that keys are lost, or "" */
    uint64_t key_ms;    /* when the last key came */
    bool redraw;        /* the window may be new: all of it must be drawn */
    struct paste_ask *asked; /* a paste that waits for an answer; NULL: none */

    char search[128];
    int search_dir; /* what `n` means: a search from the live screen goes up */
    bool lit;       /* matches are highlighted */
    struct loop_timer hunt; /* console_hunt.c: a search goes on */
    bool hunt_tells;        /* that it finds nothing is told */
    bool looking; /* a search is being typed, from view looking_view */
    bool looking_found;
    size_t looking_view;

    bool copying; /* copy mode: no key is the guest's */
    struct copy copy;
    unsigned copy_count; /* typed before a step; 0: none */
    struct mouse press;  /* where the button went down */
    bool pressed;
    uint64_t looking_row; /* where the cursor was as a search began */
    int looking_col;
};

static inline struct console_pane *
console_pane_of(struct pane *p)
{
    return container_of(p, struct console_pane, p);
}

static inline const struct console_pane *
console_const(const struct pane *p)
{
    return (const struct console_pane *)(const void *)p;
}

void console_live(struct console_pane *cp);
/* A key does not reach the guest: says so, once. */
void pane_console_refuse(struct console_pane *cp, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* console_feed.c */
void console_feed_init(struct console_pane *cp);
void console_feed_fini(struct console_pane *cp);
/* Scrolls back to view_due if the replay is over. */
void console_feed_view(struct console_pane *cp);
void console_feed_bytes(struct console_pane *cp, const char *bytes, size_t n);
/* A line of our own behind all that was fed before. */
void console_feed_seam(struct console_pane *cp, const char *text);

/* console_mark.c: what tells somebody who looks elsewhere */
/* The guest has said something. */
void console_mark_output(struct console_pane *cp);
void console_mark_bell(struct console_pane *cp);
/* It is shown, or has the keys: what happened is seen. */
void console_mark_seen(struct console_pane *cp);
/* Appends it to the title. */
void console_mark_title(const struct console_pane *cp, const char *dot,
                        struct buf *out);

/* pane_console_keys.c */
bool console_key(struct pane *p, const struct key *k);
bool console_mouse(struct pane *p, const struct mouse *m);
void console_scroll(struct pane *p, long lines);
bool console_search(struct pane *p, const char *text, int dir,
                    bool incremental);

#endif
