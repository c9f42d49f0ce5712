/*
 * session.h - one caller of the engine: who it is, what it may do, where it was
 * called from, and where its output goes. Rights are asked here: by cmd_run for
 * verbs, by the front end for keys that enter a guest, to say why not. For the
 * latter the engine asks info.rights itself (engine/console/console.h).
 *
 * A session is embedded in its owner (a terminal, a batch on a socket); all of
 * it but output and batch is set by the owner before use.
 */
#ifndef XENDECK_COMMAND_SESSION_H
#define XENDECK_COMMAND_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/model/session_info.h"
#include "src/base/buf.h"
#include "src/base/err.h"

struct attach_server;
struct batch;
struct cmd_look;
struct cmd_set;
struct engine;
struct loop;
struct screen;
struct session;
struct settings;

enum session_to { SESSION_OUT, SESSION_ERR };

/* Where the output of a session without a screen goes. */
struct session_output {
    /* Takes all n bytes and never blocks: what the reader cannot take yet is
     * kept. */
    void (*put)(struct session *s, enum session_to to, const char *bytes,
                size_t n);
    /* How many bytes are kept. When that falls to 0, session_drained is
     * called. */
    size_t (*queued)(const struct session *s);
};

struct session {
    struct session_info info;   /* with the rights of the moment */
    enum session_right granted; /* the most that info.rights may become */
    bool host_read_only;        /* the engine's own settings say so: for all */
    const char *cwd;  /* absolute; NULL: the process's own directory */
    const char *term; /* name of the terminal's type, or NULL */
    bool utf8;
    bool from_hook; /* a hook of en called it, which is proven: what it does
                       runs no hooks */
    bool alone; /* the engine was opened for this session only: it is told all
                   that the engine warns of, not only about its own verbs */

    struct engine *en; /* NULL: for verbs that need no host */
    struct loop *lp;
    const struct cmd_set *cmds;
    const struct settings *set; /* NULL: none */

    bool has_stdio; /* the caller's own are here, for CMD_TAKES_STDIO */
    int stdio[2];   /* standard input and output; the owner closes them */

    struct screen *screen;               /* NULL: it has none */
    const struct session_output *output; /* NULL: only its screen shows */
    bool closed;                         /* nobody reads the output any more */
    int errnum;                   /* why the output cannot be written, or 0 */
    struct attach_server *server; /* of all sessions; NULL: it is alone */
    struct batch *batch;          /* that runs in it, or NULL; set by batch.c */
    struct cmd_look *looks;       /* lines that wait for a file server, the
                                     newest first; set by file_words.c */
};

/* Whether s may do what (a verb, "typing"). false: *e says which right is
 * missing. */
bool session_may(const struct session *s, enum session_right need,
                 const char *what, struct err *e);
/* Whether s may send keys, pastes and mouse reports to a guest. */
bool session_may_type(const struct session *s, struct err *e);
/* True if files that s names are opened with the rights of another user: the
 * engine's. Such verbs are for admins. */
bool session_is_other_user(const struct session *s);

/* Writes to the output; a session without one ignores it. */
void session_put(struct session *s, enum session_to to, const char *text);
size_t session_queued(const struct session *s);
/* Shows a sentence on the screen of s, if it has one. */
void session_say(const struct session *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Appends path as s means it: below its working directory if relative. */
void session_path(const struct session *s, const char *path, struct buf *out);

/* --- told by the owner of the output --- */
void session_drained(struct session *s);
/* The reader is gone (errnum 0 or EPIPE), or a write has failed. */
void session_output_lost(struct session *s, int errnum);

#endif
