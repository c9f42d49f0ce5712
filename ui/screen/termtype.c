/*
 * termtype.c - whether a type of terminal is known, and which known one an
 * unknown one can be taken for: new terminals bring a type of their own, which
 * the host where xendeck runs has often not heard of; most of them do what
 * xterm does. On its own, for term.h turns everyday words into macros.
 */
#include "ui/draw/curses.h"

#include <string.h>
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

#define XTERMS   "xterm-256color\0xterm\0vt100\0"
#define SCREENS  "screen-256color\0screen\0vt100\0"
#define VT_TERMS "vt220\0vt100\0"

/* By the beginning of its name; each list ends in an empty word. */
static const struct {
    const char *begins, *types;
} kinds[] = {
    { "tmux", SCREENS },     { "screen", SCREENS },     { "xterm", XTERMS },
    { "alacritty", XTERMS }, { "contour", XTERMS },     { "foot", XTERMS },
    { "ghostty", XTERMS },   { "gnome", XTERMS },       { "iterm", XTERMS },
    { "kitty", XTERMS },     { "konsole", XTERMS },     { "mintty", XTERMS },
    { "mlterm", XTERMS },    { "ms-terminal", XTERMS }, { "putty", XTERMS },
    { "rio", XTERMS },       { "rxvt", XTERMS },        { "st-", XTERMS },
    { "vte", XTERMS },       { "wezterm", XTERMS },     { "vt", VT_TERMS },
};

const char *
curses_stand_in(const char *term, int fd)
{
    const char *type = "";
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && *type == '\0'; i++)
        if (strncmp(term, kinds[i].begins, strlen(kinds[i].begins)) == 0)
            type = kinds[i].types;
    while (*type != '\0' && !curses_type_known(type, fd))
        type += strlen(type) + 1;
    return *type != '\0' ? type : NULL;
}
