/*
 * batch_local.h - sessions of the user of this process, in this process.
 */
#ifndef XENDECK_SRC_BATCH_LOCAL_H
#define XENDECK_SRC_BATCH_LOCAL_H

#include "engine/api/toolstack.h"
#include "src/command/settings.h"
#include "src/options.h"

/* A session with all rights, or with that to view if the settings say so; its
 * kind is SESSION_TERMINAL. en may be NULL. */
struct session session_of_user(const struct settings *set, struct engine *en,
                               struct loop *lp);
/* Runs the lines of -e and -f on this process's output; SIGINT and SIGTERM
 * cancel what is at work. Returns the exit status. */
int batch_local(struct loop *lp, const struct settings *set, struct engine *en,
                const struct options *o);

#endif
