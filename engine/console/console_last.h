/*
 * console_last.h - the end of what a console has shown of one life of its
 * guest.
 */
#ifndef XENDECK_ENGINE_CONSOLE_LAST_H
#define XENDECK_ENGINE_CONSOLE_LAST_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct console;
struct engine;

/* Appends the newest max bytes, as the guest wrote them, that the primary
 * console of this uuid has captured since its last life ended; what waits in
 * its tty is read first. Nothing where the engine has no such console. */
void console_last_text(struct engine *en, const uint8_t uuid[16], size_t max,
                       struct buf *out);
/* Where, in the captured text of c, the life begins that was captured last. */
size_t console_life_at(const struct console *c);

#endif
