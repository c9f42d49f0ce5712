/*
 * call.c - from a line to a call (verb, arguments, target), and from a call to
 * a verb that ran: rights, the life of the target, the question that some ask
 * first.
 */
#include "src/command/call.h"

#include <stdlib.h>
#include <string.h>

#include "engine/core/actor.h"
#include "src/base/xalloc.h"
#include "src/command/asks.h"
#include "src/command/family.h"
#include "src/command/file_words.h"
#include "src/command/question.h"
#include "src/command/screen.h"

enum cmd_rc
cmd_usage_of(struct err *e, const struct cmd *c, const char *found)
{
    const char *args = c->words != NULL ? c->words : c->args;

    err_set(e, ERR_INVALID, "%s: found %s, allowed: %s%s%s%s", c->name,
            found[0] != '\0' ? found : "''", c->name, args != NULL ? " " : "",
            args != NULL ? args : "", c->json ? " [--json]" : "");
    return CMD_USAGE;
}

enum cmd_rc
cmd_usage(const struct cmd_ctx *ctx, const char *found)
{
    return cmd_usage_of(ctx->e, ctx->cmd, found);
}

const char *
cmd_first_word(const struct cmd_call *call)
{
    return call->argc > 0 ? call->argv[0] : NULL;
}

char *
ctx_path(const struct cmd_ctx *ctx, int nth)
{
    struct buf path = { 0 };

    session_path(ctx->ses, ctx->argv[nth], &path);
    return buf_take(&path);
}

/* --- what a session may --- */

bool
cmd_call_reads(const struct cmd_call *call)
{
    const struct cmd *c = call->cmd;

    return c->right == RIGHT_VIEW || (c->reads != NULL && c->reads(call));
}

static enum cmd_rc
admit(const struct session *ses, const struct cmd_call *call, struct err *e)
{
    const struct cmd *c = call->cmd;
    enum session_right need = cmd_call_reads(call) ? RIGHT_VIEW : c->right;

    if ((c->needs & CMD_NEED_SCREEN) != 0 && ses->screen == NULL) {
        err_set(e, ERR_UNSUPPORTED,
                "%s: needs the console on a terminal, not -e or -f", c->name);
        return CMD_USAGE;
    }
    if ((c->needs & CMD_OPENS_FILE) != 0 && session_is_other_user(ses))
        need = RIGHT_ADMIN;
    return session_may(ses, need, c->name, e) ? CMD_OK : CMD_ERROR;
}

static enum cmd_rc check_target(const struct cmd_call *call, struct engine *en,
                                struct err *e);

/* --- parsing --- */

void
cmd_call_free(struct cmd_call *call)
{
    if (call == NULL)
        return;
    while (call->argc > 0)
        free(call->argv[--call->argc]);
    free(call->title);
    free(call);
}

static void
drop_first(struct cmd_call *call)
{
    free(call->argv[0]);
    memmove(&call->argv[0], &call->argv[1],
            (size_t)--call->argc * sizeof call->argv[0]);
}

/* Takes --json out of the arguments. */
static void
take_json(struct cmd_call *call)
{
    int i, n = 0;

    for (i = 0; i < call->argc; i++) {
        if (strcmp(call->argv[i], "--json") == 0) {
            call->json = true;
            free(call->argv[i]);
        } else {
            call->argv[n++] = call->argv[i];
        }
    }
    call->argc = n;
}

/* True for one of the verb's own options, "--format" or "--format=xl". */
static bool
is_option(const struct cmd *c, const char *word)
{
    size_t n = strcspn(word, "=");
    const char *at = c->args;

    if (strncmp(word, "--", 2) != 0)
        return false;
    for (; at != NULL && (at = strstr(at, "--")) != NULL; at += 2)
        if (strncmp(at, word, n) == 0 && strchr(" =]", at[n]) != NULL)
            return true;
    return false;
}

static void
take_target(struct cmd_call *call, const struct dom *d)
{
    call->target.dom_id = d->id;
    memcpy(call->target.uuid, d->uuid, sizeof call->target.uuid);
    text_fmt(call->target.name, sizeof call->target.name, "%s", d->name);
}

/* Any argument beyond the least number begins with NAME, but for an option. */
static enum cmd_rc
find_target(struct session *ses, struct cmd_call *call, uint64_t dom_id,
            struct err *e)
{
    const struct cmd *c = call->cmd;
    const struct dom *d;

