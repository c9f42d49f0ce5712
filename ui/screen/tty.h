/*
 * tty.h - one outer terminal: its modes, its output without blocking, its
 * input as bytes. curses writes into a memory file, never to the terminal: a
 * terminal that is stuck (^S, a dead line) delays its own frames, not the
 * engine and no other terminal.
 *
 * A process has several. Curses draws on the one that is selected; between two
 * callbacks of the loop none is.
 */
#ifndef XENDECK_UI_TTY_H
#define XENDECK_UI_TTY_H

#include <stdbool.h>
#include <termios.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/loop.h"
#include "ui/screen/curses_screen.h"
#include "ui/screen/rescue.h"

#define TTY_CELLS_MAX                                                          \
    200000 /* what is beyond them on a terminal stays empty                    \
            */

struct tty {
    struct loop *lp;
    int cells_max; /* fewer than TTY_CELLS_MAX are drawn on; 0: not fewer */
    struct curses_screen *screen;
    struct termios raw;
    struct rescue back; /* how it is put back; its descriptors are our own */
    int rescue;         /* number in the table of rescue.h */
    struct loop_fd in_lf, out_lf;
    struct buf out; /* on its way to the terminal */
    bool ascii;     /* what it gets goes through ascii.h */
    bool has_mouse, has_paste;
    bool mouse;      /* reports are wanted */
    bool mouse_told; /* and the terminal has been asked for them */
    bool entered;    /* it is ours: between tty_enter and tty_leave */
    bool lost;
    /* bytes NULL: the terminal is gone (told once). Both are called with the
     * terminal selected. */
    void (*input)(struct tty *t, const char *bytes, size_t n);
    /* False: it is somebody else's by now, and is neither read nor written;
     * tty_leave must follow soon. NULL: it is ours until then. */
    bool (*holds)(struct tty *t);
    /* All output is out after it was stuck. */
    void (*drained)(struct tty *t);
};

struct tty_opts {
    int in_fd, out_fd; /* dup'ed: the caller keeps them */
    bool lent;         /* by a client: its open file is not to be shared */
    const char *term;  /* NULL: not set */
    bool utf8;         /* of the terminal, whatever the process's locale is */
    bool color;        /* it gets colours */
    int cells_max;     /* as in struct tty */
    size_t kept_max;   /* as in struct curses_opts */
    curses_each_cb windows; /* its arg is the struct tty */
    unsigned leave_ms;      /* how long a stuck terminal may delay tty_leave */
};

/* input and drained are set by the caller. The terminal is entered. On -1
 * nothing was changed. What is selected stays so. */
int tty_open(struct tty *t, struct loop *lp, const struct tty_opts *o,
             struct err *e);
/* Leaves it if need be. Zeroed and closed are fine. If it was selected none is
 * after. */
void tty_close(struct tty *t);

/* All of curses is about this terminal until tty_select_back is called with
 * what this returns. A zeroed one selects none. Calls nest. */
SCREEN *tty_select(struct tty *t);
void tty_select_back(SCREEN *was);

/* Sends what curses wrote. False: some is still waiting, drained comes. */
bool tty_flush(struct tty *t);
bool tty_busy(const struct tty *t);
void tty_size(const struct tty *t, int *rows_out, int *cols_out);
/* The screen gets this size, and scrolling of the terminal is confined to its
 * rows: before the first frame of the size, with no windows of the owner. */
void tty_resize(struct tty *t, int rows, int cols);
void tty_mouse(struct tty *t, bool on);
/* Puts a text on the terminal's clipboard (clipboard.c). False: it has none
 * that can be reached, or the text is too long for it. */
bool tty_clipboard(struct tty *t, const char *text, size_t n);
/* Gives the terminal back as it was found, and takes it again (also after
 * another process has changed its modes). In between nothing is read or
 * written. Modes that the one who holds it has set stay. */
void tty_leave(struct tty *t);
/* The same where somebody else has given it back: nothing is written, and what
 * was on its way is dropped. */
void tty_forget(struct tty *t);
void tty_enter(struct tty *t);

#endif
