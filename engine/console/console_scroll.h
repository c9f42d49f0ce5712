/*
 * console_scroll.h - the text of consoles over the end of engines: what was
 * captured is written to disk once a second, and read when an engine meets the
 * console again. For the files of engine/console.
 */
#ifndef XENDECK_ENGINE_CONSOLE_SCROLL_H
#define XENDECK_ENGINE_CONSOLE_SCROLL_H

#include "engine/console/console_int.h"

/* How the line ends that says that another engine goes on. */
#define CONSOLE_SEAM_END " xendeck's engine restarted ---\r\n"

/* Takes over what earlier engines kept of it, once; a line says that another
 * engine goes on. Before anything is captured or replayed. */
void scroll_begin(struct console *c);
/* n bytes have come to the end of the capture. */
void scroll_grown(struct console *c, size_t n);
/* The last chance: the console is about to be freed. */
void scroll_end(struct console *c);
/* Nothing is kept of this uuid any more. */
void scroll_forget(struct engine *en, const uint8_t uuid[16]);
/* Removes what is of no domain and no definition; later: in a while. */
void scroll_sweep(struct engine *en);
void scroll_sweep_later(struct engine *en);
void scroll_room_close(struct console_room *r);

#endif
