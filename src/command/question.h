/*
 * question.h - what a verb asks before it runs, made of its entry in the table
 * and of what a call says.
 */
#ifndef XENDECK_COMMAND_QUESTION_H
#define XENDECK_COMMAND_QUESTION_H

#include "src/command/call.h"

/* Appends the verb's own question with whom in the place of the domain's name;
 * nothing: it asks none. ctx: as cmd_check leaves it. */
void question_add(const struct cmd_ctx *ctx, const char *whom, struct buf *out);
/* Appends who loses devices with the domain that is to end; nothing: nobody
 * does, or the verb ends none. */
void question_add_dependants(const struct cmd_ctx *ctx, struct buf *out);
/* Puts the question of one call into ctx, with what answers it. False: the
 * verb asks none. */
bool question_ask(struct cmd_ctx *ctx);

#endif
