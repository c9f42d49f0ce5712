/*
 * pane_paste.h - texts that are pasted into the guest of a console pane, for
 * the pane's other files.
 */
#ifndef XENDECK_UI_PANE_PASTE_H
#define XENDECK_UI_PANE_PASTE_H

#include "ui/pane/console/pane_console.h"

/* Types a text into the guest, of any size up to KEY_PASTE_MAX; asks first if
 * it has many lines or control characters. -1: it may not be. */
int pane_paste(struct console_pane *cp, const char *text, size_t n,
               struct err *e);
/* Gives up what this pane's user pastes, or has typed and the guest has not
 * taken. False: there is no such text. */
bool pane_paste_stop(struct console_pane *cp);
/* The client's callback: a text of this pane's is over. */
void pane_paste_over(struct console_client *c,
                     const struct console_pasting *end);
/* How far a text is, of whoever pastes it. */
void pane_paste_title(const struct console_pane *cp, const char *dot,
                      struct buf *out);
/* The pane closes: nobody waits for the answer to its question any more. */
void pane_paste_fini(struct console_pane *cp);

#endif
