/*
 * hooks.h - programs of the administrator that run on events: every executable
 * regular file of a directory, owned by root and not writable by others, once
 * an event, with the facts in its environment. Bounded in time, number and
 * output. Knows no engine.
 */
#ifndef XENDECK_ENGINE_HOOKS_H
#define XENDECK_ENGINE_HOOKS_H

#include "engine/model/model.h"
#include "src/base/log.h"
#include "src/base/loop.h"

#define HOOKS_AT_ONCE   4
#define HOOKS_QUEUE_MAX 256
#define HOOKS_LIMIT_MS  10000 /* then SIGTERM */
#define HOOKS_KILL_MS   2000  /* then SIGKILL */
#define HOOKS_OUT_MAX   4096  /* bytes of its output that are kept */
/* Set for what a hook starts: its events run no hooks. The value is known to
 * the engine and its hooks alone. */
#define HOOKS_ENV "XENDECK_HOOK"

struct hooks_opts {
    struct loop *lp; /* borrowed */
    struct log *log; /* borrowed, may be NULL: gets their output */
    const char *dir;
    unsigned limit_ms; /* 0: HOOKS_LIMIT_MS */
    /* Whether this engine runs hooks at all, asked at each event. */
    bool (*enabled)(void *arg);
    /* What the operator should know: skipped, failed, dropped. */
    void (*note)(void *arg, enum event_level l, const char *text);
    void *arg;
};

struct hooks_stats {
    size_t files; /* that would run now */
    size_t running, queued;
    unsigned long long done, failed, dropped;
};

struct hooks;

struct hooks *hooks_new(const struct hooks_opts *o);
/* Kills those at work. NULL is allowed. */
void hooks_free(struct hooks *h);
/* Starts or queues what is there for an event. h may be NULL. */
void hooks_event(struct hooks *h, const struct event *ev);
/* Whether a process whose HOOKS_ENV is this was started by a hook of h. */
bool hooks_started(const struct hooks *h, const char *mark);
/* Is one at work, or waiting for its turn? */
bool hooks_at_work(const struct hooks *h);
void hooks_stats(struct hooks *h, struct hooks_stats *out);

#endif
