/*
 * options.h - the command line of xendeck(1), checked. Texts are borrowed from
 * argv, but for the lines of -f.
 */
#ifndef XENDECK_SRC_OPTIONS_H
#define XENDECK_SRC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/command/batch.h"

#define OPTIONS_SIM_DEMO 5 /* domains of a bare --sim */

struct options {
    bool help, version;
    bool sim, sim_lively;
    unsigned sim_domains;
    const char *sim_faults; /* NULL: none */
    bool batch;             /* -e or -f was given, and it needs no terminal */
    struct cmd_line *lines; /* of -e and -f in their order; owned. Of no batch
                               the one that the terminal begins with */
    size_t n_lines;
    bool headless, foreground;
    bool engine;  /* hidden: started in the background by a client */
    bool attach;  /* with --sim: a session on a simulated host that runs */
    bool replace; /* the engine that runs is ended first */
    bool running; /* an engine that runs is used, none is started */
    const char *socket; /* NULL: the usual place */
    bool read_only, no_color, no_unicode;
    const char *theme, *config, *log; /* NULL: not given */
    unsigned tick_ms;                 /* 0: not given */
};

/* -1 with one sentence; *o is to be ended with options_fini either way. */
int options_parse(struct options *o, int argc, char **argv, struct err *e);
void options_fini(struct options *o);
/* `create -c' alone is no batch: it begins a session on the terminal, if this
 * process has one. */
void options_take_terminal(struct options *o);
/* What -h prints. */
void options_help(struct buf *out);

#endif
