/*
 * create_load.c - the way from a file to a creation: a configuration is loaded,
 * what it says is checked against the definitions, and a creation begins.
 */
#include <string.h>

#include "engine/config/load.h"
#include "engine/life/create.h"
#include "engine/life/define.h"
#include "engine/life/formats.h"
#include "engine/life/life.h"
#include "engine/task/operations.h"

int
create_load(const char *path, struct domain_config **out, struct buf *warn,
            struct err *e)
{
    bool given;

    return create_load_given(path, out, warn, &given, e);
}

int
create_load_given(const char *path, struct domain_config **out,
                  struct buf *warn, bool *given_out, struct err *e)
{
    struct domain_config *c;

    if (config_load_any(path, &c, warn, e) < 0)
        return -1;
    *given_out = c->uuid_set;
    if (!c->uuid_set && uuid_make(c->uuid, e) < 0) {
        config_free(c);
        return -1;
    }
    c->uuid_set = true;
    *out = c;
    return 0;
}

static void
create_xl(struct task *t, const char *path, bool paused)
{
    char word[sizeof(t->op->xl) - 16];

    if (*xl_quote(word, sizeof(word), path) != '\0')
        task_set_xl(t, "xl create%s %s", paused ? " -p" : "", word);
}

/* A name is taken from the first step of a creation. */
int
create_check_begun(const struct engine *en, const char *name, struct err *e)
{
    const struct op *o;
    size_t i;

    for (i = 0; (o = engine_op_at(en, i)) != NULL; i++)
        if (o->verb == OP_CREATE && o->state <= OP_RUNNING &&
            strcmp(o->name, name) == 0)
            return err_set(e, ERR_EXISTS,
                           "'%s' is being started already (operation %llu)",
                           name, (unsigned long long)o->id);
    return 0;
}

int
engine_create(struct engine *en, const char *path,
              const struct engine_create_opts *o, uint64_t *op_out,
              struct err *e)
{
    struct create_opts co = { .paused = o != NULL && o->paused };
    struct domain_config *c;
    struct buf warn = { 0 };
    uint64_t op;

    if (create_load(path, &c, &warn, e) < 0) {
        buf_free(&warn);
        return -1;
    }
    if (create_check_begun(en, c->name, e) < 0 ||
        defs_check_free(en, c, e) < 0) {
        config_free(c);
        buf_free(&warn);
        return -1;
    }
    formats_warn(en, c->name, &warn);
    op = create_begin(en, c, &co);
    create_xl(task_by_op(en, op), path, co.paused);
    if (op_out != NULL)
        *op_out = op;
    buf_free(&warn);
    return 0;
}
