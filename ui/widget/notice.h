/*
 * notice.h - the sentence in the status line, as the frame sees it: when it is
 * shown, what keys do to it, what events say.
 */
#ifndef XENDECK_UI_NOTICE_H
#define XENDECK_UI_NOTICE_H

#include <stdbool.h>

#include "ui/widget/dialog.h"

bool notice_shown(struct ui *ui);
/* Before it is drawn: a sentence longer than the line takes the rows beside
 * it. */
void notice_sync(struct ui *ui);
/* Over the status line; a longer sentence over the rows beside it. */
void notice_draw(struct ui *ui);
/* A key was pressed: an error has been read. */
void notice_key(struct ui *ui);
/* Forgets all: the front end closes. */
void notice_fini(struct ui *ui);

/* Events that somebody should see: of guests that nobody watches. */
void notice_events(struct ui *ui);
/* Takes the events so far as seen. */
void notice_events_skip(struct ui *ui);
/* Restarts that were refused and not looked at yet; the last guest's name. */
unsigned notice_refused(struct ui *ui, const char **name_out);
/* The log is read: refused restarts are known of. */
void notice_refused_seen(struct ui *ui);

#endif
