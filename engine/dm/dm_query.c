/*
 * dm_query.c - see dm_query.h.
 */
#include "engine/dm/dm_query.h"

#include <json-c/json.h>

#include "engine/dm/dm_int.h"

#define QUERY_MS 30000 /* an expert's command may take its time */

bool
engine_model(const struct engine *en, uint64_t dom_id, struct model_info *out)
{
    const struct dom_entry *de = domains_by_id(en, dom_id);
    const struct model *m = de != NULL ? dm_find(en, de->d.domid) : NULL;

    if (m == NULL || m->ended)
        return false;
    *out = (struct model_info){ .pid = (int)m->proc.pid, .port = m->port };
    text_fmt(out->state, sizeof(out->state), "%s",
             m->hung       ? "hangs"
             : m->starting ? "starting"
                           : m->said);
    dm_log_path(m->name, out->log, sizeof(out->log));
    return true;
}

static void
query_done(struct qmp_cmd *c, struct json_object *ret, const struct err *e)
{
    struct model_query *q = container_of(c, struct model_query, cmd);

    q->done(q, ret, e);
}

int
engine_model_ask(struct engine *en, uint64_t dom_id, struct model_query *q,
                 const char *command, struct json_object *args, struct err *e)
{
    const struct dom_entry *de = domains_by_id(en, dom_id);
    struct model *m = NULL;
    int rc = de != NULL ? dm_reach(en, de->d.domid, &m, e) : 0;

    if (m == NULL) {
        json_object_put(args);
        if (rc < 0)
            return err_wrap(e, "'%s'", de->d.name);
        return err_set(e, ERR_NOENT,
                       de != NULL ? "'%s' has no device model"
                                  : "'%s' has gone",
                       de != NULL ? de->d.name : "the domain");
    }
    qmp_send(&m->qmp, &q->cmd, command, args, QUERY_MS, query_done);
    return 0;
}

void
engine_model_drop(struct model_query *q)
{
    qmp_cancel(&q->cmd);
}