    if (dom_id == 0 && call->argc > (int)c->min_args &&
        !is_option(c, call->argv[0])) {
        d = engine_dom_find(ses->en, call->argv[0], e);
        drop_first(call);
    } else if (dom_id == 0 && ses->screen == NULL) {
        return cmd_usage_of(e, c, "no domain");
    } else {
        d = engine_dom_by_id(ses->en, dom_id);
        if (d == NULL)
            err_set(e, ERR_NOENT, "%s: %s", c->name,
                    dom_id == 0 ? "no domain is selected"
                                : "the domain is gone");
    }
    if (d == NULL)
        return CMD_ERROR;
    take_target(call, d);
    return CMD_OK;
}

/* The same for a verb that may do without one. */
static enum cmd_rc
find_named(struct session *ses, struct cmd_call *call, struct err *e)
{
    const char *word = call->cmd->names(call);
    const struct dom *d;
    struct err why = { 0 };

    if (word == NULL)
        return CMD_OK;
    d = engine_dom_find(ses->en, word, &why);
    if (d != NULL) {
        take_target(call, d);
        return CMD_OK;
    }
    if ((call->cmd->needs & CMD_OR_OTHER) != 0 && why.code == ERR_NOENT)
        return CMD_OK;
    if (e != NULL)
        *e = why;
    return CMD_ERROR;
}

static enum cmd_rc
check_args(const struct cmd_call *call, bool named, struct err *e)
{
    const struct cmd *c = call->cmd;
    unsigned name = !named && (c->needs & CMD_NEED_DOMAIN) != 0 ? 1 : 0;
    char found[64];

    if (call->argc >= (int)c->min_args &&
        call->argc <= (int)(c->max_args + name))
        return CMD_OK;
    if (call->argc == 0)
        text_fmt(found, sizeof found, "no argument");
    else
        text_fmt(found, sizeof found, "%d argument%s", call->argc,
                 call->argc == 1 ? "" : "s");
    return cmd_usage_of(e, c, found);
}

/* Takes over the words: call->argv has them. */
static struct cmd_call *
call_begin(const struct cmd *c, const char *const *words, int n)
{
    struct cmd_call *call = xcalloc(1, sizeof *call);
    struct buf title = { 0 };
    int i;

    call->cmd = c;
    buf_str(&title, c->name);
    for (i = 1; i < n; i++) {
        call->argv[call->argc++] = xstrdup(words[i]);
        buf_fmt(&title, " %s", words[i]);
    }
    call->title = buf_take(&title);
    if (c->json)
        take_json(call);
    return call;
}

/* What the cursor is on stands for arguments that a screen's user left out. */
static enum cmd_rc
call_fill_in(struct session *ses, struct cmd_call *call, struct err *e)
{
    struct buf words = { 0 };
    enum cmd_rc rc = CMD_OK;
    char *word, *save = NULL;

    if (call->cmd->fill == NULL || ses->screen == NULL || call->argc > 0)
        return CMD_OK;
    rc = call->cmd->fill(ses, &words, e);
    if (rc == CMD_OK && words.len > 0)
        for (word = strtok_r(words.data, " ", &save); word != NULL;
             word = strtok_r(NULL, " ", &save)) {
            cmd_call_add(call, word);
            call->filled = true;
        }
    buf_free(&words);
    return rc;
}

/* target: of a call that is made and not typed; else 0, and cursor is what a
 * verb without NAME acts on. */
static enum cmd_rc
call_finish(struct session *ses, struct cmd_call *call, uint64_t target,
            uint64_t cursor, struct err *e)
{
    const struct cmd *c = call->cmd;
    bool needs = (c->needs & CMD_NEED_DOMAIN) != 0, fills = call->argc == 0;
    enum cmd_rc rc;

    rc = check_args(call, target != 0, e);
    if (rc == CMD_OK && !needs && fills)
        rc = call_fill_in(ses, call, e);
    if (rc == CMD_OK && c->names != NULL)
        return find_named(ses, call, e);
    if (rc != CMD_OK || !needs)
        return rc;
    if (target == 0 && call->argc <= (int)c->min_args)
        target = cursor;
    if (target == 0 && call->argc > 0 && is_option(c, call->argv[0]))
        target = cursor;
    rc = find_target(ses, call, target, e);
    return rc == CMD_OK && fills ? call_fill_in(ses, call, e) : rc;
}

