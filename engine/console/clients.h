/*
 * clients.h - what those who look at a console are told. Private to the room.
 */
#ifndef XENDECK_ENGINE_CLIENTS_H
#define XENDECK_ENGINE_CLIENTS_H

#include "engine/console/console_int.h"

void console_set(struct console *c, enum console_state state, const char *fmt,
                 ...) __attribute__((format(printf, 3, 4)));
void console_deliver(struct console *c, const char *bytes, size_t n);
/* Its tty gets the size that its clients have. */
void console_fit(struct console *c);
/* Another life of its guest begins: the line between both, for those who
 * attach later. */
void console_mark_seam(struct console *c, uint32_t domid);
/* All but one, who knows, are told that others came, left, type or paste. NULL:
 * all. */
void console_tell_company(struct console *c, const struct console_client *but);
/* Whether its session may type, at this moment. */
bool clients_may_write(const struct console_client *cl);
/* It types: it is the writer from here on. */
void clients_types(struct console *c, const struct console_client *cl);

#endif
