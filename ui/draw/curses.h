/*
 * curses.h - the one place that says which curses: wide, opaque, with the
 * macros that would clash with ours turned off.
 */
#ifndef XENDECK_UI_CURSES_H
#define XENDECK_UI_CURSES_H

#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif
#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>

#endif
