/*
 * clone_words.h - what `clone' is told, by a line or by its form.
 */
#ifndef XENDECK_COMMAND_CLONE_WORDS_H
#define XENDECK_COMMAND_CLONE_WORDS_H

#include "src/command/asks.h"

extern const struct cmd_asks asks_clone;

/* Begins it: words as they follow `clone [NAME]', n of them. */
enum cmd_rc clone_run(struct cmd_ctx *ctx, const char *const *words, int n);
/* Appends what these words would do, or why they would be refused. */
void clone_tell(struct session *ses, uint64_t dom_id, const char *const *words,
                int n, struct buf *out);
/* Appends the block devices that they write over, "A, B". */
void clone_over(const struct cmd_ctx *ctx, const char *const *words, int n,
                struct buf *out);

#endif
