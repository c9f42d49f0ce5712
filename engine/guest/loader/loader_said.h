/*
 * loader_said.h - the end of what a boot loader has said, for the sentence that
 * tells why it failed.
 */
#ifndef XENDECK_ENGINE_LOADER_SAID_H
#define XENDECK_ENGINE_LOADER_SAID_H

#include "src/base/buf.h"

struct loader_said {
    struct buf tail;
};

void loader_said_add(struct loader_said *s, const char *bytes, size_t n);
/* Its last two lines with text in them, without a terminal's sequences, made
 * safe; "" if it said nothing. */
void loader_said_last(const struct loader_said *s, char *dst, size_t n);
void loader_said_fini(struct loader_said *s);

#endif
