/*
 * command.h - verbs. One table entry holds all about a verb; keys, the palette
 * (`:`), -e, the help screen, the function-key bar, completion and the
 * manual's key table come from it. A family of verbs is an array in a file:
 * those of this room print and begin operations, those of the front end
 * (ui/app/verb_*.c) move what is on the screen; a struct cmd_set holds both.
 */
#ifndef XENDECK_COMMAND_COMMAND_H
#define XENDECK_COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/api/toolstack.h"
#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/command/session.h"

struct key;

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

/* What it needs; cmd_run checks before exec and says what is missing. */
enum {
    CMD_NEED_DOMAIN = 1, /* NAME argument, or the domain under the cursor */
    CMD_NEED_NOT_DOM0 = 2,
    CMD_NEED_SCREEN = 4,  /* not with -e */
    CMD_OPENS_FILE = 8,   /* one that the caller names: for other users than the
                             engine's it needs the right to administer */
    CMD_NEED_LIVE = 16,   /* not one that is dead or dying */
    CMD_TAKES_OFF = 64,   /* also one that is defined and does not run */
    CMD_NO_HOST = 32,     /* works without an engine (en is NULL) */
    CMD_ENDS = 128,       /* ends the domain: who depends on it is named */
    CMD_OR_OTHER = 256,   /* the word of .names may be something else: a file */
    CMD_ASKS_HOST = 1024, /* with CMD_NO_HOST: says more where an engine is */
    CMD_ONE = 2048,       /* of one domain only, however many are marked */
    CMD_MARKED = 4096,    /* without CMD_NEED_DOMAIN: with its NAME as the first
                             argument it runs on each marked one */
    CMD_TAKES_STDIO = 512 /* has the caller's standard input and output for
                             itself; what is said goes to standard error */
};

enum cmd_arg {
    CMD_ARG_NONE,
    CMD_ARG_DOMAIN,
    CMD_ARG_FILE,
    CMD_ARG_OWN, /* what the verb's complete says */
    CMD_ARG_COMMAND,
    CMD_ARG_WORDS,
    CMD_ARG_KIND,   /* of device */
    CMD_ARG_DEVICE, /* of the domain and kind before it, or of the kind that the
                       verb's name says (device_kind_of_verb) */
    CMD_ARG_START,  /* a domain that is off, or a file */
    CMD_ARG_TEXT
};

enum cmd_rc {
    CMD_OK,
    CMD_ERROR, /* ctx->e has the sentence */
    CMD_USAGE, /* ctx->e has the sentence; -e exits 2 */
    CMD_WAIT,  /* ctx->op or ctx->job has begun */
    CMD_ASK,   /* nothing was done: ctx->question is to be answered first */
    CMD_AGAIN  /* of a job only: its files have answered, the same call is to
                  run once more, with looked set */
};

#define CMD_ARGS_MAX 16

struct cmd_call;
struct cmd_job;

/* What a verb gets, and what it gives back. */
struct cmd_ctx {
    struct engine *en;
    struct session *ses;
    const struct cmd *cmd;
    const struct cmd_call *call;
    uint64_t dom_id; /* the target, or 0 */
    int argc;        /* without the verb; without NAME if resolved */
    const char *argv[CMD_ARGS_MAX];
    bool json;        /* --json was given */
    struct buf *out;  /* what a batch prints; a pager or a notice on a screen */
    struct buf *warn; /* lines for stderr, or NULL: they stand in out */
    struct err *e;
    const char *const *values; /* of the verb's form (asks.h), or NULL */
    uint64_t op;         /* with CMD_WAIT: the operation that has begun, or 0 */
    struct cmd_job *job; /* with CMD_WAIT: what goes on instead, or NULL */
    char *question;      /* with CMD_ASK: to be asked; the caller's to free */
    char typed[64];      /* what answers it; "": yes or no */
    bool undoable;       /* it says that what follows can be taken back */
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
    unsigned min_args, max_args; /* besides NAME of CMD_NEED_DOMAIN */
    unsigned needs;
    enum session_right right; /* what a session must be allowed to run it */
    /* Whether it only shows something with these arguments: then the right to
     * view is enough. NULL: it never does with less than right. */
    bool (*reads)(const struct cmd_call *);
    bool json;           /* takes --json */
    const char *confirm; /* question with one %s for the domain's name */
    /* Appends to it what is so of the one domain. False: these arguments are
     * refused, so nothing is asked. Or NULL. */
    bool (*confirm_more)(const struct cmd_ctx *, struct buf *out);
    /* Instead: appends the question for these arguments; nothing: not asked.
     */
    void (*ask)(const struct cmd_ctx *, struct buf *out);
    bool type_host; /* the answer to it is the host's name, typed out */
    /* Instead: sets ctx->typed to what is to be typed, "": yes or no; and
     * ctx->undoable. */
    void (*type)(struct cmd_ctx *);
    const char *help; /* one line */
    const char *bar;  /* label in the function-key bar (with an F key) */
    /* Appends the arguments that stand for none on a screen (what the cursor is
     * on), as words with blanks between; or NULL. */
    enum cmd_rc (*fill)(struct session *, struct buf *out, struct err *);
    /* Not with CMD_NEED_DOMAIN: the word of these arguments that names the
     * target, which they may do without; NULL: none does. It stays among them.
     */
    const char *(*names)(const struct cmd_call *);
    /* CMD_ARG_OWN: appends candidates, one a line. */
    void (*complete)(const struct session *, struct buf *out);
    enum cmd_rc (*exec)(struct cmd_ctx *);
};

/* A family of verbs: an array in a file. order: where it stands in help. */
struct cmd_family {
    const struct cmd *cmds;
    size_t n;
    unsigned order;
};

#define CMD_FAMILIES_MAX 48

/* The one table: the families of this room and those of the front end. */
struct cmd_set {
    const struct cmd_family *families[CMD_FAMILIES_MAX];
    size_t n;
};

/* The families of src/command. */
void cmd_set_init(struct cmd_set *cmds);
/* One more; f stays borrowed. */
void cmd_set_add(struct cmd_set *cmds, const struct cmd_family *f);

/* All entries, in help order. */
size_t cmd_count(const struct cmd_set *cmds);
const struct cmd *cmd_at(const struct cmd_set *cmds, size_t i);
/* By name or alias; NULL. With err: the nearest name is offered. */
const struct cmd *cmd_find(const struct cmd_set *cmds, const char *name,
                           struct err *e);
/* The verb behind a command line, or NULL. */
const struct cmd *cmd_of_line(const struct cmd_set *cmds, const char *line);
/* Whether word is one of c's words (CMD_ARG_WORDS). */
bool cmd_has_word(const struct cmd *c, const char *word);

/* Splits a line in the shell's manner (quotes, backslash); "#" comments. The
 * words are malloc'd in *words_out (cmd_words_free). */
int cmd_split(const char *line, char ***words_out, int *n_out, struct err *e);
void cmd_words_free(char **words, int n);

/* Candidates for the word at the end of line, one a line, sorted. Returns the
 * offset in line where that word begins. */
size_t cmd_complete(struct session *ses, const char *line, struct buf *out);

/* --- keys: the user's bindings first, then those of the table set->cmds --- */
/* The command line that k runs in context (one CMD_IN_ bit); NULL: none.
 * Borrowed from set or the table. */
const char *cmd_of_key(const struct settings *set, unsigned context,
                       const struct key *k);
/* Appends the keys that run the verb c in context, as bound now, separated by
 * blanks: "D F9". With them come bindings that give it arguments. */
void cmd_keys_of(const struct settings *set, const struct cmd *c,
                 unsigned context, struct buf *out);

#endif
