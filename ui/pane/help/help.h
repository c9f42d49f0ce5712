/*
 * help.h - the help pane, as verbs see it.
 */
#ifndef XENDECK_UI_HELP_H
#define XENDECK_UI_HELP_H

#include "ui/desk/pane.h"

/* The front end takes the result. */
struct pane *help_pane_new(struct ui *ui);
void help_topic(struct pane *help, unsigned context); /* CMD_IN_ bits */

#endif
