/*
 * postmortem_room.h - freezes what is known of a domain when it ends badly. For
 * rooms above, which see ends that the table of domains does not tell.
 *
 * What is gone in a moment (registers, the configuration) is read at once; the
 * console is given a moment to come to its end, or until the domain's next life
 * begins. Then a file a turn of the loop is written, into a folder that gets
 * its name when it is whole.
 */
#ifndef XENDECK_ENGINE_POSTMORTEM_ROOM_H
#define XENDECK_ENGINE_POSTMORTEM_ROOM_H

#include "engine/config/core/config.h"
#include "engine/postmortem/postmortem.h"

struct dom_entry;
struct engine;

struct postmortem_cause {
    enum postmortem_why why;
    const char *detail;              /* NULL: nothing more is known */
    const char *model_log;           /* path, or NULL: of the model that runs */
    const struct domain_config *cfg; /* NULL: as it is on record */
};

void postmortem_open(struct engine *en);
/* What is about to be kept is written first, unless the engine is abandoned. */
void postmortem_close(struct engine *en);

/* Of a domain of ours that is still there. Once a life: what follows of the
 * same end adds nothing. A boot that fails as the last one did is not kept
 * again. Does nothing in an engine that is one_shot or has not the lock. */
void postmortem_begin(struct dom_entry *de, const struct postmortem_cause *c);

#endif
