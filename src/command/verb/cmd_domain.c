/*
 * cmd_domain.c - verbs that make, stop and end domains; destroy is in
 * cmd_destroy.c.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/call.h"
#include "src/command/family.h"
#include "src/command/job.h"
#include "src/command/screen.h"

#define WAIT_MAX_S (7ULL * 24 * 3600)

typedef int (*engine_verb)(struct engine *, uint64_t, uint64_t *, struct err *);

static enum cmd_rc
cmd_domain_begin(struct cmd_ctx *ctx, engine_verb verb)
{
    return verb(ctx->en, ctx->dom_id, &ctx->op, ctx->e) == 0 ? CMD_WAIT
                                                             : CMD_ERROR;
}

static enum cmd_rc
cmd_domain_exec_create(struct cmd_ctx *ctx)
{
    struct engine_create_opts o = { 0 };
    const char *vars[CMD_ARGS_MAX];
    int i, rc, file = -1;
    bool console = false;
    char *path;

    o.vars = vars;
    for (i = 0; i < ctx->argc; i++) {
        if (strcmp(ctx->argv[i], "--paused") == 0 ||
            strcmp(ctx->argv[i], "-p") == 0)
            o.paused = true;
        else if (strcmp(ctx->argv[i], "--console") == 0 ||
                 strcmp(ctx->argv[i], "-c") == 0)
            console = true;
        else if (file < 0)
            file = i;
        else if (ctx->argv[i][0] != '=' && strchr(ctx->argv[i], '=') != NULL)
            vars[o.n_vars++] = ctx->argv[i];
        else
            return cmd_usage(ctx, "two files");
    }
    if (file < 0)
        return cmd_usage(ctx, "no file");
    if (console && ctx->ses->screen == NULL) { /* a screen shows it anyway */
        err_set(ctx->e, ERR_UNSUPPORTED,
                "create: --console attaches the terminal: it must be the only "
                "verb, with a terminal as standard input and output");
        return CMD_USAGE;
    }
    path = ctx_path(ctx, file);
    rc = engine_create(ctx->en, path, &o, &ctx->op, ctx->e);
    free(path);
    return cmd_begun(ctx, rc);
}

static enum cmd_rc
exec_pause(struct cmd_ctx *ctx)
{
    return cmd_domain_begin(ctx, engine_pause);
}

/* Whoever lets one run that is about to be destroyed revives it. */
static enum cmd_rc
exec_unpause(struct cmd_ctx *ctx)
{
    if (engine_destroy_undo(ctx->en, ctx->dom_id) != 0)
        return cmd_undo(ctx);
    return cmd_domain_begin(ctx, engine_unpause);
}

static enum cmd_rc
exec_shutdown(struct cmd_ctx *ctx)
{
    return cmd_domain_begin(ctx, engine_shutdown);
}

static enum cmd_rc
exec_reboot(struct cmd_ctx *ctx)
{
    return cmd_domain_begin(ctx, engine_reboot);
}

static enum cmd_rc
exec_suspend(struct cmd_ctx *ctx)
{
    return cmd_domain_begin(ctx, engine_suspend);
}

/* --- wait --- */

struct waiting {
    struct cmd_job job;
    struct engine_listener listener;
    struct loop_timer limit;
    unsigned long long limit_s;
    uint64_t dom_id;
    char name[MODEL_NAME_MAX];
};

static void
wait_changed(struct engine_listener *l, unsigned what)
{
    struct waiting *w = container_of(l, struct waiting, listener);

    if ((what & ENGINE_CH_DOMS) != 0 &&
        engine_dom_by_id(w->job.en, w->dom_id) == NULL)
        cmd_job_end(&w->job, CMD_OK);
}

static void
wait_late(struct loop_timer *lt)
{
    struct waiting *w = container_of(lt, struct waiting, limit);

    if (w->job.over)
        return;
    err_set(&w->job.e, ERR_TIMEOUT, "wait: %s is still there after %llu s",
            w->name, w->limit_s);
    cmd_job_end(&w->job, CMD_ERROR);
}

