/*
 * formats.h - warnings of a configuration's reader, told to the operator.
 */
#ifndef XENDECK_ENGINE_FORMATS_H
#define XENDECK_ENGINE_FORMATS_H

#include "engine/core/engine_int.h"

/* Each line of warn becomes an event. name: the domain's. */
void formats_warn(struct engine *en, const char *name, const struct buf *warn);

#endif
