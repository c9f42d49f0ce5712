/*
 * definitions.h - defined domains and ownership, as front ends call it.
 */
#ifndef XENDECK_ENGINE_DEFINITIONS_H
#define XENDECK_ENGINE_DEFINITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

struct config_edit;
struct engine;

/* Keeps a configuration without starting it (`define`), starts a defined one,
 * forgets a defined one that is off. */
int engine_define(struct engine *en, const char *path, struct err *e);
/* One that is saved comes back from its file. */
int engine_start(struct engine *en, uint64_t dom_id, bool paused,
                 uint64_t *op_out, struct err *e);
/* It begins anew, and what was saved is given up. */
int engine_boot(struct engine *en, uint64_t dom_id, bool paused,
                uint64_t *op_out, struct err *e);
int engine_undefine(struct engine *en, uint64_t dom_id, struct err *e);
int engine_set_autostart(struct engine *en, uint64_t dom_id, bool on,
                         struct err *e);
/* Gives it tags, or takes them away (tags_change in engine/record/tags.h),
 * whoever made it, running or off. */
int engine_tag(struct engine *en, uint64_t dom_id, const char *change,
               struct err *e);
/* Takes in a domain made by others: from now on it is reaped (and restarted,
 * with a configuration file or what libxl left of it). Disown: the reverse. */
int engine_adopt(struct engine *en, uint64_t dom_id, const char *path,
                 uint64_t *op_out, struct err *e);
int engine_disown(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                  struct err *e);

/* The configuration of a domain on record as a text that is edited elsewhere:
 * in the native format, with its passwords. It is the domain of that uuid that
 * is meant, whatever becomes of its lives meanwhile. NULL with *e. */
struct config_edit *engine_edit_begin(struct engine *en, uint64_t dom_id,
                                      struct err *e);
/* Borrowed. */
const char *engine_edit_text(const struct config_edit *ce);
const char *engine_edit_name(const struct config_edit *ce);
/* Checks the text and defines it, with the name and the uuid that the domain
 * has. -1 with *e: nothing is changed, and a better text may follow. *runs_out:
 * the domain runs, and takes it when it starts next. */
int engine_edit_end(struct engine *en, struct config_edit *ce, const char *text,
                    bool *runs_out, struct err *e);
void engine_edit_free(struct config_edit *ce); /* NULL is allowed */

#endif
