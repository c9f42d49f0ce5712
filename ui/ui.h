/*
 * ui.h - one front end on one terminal, as its verbs see it. All of its state
 * hangs off struct ui; a process has several, each on its own terminal. Panes
 * and widgets see ui/desk instead.
 */
#ifndef XENDECK_UI_UI_H
#define XENDECK_UI_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/api/toolstack.h"
#include "src/base/err.h"
#include "src/base/loop.h"
#include "src/base/sys/user_program.h"
#include "src/command/settings.h"
#include "ui/desk/desk.h"
#include "ui/desk/pane.h"
#include "ui/pane/console/console_pane.h"
#include "ui/pane/detail/detail.h"
#include "ui/pane/help/help.h"
#include "ui/pane/list/pane_list.h"
#include "ui/pane/log/pane_log.h"
#include "ui/widget/dialog.h"

struct cmd_call;
struct screen;

/* The front end that draws a session's screen; NULL of NULL. */
struct ui *ui_of_screen(struct screen *sc);

/* --- for verbs --- */
struct pane *ui_focused(struct ui *ui);
void ui_focus(struct ui *ui, struct pane *p);
/* Focus the next (dir 1) or previous (-1) pane on screen. */
void ui_focus_step(struct ui *ui, int dir);
/* Shows a pane (takes it if new) and focuses it. */
void ui_pane_show(struct ui *ui, struct pane *p);
/* The focused pane gets the whole screen, or gives it back. */
void ui_zoom(struct ui *ui);
/* The end of an operation that call began is told; takes the call. */
void ui_watch_op(struct ui *ui, uint64_t op, struct cmd_call *call);
/* Opens the console of the domain that the creation op makes, as soon as it
 * has one (struct op.dom_id != 0): before the guest is unpaused. Forgotten by
 * itself when the operation ends or the ui is closed. */
void ui_console_follow(struct ui *ui, uint64_t op);
void ui_console_unfollow(struct ui *ui);

/* Switches the theme live. */
int ui_set_theme(struct ui *ui, const char *name, struct err *e);
void ui_set_mouse(struct ui *ui, bool on);
/* q at the top: the owner's detach. */
void ui_quit(struct ui *ui);
/* ^Z: the terminal is given back, then the owner's suspend. */
void ui_suspend(struct ui *ui);
/* Gives the terminal back and has the owner run an editor or a pager on it.
 * done is called once: when the terminal was taken again, or when the front end
 * closes (with no text and no sentence). -1 with *e: it was not started, done
 * is not called. */
typedef void (*ui_program_cb)(struct ui *ui, const struct user_program_end *end,
                              void *arg);
int ui_run_program(struct ui *ui, const struct user_text *t, ui_program_cb done,
                   void *arg, struct err *e);

#endif
