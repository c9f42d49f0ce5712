/*
 * widget.h - what stands over the panes for a while: notice, prompt,
 * confirmation, pager. Each is a part of struct ui; while one is open it gets
 * the keys.
 */
#ifndef XENDECK_UI_WIDGET_H
#define XENDECK_UI_WIDGET_H

#include "src/base/buf.h"
#include "ui/curses.h"
#include "ui/ui.h"

#define PROMPT_KINDS   3
#define PROMPT_HISTORY 100
#define EDIT_MAX       1024 /* bytes of a line */

/* --- edit.c: one line of UTF-8 text under a cursor --- */
struct edit {
    char text[EDIT_MAX];
    size_t len, at; /* bytes; at is on a character's start */
};

void edit_set(struct edit *ed, const char *text);
/* text is made safe; a line break ends it. */
void edit_insert(struct edit *ed, const char *text, size_t n);
/* False: not an editing key. */
bool edit_key(struct edit *ed, const struct key *k);
/* Draws into width columns at y,x, scrolled so that the cursor is visible;
 * returns the cursor's column. */
int edit_draw(const struct edit *ed, WINDOW *w, int y, int x, int width);

/* --- notice.c --- */
struct notice {
    enum event_level level;
    bool shown;
    bool passing; /* it goes by itself, or when another comes */
    uint64_t since_ms;
    char text[ERR_MSG_MAX];
    WINDOW *w;     /* a sentence longer than the line; NULL: it fits */
    uint64_t seen; /* the last event that was looked at */
};

/* Into the status line; a longer sentence over the rows beside it. */
void notice_draw(struct ui *ui, WINDOW *w);
void notice_fini(struct ui *ui);
/* Events that somebody should see: of guests that nobody watches. */
void notice_events(struct ui *ui);
/* Takes the events so far as seen. */
void notice_events_skip(struct ui *ui);
/* The log is read: refused restarts are known of. */
void notice_refused_seen(struct ui *ui);

/* A key was pressed: an error has been read. */
void notice_key(struct ui *ui);

/* --- prompt.c --- */
struct history {
    char *line[PROMPT_HISTORY];
    size_t n;
};

struct prompt {
    bool open;
    enum prompt_kind kind;
    struct edit ed;
    char kept[EDIT_MAX]; /* what was typed before Up */
    size_t back;         /* history lines up, 0: the own text */
    struct history history[PROMPT_KINDS];
    struct buf candidates;
    size_t n_candidates, chosen; /* chosen: of a repeated Tab */
    size_t word_at;              /* where the completed word begins */
    prompt_cb done, changed;
    void *arg;
    WINDOW *w_list; /* candidates, over the row above */
};

void prompt_key(struct ui *ui, const struct key *k);
/* Returns the cursor's column. */
int prompt_draw(struct ui *ui, WINDOW *w);
void prompt_draw_candidates(struct ui *ui);
void prompt_cancel(struct ui *ui);
void prompt_fini(struct ui *ui);

/* --- confirm.c --- */
struct confirm {
    char *question;
    char *typed; /* NULL: y or n */
    struct edit ed;
    bool unasked;      /* no key of the user brought it up */
    uint64_t quiet_ms; /* the last key before it was seen */
    confirm_cb done;
    void *arg;
};

void confirm_key(struct ui *ui, const struct key *k);
void confirm_draw(struct ui *ui);
/* The cursor of a typed confirmation, on the screen. */
bool confirm_cursor(struct ui *ui, int *y, int *x);
/* Answers no to all. */
void confirm_fini(struct ui *ui);

/* A border around the whole window, in the role that is set. */
void box_draw(struct ui *ui, WINDOW *w);

/* --- form.c --- */
struct form {
    bool open;
    char title[64];
    const struct form_field *fields;
    struct edit *ed; /* one a field; of a choice: its word */
    size_t n, at;
    char problem[ERR_MSG_MAX]; /* what is wrong with what was entered */
    form_cb done;
    void *arg;
};

void form_key(struct ui *ui, const struct key *k);
void form_draw(struct ui *ui);
/* The cursor of a text field, on the screen. */
bool form_cursor(struct ui *ui, int *y, int *x);
void form_cancel(struct ui *ui);

/* --- pager.c --- */
struct pager {
    bool open;
    char title[80];
    char *text;
    char **line; /* into text */
    size_t n, top;
    int rows;         /* as last drawn */
    int widest, left; /* columns; those that are scrolled out of sight */
    char search[128];
};

void pager_key(struct ui *ui, const struct key *k);
void pager_scroll(struct ui *ui, long lines);
void pager_draw(struct ui *ui);
void pager_close(struct ui *ui);

/* --- progress.c --- */
/* Where a bar of one line stands. */
struct bar {
    WINDOW *w;
    int y, x, width;
};

/* How far an operation is; percent -1: not known, a mark wanders with time. */
void progress_draw(struct ui *ui, const struct bar *b, int percent);
/* What is used and free, used 0 to 1, with a text (ASCII) in it. */
void gauge_draw(struct ui *ui, const struct bar *b, double used,
                const char *text);

#endif
