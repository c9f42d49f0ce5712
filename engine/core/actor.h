/*
 * actor.h - on whose behalf the engine acts at the moment: for a person, or
 * for itself, and in which operation.
 */
#ifndef XENDECK_ENGINE_ACTOR_H
#define XENDECK_ENGINE_ACTOR_H

#include <stddef.h>

struct engine;
struct op;

#define ENGINE_ITSELF "engine"
#define WHO_MAX       32 /* with the end */

struct actor {
    const char *who;     /* NULL: the user of this process */
    const struct op *op; /* the operation at work, NULL: none */
};

/* From here on the engine acts for who (NULL: as it is) in op (NULL: none);
 * returns what was before, for engine_act_as. */
struct actor engine_act_for(struct engine *en, const char *who,
                            const struct op *op);
void engine_act_as(struct engine *en, struct actor before);
/* The operation at work, NULL: none. */
const struct op *engine_acting_in(const struct engine *en);
/* For whom: "engine", "root@pts/3". */
const char *engine_acting_for(const struct engine *en);
/* The user of this process, whoever is acted for. */
const char *engine_who(const struct engine *en);

/* "root@pts/3" of this process. */
void who_text(char *dst, size_t dst_size);

#endif
