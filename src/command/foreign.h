/*
 * foreign.h - what other tools call the verbs that this program has: xl, xm,
 * virsh, and the words that people try.
 */
#ifndef XENDECK_COMMAND_FOREIGN_H
#define XENDECK_COMMAND_FOREIGN_H

#include <stdbool.h>

#include "src/base/err.h"

/* The verb here that takes the same arguments, so that it may run instead;
 * NULL: there is none. */
const char *foreign_same(const char *name);
/* Sets *e to the sentence that leads from a word of another tool to the verb
 * here. False: nothing is known of this word. */
bool foreign_lead(const char *name, struct err *e);

#endif
