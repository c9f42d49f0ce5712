/*
 * theme.h - colours are roles; a theme (themes/NAME.theme, libconfig) says how
 * each looks. Without colour (NO_COLOR, --no-color, a monochrome terminal) the
 * attributes alone carry the meaning.
 */
#ifndef XENDECK_UI_THEME_H
#define XENDECK_UI_THEME_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"

enum role {
    ROLE_TEXT,  /* plain text and background */
    ROLE_DIM,   /* less important */
    ROLE_TITLE, /* header line, pane titles */
    ROLE_TITLE_FOCUS,
    ROLE_BORDER,
    ROLE_BORDER_FOCUS,
    ROLE_COLUMN, /* column headings */
    ROLE_COLUMN_SORT,
    ROLE_SELECTED,      /* cursor row, focused pane */
    ROLE_SELECTED_IDLE, /* cursor row, other pane */
    ROLE_RUNNING,
    ROLE_PAUSED,
    ROLE_SHUTDOWN,
    ROLE_CRASHED,
    ROLE_BUILDING,
    ROLE_FOREIGN, /* a domain that others made */
    ROLE_BAR_USED,
    ROLE_BAR_FREE,
    ROLE_KEY, /* key names in bars and help */
    ROLE_KEY_LABEL,
    ROLE_PROMPT,
    ROLE_MATCH, /* search hits */
    ROLE_INFO,
    ROLE_WARN,
    ROLE_ERROR,
    ROLE_COUNT
};

enum { STYLE_BOLD = 1, STYLE_UNDERLINE = 2, STYLE_REVERSE = 4, STYLE_DIM = 8 };

#define COLOR_NONE (-1) /* the terminal's default */

struct role_style {
    int fg, bg;     /* COLOR_NONE, 0..255, or 0x1000000 | RRGGBB */
    unsigned attrs; /* STYLE_ bits */
    unsigned mono;  /* STYLE_ bits used without colour */
};

struct theme {
    char name[32];
    struct role_style roles[ROLE_COUNT];
};

const char *role_name(enum role r); /* as in theme files: "selected" */

/* The theme built into the program: always there. */
void theme_default(struct theme *out);
/* Looks for NAME.theme in the directories (colon separated). 0, or -1 with a
 * sentence (missing, file:line of a bad setting); *out unchanged then. */
int theme_load(const char *dirs, const char *name, struct theme *out,
               struct err *e);
/* Names found in the directories, one a line, sorted, without doubles. */
void theme_names(const char *dirs, struct buf *out);

#endif
