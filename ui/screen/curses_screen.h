/*
 * curses_screen.h - the curses screens of this process, one a terminal.
 *
 * Unless it was built reentrant, curses keeps the windows of all screens in one
 * list: delscreen would free those of every other terminal, and resize_term
 * would cut them. So a screen that is done with is kept for the next terminal
 * of its type, until none is in use; and while one is resized the windows of
 * the others look like pads, which are left alone.
 */
#ifndef XENDECK_UI_CURSES_SCREEN_H
#define XENDECK_UI_CURSES_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

#include "src/base/err.h"
#include "src/base/list.h"
#include "ui/draw/curses.h"

#define CURSES_TERM_MAX 64 /* bytes of a terminal type's name */

/* The owner calls each with every window that it has at the moment. */
typedef void (*curses_each_cb)(void *arg, void (*each)(WINDOW **w));

struct curses_opts {
    const char *term; /* NULL: not set */
    bool color;       /* the terminal gets colours */
    size_t kept_max;  /* no new type while so many are kept unused; 0: any */
    int rows, cols;
    curses_each_cb windows;
    void *arg;
};

struct curses_screen {
    SCREEN *scr;
    FILE *mem; /* where curses writes */
    struct curses_opts o;
    char term[CURSES_TERM_MAX + 1];
    bool used;
    int most_cells; /* that it has had while in use */
    struct list_node node;
};

/* All of curses is about this screen now; NULL: about none. Returns the one
 * before. */
SCREEN *curses_select(SCREEN *scr);

/* termtype.c: whether there is such a type. fd is any open file; none is
 * selected before and after. */
bool curses_type_known(const char *term, int fd);

/* termtype.c: a known type that an unknown one can be taken for; NULL:
 * none. fd as above. */
const char *curses_stand_in(const char *term, int fd);

/* An unknown type is taken for another one, if one is like it: term of the
 * result tells. NULL with *e: no such type of terminal, or not one for a
 * screen. What is selected stays so. */
struct curses_screen *curses_open(const struct curses_opts *o, struct err *e);
/* The owner's windows are gone. If it was selected none is after. */
void curses_close(struct curses_screen *s);
/* The owner has no windows at the moment, and s is selected. */
void curses_resize(struct curses_screen *s, int rows, int cols);

#endif
