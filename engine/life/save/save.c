/*
 * save.c - a running domain into a file, as a table of steps: the file begins,
 * the memory passes and the guest suspends meanwhile, the file becomes whole,
 * the record knows of it, the domain is removed or runs on. Until the file is
 * whole each failure leaves a guest that runs and no file; from then on the
 * save is finished, by whichever engine.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/device/device.h"
#include "engine/device/device_read.h"
#include "engine/life/define.h"
#include "engine/life/ending.h"
#include "engine/life/save/save_int.h"
#include "engine/task/helper.h"
#include "engine/task/xl_line.h"
#include "src/base/xalloc.h"

/* To write less takes no longer than to follow what a running guest writes
 * meanwhile: on an emulated host that takes three times as long and more. */
#define LIVE_KIB (256ULL * 1024)

static struct save *
save_self(struct task *t)
{
    return container_of(t, struct save, t);
}

static struct dom_entry *
save_entry(const struct save *s, struct err *e)
{
    struct dom_entry *de = domains_by_id(s->t.en, s->dom_id);

    if (de == NULL)
        err_set(e, ERR_NOENT, "domain %u no longer exists", s->domid);
    return de;
}

/* --- may it be saved */

static int
save_check_device(void *arg, const char *kind, struct err *e)
{
    const struct save *s = arg;

    if (!device_traits(kind)->of_host)
        return 0;
    return err_set(e, ERR_UNSUPPORTED,
                   "'%s' has a device of this host (%s), whose state cannot be "
                   "saved: detach it first",
                   s->t.op->name, device_traits(kind)->kind);
}

static int
check_state(const struct dom_entry *de, struct err *e)
{
    bool suspended =
        (de->d.flags & DOM_F_SHUTDOWN) && de->d.reason == DOM_SUSPEND;

    if (de->d.building || (de->d.flags & DOM_F_DYING) ||
        ((de->d.flags & DOM_F_SHUTDOWN) && !suspended))
        return err_set(e, ERR_INVALID, "'%s' does not run (%s)", de->d.name,
                       dom_state_word(&de->d));
    return suspend_check(de->en, de, e);
}

int
save_check_domain(struct save *s, struct err *e)
{
    const struct dom_entry *de;
    struct hv_dom h;

    if (domains_scan(s->t.en, false, e) < 0)
        return -1;
    de = save_entry(s, e);
    if (de == NULL || check_state(de, e) < 0 ||
        device_kinds_each(s->t.en, s->domid, save_check_device, s, e) < 0 ||
        hv_get(engine_hv(s->t.en), s->domid, &h, e) < 0)
        return -1;
    s->out.mem_kib = h.mem_kib;
    return 0;
}

static enum step_rc
save_run_check(struct task *t, struct err *e)
{
    struct save *s = save_self(t);
    enum step_rc rc = save_reach(s, e);

    if (rc != STEP_DONE)
        return rc;
    if (save_check_domain(s, e) < 0)
        return STEP_FAIL;
    s->out.stop_first = s->out.mem_kib < LIVE_KIB;
    return save_check_room(s, e) < 0 ? STEP_FAIL : STEP_DONE;
}

/* --- the file --- */

