/*
 * asks.h - the form of a verb: what is asked where a screen's user gives the
 * verb alone. The values become the words of a line as it could be typed.
 */
#ifndef XENDECK_COMMAND_ASKS_H
#define XENDECK_COMMAND_ASKS_H

#include "src/command/command.h"

/* One thing that is asked. */
struct cmd_ask {
    const char *label;
    const char *choices; /* "no|yes"; NULL: a text */
    const char *only;    /* asked for these choices of the first one */
    const char *hint;    /* shown while it is empty */
    const char *help;    /* a line, while the user is in it */
    /* How the value becomes a word: "" alone, "--rounds=" behind this; without
     * "=" it is the word itself, for the choice yes. NULL: in no line. */
    const char *word;
    const char *empty; /* the word where nothing is entered, or NULL: none */
    const char *line;  /* its candidates are those behind this line */
    /* Appends what it begins with, or for .pick choices divided by |; nothing:
     * it is a text. Either may be NULL. */
    void (*initial)(const struct session *, uint64_t dom_id, struct buf *out);
    void (*pick)(const struct session *, uint64_t dom_id, struct buf *out);
};

#define CMD_ASKS_MAX 24

struct cmd_asks {
    const char *title; /* "save": the domain's name follows */
    const struct cmd_ask *at;
    size_t n;
    /* Appends what these values would give, or NULL. dom_id: the domain that
     * the form is for, or 0. */
    void (*preview)(struct session *, uint64_t dom_id,
                    const char *const *values, struct buf *out);
    /* Begins it from the values themselves: CMD_WAIT with ctx->op, or
     * CMD_ERROR. CMD_AGAIN: these go by the line. NULL: all do. */
    enum cmd_rc (*exec)(struct cmd_ctx *, const char *const *values);
};

/* Of a verb; NULL: it has no form, a missing argument is typed. */
const struct cmd_asks *cmd_asks_of(const struct cmd *c);

/* Words of the line that values make, the verb first, for cmd_call_new; the
 * caller's (cmd_words_free). out has CMD_ARGS_MAX places. */
int cmd_asks_words(const struct cmd *c, const char *const *values, char **out);

#endif
