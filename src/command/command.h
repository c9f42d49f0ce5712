/*
 * command.h - verbs. One table entry holds all about a verb; keys, the palette
 * (`:`), -e, the help screen, the function-key bar, completion and the
 * manual's key table come from it. One file a family registers its entries in
 * an array; commands.c lists the families.
 */
#ifndef XENDECK_UI_COMMAND_H
#define XENDECK_UI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/api/engine.h"
#include "src/base/buf.h"
#include "src/base/err.h"

struct key;
struct settings;
struct ui;

/* Where a default key holds. */
enum {
    CMD_IN_LIST = 1,
    CMD_IN_DETAIL = 2,
    CMD_IN_CONSOLE = 4, /* after the prefix key */
    CMD_IN_LOG = 8,
    CMD_IN_HELP = 16,
    CMD_IN_ALL = CMD_IN_LIST | CMD_IN_DETAIL | CMD_IN_LOG | CMD_IN_HELP,
    CMD_IN_ANY = CMD_IN_ALL | CMD_IN_CONSOLE
};

/* What it needs; dispatch checks before exec and says what is missing. */
enum {
    CMD_NEED_DOMAIN = 1, /* NAME argument, or the domain under the cursor */
    CMD_NEED_NOT_DOM0 = 2,
    CMD_NEED_UI = 4,    /* a terminal: not with -e */
    CMD_NEED_WRITE = 8, /* refused with --read-only */
    CMD_NEED_LIVE = 16, /* not one that is dead or dying */
    CMD_TAKES_OFF = 64, /* also one that is defined and does not run */
    CMD_NO_HOST = 32,   /* works without an engine (en is NULL) */
    CMD_ENDS = 128      /* ends the domain: who depends on it is named */
};

enum cmd_arg {
    CMD_ARG_NONE,
    CMD_ARG_DOMAIN,
    CMD_ARG_FILE,
    CMD_ARG_THEME,
    CMD_ARG_COMMAND,
    CMD_ARG_WORDS,
    CMD_ARG_KIND,   /* of device */
    CMD_ARG_DEVICE, /* of the domain and kind before it, or of the verb's */
    CMD_ARG_START,  /* a domain that is off, or a file */
    CMD_ARG_TEXT
};

enum cmd_rc {
    CMD_OK,
    CMD_ERROR, /* ctx->e has the sentence */
    CMD_USAGE, /* ctx->e has the sentence; -e exits 2 */
    CMD_WAIT   /* ctx->op has begun */
};

#define CMD_ARGS_MAX 16

struct cmd_ctx {
    struct engine *en;
    struct ui *ui;    /* NULL with -e */
    struct loop *lp;  /* -e: for verbs that wait; NULL in a UI */
    const bool *stop; /* -e: the user wants to end; NULL in a UI */
    bool read_only;   /* -e; in a UI its settings say so */
    uint64_t dom_id;  /* with CMD_NEED_DOMAIN: resolved, live */
    int argc;         /* without the verb; without NAME if resolved */
    const char *argv[CMD_ARGS_MAX];
    bool json;        /* --json was given */
    struct buf *out;  /* what -e prints; a pager pane or notice in a UI */
    struct buf *warn; /* -e: lines for stderr; NULL in a UI */
    struct err *e;
    uint64_t op;     /* set with CMD_WAIT */
    char again[192]; /* the line that an offer after its end repeats; "": the
                        one that was run */
    bool stop_ends;  /* the verb goes on until it is stopped: no failure */
    char typed[64];  /* with a question: what answers it; "": yes or no */
};

struct cmd {
    const char *name;
    const char *alias;     /* one more name (xl's), or NULL */
    const char *keys;      /* default keys, space separated: "s F7"; or NULL */
    unsigned in;           /* CMD_IN_: where those keys hold */
    const char *more_keys; /* keys that hold elsewhere, or NULL */
    unsigned more_in;      /* CMD_IN_: where */
    const char *args;      /* usage: "[NAME]", "FILE [--paused]"; or NULL */
    const char *words;     /* CMD_ARG_WORDS: "id|name"; NULL: as in args */
    enum cmd_arg arg;      /* of the first argument: completion */
    enum cmd_arg arg2, arg3;     /* of the next ones */
    const char *kind;            /* CMD_ARG_DEVICE: of these; NULL: any */
    unsigned min_args, max_args; /* besides NAME of CMD_NEED_DOMAIN */
    unsigned needs;
    bool json;           /* takes --json */
    const char *confirm; /* question with one %s for the domain's name */
    /* Instead: appends the question for these arguments; nothing: not asked.
     */
    void (*ask)(const struct cmd_ctx *, struct buf *out);
    bool type_host;   /* the answer to it is the host's name, typed out */
    const char *help; /* one line */
    const char *bar;  /* label in the function-key bar (with an F key) */
    enum cmd_rc (*exec)(struct cmd_ctx *);
};

/* All entries, in help order. */
size_t cmd_count(void);
const struct cmd *cmd_at(size_t i);
/* By name or alias; NULL. With err: the nearest name is offered. */
const struct cmd *cmd_find(const char *name, struct err *e);

/* Whether word is one of c's words (CMD_ARG_WORDS). */
bool cmd_has_word(const struct cmd *c, const char *word);

/* Splits a line in the shell's manner (quotes, backslash); "#" comments. The
 * words are malloc'd in *words_out (free each and the array). */
int cmd_split(const char *line, char ***words_out, int *n_out, struct err *e);

/* Runs a line. ctx: en, ui, out, e and dom_id (0, or the domain under the
 * cursor) are set by the caller; lp, stop and read_only with -e. Checks needs
 * and arguments. In a UI a verb that lacks arguments opens the prompt with its
 * name, and one that asks first, with confirmed false, only gives the question
 * in *ask_out (malloc'd, else NULL): CMD_WAIT with op 0; run it again with
 * confirmed true. ask_out NULL (-e): nothing is asked. */
enum cmd_rc cmd_run_line(struct cmd_ctx *ctx, const char *line, bool confirmed,
                         char **ask_out);

/* Candidates for the word at the end of line, one a line, sorted. Returns the
 * offset in line where that word begins. */
size_t cmd_complete(struct engine *en, const char *theme_dirs, const char *line,
                    struct buf *out);

/* --- keys: the user's bindings first, then those of the table --- */
/* The command line that k runs in context (one CMD_IN_ bit); NULL: none.
 * Borrowed from set or the table. */
const char *cmd_of_key(const struct settings *set, unsigned context,
                       const struct key *k);
/* Appends the keys that run the verb c in context, as bound now, separated by
 * blanks: "D F9". With them come bindings that give it arguments. */
void cmd_keys_of(const struct settings *set, const struct cmd *c,
                 unsigned context, struct buf *out);
/* The verb behind a command line, or NULL. */
const struct cmd *cmd_of_line(const char *line);

/* A line of -e or -f. where: "FILE:LINE", put before its errors, or NULL. */
struct cmd_line {
    const char *text, *where;
};

/* Whether the verbs of all lines are known. 0, or 2 with a sentence on stderr.
 * *needs_host_out: cmd_batch needs an engine. */
int cmd_batch_check(const struct cmd_line *lines, size_t n,
                    bool *needs_host_out);
/* -e: runs the lines in order without a terminal, waiting for each operation;
 * output to stdout, errors to stderr. Ends at the first error. SIGINT and
 * SIGTERM cancel the operation at work. Returns the exit status: 0, 1 (an
 * operation failed) or 2 (usage). */
int cmd_batch(struct engine *en, struct loop *lp, const struct cmd_line *lines,
              size_t n, bool read_only);

#endif
