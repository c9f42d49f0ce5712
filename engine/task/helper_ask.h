/*
 * helper_ask.h - the helper's side of the talk with its engine: lines to it,
 * and questions, which wait for an answer.
 */
#ifndef XENDECK_ENGINE_HELPER_ASK_H
#define XENDECK_ENGINE_HELPER_ASK_H

#include <stddef.h>

#include "engine/task/helper.h"

/* One a process. Zeroed means: nothing asked yet. */
struct helper_talk {
    uint64_t n_asked;
    unsigned limit_ms; /* for an answer; 0: HELPER_ANSWER_MS */
    struct buf in;     /* what came of the engine and is no whole line yet */
};

/* One line. The process ends here if the engine is gone. */
void helper_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Asks the engine and blocks until it answers. name: one word. 0 with the
 * answer's text in answer; -1 with the engine's error, or ERR_TIMEOUT after the
 * limit. The process ends here if the engine is gone. */
int helper_ask(struct helper_talk *t, const char *name, const char *text,
               char *answer, size_t answer_size, struct err *e);

#endif
