/*
 * termtype.c - whether a type of terminal is known. On its own, for term.h
 * turns everyday words into macros.
 */
#include "ui/draw/curses.h"

#include <term.h>

#include "ui/screen/curses_screen.h"

/* newterm leaves something behind each time that it fails. */
bool
curses_type_known(const char *term, int fd)
{
    int found = 0;

    if (setupterm(term, fd, &found) != OK)
        return false;
    del_curterm(cur_term);
    return true;
}
