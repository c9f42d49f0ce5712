/*
 * dm_query.h - for front ends: what a domain's device model is, and commands
 * for it.
 */
#ifndef XENDECK_ENGINE_DM_QUERY_H
#define XENDECK_ENGINE_DM_QUERY_H

#include "engine/dm/qmp.h"

struct engine;

struct model_info {
    int pid;
    char state[24]; /* "running", "paused", "hangs", "starting"; "" unknown */
    unsigned port;  /* of its VNC server, 0: none known */
    char log[160];
};

/* False: the domain has no model, or one that this engine does not watch. */
bool engine_model(const struct engine *en, uint64_t dom_id,
                  struct model_info *out);

/* A command under way, embedded in its owner; zeroed: none. */
struct model_query {
    /* From the loop, once; as qmp_done_cb. */
    void (*done)(struct model_query *q, struct json_object *ret,
                 const struct err *e);
    struct qmp_cmd cmd;
};

/* args: taken, NULL for none. */
int engine_model_ask(struct engine *en, uint64_t dom_id, struct model_query *q,
                     const char *command, struct json_object *args,
                     struct err *e);
void engine_model_drop(struct model_query *q); /* idempotent */

#endif
