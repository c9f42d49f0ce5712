/*
 * file_look.h - before the engine looks at files that another host may serve, a
 * helper process does: if their server is dead the helper hangs, not the loop.
 * The operation waits meanwhile, says for which file, can be cancelled, and
 * fails after a limit. Files of this host are not looked at.
 */
#ifndef XENDECK_ENGINE_FILE_LOOK_H
#define XENDECK_ENGINE_FILE_LOOK_H

#include "engine/task/task.h"
#include "src/base/buf.h"
#include "src/base/loop.h"

#define LOOK_NOW_MAX 256

struct helper;

/* Embedded in its task; zeroed means nothing asked. */
struct file_look {
    struct task *task;
    struct helper *helper;
    struct buf files;       /* "path FILE\n" of each that is remote */
    char now[LOOK_NOW_MAX]; /* the one that the helper is at */
    uint64_t since_ms;
    bool told, answered;
    struct err err;
};

/* A file that the next file_look_run is about; one of this host is left out. */
void file_look_add(struct file_look *l, struct engine *en, const char *path);
/* Call again after each wake-up. STEP_DONE: all have answered, if only that
 * there is no such file; l is as new. */
enum step_rc file_look_run(struct file_look *l, struct task *t, struct err *e);
/* Ends a helper at work; idempotent. */
void file_look_fini(struct file_look *l);

/* The same for who is no operation. Embedded in its owner, zeroed but for slow
 * and done. */
struct look {
    struct engine *en;
    struct helper *helper;
    struct buf files;
    char now[LOOK_NOW_MAX];
    uint64_t since_ms;
    bool told;
    struct loop_timer timer;
    /* Once, if the server of now does not answer soon. */
    void (*slow)(struct look *l);
    /* Once, from the loop: e has ERR_NONE if all have answered, if only that
     * there is no such file. l is finished, its owner may be freed. */
    void (*done)(struct look *l, const struct err *e);
};

/* One of this host is left out. */
void look_add(struct look *l, struct engine *en, const char *path);
bool look_is_needed(const struct look *l); /* one was not left out */
/* Returns 0, or -1 with *e set: done is not called then. */
int look_start(struct look *l, struct engine *en, struct err *e);
void look_fini(struct look *l); /* done is not called; idempotent */

/* Closes those that are not -1, and sets them so; those of remote files after a
 * helper has got them, which closes them last: that may wait for the server.
 * For files that were only read; at most 5 remote ones. */
void file_look_close(struct engine *en, int *fds, size_t n);
/* Removes a file; if another host serves it, by a helper, which nobody waits
 * for. */
void file_look_remove(struct engine *en, const char *path);

#endif
