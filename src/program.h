/*
 * program.h - what the roles of this program share: the command line, settings,
 * the log, and an engine in this process. main.c owns it and ends it.
 */
#ifndef XENDECK_SRC_PROGRAM_H
#define XENDECK_SRC_PROGRAM_H

#include "engine/api/toolstack.h"
#include "src/base/buf.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/command/command.h"
#include "src/command/settings.h"
#include "src/options.h"

#ifndef XENDECK_VERSION
#define XENDECK_VERSION "0.1.0"
#endif

struct attach_server;

enum { STATUS_DONE, STATUS_FAILED, STATUS_USAGE };

struct front {
    struct options opt;
    struct settings set;
    struct cmd_set cmds;
    struct buf notice; /* for the first screen */
    bool checked;      /* front_check was called */
    bool has_screen;   /* that a notice can wait for */
    struct log *log;
    bool log_open;
    struct loop *lp;
    struct engine *en;
    struct attach_server *server;
    int lock_fd; /* of a simulated host; -1: none */
};

/* Says it on standard error; returns status. */
int front_fail(int status, const char *sentence);
/* For the first screen; without one, it is said at once. */
void front_notice(struct front *fr, const char *text);

/* --- front_settings.c */
/* Files, then the command line. on_xen: the log's usual place. -1: what the
 * command line names cannot be used. */
int front_settings(struct front *fr, bool on_xen, struct err *e);
/* The path of the user's own settings; false: there is none. */
bool front_user_config(struct buf *out);
/* Appends the directories of the user's own themes, with colons between. */
void front_user_themes(struct buf *dirs);
void front_open_log(struct front *fr);

/* --- front_host.c */
/* Settings, and whether this host can be run from here; a user at a terminal
 * may take a simulated host instead. A status; with *e set its sentence has not
 * been said. Done once. */
int front_check(struct front *fr, struct err *e);
/* Opens it, with a loop. */
int front_open_engine(struct front *fr, struct err *e);
/* front_check, log, lock; then the engine. As front_check. */
int front_prepare(struct front *fr, struct err *e);
/* Listens for sessions. listen_fd: systemd's, or -1. own: the session of this
 * process's terminal, or NULL. */
int front_listen(struct front *fr, int listen_fd, struct session *own,
                 struct err *e);

/* --- role_*.c: each returns the exit status */
int role_batch_here(struct front *fr, bool needs_host);
int role_foreground(struct front *fr);
int role_engine(struct front *fr); /* --headless and the background's */
/* A session on another process's engine. *foreground_out: a simulated host is
 * to be opened in this process instead. */
int role_client(struct front *fr, bool *foreground_out);
/* Whether an engine runs that would open a file for this user; none is started.
 */
bool role_client_is_served(const struct front *fr);

#endif
