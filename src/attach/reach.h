/*
 * reach.h - a client's way to an engine: the one that listens, else systemd's,
 * else one that is started in the background. Two that start at once get one
 * engine: its lock decides, and the loser connects to the winner's.
 */
#ifndef XENDECK_ATTACH_REACH_H
#define XENDECK_ATTACH_REACH_H

#include <stdbool.h>

#include "src/attach/place.h"
#include "src/base/err.h"

struct reach {
    struct place place;
    char *const *launch; /* arguments of an engine to start; NULL: none is */
    bool (*unit)(bool again); /* launch_unit of launch.h; NULL: systemd is not
                                 asked */
    bool started;             /* out: this call has started the engine */
};

/* A connection. -1 with *e: ERR_NOENT when there is no engine and none is to
 * be started, ERR_TIMEOUT when one does not take connections. */
int reach_engine(struct reach *r, struct err *e);
/* The same without starting one, without waiting. */
int reach_running(struct reach *r, struct err *e);
/* Ends the engine of record: SIGTERM, after a while SIGKILL. An engine that
 * is not there is fine. What goes on is told on standard error. */
int reach_end_engine(struct reach *r, struct err *e);

#endif
