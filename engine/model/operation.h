/*
 * operation.h - an operation as it looks from outside the engine. Plain data,
 * borrowed by readers until the next loop turn.
 */
#ifndef XENDECK_MODEL_OPERATION_H
#define XENDECK_MODEL_OPERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/domain.h"
#include "src/base/err.h"

enum op_state { OP_QUEUED, OP_RUNNING, OP_DONE, OP_FAILED, OP_CANCELLED };

enum op_verb {
    OP_CREATE,
    OP_SHUTDOWN,
    OP_REBOOT,
    OP_SUSPEND,
    OP_DESTROY,
    OP_REAP,
    OP_PAUSE,
    OP_UNPAUSE,
    OP_DEVICE_ADD,
    OP_DEVICE_REMOVE,
    OP_MEMORY,
    OP_VCPUS,
    OP_TUNE,
    OP_DUMP,
    OP_RENAME,
    OP_ADOPT,
    OP_DISOWN,
    OP_NETWORK,
    OP_HOST_STOP,
    OP_SAVE,
    OP_RESTORE,
    OP_MIGRATE,  /* to another host */
    OP_RECEIVE,  /* from there */
    OP_REATTACH, /* of devices whose driver domain is back */
    OP_CLONE,    /* of a configuration, with copies of its disks */
    OP_VERBS
};

struct op {
    uint64_t id; /* from 1, never reused */
    enum op_verb verb;
    uint64_t dom_id; /* struct dom.id; 0: not made yet */
    uint32_t domid;  /* 0: not made yet */
    char name[MODEL_NAME_MAX];
    char title[64]; /* with what is wanted: "sysrq c"; else the verb's name */
    char label[64]; /* the step at work, "build" */
    int percent;    /* of the step, never less than before; -1: not known */
    enum op_state state;
    struct err err;            /* with OP_FAILED and OP_CANCELLED */
    uint64_t start_ms, end_ms; /* loop clock */
    uint64_t step_ms;          /* when the step at work began, likewise */
    bool cancellable;
    bool undo; /* until it does anything, a cancellation undoes it wholly */
    bool offer_destroy; /* the guest did not obey in time: destroy it? */
    bool offer_force;   /* a device did not go: remove it by force? */
    char who[32];       /* who asked: "root@pts/3", "engine" for its own */
    bool by_hook;       /* a hook asked for it: its events run no hooks */
    char xl[192];       /* the equal xl line, "" where there is none */
    uint64_t next;      /* the operation that carries on after it, 0: none */
    uint8_t uuid[16];   /* of the domain; all 0: not known (yet) */
};

/* Words for enums, never NULL: "create"; "running". They are for people;
 * they take numbers, as they are also called by pointer. */
const char *op_verb_name(unsigned verb);
/* What names it on record, in the journal and to hooks: it never changes. */
const char *op_verb_id(unsigned verb);
/* False: this version knows none of this id. */
bool op_verb_of_id(const char *id, enum op_verb *out);
/* Does it make a domain? */
bool op_verb_makes(enum op_verb v);
const char *op_state_name(unsigned state);

#endif
