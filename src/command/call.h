/*
 * call.h - a command line, parsed once: the verb, its arguments, and the
 * identity of the domain that it acts on. What is asked, shown and repeated is
 * the call; no text of the user is looked at behind cmd_parse, and a call runs
 * on the life that it was parsed for, or not at all.
 */
#ifndef XENDECK_COMMAND_CALL_H
#define XENDECK_COMMAND_CALL_H

#include "src/command/command.h"

/* A domain by uuid and life: a restart makes another life of the same uuid. */
struct cmd_target {
    uint64_t dom_id; /* struct dom.id; 0: the call has no target */
    uint8_t uuid[16];
    char name[MODEL_NAME_MAX]; /* for sentences only */
};

struct cmd_call {
    const struct cmd *cmd;
    struct cmd_target target;
    int argc; /* without verb and NAME */
    char *argv[CMD_ARGS_MAX];
    bool json;
    bool confirmed; /* its question was answered with yes */
    bool undoable;  /* and that said that it can be taken back */
    bool filled;    /* its arguments come from what the cursor is on */
    bool looked;    /* its files are there, or not, and can be opened at once */
    char *title;    /* the line, to be shown; never parsed again */
};

/* Parses a line for ses. dom_id: the domain that a verb without NAME acts on,
 * or 0. CMD_OK with *out NULL: there is nothing to run (the line is empty, or
 * the session's screen asks for arguments now). Refuses what the session may
 * not do. */
enum cmd_rc cmd_parse(struct session *ses, const char *line, uint64_t dom_id,
                      struct cmd_call **out, struct err *e);
/* The same from words, the verb first; none of them names the target: that is
 * dom_id. */
enum cmd_rc cmd_call_new(struct session *ses, const char *const *words, int n,
                         uint64_t dom_id, struct cmd_call **out, struct err *e);
/* With these arguments it only shows something. */
bool cmd_call_reads(const struct cmd_call *call);
/* Appends an argument; the call is to be confirmed anew. */
void cmd_call_add(struct cmd_call *call, const char *word);
void cmd_call_free(struct cmd_call *call); /* NULL is allowed */

/* What cmd_run checks before it asks, without doing anything; fills in ctx. */
enum cmd_rc cmd_check(struct cmd_ctx *ctx, const struct cmd_call *call);
/* Runs the call; it stays the caller's. ctx: zeroed but for ses, out, warn and
 * e, and values where the verb's form has a function of its own. A session with
 * a screen is asked first (CMD_ASK); the others are not. */
enum cmd_rc cmd_run(struct cmd_ctx *ctx, const struct cmd_call *call);

#endif
