/*
 * tune.h - what the verbs of tuning share: a task on one domain whose state is
 * its arguments, one or two steps long; the record of an owned domain that
 * follows, so that a restart keeps what was set.
 */
#ifndef XENDECK_ENGINE_TUNE_H
#define XENDECK_ENGINE_TUNE_H

#include "engine/config/core/config.h"
#include "engine/host/domains.h"
#include "engine/host/pools.h"
#include "engine/task/task.h"

/* First member of each verb's own struct. */
struct tune {
    struct task t;
    uint64_t dom_id;
    bool again; /* an engine died on it: some of it may be done already */
};

/* A live domain, or NULL with *e. dom0_ok: dom0 is one of them. */
struct dom_entry *tune_target(struct engine *en, uint64_t dom_id,
                              enum op_verb verb, bool dom0_ok, struct err *e);
/* That of a task at work; NULL with *e: it is gone or has ended. */
struct dom_entry *tune_dom(const struct task *t, struct err *e);
/* Refuses one that stands still and could not follow. */
int tune_can_follow(const struct dom_entry *de, struct err *e);

/* Refuses one whose vcpus Xen does not know yet: it has no ranges. */
int tune_check_built(const struct dom_entry *de, struct err *e);

struct tune_begin {
    const struct task_type *type;
    enum op_verb verb;
    /* What is to be, in words that tune_repeat takes, for the engine that finds
     * it half-done; NULL: a single call, which was made or was not. */
    const char *want;
    const char *title; /* with the value, for the log; NULL: the verb's name */
};

/* The domain's name as a word of that line: safe for a shell, into out. */
#define TUNE_XL_NAME 280 /* each byte may need four */
#define TUNE_XL_MAX  1024
const char *tune_xl_name(const struct dom_entry *de, char out[TUNE_XL_NAME]);

/* Takes tn. xl: the equal xl line, safe for a shell. op_out may be NULL.
 * Always 0. */
int tune_begin(struct dom_entry *de, struct tune *tn,
               const struct tune_begin *b, const char *xl, uint64_t *op_out);

/* Changes the configuration on record of an owned domain; that of others, or
 * one that is not on record, is nobody's to change: success. */
typedef void (*tune_keep_cb)(struct domain_config *c, const void *arg);
int tune_keep(const struct dom_entry *de, tune_keep_cb change, const void *arg,
              struct err *e);

/* Waiting for the guest to follow; zeroed means not begun. */
struct tune_wait {
    struct task *task;
    struct loop_timer poll; /* wakes the task */
    uint64_t value, since_ms;
};

#define TUNE_STALL_S 30

/* Wakes t again soon. True once value has stood still for TUNE_STALL_S. */
bool tune_stalled(struct tune_wait *w, struct task *t, uint64_t value);
void tune_wait_over(struct tune_wait *w);

/* tune_repeat.c: how these operations are recovered. */
void tune_recover_enter(struct engine *en);
/* Id of the steps in which all is set and only the guest is waited for. */
#define TUNE_STEP_WAIT "wait-guest"

/* signals.c: takes back a key that the guest has not taken. */
int sysrq_withdraw(struct engine *en, uint32_t domid, char key, struct err *e);

/* cpu_words.c: xl's words for cpus ("0-3,^2", "nodes:0,^1") as those of a
 * configuration; the caller's. NULL with *e: the host has no such cpus. */
char *cpu_words(struct engine *en, const char *text, struct err *e);

#endif
