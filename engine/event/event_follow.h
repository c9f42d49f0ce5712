/*
 * event_follow.h - reads what others append to a journal, as it comes: inotify
 * on its directory, never blocking, over rotations. Private to event_file.c.
 */
#ifndef XENDECK_ENGINE_EVENT_FOLLOW_H
#define XENDECK_ENGINE_EVENT_FOLLOW_H

#include <sys/types.h>

#include "engine/event/event_file.h"

struct event_follow;

/* From the end of the file as it is. o is borrowed. NULL with *e. */
struct event_follow *event_follow_new(const struct event_file_opts *o,
                                      const char *path, struct err *e);
void event_follow_free(struct event_follow *fl); /* NULL is allowed */
/* This process wrote n bytes that end at end: they need not be read, if
 * nothing of others stands before them. fl may be NULL. */
void event_follow_own(struct event_follow *fl, ino_t ino, uint64_t end,
                      size_t n);

#endif
