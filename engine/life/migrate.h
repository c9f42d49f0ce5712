/*
 * migrate.h - a running domain goes to another host, and one comes from there.
 * Each begins an operation; *op_out (may be NULL) is its id.
 *
 * The protocol is xl's, so that either end may be xl; what only two xendecks
 * say to each other is in engine/saved/move_note.h. At each moment one host
 * alone may run the domain, whatever dies: it is the sender's until the
 * receiver has been told that it is its own (MOVE_GO), which it notes on record
 * before it lets it run. A sender that cannot know whether that was heard keeps
 * its domain suspended and asks, until there is an answer; the receiver gives
 * the domain up when it is asked before it has heard.
 */
#ifndef XENDECK_ENGINE_MIGRATE_H
#define XENDECK_ENGINE_MIGRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/model/migrate_opts.h"
#include "src/base/err.h"

struct engine;

/* host: for the command; or a place (engine/tls/tls_place.h), where another
 * engine is called under TLS. */
int engine_migrate(struct engine *en, uint64_t dom_id, const char *host,
                   const struct migrate_opts *o, uint64_t *op_out,
                   struct err *e);
/* Is this operation a migration whose domain may be the other host's, because
 * that was told so? To cancel it then says that it is ours (`cancel'), which
 * only an operator can know. */
bool engine_migrate_is_given(struct engine *en, uint64_t op);

struct receive_opts {
    bool paused;      /* it is left so */
    const char *from; /* who sends, as was proven; NULL: it is not told */
};

/* The descriptors are duplicated: a pipe or socket each, or one for both. */
int engine_receive(struct engine *en, int in_fd, int out_fd,
                   const struct receive_opts *o, uint64_t *op_out,
                   struct err *e);

#endif
