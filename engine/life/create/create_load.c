/*
 * create_load.c - the way from a file to a creation: a configuration is loaded,
 * what it says is checked against the definitions, and a creation begins.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/load.h"
#include "engine/guest/guest.h"
#include "engine/life/create.h"
#include "engine/life/create_int.h"
#include "engine/life/define.h"
#include "engine/life/formats.h"
#include "engine/life/life.h"
#include "engine/task/operations.h"
#include "engine/task/xl_line.h"
#include "src/base/xalloc.h"

static int
create_complete(struct domain_config *c, struct domain_config **out,
                struct err *e)
{
    if (guest_check(c, e) < 0 || (!c->uuid_set && uuid_make(c->uuid, e) < 0)) {
        config_free(c);
        return -1;
    }
    c->uuid_set = true;
    *out = c;
    return 0;
}

int
create_load(const char *path, struct domain_config **out, struct buf *warn,
            struct err *e)
{
    return create_load_with(path, NULL, 0, out, warn, e);
}

int
create_load_with(const char *path, const char *const *vars, size_t n_vars,
                 struct domain_config **out, struct buf *warn, struct err *e)
{
    struct domain_config *c;

    if (config_load_with(path, vars, n_vars, &c, warn, e) < 0)
        return -1;
    return create_complete(c, out, e);
}

int
create_load_each(const char *path, struct config_faults *faults,
                 struct domain_config **out, struct buf *warn)
{
    struct domain_config *c;
    struct err e = { 0 };

    if (config_load_each(path, faults, &c, warn) < 0)
        return -1;
    if (guest_check(c, &e) < 0)
        config_faults_add(faults, &e);
    *out = c;
    return 0;
}

int
create_load_given(const char *path, struct domain_config **out,
                  struct buf *warn, bool *given_out, struct err *e)
{
    struct domain_config *c;

    if (config_load_any(path, &c, warn, e) < 0)
        return -1;
    *given_out = c->uuid_set;
    return create_complete(c, out, e);
}

static void
create_xl(struct task *t, const char *path, const struct engine_create_opts *o)
{
    const char **words = xcalloc(o->n_vars + 2, sizeof(words[0]));
    size_t i;

    words[0] = path;
    for (i = 0; i < o->n_vars; i++)
        words[i + 1] = o->vars[i];
    task_set_xl_words(t, o->paused ? "xl create -p" : "xl create", words);
    free(words);
}

/* A name is taken from the first step of a creation. */
int
create_check_begun(const struct engine *en, const char *name, struct err *e)
{
    const struct op *o;
    size_t i;

    for (i = 0; (o = engine_op_at(en, i)) != NULL; i++)
        if (op_verb_makes(o->verb) && o->state <= OP_RUNNING &&
            strcmp(o->name, name) == 0)
            return err_set(e, ERR_EXISTS,
                           "'%s' is being started already (operation %llu)",
                           name, (unsigned long long)o->id);
    return 0;
}

/* Takes c, also where it is refused. */
static int
create_checked(struct engine *en, struct domain_config *c,
               const struct create_opts *co, uint64_t *op_out, struct err *e)
{
    uint64_t op;

    if (create_check_begun(en, c->name, e) < 0 ||
        defs_check_free(en, c, e) < 0) {
        config_free(c);
        return -1;
    }
    op = create_begin(en, c, co);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

int
engine_create_text(struct engine *en, const char *text, const char *dir,
                   bool paused, uint64_t *op_out, struct err *e)
{
    const struct create_opts co = { .paused = paused };
    struct domain_config *c;

    if (config_parse(text, "what is entered", dir, &c, e) < 0 ||
        create_complete(c, &c, e) < 0)
        return -1;
    return create_checked(en, c, &co, op_out, e);
}

int
engine_create(struct engine *en, const char *path,
              const struct engine_create_opts *o, uint64_t *op_out,
              struct err *e)
{
    static const struct engine_create_opts none = { 0 };
    struct create_opts co = { 0 };
    struct domain_config *c;
    struct buf warn = { 0 };
    char name[MODEL_NAME_MAX];
    uint64_t op;
    bool by_xl;
    int rc;

    if (o == NULL)
        o = &none;
    co.paused = o->paused;
    if (create_load_with(path, o->vars, o->n_vars, &c, &warn, e) < 0) {
        buf_free(&warn);
        return -1;
    }
    by_xl = c->xl_file;
    text_fmt(name, sizeof(name), "%s", c->name);
    rc = create_checked(en, c, &co, &op, e);
    if (rc == 0)
        formats_warn(en, name, &warn);
    if (rc == 0 && by_xl)
        create_xl(task_by_op(en, op), path, o);
    if (rc == 0 && op_out != NULL)
        *op_out = op;
    buf_free(&warn);
    return rc;
}

enum step_rc
create_reach(struct create *c, struct err *e)
{
    enum step_rc rc;

    if (!c->listed) {
        c->listed = true;
        devices_files(&c->devices, &c->look);
        if (c->cfg->model.program != NULL)
            file_look_add(&c->look, c->t.en, c->cfg->model.program);
        if (!c->made && c->guest.stream_fd < 0)
            c->guest.type->list_files(&c->guest, &c->look);
    }
    rc = file_look_run(&c->look, &c->t, e);
    if (rc == STEP_DONE)
        c->listed = false;
    return rc;
}
