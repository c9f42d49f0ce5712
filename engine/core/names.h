/*
 * names.h - the names of domains are one a host, which xenstore does not see
 * to: whoever gives a name holds this lock.
 */
#ifndef XENDECK_ENGINE_NAMES_H
#define XENDECK_ENGINE_NAMES_H

#include "src/base/err.h"

struct engine;

/* Between the check of a name and its node nobody else may take it: held by
 * all of this toolstack for a few milliseconds. Never waits: ERR_BUSY while
 * another process holds it, which the sentence names. The caller closes the
 * descriptor; -1 with *e. Steps use task_lock_names, which tries again. */
int names_lock(struct engine *en, struct err *e);

#endif