static enum step_rc
save_run_file(struct task *t, struct err *e)
{
    struct save *s = save_self(t);
    const struct dom_entry *de = save_entry(s, e);

    if (de == NULL || save_make_file(s, de, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static enum step_rc
save_undo_file(struct task *t)
{
    save_drop_file(save_self(t));
    return STEP_DONE;
}

static enum step_rc
save_run_stream(struct task *t, struct err *e)
{
    struct save *s = save_self(t);

    s->out.words = save_words(s);
    return outgoing_run(&s->out, e);
}

static enum step_rc
save_undo_stream(struct task *t)
{
    return outgoing_undo(&save_self(t)->out);
}

/* From the note on the next engine finishes it. */
static enum step_rc
save_run_commit(struct task *t, struct err *e)
{
    struct save *s = save_self(t);

    if (s->naming.helper == NULL && !s->naming.answered)
        oplog_note(t, "finish", "1");
    return save_name_file(s, e);
}

static enum step_rc
save_undo_commit(struct task *t)
{
    oplog_note(t, "finish", "0");
    return STEP_DONE;
}

/* --- the record --- */

static int
save_put_state(const struct save *s, const char *path, struct err *e)
{
    const char *dir = engine_paths(s->t.en)->state;
    struct db_state st;

    db_state_load(dir, s->uuid, &st);
    text_fmt(st.saved, sizeof(st.saved), "%s", path);
    st.resume = s->o.resume;
    return db_state_save(dir, s->uuid, &st, e);
}

static enum step_rc
save_run_keep(struct task *t, struct err *e)
{
    struct save *s = save_self(t);

    if (!s->owned || s->o.checkpoint)
        return STEP_DONE;
    s->kept = true;
    return save_put_state(s, s->path, e) < 0 ? STEP_FAIL : STEP_DONE;
}

static enum step_rc
save_undo_keep(struct task *t)
{
    struct save *s = save_self(t);
    struct err e = { 0 };

    if (s->kept && save_put_state(s, "", &e) < 0)
        event_add_for(t->en, EVENT_ENGINE, EVENT_ERROR, s->domid, t->op->name,
                      "the record still says that it is saved: %s", e.msg);
    s->kept = false;
    return STEP_DONE;
}

/* --- the end --- */

static void
save_tell(const struct save *s)
{
    event_add_for(s->t.en, EVENT_ENGINE, EVENT_INFO, s->domid, s->t.op->name,
                  s->o.checkpoint ? "saved in %s; it runs on" : "saved in %s",
                  s->path);
}

static enum step_rc
save_go_on(struct save *s, struct err *e)
{
    enum step_rc rc = outgoing_resume(&s->out, e);

    if (rc != STEP_DONE)
        return rc;
    save_tell(s);
    return STEP_DONE;
}

/* What removes it is on record before this is off it. */
static enum step_rc
save_run_end(struct task *t, struct err *e)
{
    struct save *s = save_self(t);
    struct dom_entry *de = save_entry(s, e);

    if (s->o.checkpoint)
        return de == NULL ? STEP_FAIL : save_go_on(s, e);
    save_tell(s);
    if (de != NULL)
        t->op->next = ending_begin_as(de, DOM_SAVED);
    return STEP_DONE;
}

/* --- after the death of an engine --- */

static enum step_rc
save_run_nothing(struct task *t, struct err *e)
{
    (void)t;
    (void)e;
    return STEP_DONE;
}

/* The file has its real name already, or gets it. A dead server holds up this
 * operation, not the engine's start. */
static enum step_rc
save_run_look(struct task *t, struct err *e)
{
    struct save *s = save_self(t);
    enum step_rc rc = save_reach(s, e);

    if (rc == STEP_DONE)
        s->renamed = save_is_renamed(s);
    return rc;
}

static enum step_rc
save_run_give_up(struct task *t, struct err *e)
{
    (void)t;
    err_set(e, ERR_LOST, "the engine that saved it died: undone");
    return STEP_FAIL;
}

#define FINISH                                                                 \
    { .id = "commit",                                                          \
      .label = "name the file",                                                \
      .run = save_run_commit,                                                  \
      .undo = save_undo_commit },                                              \
        { .id = "keep",                                                        \
          .label = "record",                                                   \
          .run = save_run_keep,                                                \
          .undo = save_undo_keep },                                            \
    {                                                                          \
        .id = "end", .label = "end", .run = save_run_end                       \
    }

#define BEGUN                                                                  \
    { .id = "begun-file",                                                      \
      .label = "file",                                                         \
      .run = save_run_nothing,                                                 \
      .undo = save_undo_file },                                                \
    {                                                                          \
        .id = "begun-stream", .label = "let it run on",                        \
        .run = save_run_nothing, .undo = save_undo_stream                      \
    }

static const struct step save_steps[] = {
    { .id = "check", .label = "check", .run = save_run_check },
    { .id = "file",
      .label = "begin the file",
      .run = save_run_file,
      .undo = save_undo_file },
    { .id = "stream",
      .label = "write memory",
      .run = save_run_stream,
      .undo = save_undo_stream,
      .cancellable = true },
    FINISH,
};

static const struct step finish_steps[] = {
    BEGUN,
    { .id = "look", .label = "look at the file", .run = save_run_look },
    FINISH,
};

static const struct step undo_steps[] = {
    BEGUN,
    { .id = "give-up", .label = "give up", .run = save_run_give_up },
};

/* What was saved and is on record stays, whoever ends this. */
static void
save_free(struct task *t)
{
    struct save *s = save_self(t);

    outgoing_fini(&s->out);
    file_look_fini(&s->look);
    helper_cancel(s->naming.helper);
    s->naming.helper = NULL;
    if (s->kept || t->op->state == OP_DONE)
        s->renamed = false;
    if (engine_is(t->en, ENGINE_ABANDONED))
        s->renamed = s->made = false;
    save_drop_file(s);
    free(s);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct task_type save_type = { .steps = save_steps,
                                            .n_steps = COUNT(save_steps),
                                            .free = save_free };
static const struct task_type finish_type = { .steps = finish_steps,
                                              .n_steps = COUNT(finish_steps),
                                              .free = save_free };
static const struct task_type undo_type = { .steps = undo_steps,
                                            .n_steps = COUNT(undo_steps),
                                            .free = save_free };

void
save_init(struct save *s, struct engine *en, const struct dom_entry *de)
{
    s->t.en = en;
    s->dom_id = de->d.id;
    s->domid = de->d.domid;
    s->owned = de->d.owned;
    memcpy(s->uuid, de->d.uuid, sizeof(s->uuid));
    outgoing_init(&s->out, &s->t, &de->d);
}

static struct save *
save_new(struct engine *en, const struct dom_entry *de)
{
    struct save *s = xcalloc(1, sizeof(*s));

    save_init(s, en, de);
    return s;
}

static uint64_t
save_begin(struct save *s, const struct dom_entry *de,
           const struct task_type *type)
{
    uint64_t op = task_begin(s->t.en, &s->t, type, OP_SAVE, &de->d, NULL);

    oplog_note(&s->t, "file", "%s", s->path);
    oplog_note(&s->t, "checkpoint", "%d", s->o.checkpoint);
    oplog_note(&s->t, "replace", "%d", s->o.replace);
    if (!s->o.compress)
        task_set_xl_words(&s->t, s->o.checkpoint ? "xl save -c" : "xl save",
                          (const char *const[]){ de->d.name, s->path, NULL });
    return op;
}

int
engine_save(struct engine *en, uint64_t dom_id, const char *path,
            const struct save_opts *o, uint64_t *op_out, struct err *e)
{
    struct dom_entry *de = domains_by_id(en, dom_id);
    struct save *s;
    uint64_t op;

    if (de == NULL)
        return defs_refuse(en, dom_id, e) != NULL ? 0 : -1;
    if (de->d.domid == 0)
        return err_set(e, ERR_DENIED, "save: dom0 is the host itself");
    s = save_new(en, de);
    if (o != NULL)
        s->o = *o;
    if (save_choose_path(s, path, e) < 0) {
        free(s);
        return -1;
    }
    op = save_begin(s, de, &save_type);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

void
save_resume(struct engine *en, struct dom_entry *de,
            const struct oplog_entry *j, bool undo)
{
    struct save *s = save_new(en, de);

    s->o = (struct save_opts){ .checkpoint = j->checkpoint,
                               .replace = j->replace };
    text_fmt(s->path, sizeof(s->path), "%s", j->file);
    s->made = true;
    s->out.suspend.asked = j->asked;
    s->out.suspend.was_down = !j->asked;
    s->out.suspend.unsure = true;
    s->out.dirty = dm_has_state(en, s->domid);
    (void)save_begin(s, de, undo ? &undo_type : &finish_type);
    oplog_note(&s->t, "asked", "%d", j->asked);
    oplog_note(&s->t, "finish", "%d", !undo);
}
