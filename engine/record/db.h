/*
 * db.h - what must survive the engine: one libconfig file for each owned
 * or defined domain, STATE_DIR/UUID.conf, written to a temporary file, fsynced,
 * renamed; and beside it UUID.state, what is known of its lives.
 */
#ifndef XENDECK_ENGINE_DB_H
#define XENDECK_ENGINE_DB_H

#include <stdint.h>

#include "engine/config/core/config.h"

/* Replaces the file of this uuid with one that db_load takes. On -1 the old
 * one, if any, is whole. */
int db_save(const char *dir, const uint8_t uuid[16],
            const struct domain_config *c, struct err *e);
/* ERR_NOENT if there is none. */
int db_load(const char *dir, const uint8_t uuid[16], struct domain_config **out,
            struct err *e);
/* Both files. Missing ones are success. */
int db_remove(const char *dir, const uint8_t uuid[16], struct err *e);
/* The same at the end of a domain: what is defined, saved or held stays. */
int db_forget(const char *dir, const uint8_t uuid[16], struct err *e);

/* Is this file name a configuration's, and whose? */
bool db_is_conf(const char *name, uint8_t uuid[16]);

/* Replaces a file of this uuid - ".conf", ".state" or ".tags" - with this text
 * as it is. */
int db_put_text(const char *dir, const uint8_t uuid[16], const char *suffix,
                const struct buf *text, struct err *e);

/* Replaces any file of the engine's: it holds the old or the new text. A power
 * cut may bring the old one back. */
int db_replace_file(const char *path, const struct buf *text, struct err *e);

/* What was renamed, linked and removed in it up to now outlives a power cut. */
void db_sync(const char *dir);

/* Reads one of them as it is. ERR_NOENT if there is none. */
int db_get_text(const char *dir, const uint8_t uuid[16], const char *suffix,
                struct buf *out, struct err *e);

/* Removes one. It is success if there is none. */
int db_drop_text(const char *dir, const uint8_t uuid[16], const char *suffix,
                 struct err *e);

#define DB_FILE_MAX 512

struct db_state {
    bool defined; /* kept while it does not run */
    /* The file that its memory and state are in while it does not run; "": it
     * was not saved. Its configuration is kept with it. */
    char saved[DB_FILE_MAX];
    bool resume; /* saved as the host stopped: it starts with the host */
    unsigned restarts;
    double start_wall_s; /* of the last life; 0: none yet */
    char last_end[16];   /* dom_reason_name, "" */
    double last_end_wall_s;
    bool refused; /* its restart was, at that end */
    /* Its restart was cancelled, or another host was told to run it and has not
     * said that it does: it stays off, and its configuration is kept though it
     * is not defined, until an operator starts or forgets it. */
    bool held;
    bool redefined; /* since it was started: it may not have those devices */
    bool unread;    /* the system did not let it be read now */
};

/* All zero if there is none. A broken one counts as defined: a definition that
 * is too much is seen, and can be forgotten; a lost one cannot be had back. */
void db_state_load(const char *dir, const uint8_t uuid[16],
                   struct db_state *out);
/* -1 with *e: s is unread, and no ground to replace anything. */
int db_state_check(const char *dir, const uint8_t uuid[16],
                   const struct db_state *s, struct err *e);
/* Refuses one that is unread: the file would lose what it says. It is on disk
 * when this returns, if the domain is kept or was. */
int db_state_save(const char *dir, const uint8_t uuid[16],
                  const struct db_state *s, struct err *e);
bool db_defined(const char *dir, const uint8_t uuid[16]);
/* Defined, saved or held: its configuration stays while it does not run. */
bool db_kept(const char *dir, const uint8_t uuid[16]);

#endif
