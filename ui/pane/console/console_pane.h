/*
 * console_pane.h - a guest's console in a pane, as verbs see it.
 */
#ifndef XENDECK_UI_CONSOLE_PANE_H
#define XENDECK_UI_CONSOLE_PANE_H

#include "ui/desk/pane.h"

#define CONSOLE_NUMBER_MAX 255

/* number: see console_attach. The front end takes the result. NULL with *e if
 * the domain has no console to attach to. */
struct pane *console_pane_new(struct ui *ui, uint64_t dom_id, unsigned number,
                              struct err *e);
unsigned console_pane_number(const struct pane *p);
/* The console's terminal begins anew, for all who look at it now and later; for
 * a session that may only view this pane's alone (term_reset). The guest is not
 * told. */
void console_pane_reset(struct pane *p);
/* Writes scrollback and screen to a new file (0600, never over another). */
int console_pane_save(struct pane *p, const char *path, struct err *e);
/* How many lines the view is scrolled back; and to be so once the text that the
 * engine had is there. */
size_t console_pane_view(const struct pane *p);
void console_pane_set_view(struct pane *p, size_t lines);
void console_pane_send_prefix(struct pane *p);
/* Copy mode begins; up: one page up. */
void console_pane_copy(struct pane *p, bool up);
/* Types a text into the guest, as if it had been pasted; asks first if it has
 * many lines. -1: it may not be. */
int console_pane_paste(struct pane *p, const char *text, size_t n,
                       struct err *e);
/* Gives up the text that is being pasted into the guest, whoever does it.
 * False: there is none. */
bool console_pane_paste_stop(struct pane *p);

#endif
