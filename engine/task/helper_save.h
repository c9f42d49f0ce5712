/*
 * helper_save.h - the jobs of a helper that write a domain into a file and read
 * it back.
 */
#ifndef XENDECK_ENGINE_HELPER_SAVE_H
#define XENDECK_ENGINE_HELPER_SAVE_H

#include "engine/hv/hv.h"
#include "engine/task/helper_ask.h"

/* The question of a save: the guest is to stop. Answered once it has, with the
 * words of hv_save_words. */
#define HELPER_ASK_SUSPEND "suspend"
/* Of the save of an HVM domain: its device model is to note what it writes
 * (text "1"), or need not any more ("0"). */
#define HELPER_ASK_LOG_DIRTY "log-dirty"

/* Each says how it went, and returns the exit status. The stream's file is
 * s->fd, which stands where it begins (saved_file.h); what else the jobs need
 * they fill in. state_fd: a file for the state of an HVM domain's device model,
 * -1 of other kinds; what a save writes of it is there once the guest has
 * suspended, a restore fills it. packed: the file is an envelope of
 * saved_pack.h, and stands behind its frame. */
int helper_job_save(struct hv *h, struct hv_save *s, int state_fd, bool packed);
/* The file of a save, which stands at its end: path, if it is still the one
 * with this inode. -1: it has said why not. */
int helper_save_open(const char *path, uint64_t inode);
/* A file that is whole gets its name, on disk as well. */
int helper_job_name(const char *from, const char *to, bool replace);
int helper_job_restore(struct hv *h, struct hv_restore *r, int state_fd,
                       bool packed);

#endif