/* What a call is made of. */
struct wish {
    const char *const *words;
    int n;
    uint64_t target, cursor; /* as call_finish takes them */
    bool typed;              /* by a user, who can be asked for more */
};

/* Alone on a screen: what is missing is asked for, by a form or by the prompt.
 * False: nothing is missing. */
static bool
call_asks(struct session *ses, const struct cmd *c, uint64_t cursor)
{
    struct screen *sc = ses->screen;
    char *begin;

    if (cmd_asks_of(c) != NULL && ((c->needs & CMD_NEED_DOMAIN) == 0 ||
                                   engine_dom_by_id(ses->en, cursor) != NULL)) {
        sc->ops->form(sc, c, cursor);
        return true;
    }
    if (c->min_args == 0)
        return false;
    begin = xasprintf("%s ", c->name); /* the user types the rest */
    sc->ops->prompt(sc, begin);
    free(begin);
    return true;
}

/* No form is opened for a domain that the verb refuses. */
static enum cmd_rc
call_may_ask(struct session *ses, const struct cmd_call *call, uint64_t cursor,
             struct err *e)
{
    const struct dom *d = engine_dom_by_id(ses->en, cursor);
    struct cmd_call trial = { .cmd = call->cmd };

    if (cmd_asks_of(call->cmd) == NULL || d == NULL ||
        (call->cmd->needs & CMD_NEED_DOMAIN) == 0)
        return CMD_OK;
    take_target(&trial, d);
    return check_target(&trial, ses->en, e);
}

static enum cmd_rc
make_call(struct session *ses, const struct wish *wish, struct cmd_call **out,
          struct err *e)
{
    const char *const *words = wish->words;
    int n = wish->n;
    const struct cmd *c = cmd_find(ses->cmds, words[0], e);
    struct cmd_call *call;
    enum cmd_rc rc;
    bool alone, prompts;

    if (c == NULL)
        return CMD_USAGE;
    call = call_begin(c, words, n);
    rc = admit(ses, call, e);
    alone = n == 1 && wish->typed && ses->screen != NULL;
    if (rc == CMD_OK && alone)
        rc = call_may_ask(ses, call, wish->cursor, e);
    prompts = rc == CMD_OK && alone && call_asks(ses, c, wish->cursor);
    if (rc == CMD_OK && !prompts)
        rc = call_finish(ses, call, wish->target, wish->cursor, e);
    if (rc == CMD_OK && !prompts)
        *out = call;
    else
        cmd_call_free(call);
    return rc;
}

enum cmd_rc
cmd_call_new(struct session *ses, const char *const *words, int n,
             uint64_t dom_id, struct cmd_call **out, struct err *e)
{
    *out = NULL;
    return make_call(ses,
                     &(struct wish){ .words = words, .n = n, .target = dom_id },
                     out, e);
}

enum cmd_rc
cmd_parse(struct session *ses, const char *line, uint64_t dom_id,
          struct cmd_call **out, struct err *e)
{
    enum cmd_rc rc = CMD_OK;
    char **words;
    int n;

    *out = NULL;
    if (cmd_split(line, &words, &n, e) < 0)
        return CMD_USAGE;
    if (n > 0)
        rc = make_call(ses,
                       &(struct wish){ .words = (const char *const *)words,
                                       .n = n,
                                       .cursor = dom_id,
                                       .typed = true },
                       out, e);
    cmd_words_free(words, n);
    return rc;
}

void
cmd_call_add(struct cmd_call *call, const char *word)
{
    char *title;

    if (call->argc == CMD_ARGS_MAX)
        return;
    call->argv[call->argc++] = xstrdup(word);
    title = xasprintf("%s %s", call->title, word);
    free(call->title);
    call->title = title;
    call->confirmed = call->undoable = false;
}

/* --- running --- */

enum cmd_rc
cmd_begun(struct cmd_ctx *ctx, int rc)
{
    struct screen *sc = ctx->ses->screen;

    if (rc < 0)
        return CMD_ERROR;
    if (sc != NULL)
        sc->ops->follow_console(sc, ctx->op);
    return CMD_WAIT;
}

static int
cmd_refuse_off(const char *verb, const struct dom *d, struct err *e)
{
    return err_set(e, ERR_INVALID,
                   d->saved ? "%s: %s is saved: `start %s' brings it back"
                            : "%s: %s is off: `start %s' starts it",
                   verb, d->name, d->name);
}

