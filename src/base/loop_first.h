/*
 * loop_first.h - descriptors of the loop (loop.h) that users wait for. Others
 * that are ready together with one of them may have to share several turns, so
 * that what keeps the loop busy does not keep users waiting.
 */
#ifndef XENDECK_BASE_LOOP_FIRST_H
#define XENDECK_BASE_LOOP_FIRST_H

#include <stdbool.h>

#include "src/base/loop_fd.h"

/* It is served before others, and in each turn, until it is deleted. Not for
 * what is always ready. Nothing happens to an idle handler. */
void loop_fd_first(struct loop_fd *lf, bool on);

#endif
