/*
 * changes.h - the rooms of the engine note here what has changed.
 */
#ifndef XENDECK_ENGINE_CHANGES_H
#define XENDECK_ENGINE_CHANGES_H

#include "engine/core/listeners.h"

/* Notes ENGINE_CH_ bits; listeners hear at the end of the turn. */
void engine_changed(struct engine *en, unsigned what);
/* What they are still to hear of. */
unsigned engine_changes(const struct engine *en);

#endif
