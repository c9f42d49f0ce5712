/*
 * ui_local.h - a front end on the terminal of this very process: what signals
 * and job control are to it.
 */
#ifndef XENDECK_UI_LOCAL_H
#define XENDECK_UI_LOCAL_H

#include "ui/app/front.h"

struct ui_local;

/* Takes what o says of loop, engine, settings, notice and run; the terminal is
 * that of standard input and output, TERM and locale those of the environment.
 * Its end, by key, signal or a lost terminal, is loop_stop. NULL with *e. */
struct ui_local *ui_local_open(const struct ui_opts *o, struct err *e);
/* NULL is allowed. */
void ui_local_close(struct ui_local *l);

#endif
