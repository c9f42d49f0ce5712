/*
 * save_int.h - a save at work, shared by the files of save/.
 */
#ifndef XENDECK_ENGINE_SAVE_INT_H
#define XENDECK_ENGINE_SAVE_INT_H

#include "engine/config/core/config.h"
#include "engine/host/domains.h"
#include "engine/life/save.h"
#include "engine/life/save/outgoing.h"
#include "engine/record/db.h"
#include "engine/task/file_look.h"
#include "engine/task/oplog.h"
#include "engine/task/task.h"

struct saved_head;

struct save {
    struct task t;
    uint64_t dom_id;
    uint32_t domid;
    uint8_t uuid[16];
    bool owned;
    struct save_opts o;
    char path[DB_FILE_MAX]; /* absolute */
    uint64_t inode;         /* of the file as it grows: a helper opens it */
    bool made;              /* that file may exist */
    bool renamed;           /* it is the whole one, under its own name */
    bool kept;              /* the record says that the domain is saved */
    struct file_look look;
    bool reached; /* the directory answers */
    struct {
        struct helper *helper;
        bool answered;
        struct err err;
    } naming;                     /* the file gets its name */
    char words[DB_FILE_MAX + 96]; /* of the helper's job */
    struct outgoing out;
};

/* The name of the file while it grows. */
void save_part_path(const struct save *s, char *dst, size_t n);

/* save.c: zeroed so far. */
void save_init(struct save *s, struct engine *en, const struct dom_entry *de);
/* May the domain be saved? Then its memory is known. */
int save_check_domain(struct save *s, struct err *e);

/* save_file.c: all that a save does with files. */
/* The configuration, as it stands in the header. */
int save_fill_head(const struct save *s, const struct dom_entry *de,
                   struct saved_head *h, struct err *e);
/* An absolute path, the default if path is NULL or "". */
int save_choose_path(struct save *s, const char *path, struct err *e);
/* Is it a file that we named, and drop when its domain runs again? */
bool save_keeps_file(const struct engine *en, const char *path);
/* The directory of the file answers, or it is none of another host. */
enum step_rc save_reach(struct save *s, struct err *e);
int save_check_room(const struct save *s, struct err *e);
/* Makes the file with its head, and lets go of it: to close it later, with more
 * than the head unwritten, would wait for its server. */
int save_make_file(struct save *s, const struct dom_entry *de, struct err *e);
/* What the helper is told of it. */
const char *save_words(struct save *s);
/* The file gets its name, which is on disk then: by a helper, so call again
 * after each wake-up. */
enum step_rc save_name_file(struct save *s, struct err *e);
void save_drop_file(struct save *s);
/* Of one that a dead engine wrote: it has its real name already. */
bool save_is_renamed(const struct save *s);

/* save_recover.c */
void save_recover_enter(struct engine *en);
/* save.c: goes on with what a dead engine began; undo: it is only undone. */
void save_resume(struct engine *en, struct dom_entry *de,
                 const struct oplog_entry *j, bool undo);

#endif
