/*
 * client.h - the client's side of a session: connects to the engine, hands the
 * terminal over or the verbs, and stays until the session ends.
 */
#ifndef XENDECK_ATTACH_CLIENT_H
#define XENDECK_ATTACH_CLIENT_H

#include <stdbool.h>

#include "src/attach/hello.h"
#include "src/attach/reach.h"

struct client_opts {
    struct reach reach;
    struct hello hello; /* complete but for cwd, TERM and the like */
    int fd;             /* a connection from reach_engine; taken */
    bool comes_back;    /* started by a client: may be started again */
};

/* Fills in what is asked of this process: cwd, TERM, locale. */
void client_fill_hello(struct hello *h);
/* Runs the session; returns the exit status of the process. */
int client_run(struct client_opts *o);

#endif
