/*
 * headless.h - the engine without a terminal: what the systemd unit starts.
 */
#ifndef XENDECK_SRC_HEADLESS_H
#define XENDECK_SRC_HEADLESS_H

#include "engine/api/toolstack.h"

/* Runs until SIGTERM or SIGINT; domains run on. SIGHUP opens the log anew.
 * Events go to standard error, a line each. */
void headless_run(struct loop *lp, struct engine *en);

#endif
