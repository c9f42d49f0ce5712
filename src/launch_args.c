/*
 * launch_args.c - see launch_args.h.
 */
#include "src/launch_args.h"

#include <stdlib.h>
#include <unistd.h>

#include "src/attach/launch.h"
#include "src/base/xalloc.h"

static void
launch_add(struct launch_args *l, char *text)
{
    l->argv[l->n++] = text;
}

/* It works in another directory. */
static char *
absolute(const char *path)
{
    char cwd[4096];

    if (path[0] == '/' || getcwd(cwd, sizeof cwd) == NULL)
        return xstrdup(path);
    return xasprintf("%s/%s", cwd, path);
}

static void
launch_add_path(struct launch_args *l, const char *option, const char *path)
{
    if (path == NULL)
        return;
    launch_add(l, xstrdup(option));
    launch_add(l, absolute(path));
}

void
launch_args_fill(struct launch_args *l, const struct options *o)
{
    launch_add(l, xstrdup("xendeck"));
    launch_add(l, xstrdup(LAUNCH_ARG));
    if (o->sim && o->sim_lively)
        launch_add(l, xstrdup("--sim"));
    else if (o->sim)
        launch_add(l, xasprintf("--sim=%u", o->sim_domains));
    if (o->sim_faults != NULL)
        launch_add(l, xasprintf("--sim-fault=%s", o->sim_faults));
    if (o->tick_ms != 0)
        launch_add(l, xasprintf("--delay=%g", o->tick_ms / 1000.0));
    if (o->sim) /* his own host, which nobody else has settings for */
        launch_add_path(l, "--config", o->config);
    launch_add_path(l, "--log", o->log);
    launch_add_path(l, "--socket", o->socket);
}

void
launch_args_fini(struct launch_args *l)
{
    while (l->n > 0)
        free(l->argv[--l->n]);
}
