/*
 * file_words.h - before a verb runs, the files that its line names are looked
 * at by a helper process, if another host may serve them: a verb may then open
 * them in the loop, and a dead file server holds up this line only. The table
 * of verbs says which words are files, as for completion.
 */
#ifndef XENDECK_COMMAND_FILE_WORDS_H
#define XENDECK_COMMAND_FILE_WORDS_H

#include "engine/task/file_look.h"
#include "src/command/job.h"

/* A line that waits; session.looks is the newest of its session. */
struct cmd_look {
    struct cmd_job job;
    struct look look;
    struct cmd_look *older;
};

/* ctx: as a verb gets it. CMD_OK: nothing is to be waited for. CMD_WAIT:
 * ctx->job looks, and ends with CMD_AGAIN if all have answered. */
enum cmd_rc file_words_look(struct cmd_ctx *ctx);
/* Whether a line of the session waits so. */
bool file_words_wait(const struct session *ses);
/* Ends the newest wait of the session; false: there is none. */
bool file_words_cancel(const struct session *ses);

#endif
