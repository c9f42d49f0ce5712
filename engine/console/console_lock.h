/*
 * console_lock.h - the lock of a console against other programs.
 */
#ifndef XENDECK_ENGINE_CONSOLE_LOCK_H
#define XENDECK_ENGINE_CONSOLE_LOCK_H

#include "engine/console/console_int.h"

/* The lock of a console: of number 0 the one that `xl console` takes, which
 * knows one lock a domain; the others have files of their own beside it. */
void console_lock_path(const struct console *c, char *dst, size_t n);
/* -1 with *e (ERR_BUSY names the holder). */
int console_lock(const char *path, struct err *e);
void console_unlock(const char *path, int fd);
/* Removes those of domains that are gone: a killed holder leaves its file. */
void console_locks_sweep(const struct engine *en);

#endif
