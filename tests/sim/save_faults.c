/*
 * save_faults.c - see save_faults.h.
 */
#include "tests/sim/save_faults.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/host/domains.h"
#include "tests/sim/campaign.h"

/* --- for campaigns of kills --- */

static void
save_it(struct world *at, bool checkpoint)
{
    const struct save_opts o = { .checkpoint = checkpoint };
    struct err e = { 0 };

    if (engine_save(at->en, campaign_id(at), NULL, &o, NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

void
save_act(struct world *at)
{
    save_it(at, false);
}

void
save_act_checkpoint(struct world *at)
{
    save_it(at, true);
}

bool
save_setup(struct world *at)
{
    save_it(at, false);
    return true;
}

void
save_act_restore(struct world *at)
{
    const struct dom *d = engine_dom_find(at->en, "web9", NULL);
    struct err e = { 0 };

    assert_non_null(d);
    if (engine_start(at->en, d->id, false, NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

/* --- calls that fail --- */

static struct world w;
static char file[160], part[192];
static struct err e;

static const char *kind; /* of the guest: lines of its configuration */

static void
open_world(void)
{
    char more[512];

    world_open_kept(&w, 0);
    text_fmt(more, sizeof(more), CAMPAIGN_UUID " %s", kind);
    (void)world_guest(&w, "web9", more);
    world_pass(&w, 5000);
    text_fmt(file, sizeof(file), "%s/web9.save", w.dir);
    text_fmt(part, sizeof(part), "%s.part", file);
    e = (struct err){ 0 };
}

static bool
runs(void)
{
    const struct dom *d = world_dom(&w, "web9");

    return d != NULL &&
           (d->flags & (DOM_F_SHUTDOWN | DOM_F_PAUSED | DOM_F_DYING)) == 0;
}

static enum op_state
end_of(uint64_t op)
{
    enum op_state end = world_wait(&w, op);
    const struct op *o = engine_op_by_id(w.en, op);

    if (end != OP_DONE)
        e = o->err;
    return end != OP_DONE || o->next == 0 ? end : end_of(o->next);
}

static void
mend(void)
{
    sim_fault_clear(w.sim);
    world_pass(&w, 120000);
    (void)domains_scan(w.en, false, NULL);
}

static void
complain(const char *what, unsigned nth)
{
    fail_msg("%s: call %u (%s): %s", what, nth, sim_trace_at(w.sim, nth),
             e.msg);
}

struct figures {
    unsigned failed, unnoticed;
};

/* The domain is still there, suspended, and the file is whole: only its removal
 * has failed, and an operator's destroy ends that. */
static bool
only_the_removal_failed(void)
{
    const struct dom *d = world_dom(&w, "web9");
    uint64_t op;

    if (d == NULL || access(file, F_OK) < 0 ||
        (d->flags & (DOM_F_SHUTDOWN | DOM_F_DYING)) == 0)
        return false;
    if (engine_destroy(w.en, d->id, &op, &e) < 0)
        return false;
    (void)end_of(op);
    mend();
    return world_dom(&w, "web9") == NULL;
}

static bool
one_save(unsigned nth, bool checkpoint, struct figures *f)
{
    const struct save_opts o = { .checkpoint = checkpoint };
    bool reached;
    enum op_state end = OP_FAILED;
    uint64_t op;

    open_world();
    sim_trace(w.sim, true);
    sim_fault_add(w.sim, "*", nth, EIO);
    if (engine_save(w.en, engine_dom_find(w.en, "web9", NULL)->id, file, &o,
                    &op, &e) == 0)
        end = end_of(op);
    reached = sim_calls(w.sim, "*") >= nth;
    mend();
    if (access(part, F_OK) == 0)
        complain("a part of a file is left", nth);
    if (end == OP_DONE && checkpoint && (!runs() || access(file, F_OK) < 0))
        complain("a checkpoint did not go on", nth);
    if (end == OP_DONE && !checkpoint &&
        (world_dom(&w, "web9") != NULL || access(file, F_OK) < 0))
        complain("what was saved is there", nth);
    if (end != OP_DONE && !(runs() && access(file, F_OK) < 0) &&
        !only_the_removal_failed())
        complain("a failed save did harm", nth);
    f->failed += end != OP_DONE;
    f->unnoticed += end == OP_DONE && reached;
    world_close(&w);
    return reached;
}

static bool
one_restore(unsigned nth, struct figures *f)
{
    enum op_state end = OP_FAILED;
    const struct dom *d;
    uint64_t op, n;
    bool reached;

    open_world();
    assert_int_equal(engine_save(w.en, engine_dom_find(w.en, "web9", NULL)->id,
                                 file, NULL, &op, &e),
                     0);
    assert_int_equal(end_of(op), OP_DONE);
    world_idle(&w);
    sim_trace(w.sim, true);
    sim_fault_add(w.sim, "*", nth, EIO);
    if (engine_restore(w.en, file, false, &op, &e) == 0)
        end = end_of(op);
    reached = sim_calls(w.sim, "*") >= nth;
    mend();
    if (access(file, F_OK) < 0)
        complain("the file is gone", nth);
    if (end == OP_DONE && !runs())
        complain("what was restored does not run", nth);
    if (end == OP_DONE &&
        (sim_guest_count(w.sim, world_dom(&w, "web9")->domid, &n) < 0 ||
         n < 20))
        complain("its memory is another", nth);
    d = engine_dom_find(w.en, "web9", NULL);
    if (end != OP_DONE && (d == NULL || !d->saved))
        complain("a failed restore left something", nth);
    f->failed += end != OP_DONE;
    f->unnoticed += end == OP_DONE && reached;
    world_close(&w);
    return reached;
}

static void
tell(const char *what, unsigned calls, const struct figures *f)
{
    print_message("%s: %u calls failed one by one: %u failed without harm, %u "
                  "went on\n",
                  what, calls, f->failed, f->unnoticed);
}

unsigned
save_faults(const char *more, bool checkpoint)
{
    struct figures f = { 0 };
    unsigned nth = 1;

    kind = more;
    while (one_save(nth, checkpoint, &f))
        nth++;
    tell(checkpoint ? "checkpoint" : "save", nth - 1, &f);
    return f.failed;
}

unsigned
restore_faults(const char *more)
{
    struct figures f = { 0 };
    unsigned nth = 1;

    kind = more;
    while (one_restore(nth, &f))
        nth++;
    tell("restore", nth - 1, &f);
    return f.failed;
}
