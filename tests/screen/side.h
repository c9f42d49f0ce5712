/*
 * side.h - several terminals on one engine in the test's own process: each has
 * a front end on one side and a screen that is read on the other.
 */
#ifndef XENDECK_TESTS_SCREEN_SIDE_H
#define XENDECK_TESTS_SCREEN_SIDE_H

#include "src/command/command.h"
#include "src/command/settings.h"
#include "tests/screen/scr.h"
#include "ui/app/front.h"

struct sim;

struct house {
    struct loop *lp;
    struct sim *sim; /* the engine's; it outlives house_restart */
    struct engine *en;
    char dir[64], state[80], run[80];
    unsigned tick_ms; /* of engines to come; 0: short */
    struct cmd_set cmds;
    struct settings set;
};

struct side_opts {
    int rows, cols;
    const char *term;
    bool utf8;
};

struct side {
    struct house *h;
    struct scr *s;
    struct session ses;
    struct ui *ui;
    unsigned detached, suspended, ended; /* calls of the owner */
    bool close_at_end; /* detach and end close the front end */
    char program[64];  /* the last one to run */
    char text[64];     /* and the beginning of what it got */
};

/* A simulated host of lively guests, on the real clock. */
void house_open(struct house *h);
void house_close(struct house *h);
/* Another engine on the same host; the front ends are closed meanwhile. killed:
 * the one before ends as by SIGKILL. */
void house_restart(struct house *h, bool killed);
/* Lets the loop run for so long. */
void house_pass(struct house *h, unsigned ms);

void side_open(struct side *d, struct house *h, const struct side_opts *o);
/* Tries it with other options of the front end: NULL with *e, or open. */
struct ui *side_try(struct side *d, const struct ui_opts *o, struct err *e);
void side_close(struct side *d);

#endif
