/*
 * console_signs.h - what a console has shown as lines of plain text, and which
 * of them tell why a guest has died. The guest writes them, and may write
 * anything: what is looked at is bounded, and whoever shows it says where it is
 * from.
 */
#ifndef XENDECK_ENGINE_CONSOLE_SIGNS_H
#define XENDECK_ENGINE_CONSOLE_SIGNS_H

#include <stddef.h>

#include "src/base/buf.h"

#define CONSOLE_LINE_MAX 512 /* bytes of a line that are kept */

struct console_sign {
    unsigned weight;  /* among last words the highest decides; from 1 */
    const char *word; /* for people: "panic", "no root" */
};

/* What one line says, borrowed for ever; NULL: nothing. line: without its end,
 * of console_plain; at most CONSOLE_LINE_MAX bytes are looked at. */
const struct console_sign *console_sign_of(const char *line);

/* Appends what n bytes for a terminal leave as lines of plain text, each with
 * its end but for a last one that has none: without escape sequences and
 * control characters, cut at CONSOLE_LINE_MAX, safe to show. */
void console_plain(const char *bytes, size_t n, struct buf *out);

#endif
