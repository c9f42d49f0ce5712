/*
 * session_info.h - what a session looks like from outside: plain data for lists
 * and for checks of rights. A session is one caller of the engine: a terminal,
 * a batch of verbs (-e, -f), or a remote listener.
 */
#ifndef XENDECK_MODEL_SESSION_INFO_H
#define XENDECK_MODEL_SESSION_INFO_H

#include <stdint.h>

enum session_kind { SESSION_TERMINAL, SESSION_BATCH, SESSION_REMOTE };

/* What a session may do; each right includes those before it. */
enum session_right {
    RIGHT_NONE,
    RIGHT_VIEW,    /* read all, change nothing */
    RIGHT_OPERATE, /* run and end domains that are there, type into them */
    RIGHT_ADMIN    /* all: make domains, change the host, name files */
};

struct session_info {
    uint64_t id; /* from 1, never reused; 0: the only session of a process */
    enum session_kind kind;
    char who[32]; /* "root@pts/3"; "": the user of this process */
    unsigned uid;
    enum session_right rights;
    double start_wall_s; /* seconds since the epoch */
};

/* "terminal", "view"; never NULL. */
const char *session_kind_name(enum session_kind k);
const char *session_right_name(enum session_right r);

#endif
