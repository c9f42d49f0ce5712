/*
 * journal.h - the events that were, as front ends read them.
 */
#ifndef XENDECK_ENGINE_JOURNAL_H
#define XENDECK_ENGINE_JOURNAL_H

#include "engine/model/event.h"
#include "src/base/buf.h"
#include "src/base/err.h"

struct engine;

/* The ring gets the end of the journal, and from now on what others write
 * there. An engine that is not one_shot does it by itself at the start. */
void engine_events_load(struct engine *en);
size_t engine_event_count(const struct engine *en); /* in the ring */
const struct event *engine_event_at(const struct engine *en, size_t i);
/* Of an operator. kind: a word, as xend's event names were; d: whose it is,
 * NULL: the host's. */
int event_inject(struct engine *en, const char *kind, const struct dom *d,
                 const char *text, struct err *e);
/* One JSON object, one line with its end: as `events --json` shows it. */
void engine_event_json(const struct event *ev, struct buf *out);
/* The newest max events of the journal on disk, of this and earlier engines,
 * oldest first, appended as JSON lines. */
int engine_journal_read(struct engine *en, size_t max, struct buf *out,
                        struct err *e);
/* Lines for `info`: how journal and hooks are. */
void engine_events_info(struct engine *en, struct buf *out);

#endif