/* The life that was parsed is not there; says what is. */
static void
target_lost(const struct cmd_call *call, struct engine *en, struct err *e)
{
    const struct dom *d;
    size_t i;

    for (i = 0; (d = engine_dom_at(en, i)) != NULL; i++)
        if (memcmp(d->uuid, call->target.uuid, sizeof d->uuid) == 0)
            break;
    if (d != NULL && !d->off)
        err_set(e, ERR_NOENT,
                "%s: %s has restarted meanwhile; nothing was done",
                call->cmd->name, call->target.name);
    else
        err_set(e, ERR_NOENT, "%s: %s has ended meanwhile; nothing was done",
                call->cmd->name, call->target.name);
}

static enum cmd_rc
check_target(const struct cmd_call *call, struct engine *en, struct err *e)
{
    const struct cmd *c = call->cmd;
    const struct dom *d = engine_dom_by_id(en, call->target.dom_id);

    if (d == NULL || memcmp(d->uuid, call->target.uuid, sizeof d->uuid) != 0)
        target_lost(call, en, e);
    else if (d->off && (c->needs & CMD_TAKES_OFF) == 0)
        (void)cmd_refuse_off(c->name, d, e);
    else if ((c->needs & CMD_NEED_NOT_DOM0) != 0 && d->domid == 0)
        err_set(e, ERR_DENIED, "%s: refused for %s, on which this host stands",
                c->name, d->name);
    else if ((c->needs & CMD_NEED_LIVE) != 0 &&
             (d->flags & (DOM_F_DYING | DOM_F_SHUTDOWN)) != 0)
        err_set(e, ERR_INVALID, "%s: %s does not run any more (%s)", c->name,
                d->name, dom_state_word(d));
    else
        return CMD_OK;
    return CMD_ERROR;
}

/* A batch is asked nothing, but told. */
static void
warn_dependants(struct cmd_ctx *ctx)
{
    size_t before;

    if (ctx->warn == NULL)
        return;
    before = ctx->warn->len;
    question_add_dependants(ctx, ctx->warn);
    if (ctx->warn->len > before)
        buf_chr(ctx->warn, '\n');
}

static enum cmd_rc
exec_call(struct cmd_ctx *ctx)
{
    return ctx->values != NULL ? cmd_asks_of(ctx->cmd)->exec(ctx, ctx->values)
                               : ctx->cmd->exec(ctx);
}

/* What the verb asks of the engine is asked by the session's user. */
static enum cmd_rc
exec_for(struct cmd_ctx *ctx)
{
    const char *who = ctx->ses->info.who;
    struct actor before;
    enum cmd_rc rc;

    if (ctx->en == NULL || who[0] == '\0')
        return exec_call(ctx);
    before = engine_act_for(ctx->en, who, engine_acting_in(ctx->en));
    if (ctx->ses->from_hook)
        engine_set(ctx->en, ENGINE_FROM_HOOK, true);
    rc = exec_call(ctx);
    if (ctx->ses->from_hook)
        engine_set(ctx->en, ENGINE_FROM_HOOK, false);
    engine_act_as(ctx->en, before);
    return rc;
}

enum cmd_rc
cmd_check(struct cmd_ctx *ctx, const struct cmd_call *call)
{
    const struct session *ses = ctx->ses;
    enum cmd_rc rc = admit(ses, call, ctx->e);
    int i;

    ctx->en = ses->en;
    ctx->cmd = call->cmd;
    ctx->call = call;
    ctx->dom_id = call->target.dom_id;
    ctx->json = call->json;
    ctx->argc = call->argc;
    for (i = 0; i < call->argc; i++)
        ctx->argv[i] = call->argv[i];
    if (rc == CMD_OK && call->target.dom_id != 0)
        rc = check_target(call, ctx->en, ctx->e);
    return rc;
}

enum cmd_rc
cmd_run(struct cmd_ctx *ctx, const struct cmd_call *call)
{
    enum cmd_rc rc = cmd_check(ctx, call);

    if (rc != CMD_OK)
        return rc;
    if (ctx->ses->screen != NULL && !call->confirmed && question_ask(ctx))
        return CMD_ASK;
    if (ctx->values != NULL && (rc = exec_for(ctx)) != CMD_AGAIN)
        return rc;
    ctx->values = NULL; /* by the line */
    rc = call->looked ? CMD_OK : file_words_look(ctx);
    if (rc != CMD_OK)
        return rc;
    warn_dependants(ctx);
    return exec_for(ctx);
}
