/*
 * batch.h - lines of verbs without a screen (-e, -f), run in order on the loop:
 * each operation is waited for, the first error ends it. Any number of batches
 * run side by side in one engine; none sees the others' operations, warnings or
 * output.
 */
#ifndef XENDECK_COMMAND_BATCH_H
#define XENDECK_COMMAND_BATCH_H

#include "src/command/command.h"

#define CMD_LINE_BYTES 8192 /* of a line, at most */

/* A line of -e or -f. where: "FILE:LINE", put before its errors, or NULL. */
struct cmd_line {
    const char *text, *where;
};

enum { BATCH_OK, BATCH_FAILED, BATCH_USAGE }; /* exit statuses */

struct batch;

/* Called once, from the loop, when all lines have run or one has failed, and
 * the output has been taken. It may free b. */
typedef void (*batch_done_cb)(struct batch *b, int status, void *arg);

/* Whether the verbs of all lines are known. BATCH_OK, or BATCH_USAGE with *e,
 * and where, if the line has one, before it. *needs_host_out: a batch of them
 * needs a session with an engine. */
int batch_check(const struct cmd_set *cmds, const struct cmd_line *lines,
                size_t n, bool *needs_host_out, struct err *e);

/* Does a verb of these lines say more where an engine is? */
bool batch_asks_host(const struct cmd_set *cmds, const struct cmd_line *lines,
                     size_t n);
/* Does a verb of these lines have standard input and output for itself? */
bool batch_takes_stdio(const struct cmd_set *cmds, const struct cmd_line *lines,
                       size_t n);
/* Begins; the first line runs from the loop. ses stays borrowed until the batch
 * is freed, lines are copied. One batch a session at a time. */
struct batch *batch_start(struct session *ses, const struct cmd_line *lines,
                          size_t n, batch_done_cb done, void *arg);
/* ^C: cancels the operation that the batch began, and only that; what was begun
 * is waited for until it is undone, then done is called with BATCH_FAILED. A
 * feed ends well. The second time nothing is waited for any more. */
void batch_cancel(struct batch *b);
/* Frees it; nothing that changes a domain is cancelled: an operation at work
 * goes on in the engine, lines that have not begun are left out. For a caller
 * that has died, and after done. NULL is allowed. */
void batch_detach(struct batch *b);

/* For session.c: the output has been taken, or is lost. */
void batch_drained(struct batch *b);

#endif
