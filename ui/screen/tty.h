/*
 * tty.h - the outer terminal: its modes, its output without blocking, its
 * input as bytes. curses writes into a memory file, never to the terminal: a
 * terminal that is stuck (^S, a dead line) delays frames, not the engine.
 */
#ifndef XENDECK_UI_TTY_H
#define XENDECK_UI_TTY_H

#include <stdbool.h>
#include <stdio.h>
#include <termios.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/loop.h"
#include "ui/curses.h"

struct tty {
    struct loop *lp;
    int in_fd, out_fd;
    FILE *mem; /* where curses writes */
    SCREEN *scr;
    struct termios saved, raw;
    struct loop_fd in_lf, out_lf;
    struct buf out; /* on its way to the terminal */
    bool has_mouse, has_paste;
    bool mouse; /* reports are asked for */
    bool lost;
    /* bytes NULL: the terminal is gone (told once). */
    void (*input)(struct tty *t, const char *bytes, size_t n);
    /* All output is out after it was stuck. */
    void (*drained)(struct tty *t);
};

/* input and drained are set by the caller. On -1 nothing was changed. */
int tty_open(struct tty *t, struct loop *lp, struct err *e);
/* Zeroed and closed are fine. */
void tty_close(struct tty *t);

/* Sends what curses wrote. False: some is still waiting, drained comes. */
bool tty_flush(struct tty *t);
bool tty_busy(const struct tty *t);
void tty_size(const struct tty *t, int *rows_out, int *cols_out);
/* Scrolling of the outer terminal is confined to its rows as they are now:
 * before the first frame of a new size. */
void tty_resized(struct tty *t, int rows);
void tty_mouse(struct tty *t, bool on);
/* Gives the terminal back as it was found, and takes it again. */
void tty_leave(struct tty *t);
void tty_enter(struct tty *t);
/* Stops the process as ^Z does; returns once it was continued. */
void tty_stop_process(void);

#endif
