/*
 * tune_repeat.c - what a killed engine had begun to tune is done again: each of
 * these verbs sets what it is told to, so doing it twice is doing it once. The
 * words are those that the verbs themselves put on record (tune_begin).
 */
#include <stdlib.h>
#include <string.h>

#include "engine/record/recover.h"
#include "engine/tune/tune.h"
#include "engine/tune/tuning.h"
#include "src/base/xalloc.h"

#define WORDS_MAX 16

struct words {
    char *w[WORDS_MAX];
    size_t n;
};

static int
not_known(const char *want, struct err *e)
{
    return err_set(e, ERR_INVALID, "its record says \"%.64s\": repeat it",
                   want);
}

/* One number in the word that follows the verb's. */
static bool
tune_repeat_number(const struct words *a, unsigned long long max,
                   unsigned long long *out)
{
    return a->n >= 2 && text_u64(a->w[1], 0, max, out);
}

static int
again_pin(struct dom_entry *de, const struct words *a, struct err *e)
{
    unsigned long long vcpu;
    struct engine_pin pin = { 0 };

    if (a->n != 4 || !tune_repeat_number(a, UINT32_MAX, &vcpu))
        return not_known(a->w[0], e);
    pin.vcpu = (unsigned)vcpu;
    pin.hard = strcmp(a->w[2], "-") != 0 ? a->w[2] : NULL;
    pin.soft = strcmp(a->w[3], "-") != 0 ? a->w[3] : NULL;
    return engine_vcpu_pin(de->en, de->d.id, &pin, NULL, e);
}

static int
again_sched(struct dom_entry *de, const struct words *a, struct err *e)
{
    const char *names[WORDS_MAX], *values[WORDS_MAX];
    struct engine_sched want = { .names = names, .values = values };
    unsigned long long vcpu;
    size_t i;

    if (!tune_repeat_number(a, UINT32_MAX, &vcpu))
        return not_known(a->w[0], e);
    want.vcpu = (unsigned)vcpu;
    for (i = 2; i + 1 < a->n; i += 2) {
        names[want.n] = a->w[i];
        values[want.n++] = a->w[i + 1];
    }
    return engine_sched_set(de->en, de->d.id, &want, NULL, e);
}

static int
again_number(struct dom_entry *de, const struct words *a, struct err *e)
{
    struct engine *en = de->en;
    unsigned long long v;

    if (!tune_repeat_number(a, UINT64_MAX, &v))
        return not_known(a->w[0], e);
    if (strcmp(a->w[0], "target") == 0)
        return engine_mem_set(en, de->d.id, v, NULL, e);
    if (strcmp(a->w[0], "maximum") == 0)
        return engine_mem_max(en, de->d.id, v, NULL, e);
    if (strcmp(a->w[0], "vcpus") == 0 && v <= UINT32_MAX)
        return engine_vcpu_set(en, de->d.id, (unsigned)v, NULL, e);
    if (strcmp(a->w[0], "pool") == 0)
        return engine_pool_move(en, de->d.id, a->w[1], NULL, e);
    return not_known(a->w[0], e);
}

static int
again(struct dom_entry *de, const struct words *a, struct err *e)
{
    if (a->n == 0)
        return not_known("", e);
    if (strcmp(a->w[0], "rename") == 0 && a->n == 2)
        return engine_rename(de->en, de->d.id, a->w[1], NULL, e);
    if (strcmp(a->w[0], "pin") == 0)
        return again_pin(de, a, e);
    if (strcmp(a->w[0], "scheduler") == 0)
        return again_sched(de, a, e);
    return again_number(de, a, e);
}

static int
tune_repeat_repeat(struct dom_entry *de, const char *want, struct err *e)
{
    char *text = xstrdup(want), *save = NULL, *word;
    struct words a = { .n = 0 };
    int rc;

    for (word = strtok_r(text, " ", &save); word != NULL && a.n < WORDS_MAX;
         word = strtok_r(NULL, " ", &save))
        a.w[a.n++] = word;
    /* A guest that was sent a key twice would do it twice. */
    if (a.n == 2 && strcmp(a.w[0], "sysrq") == 0)
        rc = sysrq_withdraw(de->en, de->d.domid, a.w[1][0], e);
    else
        rc = again(de, &a, e);
    free(text);
    return rc;
}

/* What was to be is on record, and may be done twice. */
static void
recover_tuning(struct recovery *r, struct oplog_entry *j)
{
    struct engine *en = r->en;
    struct dom_entry *de = recover_dom(en, j);
    struct err e = { 0 };

    if (de == NULL)
        recover_say(en, j, "the domain is gone");
    else if (strcmp(j->step, TUNE_STEP_WAIT) == 0)
        recover_say(en, j, "all is set, the guest follows by itself");
    else if (j->want[0] == '\0' && j->step[0] == '\0')
        recover_say(en, j, "it had done nothing");
    else if (j->want[0] == '\0')
        recover_say(en, j, "a single call: done or not, and not repeated");
    else if (tune_repeat_repeat(de, j->want, &e) < 0)
        recover_say(en, j, "not finished: %s", e.msg);
    else if (strncmp(j->want, "sysrq ", 6) == 0)
        recover_say(en, j, "a key that the guest has not taken is withdrawn");
    else
        recover_say(en, j, "repeated (%s)", j->want);
}

void
tune_recover_enter(struct engine *en)
{
    recover_enter(en, OP_RENAME, recover_tuning);
    recover_enter(en, OP_MEMORY, recover_tuning);
    recover_enter(en, OP_VCPUS, recover_tuning);
    recover_enter(en, OP_TUNE, recover_tuning);
}
