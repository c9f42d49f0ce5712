/*
 * user_program.h - the user's editor or pager on a text, at the terminal of
 * this very process: with its user, environment and directory. The text stands
 * in a file of TMPDIR that nobody else may read, while the program runs.
 *
 * Which program that is says the environment alone: nobody who hands over a
 * text chooses what is run.
 */
#ifndef XENDECK_BASE_USER_PROGRAM_H
#define XENDECK_BASE_USER_PROGRAM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/loop_child.h"

#define USER_EDIT_MAX (256UL * 1024)      /* bytes of a text to be edited */
#define USER_PAGE_MAX (4UL * 1024 * 1024) /* and of one to be read */
#define USER_NAME_MAX 80

enum user_program_kind {
    USER_EDITOR, /* VISUAL, EDITOR or vi */
    USER_PAGER   /* PAGER or less */
};

struct user_text {
    enum user_program_kind kind;
    const char *name; /* "web1": of the file; what no name has is left out */
    const char *text; /* n bytes */
    size_t n;
};

struct user_program_end {
    const char *text; /* of an editor that ended well; else NULL */
    size_t n;
    const char *why; /* a sentence if something is wrong, else "" */
};

struct user_program {
    struct loop_child child;
    enum user_program_kind kind;
    char path[PATH_MAX]; /* of the file; "": there is none */
    /* end is valid during the call. path: "", or that of a file which holds
     * what the user wrote. True: end->text was taken, its file is removed;
     * false: it stays. The handler is idle by then. */
    bool (*ended)(struct user_program *up, const struct user_program_end *end);
};

/* "editor", "pager". */
const char *user_program_word(enum user_program_kind kind);
/* -1 with *e: it is longer than the program may get. */
int user_program_check(const struct user_text *t, struct err *e);
/* Keeps of a text the last lines, as many as the program may get; of one line
 * that is longer alone, its end. */
void user_text_fit(struct buf *text, enum user_program_kind kind);
/* up: zeroed, or one that has ended. -1 with *e: nothing runs, no file is
 * left. */
int user_program_start(struct user_program *up, struct loop *lp,
                       const struct user_text *t, struct err *e);
bool user_program_runs(const struct user_program *up);
/* Asks it to end (SIGHUP), as when its terminal is gone. */
void user_program_hangup(const struct user_program *up);
/* Removes what an editor has left. */
void user_program_discard(struct user_program *up);
/* It is no longer waited for. The file of a pager is removed, that of an editor
 * stays: true, and path names it. Idempotent. */
bool user_program_drop(struct user_program *up);

#endif
