/*
 * file_words.c - see file_words.h. A word may be a file or not (a domain's name
 * or a path): one look too many costs a process, one too few the loop.
 */
#include "src/command/file_words.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/xalloc.h"
#include "src/command/family.h"

/* --- which words are files --- */

static void
file_words_add(struct look *l, const struct cmd_ctx *ctx, int nth)
{
    char *path = ctx_path(ctx, nth), cwd[PATH_MAX];
    char *full;

    if (path[0] == '/') {
        look_add(l, ctx->en, path);
    } else if (path[0] != '\0' && getcwd(cwd, sizeof cwd) != NULL) {
        full = xasprintf("%s/%s", cwd, path);
        look_add(l, ctx->en, full);
        free(full);
    }
    free(path);
}

/* A saved domain by its name, else a file. That file is for administrators:
 * others are refused by the verb, and nothing is looked at for them. */
static void
file_words_start(struct look *l, const struct cmd_ctx *ctx, int nth)
{
    const struct dom *d = engine_dom_find(ctx->en, ctx->argv[nth], NULL);
    char path[PATH_MAX];

    if (d != NULL && engine_saved_file(ctx->en, d->id, path, sizeof path))
        look_add(l, ctx->en, path);
    else if (d == NULL && ctx->ses->info.rights >= RIGHT_ADMIN)
        file_words_add(l, ctx, nth);
}

/* How many words an option takes, itself included; 0: it is none. */
static int
option_takes(const struct cmd *c, const char *word)
{
    size_t n = strcspn(word, "=");
    const char *at = c->args;

    if (word[0] != '-' || word[1] == '\0')
        return 0;
    for (; word[n] == '\0' && at != NULL && (at = strstr(at, "--")) != NULL;
         at += 2)
        if (strncmp(at, word, n) == 0 && at[n] == ' ')
            return 2;
    return 1;
}

/* One of those that stand for themselves, as in "FILE|eject". */
static bool
is_literal(const struct cmd *c, const char *word)
{
    const char *at = c->args;
    size_t n = strlen(word);

    for (; n > 0 && at != NULL && (at = strstr(at, word)) != NULL; at += n)
        if (at > c->args && at[-1] == '|' && strchr(" |]", at[n]) != NULL)
            return true;
    return false;
}

/* The word for the domain is not among the arguments any more. */
static void
file_words_find(struct look *l, const struct cmd_ctx *ctx)
{
    const struct cmd *c = ctx->cmd;
    const enum cmd_arg args[] = { c->arg, c->arg2, c->arg3 };
    size_t at = (c->needs & CMD_NEED_DOMAIN) != 0 ? 1 : 0;
    int i, skip;

    for (i = 0; i < ctx->argc && at<3; i += skip> 0 ? skip : 1) {
        skip = option_takes(c, ctx->argv[i]);
        if (skip > 0)
            continue;
        if (args[at] == CMD_ARG_START)
            file_words_start(l, ctx, i);
        else if (args[at] == CMD_ARG_FILE && !is_literal(c, ctx->argv[i]))
            file_words_add(l, ctx, i);
        at++;
    }
}

/* --- the wait --- */

static struct cmd_look *
cmd_look_of(struct cmd_job *j)
{
    return container_of(j, struct cmd_look, job);
}

static void
file_words_slow(struct look *l)
{
    const struct cmd_job *j = &container_of(l, struct cmd_look, look)->job;
    struct buf line = { 0 };

    session_say(j->ses,
                "%s waits for %s: its file server does not answer; `cancel' "
                "ends the wait",
                j->cmd->name, l->now);
    buf_fmt(&line,
            "xendeck: %s waits for %s: its file server does not answer; ^C "
            "ends the wait\n",
            j->cmd->name, l->now);
    session_put(j->ses, SESSION_ERR, buf_text(&line));
    buf_free(&line);
}

static void
file_words_done(struct look *l, const struct err *e)
{
    struct cmd_job *j = &container_of(l, struct cmd_look, look)->job;

    j->e = *e;
    if (e->code != ERR_NONE)
        err_wrap(&j->e, "%s", j->cmd->name);
    cmd_job_end(j, e->code == ERR_NONE ? CMD_AGAIN : CMD_ERROR);
}

static void
file_words_stop(struct cmd_job *j)
{
    look_fini(&cmd_look_of(j)->look);
    err_set(&j->e, ERR_CANCELLED, "%s: interrupted", j->cmd->name);
    cmd_job_end(j, CMD_ERROR);
}

static void
file_words_free(struct cmd_job *j)
{
    struct cmd_look *cl = cmd_look_of(j), **at = &j->ses->looks;

    while (*at != NULL && *at != cl)
        at = &(*at)->older;
    if (*at != NULL)
        *at = cl->older;
    look_fini(&cl->look);
    free(cl);
}

enum cmd_rc
file_words_look(struct cmd_ctx *ctx)
{
    static const struct cmd_job_ops ops = { .stop = file_words_stop,
                                            .free = file_words_free };
    struct cmd_look *cl;

    if (ctx->en == NULL) /* it holds up nobody but its caller */
        return CMD_OK;
    cl = xcalloc(1, sizeof *cl);
    cl->look.slow = file_words_slow;
    cl->look.done = file_words_done;
    file_words_find(&cl->look, ctx);
    if (!look_is_needed(&cl->look) ||
        look_start(&cl->look, ctx->en, ctx->e) < 0) {
        bool needed = look_is_needed(&cl->look);

        look_fini(&cl->look);
        free(cl);
        return needed ? CMD_ERROR : CMD_OK;
    }
    cl->older = ctx->ses->looks;
    ctx->ses->looks = cl;
    return cmd_job_start(ctx, &cl->job, &ops);
}

static struct cmd_look *
file_words_newest(const struct session *ses)
{
    struct cmd_look *cl = ses->looks;

    while (cl != NULL && cl->job.over)
        cl = cl->older;
    return cl;
}

bool
file_words_wait(const struct session *ses)
{
    return file_words_newest(ses) != NULL;
}

bool
file_words_cancel(const struct session *ses)
{
    struct cmd_look *cl = file_words_newest(ses);

    if (cl != NULL)
        cmd_job_stop(&cl->job);
    return cl != NULL;
}
