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

struct house {
    struct loop *lp;
    struct engine *en;
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
};

/* A simulated host of lively guests, on the real clock. */
void house_open(struct house *h);
void house_close(struct house *h);
/* Lets the loop run for so long. */
void house_pass(struct house *h, unsigned ms);

void side_open(struct side *d, struct house *h, const struct side_opts *o);
/* Tries it with other options of the front end: NULL with *e, or open. */
struct ui *side_try(struct side *d, const struct ui_opts *o, struct err *e);
void side_close(struct side *d);

#endif
