/*
 * tune_dump.c - the verb that dumps a domain's memory: see core_dump.h.
 */
#include <stdlib.h>

#include "engine/life/core_dump.h"
#include "engine/task/xl_line.h"
#include "engine/tune/tune.h"
#include "engine/tune/tuning.h"
#include "src/base/xalloc.h"

struct dumping {
    struct tune tn;
    char *path; /* NULL: the default */
    struct dump dump;
};

static struct dumping *
tune_dump_self(struct task *t)
{
    return container_of(t, struct dumping, tn.t);
}

/* xl has no usual place: a file must be named. */
static void
tell_line(struct task *t, const char *path)
{
    task_set_xl_words(t, "xl dump-core",
                      (const char *const[]){ t->op->name, path, NULL });
}

static enum step_rc
tune_dump_run_dump(struct task *t, struct err *e)
{
    struct dumping *x = tune_dump_self(t);
    enum step_rc rc;

    rc = dump_domain(&x->dump, t, t->op->domid, x->path);
    if (rc != STEP_FAIL)
        tell_line(t, x->dump.path);
    if (rc == STEP_FAIL)
        *e = x->dump.err;
    if (rc == STEP_DONE)
        event_add_for(t->en, EVENT_ENGINE, EVENT_INFO, t->op->domid,
                      t->op->name, "core dump in %s", x->dump.path);
    return rc;
}

static enum step_rc
undo_dump(struct task *t)
{
    dump_fini(&tune_dump_self(t)->dump);
    return STEP_DONE;
}

static const struct step steps[] = { { .id = "write",
                                       .label = "write the core",
                                       .run = tune_dump_run_dump,
                                       .undo = undo_dump,
                                       .cancellable = true } };

static void
dumping_free(struct task *t)
{
    struct dumping *x = tune_dump_self(t);

    dump_fini(&x->dump);
    free(x->path);
    free(x);
}

static const struct task_type type = { .steps = steps,
                                       .n_steps = 1,
                                       .free = dumping_free };

int
engine_dump(struct engine *en, uint64_t dom_id, const char *path,
            uint64_t *op_out, struct err *e)
{
    struct dom_entry *de = tune_target(en, dom_id, OP_DUMP, false, e);
    const struct tune_begin b = { .type = &type, .verb = OP_DUMP };
    struct dumping *x;

    if (de == NULL)
        return -1;
    x = xcalloc(1, sizeof(*x));
    x->path = path != NULL ? xstrdup(path) : NULL;
    return tune_begin(de, &x->tn, &b, "", op_out);
}
