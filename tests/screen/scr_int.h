/*
 * scr_int.h - what the files of the screen harness share.
 */
#ifndef XENDECK_TESTS_SCREEN_SCR_INT_H
#define XENDECK_TESTS_SCREEN_SCR_INT_H

#include <termios.h>
#include <vterm.h>

#include "tests/screen/scr.h"

struct scr {
    int rows, cols;
    int master, slave; /* slave: held, so that line modes can be read */
    int report;        /* what the keeper says of the program */
    pid_t keeper, pid;
    int status; /* of waitpid; -1: runs */
    bool stopped;
    struct termios modes; /* before the start */
    char *home;
    bool own_home;
    VTerm *vt;
    VTermScreen *screen;
    bool cursor_visible;
    struct buf raw, text;
    /* Of a terminal without a program (scr_bare.c): runs what draws on it. */
    void (*turn)(void *arg);
    void *turn_arg;
};

/* The terminal alone: its two ends and its screen. */
void scr_make_terminal(struct scr *s);
/* What has come by now. */
bool scr_take_bytes(struct scr *s);
/* scr_pump of a terminal without a program. */
bool scr_pump_bare(struct scr *s, unsigned ms);

#endif
