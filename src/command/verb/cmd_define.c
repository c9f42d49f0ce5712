/*
 * cmd_define.c - verbs on domains that are kept while they do not run, defined
 * or saved in a file, and on whose a domain is.
 */
#include <stdlib.h>
#include <string.h>

#include "src/command/call.h"
#include "src/command/command.h"
#include "src/command/family.h"
#include "src/command/screen.h"

/* What is done at once leaves little to be seen in a console: it is told. */
static enum cmd_rc
cmd_define_told(struct cmd_ctx *ctx, int rc, const char *verb, const char *what)
{
    if (rc < 0)
        return CMD_ERROR;
    session_say(ctx->ses, "%s %s: done", verb, what);
    return CMD_OK;
}

static enum cmd_rc
exec_define(struct cmd_ctx *ctx)
{
    char *path = ctx_path(ctx, 0);
    int rc = engine_define(ctx->en, path, ctx->e);

    free(path);
    return cmd_define_told(ctx, rc, "define", ctx->argv[0]);
}

/* The domain under the cursor, if no name was given. */
static void
cmd_define_name_of(const struct cmd_ctx *ctx, char *out, size_t out_size)
{
    const struct dom *d = engine_dom_by_id(ctx->en, ctx->dom_id);

    text_fmt(out, out_size, "%s", d != NULL ? d->name : "");
}

static enum cmd_rc
exec_undefine(struct cmd_ctx *ctx)
{
    char name[MODEL_NAME_MAX];

    cmd_define_name_of(ctx, name, sizeof name); /* it may go */
    return cmd_define_told(ctx, engine_undefine(ctx->en, ctx->dom_id, ctx->e),
                           "undefine", name);
}

/* A word that names no domain was taken for a file: where there is none
 * either, both are said. */
static enum cmd_rc
neither_name_nor_file(struct cmd_ctx *ctx, int nth, enum cmd_rc rc)
{
    if (rc == CMD_ERROR && ctx->e->code == ERR_NOENT)
        err_set(ctx->e, ERR_NOENT,
                "%s: found '%.128s', which is neither a domain nor a file "
                "here; `list' shows the domains",
                ctx->cmd->name, ctx->argv[nth]);
    return rc;
}

/* A file makes a domain, which is more than to run one that is there. */
static enum cmd_rc
start_file(struct cmd_ctx *ctx, int nth, const struct engine_create_opts *o)
{
    char *path;
    int rc;

    if (!session_may(ctx->ses, RIGHT_ADMIN, "start FILE", ctx->e))
        return CMD_ERROR;
    path = ctx_path(ctx, nth);
    rc = engine_create(ctx->en, path, o, &ctx->op, ctx->e);
    free(path);
    return cmd_begun(ctx, rc);
}

/* The first word that is no option. */
static const char *
cmd_define_names(const struct cmd_call *call)
{
    int i;

    for (i = 0; i < call->argc; i++)
        if (call->argv[i][0] != '-')
            return call->argv[i];
    return NULL;
}

/* On a screen: the domain that the user is at. */
static enum cmd_rc
start_fill(struct session *ses, struct buf *out, struct err *e)
{
    const struct dom *d =
        engine_dom_by_id(ses->en, ses->screen->ops->domain(ses->screen));

    (void)e;
    if (d != NULL)
        engine_dom_word(ses->en, d, out);
    return CMD_OK;
}

/* A name first; what names no domain is a file, as with create. */
static enum cmd_rc
exec_start(struct cmd_ctx *ctx)
{
    struct engine_create_opts o = { 0 };
    bool boot = false;
    int i, what = -1;

    for (i = 0; i < ctx->argc; i++) {
        if (strcmp(ctx->argv[i], "--paused") == 0)
            o.paused = true;
        else if (strcmp(ctx->argv[i], "--boot") == 0)
            boot = true;
        else if (what < 0)
            what = i;
        else
            return cmd_usage(ctx, "two names");
    }
    if (what < 0)
        return cmd_usage(ctx, "no domain");
    if (ctx->dom_id != 0)
        return cmd_begun(ctx,
                         (boot ? engine_boot : engine_start)(
                             ctx->en, ctx->dom_id, o.paused, &ctx->op, ctx->e));
    return neither_name_nor_file(ctx, what, start_file(ctx, what, &o));
}

