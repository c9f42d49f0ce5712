/*
 * edit.h - one line of UTF-8 text under a cursor.
 */
#ifndef XENDECK_UI_EDIT_H
#define XENDECK_UI_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "src/command/key.h"
#include "ui/draw/curses.h"

#define EDIT_MAX 1024 /* bytes of a line */

struct edit {
    char text[EDIT_MAX];
    size_t len, at; /* bytes; at is on a character's start */
};

void edit_set(struct edit *ed, const char *text);
/* text is made safe; a line break ends it. */
void edit_insert(struct edit *ed, const char *text, size_t n);
/* False: not an editing key. */
bool edit_key(struct edit *ed, const struct key *k);
/* Draws into width columns at y,x, scrolled so that the cursor is visible. */
void edit_draw(const struct edit *ed, WINDOW *w, int y, int x, int width);
/* The cursor's column in width columns: what edit_draw shows there. */
int edit_cursor(const struct edit *ed, int width);

#endif
