/*
 * create_load.c - the way from a file to a creation: a configuration is loaded,
 * what it says is checked against the definitions, and a creation begins.
 */
#include "engine/config/load.h"
#include "engine/life/create.h"
#include "engine/life/define.h"
#include "engine/life/formats.h"
#include "engine/life/life.h"

int
create_load(const char *path, struct domain_config **out, struct buf *warn,
            struct err *e)
{
    struct domain_config *c;

    if (config_load_any(path, &c, warn, e) < 0)
        return -1;
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
    if (defs_check_free(en, c, e) < 0) {
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
