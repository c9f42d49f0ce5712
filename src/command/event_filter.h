/*
 * event_filter.h - which events are wanted: conditions on kind, level, domain
 * and who asked, and texts. All must hold. Shared by verbs and the log pane.
 */
#ifndef XENDECK_COMMAND_EVENT_FILTER_H
#define XENDECK_COMMAND_EVENT_FILTER_H

#include <stdbool.h>

#include "engine/model/model.h"
#include "src/base/buf.h"
#include "src/base/err.h"

#define EVENT_FILTER_TEXT 128

/* Zeroed means all. */
struct event_filter {
    unsigned kinds;  /* bit n: kind n is wanted; 0: all */
    unsigned levels; /* likewise */
    char name[MODEL_NAME_MAX];
    char who[32];
    char text[EVENT_FILTER_TEXT];
};

/* One word: kind=death, level=error, level>=warning, name=web1, who=root, or a
 * text. The beginning of a kind, of a name or of who will do. */
int event_filter_add(struct event_filter *f, const char *word, struct err *e);
/* A line of words as they are typed: what is no condition (yet) is text. */
void event_filter_line(struct event_filter *f, const char *line);
bool event_filter_empty(const struct event_filter *f);
bool event_filter_match(const struct event_filter *f, const struct event *ev);
/* A line of a log, which has a level and a text. */
bool event_filter_text(const struct event_filter *f, enum event_level level,
                       const char *text);

#endif
