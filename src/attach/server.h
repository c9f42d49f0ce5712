/*
 * server.h - the engine's side of sessions: listens on a socket, decides who
 * may come in, and runs each session: a batch of verbs, or a front end on a
 * terminal that its client has handed over.
 *
 * Clients are hostile: what they send is bounded and checked, what they do not
 * take is queued within bounds, and none of them makes the engine wait.
 */
#ifndef XENDECK_ATTACH_SERVER_H
#define XENDECK_ATTACH_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/model/session_info.h"
#include "src/base/buf.h"
#include "src/base/err.h"

struct attach_server;
struct cmd_set;
struct engine;
struct log;
struct loop;
struct session;
struct settings;

struct attach_server_opts {
    struct loop *lp;
    struct engine *en;
    const struct settings *set; /* what a session's own settings begin with */
    const struct cmd_set *cmds;
    const char *sock;       /* path to listen at */
    int listen_fd;          /* systemd's; -1: the socket is made here */
    int lock_fd;            /* of place_take_lock, for who waits; -1: none */
    bool started_by_client; /* ends by itself when there is nothing to do */
    unsigned grace_ms;      /* how long it stays then; 0: a minute */
    struct session *own;    /* of this process's own terminal, or NULL; gets a
                               number */
    /* The engine is to end (kill-engine, nothing to do). */
    void (*end)(void *arg);
    void *arg;
};

/* NULL with *e: the socket cannot be made. All but the structs pointed to is
 * copied. */
struct attach_server *attach_server_new(const struct attach_server_opts *o,
                                        struct err *e);
/* Ends all sessions. comes_back: their clients wait for another engine.
 * Nothing is waited for. NULL is allowed. */
void attach_server_free(struct attach_server *as, bool comes_back);

/* Orderly end on behalf of a session: kill-engine. */
void attach_server_end(struct attach_server *as, const char *who);
/* Whether kill-engine has been called. */
bool attach_server_ended(const struct attach_server *as);

/* What is shown of a session. */
struct attach_view {
    const struct session_info *info;
    char looks_at[96]; /* "console of web1", "" */
    int rows, cols;    /* 0: no terminal */
    unsigned long long idle_s;
};

/* The i-th session, false beyond the last. */
bool attach_server_at(struct attach_server *as, size_t i,
                      struct attach_view *out);
/* Ends a session. -1: there is none with this number, or it is the engine's
 * own. */
int attach_server_detach(struct attach_server *as, unsigned long long id,
                         const char *who, struct err *e);

#endif
