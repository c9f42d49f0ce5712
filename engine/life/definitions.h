/*
 * definitions.h - defined domains and ownership, as front ends call it.
 */
#ifndef XENDECK_ENGINE_DEFINITIONS_H
#define XENDECK_ENGINE_DEFINITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

struct engine;

/* Keeps a configuration without starting it (`define`), starts a defined one,
 * forgets a defined one that is off. */
int engine_define(struct engine *en, const char *path, struct err *e);
int engine_start(struct engine *en, uint64_t dom_id, bool paused,
                 uint64_t *op_out, struct err *e);
int engine_undefine(struct engine *en, uint64_t dom_id, struct err *e);
int engine_set_autostart(struct engine *en, uint64_t dom_id, bool on,
                         struct err *e);
/* Takes in a domain made by others: from now on it is reaped (and restarted,
 * with a configuration file or what libxl left of it). Disown: the reverse. */
int engine_adopt(struct engine *en, uint64_t dom_id, const char *path,
                 uint64_t *op_out, struct err *e);
int engine_disown(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                  struct err *e);

#endif
