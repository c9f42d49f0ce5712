/*
 * ui.h - one front end on one terminal, as panes and commands see it. All of
 * its state hangs off struct ui; a process has several, each on its own
 * terminal.
 */
#ifndef XENDECK_UI_UI_H
#define XENDECK_UI_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/api/engine.h"
#include "src/base/err.h"
#include "src/base/loop.h"
#include "src/command/settings.h"
#include "ui/pane/pane.h"
#include "ui/screen/theme.h"

struct cmd_call;
struct cmd_set;
struct colors;
struct session;
struct ui;

/* --- for panes and commands --- */
struct engine *ui_engine(struct ui *ui);
struct loop *ui_loop(struct ui *ui);
struct settings *ui_settings(struct ui *ui);
struct colors *ui_colors(struct ui *ui);
const struct theme *ui_theme(struct ui *ui);
bool ui_unicode(const struct ui *ui); /* line drawing beyond ASCII is safe */

/* Sets attributes and colour of role r on w. */
void ui_role(struct ui *ui, WINDOW *w, enum role r);
/* Writes text (UTF-8, safe) at y,x in at most width columns, padded with
 * blanks if pad; wide characters never half. Returns columns used. */
int ui_text(WINDOW *w, int y, int x, int width, const char *text, bool pad);

/* The domain that commands without NAME act on: the focused pane's, else the
 * list's cursor. 0: none. */
uint64_t ui_current_dom(struct ui *ui);
struct pane *ui_focused(struct ui *ui);
void ui_focus(struct ui *ui, struct pane *p);
/* Focus the next (dir 1) or previous (-1) pane on screen. */
void ui_focus_step(struct ui *ui, int dir);
/* The pane of this kind (and domain, unless 0), or NULL. */
struct pane *ui_pane_find(struct ui *ui, enum pane_kind kind, uint64_t dom_id);
/* Shows a pane (takes it if new) and focuses it. */
void ui_pane_show(struct ui *ui, struct pane *p);
/* Back one step: closes or hides the pane, focus to the list. */
void ui_pane_close(struct ui *ui, struct pane *p);
/* Opens the console of the domain that the creation op makes, as soon as it
 * has one (struct op.dom_id != 0): before the guest is unpaused. Forgotten by
 * itself when the operation ends or the ui is closed. Implemented in
 * verb_console.c on an engine_listener; the frame keeps the list head
 * (ui_follows, list_init'ed at open) and calls ui_console_unfollow in
 * ui_close. */
void ui_console_follow(struct ui *ui, uint64_t op);
void ui_console_unfollow(struct ui *ui);
struct list_node *ui_follows(struct ui *ui);
/* The focused pane gets the whole screen, or gives it back. */
void ui_zoom(struct ui *ui);
/* Everything is laid out and drawn anew at the end of the turn. */
void ui_relayout(struct ui *ui);
/* Clears and repaints the outer terminal (^L). */
void ui_redraw(struct ui *ui);

/* Short notice in the status line; errors stay until a key is pressed, and all
 * are kept in the log. */
void ui_notice(struct ui *ui, enum event_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Longer text in a pager pane (takes nothing). */
void ui_pager(struct ui *ui, const char *title, const char *text);

/* Runs a command line as if from the palette: asks, waits, reports. */
void ui_run(struct ui *ui, const char *line);
/* Prompt line: kind of history, what it shows, and who gets the text. done
 * gets NULL if it was cancelled; changed (may be NULL) on each key. */
enum prompt_kind { PROMPT_COMMAND, PROMPT_SEARCH, PROMPT_FILTER };
typedef void (*prompt_cb)(struct ui *ui, const char *text, void *arg);
void ui_prompt(struct ui *ui, enum prompt_kind kind, const char *initial,
               prompt_cb done, prompt_cb changed, void *arg);
/* Yes/no question, no is the default. With typed not NULL the user must type
 * that text. yes false: refused or cancelled. */
typedef void (*confirm_cb)(struct ui *ui, bool yes, void *arg);
void ui_confirm(struct ui *ui, const char *question, const char *typed,
                confirm_cb done, void *arg);

/* A form: fields with labels. done gets one value a field ("": empty, or not
 * shown) and returns false, with the sentence that the form shows, to have it
 * corrected; values NULL: cancelled. */
#define FORM_FIELDS_MAX 24
struct form_field {
    const char *label;
    const char *choices; /* "w|r|w!"; NULL: a text */
    const char *only;    /* shown for these choices of the first field; NULL:
                            always */
    const char *hint;    /* shown while it is empty, or NULL */
};
struct form_spec {
    const char *title;
    const struct form_field *fields; /* borrowed, const for ever */
    size_t n;
};
typedef bool (*form_cb)(struct ui *ui, const char *const *values, struct err *e,
                        void *arg);
void ui_form(struct ui *ui, const struct form_spec *spec, form_cb done,
             void *arg);
/* The end of an operation that call began is told; takes the call. */
void ui_watch_op(struct ui *ui, uint64_t op, struct cmd_call *call);

/* Switches the theme live. */
int ui_set_theme(struct ui *ui, const char *name, struct err *e);
void ui_set_mouse(struct ui *ui, bool on);
/* q at the top: the owner's detach. */
void ui_quit(struct ui *ui);
/* ^Z: the terminal is given back, then the owner's suspend. */
void ui_suspend(struct ui *ui);
/* Gives the terminal back and has the owner run a program on it. done gets its
 * status as of waitpid once the terminal was taken again. -1 with *e: it was
 * not started, done is not called. */
typedef void (*ui_program_cb)(struct ui *ui, int status, void *arg);
int ui_run_program(struct ui *ui, const char *const *argv, ui_program_cb done,
                   void *arg, struct err *e);
/* Whose front end it is. */
struct session *ui_session(struct ui *ui);

/* --- the list, for its commands --- */
void list_sort(struct pane *list, const char *column, bool reverse_again);
void list_sort_step(struct pane *list, int dir);
void list_filter(struct pane *list, const char *text); /* "" or NULL: none */
void list_select(struct pane *list, uint64_t dom_id);
/* Whether a domain is on its way to its memory target, by more than the few
 * MiB that always lie between. */
bool ui_ballooning(const struct dom *d);

/* --- the detail pane --- */
/* Prompts for the value under the cursor of the tune tab, if that is shown. */
void detail_tune_edit(struct pane *detail);
void detail_tab(struct pane *detail, int index); /* 0.. */
void detail_tab_step(struct pane *detail, int dir);
int detail_tab_at(const struct pane *detail);
#define DETAIL_TAB_TUNE    2
#define DETAIL_TAB_DEVICES 3
/* The device under the cursor of the devices tab; NULL: none, or another tab.
 * Borrowed until the next turn. */
const struct dom_device *detail_device(const struct pane *detail);
/* --- the log pane: events, the engine's log, Xen's log --- */
void log_tab_step(struct pane *log, int dir);
/* Words of event_filter.h; "" or NULL: none. */
void log_filter(struct pane *log, const char *text);
/* The event under the cursor; NULL: none, or another log is shown. */
const struct event *log_event(const struct pane *log);
/* --- the help pane --- */
void help_topic(struct pane *help, unsigned context); /* CMD_IN_ bits */
/* --- the console pane --- */
void console_pane_release(struct pane *p);
void console_pane_retake(struct pane *p);
/* Writes scrollback and screen to a new file (0600, never over another). */
int console_pane_save(struct pane *p, const char *path, struct err *e);
void console_pane_send_prefix(struct pane *p);

#endif