static void
wait_free(struct cmd_job *j)
{
    struct waiting *w = container_of(j, struct waiting, job);

    engine_unlisten(&w->listener);
    loop_timer_del(&w->limit);
    free(w);
}

static enum cmd_rc
exec_wait(struct cmd_ctx *ctx)
{
    static const struct cmd_job_ops ops = { .free = wait_free };
    unsigned long long limit_s = WAIT_MAX_S;
    struct waiting *w;

    if (ctx->ses->screen != NULL) {
        err_set(ctx->e, ERR_UNSUPPORTED, "wait: only with -e or -f");
        return CMD_USAGE;
    }
    if (ctx->argc > 0 && !text_u64(ctx->argv[0], 0, WAIT_MAX_S, &limit_s))
        return cmd_usage(ctx, ctx->argv[0]);
    w = xcalloc(1, sizeof *w);
    w->limit_s = limit_s;
    w->dom_id = ctx->dom_id;
    text_fmt(w->name, sizeof w->name, "%s", ctx->call->target.name);
    w->listener.changed = wait_changed;
    engine_listen(ctx->en, &w->listener);
    loop_timer_arm(ctx->ses->lp, &w->limit, limit_s * 1000, wait_late);
    return cmd_job_start(ctx, &w->job, &ops);
}

#define IN_DOMS       (CMD_IN_LIST | CMD_IN_DETAIL)
#define NEEDS_RUNNING (CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_NEED_LIVE)

static const struct cmd cmds[] = {
    { .name = "create",
      .keys = "C F2",
      .in = CMD_IN_ALL,
      .args = "FILE [--paused] [--console] [SETTING=VALUE...]",
      .arg = CMD_ARG_FILE,
      .min_args = 1,
      .max_args = CMD_ARGS_MAX,
      .bar = "Create",
      .right = RIGHT_ADMIN,
      .help = "Make and start a domain from a configuration file",
      .exec = cmd_domain_exec_create },
    { .name = "pause",
      .keys = "p F7",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING,
      .bar = "Pause",
      .right = RIGHT_OPERATE,
      .help = "Stop a domain's virtual cpus; memory stays",
      .exec = exec_pause },
    { .name = "unpause",
      .alias = "resume",
      .keys = "u",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING & ~(unsigned)CMD_NEED_LIVE, /* it may sleep */
      .right = RIGHT_OPERATE,
      .help = "Let a paused or suspended domain run on",
      .exec = exec_unpause },
    { .name = "shutdown",
      .keys = "S F8",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING | CMD_ENDS,
      .bar = "Shut",
      .confirm = "Shut down %s?",
      .right = RIGHT_OPERATE,
      .help = "Ask a domain to power off, wait until it has",
      .exec = exec_shutdown },
    { .name = "reboot",
      .keys = "R",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING | CMD_ENDS,
      .confirm = "Reboot %s?",
      .right = RIGHT_OPERATE,
      .help = "Ask a domain to reboot",
      .exec = exec_reboot },
    { .name = "suspend",
      .keys = "Z",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING | CMD_ENDS,
      .confirm = "Suspend %s?",
      .right = RIGHT_OPERATE,
      .help = "Ask a domain to suspend itself",
      .exec = exec_suspend },
    { .name = "wait",
      .args = "[NAME] [SECONDS]",
      .arg = CMD_ARG_DOMAIN,
      .max_args = 1,
      .needs = CMD_NEED_DOMAIN | CMD_ONE,
      .right = RIGHT_VIEW,
      .help = "With -e: wait until a domain is gone",
      .exec = exec_wait },
};

const struct cmd_family cmd_family_domain = { cmds,
                                              sizeof cmds / sizeof cmds[0],
                                              10 };
