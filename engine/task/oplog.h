/*
 * oplog.h - the operations at work, on record before they change anything,
 * so that what a killed engine left half-done can be finished or undone. One
 * file an engine, RUN_DIR/ops/PID.N, locked while its engine lives:
 *
 *   version 2
 *   boot BOOT_ID
 *   begin OPERATION VERB
 *   set OPERATION KEY VALUE     (name, uuid, domid, step, ...)
 *   end OPERATION
 *
 * A line is written as a whole: what the disk takes of one that it has no room
 * for is taken back, or its end says so, and it is written again later. An
 * incomplete last one is ignored. It holds facts of
 * this boot only: what another boot left is dropped. Where the kernel did not
 * tell its boot, to who wrote or who reads, the file and what it names stay.
 * VERB is an op_verb_id, VALUE of reason a dom_reason_id, that of step the id
 * of struct step; in version 1, which had no such line, it was the label. The
 * file of a later version is left alone: only that version can recover it. So
 * is one in which an operation was not ended that this version does not know.
 */
#ifndef XENDECK_ENGINE_OPLOG_H
#define XENDECK_ENGINE_OPLOG_H

#include "engine/model/operation.h"
#include "src/base/maker.h"

struct engine;
struct task;

#define OPLOG_WANT_MAX    256
#define OPLOG_FILE_MAX    512
#define OPLOG_HOST_MAX    128
#define OPLOG_VERSION     2
#define OPLOG_STRANGE_MAX 32

/* One operation that was begun and not ended. */
struct oplog_entry {
    uint64_t op; /* its number in the engine that began it */
    enum op_verb verb;
    uint32_t domid;   /* 0: not known */
    uint8_t uuid[16]; /* all zero: not known */
    char name[MODEL_NAME_MAX];
    char step[64];          /* id of that at work, "" before the first */
    enum dom_reason reason; /* ending: why; DOM_REASON_UNKNOWN */
    double ran_s;           /* ending: how long it ran, < 0: not known */
    double until_s;   /* destruction: it can be taken back, by the boot clock */
    unsigned grace_s; /* how long that was at first */
    bool held;        /* and has paused the domain */
    bool revived;     /* it was taken back */
    unsigned restarts; /* lives before this one */
    uint8_t alias[16]; /* ending: the uuid a kept one gets */
    bool owned;        /* ending: ours to clean up after */
    bool paused;       /* creation: to be left paused */
    bool again;        /* creation: a restart; it is to come back */
    bool live;         /* its engine still works on it */
    /* A verb or reason that this version does not know (verb is OP_VERBS in the
     * first case), or "". */
    char strange[OPLOG_STRANGE_MAX];
    /* Of a save: its file; the guest was asked to suspend; the file is whole,
     * so that it is to be finished; the guest runs on after it; a file of that
     * name was to be replaced. */
    char file[OPLOG_FILE_MAX];
    bool asked, finish, checkpoint, replace;
    /* Of a migration: file is the line that leads to the host; want, who it
     * is. It was told to be the receiver's; the sender: that is xl. */
    char host[OPLOG_HOST_MAX];
    bool given, to_xl;
    /* What is to be: of tuning (tune.h), of CD drives (change.c); or "". */
    char want[OPLOG_WANT_MAX];
};

/* From task_begin, the steps, the end. Without a file (no space, no
 * directory) operations go on, and the log says so; what is missing is written
 * once it can be. */
void oplog_begin(struct task *t);
void oplog_step(struct task *t);
void oplog_note(struct task *t, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* op: of an operation of this engine. */
void oplog_end_op(struct engine *en, uint64_t op);

/* maker_boot, read once when the engine opens: "" only while it cannot be. */
const char *oplog_boot(const struct engine *en);
/* Name of this engine's file, "" if there is none: part of the mark of a
 * domain that is being built. */
const char *oplog_name(struct engine *en);
/* Whether the engine with this file lives. */
enum life oplog_life(const struct engine *en, const char *name);
/* Is the builder that wrote this mark still at work? */
enum life oplog_maker_life(const struct engine *en, const char *maker);

struct oplog_list {
    struct oplog_entry *list; /* the caller frees it */
    size_t n;
    size_t boots;   /* operations of an earlier boot, dropped */
    bool whole;     /* all files could be read, and are of the dead or living */
    char newer[32]; /* a file of a later version, which is left alone, or "" */
    char strange[OPLOG_STRANGE_MAX]; /* it has the form of this one, but names
                                        this; or "" */
};

/* What other engines have at work or left, oldest first. An engine of which it
 * cannot be told whether it lives counts as living. */
void oplog_read(struct engine *en, struct oplog_list *out);
/* The same with this engine's own. */
void oplog_read_all(struct engine *en, struct oplog_list *out);
/* Removes the files of dead engines that the last oplog_read has read; not
 * those of a later version. */
void oplog_drop_dead(struct engine *en);
/* Whether there is one that it would remove. */
bool oplog_any_dead(struct engine *en);
void oplog_close(struct engine *en);

#endif
