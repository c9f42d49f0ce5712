/*
 * cmd_define.c - verbs on domains that are kept while they do not run, and on
 * whose a domain is.
 */
#include <stdlib.h>
#include <string.h>

#include "src/command/command.h"
#include "src/command/family.h"
#include "src/command/screen.h"

/* What is done at once leaves little to be seen in a console: it is told. */
static enum cmd_rc
told(struct cmd_ctx *ctx, int rc, const char *verb, const char *what)
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
    return told(ctx, rc, "define", ctx->argv[0]);
}

/* The domain under the cursor, if no name was given. */
static void
name_of(const struct cmd_ctx *ctx, char *out, size_t out_size)
{
    const struct dom *d = engine_dom_by_id(ctx->en, ctx->dom_id);

    text_fmt(out, out_size, "%s", d != NULL ? d->name : "");
}

static enum cmd_rc
exec_undefine(struct cmd_ctx *ctx)
{
    char name[MODEL_NAME_MAX];

    name_of(ctx, name, sizeof name); /* it may go */
    return told(ctx, engine_undefine(ctx->en, ctx->dom_id, ctx->e), "undefine",
                name);
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

/* A name first; what names no domain is a file, as with create. */
static enum cmd_rc
exec_start(struct cmd_ctx *ctx)
{
    struct engine_create_opts o = { 0 };
    const struct dom *d;
    struct err e = { 0 };
    int i, what = -1;

    for (i = 0; i < ctx->argc; i++) {
        if (strcmp(ctx->argv[i], "--paused") == 0)
            o.paused = true;
        else if (what < 0)
            what = i;
        else
            return cmd_usage(ctx, "two names");
    }
    if (what >= 0)
        d = engine_dom_find(ctx->en, ctx->argv[what], &e);
    else
        d = engine_dom_by_id(ctx->en, ctx->dom_id);
    if (d != NULL)
        return cmd_begun(
            ctx, engine_start(ctx->en, d->id, o.paused, &ctx->op, ctx->e));
    if (what < 0)
        return cmd_usage(ctx, "no domain");
    if (e.code != ERR_NOENT) { /* a name that several have */
        *ctx->e = e;
        return CMD_ERROR;
    }
    return start_file(ctx, what, &o);
}

static enum cmd_rc
exec_autostart(struct cmd_ctx *ctx)
{
    char name[MODEL_NAME_MAX];
    bool on;

    if (!parse_on_off(ctx->argv[0], &on))
        return cmd_usage(ctx, ctx->argv[0]);
    name_of(ctx, name, sizeof name);
    return told(ctx, engine_set_autostart(ctx->en, ctx->dom_id, on, ctx->e),
                on ? "autostart on" : "autostart off", name);
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
      .args = "[NAME|FILE] [--paused]",
      .arg = CMD_ARG_START,
      .max_args = 2,
      .right = RIGHT_OPERATE,
      .help = "Start a defined domain, or make one from a file",
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
    { .name = "adopt",
      .args = "NAME [FILE]",
      .arg = CMD_ARG_DOMAIN,
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
};

const struct cmd_family cmd_family_define = { cmds,
                                              sizeof cmds / sizeof cmds[0],
                                              20 };