static enum cmd_rc
exec_autostart(struct cmd_ctx *ctx)
{
    char name[MODEL_NAME_MAX];
    bool on;

    if (!parse_on_off(ctx->argv[0], &on))
        return cmd_usage(ctx, ctx->argv[0]);
    cmd_define_name_of(ctx, name, sizeof name);
    return cmd_define_told(
        ctx, engine_set_autostart(ctx->en, ctx->dom_id, on, ctx->e),
        on ? "autostart on" : "autostart off", name);
}

static enum cmd_rc
exec_tag(struct cmd_ctx *ctx)
{
    char name[MODEL_NAME_MAX];

    cmd_define_name_of(ctx, name, sizeof name);
    return cmd_define_told(
        ctx, engine_tag(ctx->en, ctx->dom_id, ctx->argv[0], ctx->e), "tag",
        name);
}

static enum cmd_rc
exec_adopt(struct cmd_ctx *ctx)
{
    char *path = ctx->argc > 0 ? ctx_path(ctx, 0) : NULL;
    int rc = engine_adopt(ctx->en, ctx->dom_id, path, &ctx->op, ctx->e);

    free(path);
    return rc == 0 ? CMD_WAIT : CMD_ERROR;
}

static enum cmd_rc
exec_disown(struct cmd_ctx *ctx)
{
    return engine_disown(ctx->en, ctx->dom_id, &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

/* --- into a file, and back --- */

static bool
cmd_save_is(const char *word, const char *name, const char *letter)
{
    return strcmp(word, name) == 0 || strcmp(word, letter) == 0;
}

static enum cmd_rc
exec_save_domain(struct cmd_ctx *ctx)
{
    struct save_opts o = { 0 };
    int i, rc, file = -1;
    char *path;

    for (i = 0; i < ctx->argc; i++) {
        if (cmd_save_is(ctx->argv[i], "--checkpoint", "-c"))
            o.checkpoint = true;
        else if (cmd_save_is(ctx->argv[i], "--replace", "-f"))
            o.replace = true;
        else if (cmd_save_is(ctx->argv[i], "--compress", "-z"))
            o.compress = true;
        else if (ctx->argv[i][0] == '\0' || ctx->argv[i][0] == '-')
            return cmd_usage(ctx, ctx->argv[i]);
        else if (file < 0)
            file = i;
        else
            return cmd_usage(ctx, "two files");
    }
    path = file >= 0 ? ctx_path(ctx, file) : NULL;
    rc = engine_save(ctx->en, ctx->dom_id, path, &o, &ctx->op, ctx->e);
    free(path);
    return rc == 0 ? CMD_WAIT : CMD_ERROR;
}

/* A file makes a domain, which is more than to bring back one that is there. */
static enum cmd_rc
restore_file(struct cmd_ctx *ctx, int nth, bool paused)
{
    char *path;
    int rc;

    if (!session_may(ctx->ses, RIGHT_ADMIN, "restore FILE", ctx->e))
        return CMD_ERROR;
    path = ctx_path(ctx, nth);
    rc = engine_restore(ctx->en, path, paused, &ctx->op, ctx->e);
    free(path);
    return cmd_begun(ctx, rc);
}

static enum cmd_rc
restore_saved(struct cmd_ctx *ctx, bool paused)
{
    const struct dom *d = engine_dom_by_id(ctx->en, ctx->dom_id);

    if (d == NULL)
        return cmd_usage(ctx, "no domain");
    if (!d->saved) {
        err_set(ctx->e, ERR_INVALID, "restore: %s is not saved (%s)", d->name,
                dom_state_word(d));
        return CMD_ERROR;
    }
    return cmd_begun(ctx,
                     engine_start(ctx->en, d->id, paused, &ctx->op, ctx->e));
}

/* The name of a domain that is saved, or else a file. */
static enum cmd_rc
exec_restore(struct cmd_ctx *ctx)
{
    bool paused = false;
    int i, what = -1;

    for (i = 0; i < ctx->argc; i++) {
        if (cmd_save_is(ctx->argv[i], "--paused", "-p"))
            paused = true;
        else if (what < 0)
            what = i;
        else
            return cmd_usage(ctx, "two files");
    }
    if (what < 0)
        return cmd_usage(ctx, "no domain");
    if (ctx->dom_id != 0)
        return restore_saved(ctx, paused);
    return neither_name_nor_file(ctx, what, restore_file(ctx, what, paused));
}

static const struct cmd cmds[] = {
    { .name = "define",
      .args = "FILE",
      .arg = CMD_ARG_FILE,
      .min_args = 1,
      .max_args = 1,
      .right = RIGHT_ADMIN,
      .help = "Keep a configuration; its domain is listed, off or running",
      .exec = exec_define },
    { .name = "undefine",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_TAKES_OFF,
      .confirm = "Forget the definition of %s?",
      .right = RIGHT_ADMIN,
      .help = "Forget a definition; a running domain runs on",
      .exec = exec_undefine },
    { .name = "start",
      .keys = "s",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "[NAME|FILE] [--paused] [--boot]",
      .arg = CMD_ARG_START,
      .max_args = 3,
      .needs = CMD_TAKES_OFF | CMD_OR_OTHER | CMD_MARKED,
      .fill = start_fill,
      .names = cmd_define_names,
      .right = RIGHT_OPERATE,
      .help = "Start a defined or saved domain, or make one from a file",
      .exec = exec_start },
    { .name = "autostart",
      .args = "[NAME] on|off",
      .words = "on|off",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = 1,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_TAKES_OFF,
      .right = RIGHT_ADMIN,
      .help = "Whether a defined domain starts with the host",
      .exec = exec_autostart },
    { .name = "tag",
      .keys = "@",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "[NAME] TAGS",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = 1,
      .needs = CMD_NEED_DOMAIN | CMD_TAKES_OFF,
      .right = RIGHT_OPERATE,
      .help = "Give a domain tags, web,prod; -web takes one away, = all before",
      .exec = exec_tag },
    { .name = "adopt",
      .args = "NAME [FILE]",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_FILE,
      .max_args = 1,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0,
      .right = RIGHT_ADMIN,
      .help = "Take in a domain made by another tool: reaped from now on",
      .exec = exec_adopt },
    { .name = "disown",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0,
      .confirm = "Let go of %s? It runs on, and nobody reaps it.",
      .right = RIGHT_ADMIN,
      .help = "Let go of a domain: it runs on, and is not reaped here",
      .exec = exec_disown },
    { .name = "save",
      .keys = "w",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "[NAME] [FILE] [--checkpoint] [--replace] [--compress]",
      .arg = CMD_ARG_DOMAIN,
      .max_args = 4,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_ENDS | CMD_ONE,
      .confirm = "Save %s into a file? It stops meanwhile.",
      .right = RIGHT_ADMIN,
      .help = "Put a running domain into a file, and remove it",
      .exec = exec_save_domain },
    { .name = "restore",
      .keys = "W",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "[NAME|FILE] [--paused]",
      .arg = CMD_ARG_START,
      .max_args = 2,
      .needs = CMD_TAKES_OFF | CMD_OR_OTHER,
      .names = cmd_define_names,
      .right = RIGHT_OPERATE,
      .help = "Bring back a saved domain, by its name or from a file",
      .exec = exec_restore },
};

const struct cmd_family cmd_family_define = { cmds,
                                              sizeof cmds / sizeof cmds[0],
                                              20 };
