/*
 * clone_int.h - a cloning at work, shared by the files of clone/.
 */
#ifndef XENDECK_ENGINE_CLONE_INT_H
#define XENDECK_ENGINE_CLONE_INT_H

#include "engine/config/core/config.h"
#include "engine/life/clone.h"
#include "engine/model/domain.h"
#include "engine/task/file_look.h"
#include "engine/task/task.h"

#define CLONE_PATH_MAX 1024
#define CLONE_PART_MAX (CLONE_PATH_MAX + 64)

struct helper;

/* A disk of the clone that is copied, shared or left out. */
struct clone_disk {
    size_t nth; /* among the devices of the original */
    char name[32];
    enum clone_way way; /* never CLONE_USUAL */
    char from[CLONE_PATH_MAX];
    char to[CLONE_PATH_MAX];   /* of a copy */
    char part[CLONE_PART_MAX]; /* where it grows; "": over a block device */
    bool made, named;          /* the file is there as part; as to */
};

/* What is to be made. */
struct clone_plan {
    struct domain_config *cfg; /* of the clone */
    struct clone_disk *disks;
    size_t n;
};

/* --- clone_plan.c: reads the record, looks at no file --- */
/* *out is the caller's (clone_plan_fini), also on -1. */
int clone_plan_make(struct engine *en, const struct dom *d,
                    const struct clone_opts *o, struct clone_plan *out,
                    struct err *e);
void clone_plan_fini(struct clone_plan *p);
/* As engine_clone_tell. */
void clone_plan_tell(const struct clone_plan *p, struct buf *out,
                     struct buf *over_out);

struct clone {
    struct task t;
    struct clone_plan plan;
    uint8_t from_uuid[16]; /* of the original */
    char from_name[MODEL_NAME_MAX];
    bool live;
    bool listed, reached; /* its files have been looked for, have answered */
    struct file_look look;
    size_t at;             /* the disk that is being copied or named */
    struct helper *helper; /* NULL: none at work */
    bool ended;            /* the helper has, with err */
    struct err err;
    bool noted;   /* what is copied is on record (clone_files.c) */
    bool defined; /* the definition is there */
};

/* --- clone_files.c: the copies, and their record UUID.clone among the
 * configurations: which file becomes which --- */
/* Refuses what cannot be read, and what is in the way of a copy. */
int clone_check_files(struct clone *k, struct err *e);
/* Writes the record. */
int clone_note_files(struct clone *k, struct err *e);
/* Copies the disk at k->at, and gives the copy its name; call again after each
 * wake-up. */
enum step_rc clone_copy_disk(struct clone *k, struct err *e);
enum step_rc clone_name_disk(struct clone *k, struct err *e);
/* Removes the copies and their record; idempotent. */
void clone_drop_files(struct clone *k);
/* All have their names: the record goes. */
void clone_forget_files(struct clone *k);

#endif
