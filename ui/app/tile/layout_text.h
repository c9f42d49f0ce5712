/*
 * layout_text.h - what stands on a screen as text: the lines of ui_places.c,
 * for the verbs that keep layouts.
 */
#ifndef XENDECK_UI_APP_LAYOUT_TEXT_H
#define XENDECK_UI_APP_LAYOUT_TEXT_H

#include "ui/app/ui_int.h"

#define LAYOUT_LINE_MAX 1536

/* Appends the panes and how they share the screen, with the names of domains.
 */
void layout_write(struct ui *ui, struct buf *out);
/* The next line; a value or a word that is too long is left empty. False: there
 * are no more. */
bool layout_line(const char **text, char word[16], char value[LAYOUT_LINE_MAX]);

/* What the value of a "console" line says. */
struct layout_console {
    uint64_t dom_id; /* 0: the domain is not here */
    unsigned number;
    int cell;
    const char *name; /* of the domain then, "": not known; in the value */
};

/* False: it is no such value. */
bool layout_console(struct ui *ui, const char *text,
                    struct layout_console *out);
/* Restores the layout that the settings name, if the user keeps one. */
void layout_at_start(struct ui *ui);

#endif
