/*
 * run.c - from a line of text to a verb that ran: words, what the verb needs,
 * the question that some ask first, the call.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/command.h"
#include "src/command/family.h"
#include "ui/ui.h"

struct words {
    char **at;
    int n;
};

static void
words_free(struct words *ws)
{
    int i;

    for (i = 0; i < ws->n; i++)
        free(ws->at[i]);
    free(ws->at);
    *ws = (struct words){ 0 };
}

/* One word from *pp into out, as a shell would; false: a quote is open. */
static bool
take_word(const char **pp, struct buf *out)
{
    const char *p = *pp;
    char quote = '\0';

    for (; *p != '\0' && (quote != '\0' || !isspace((unsigned char)*p)); p++) {
        if (quote == '\0' && (*p == '\'' || *p == '"')) {
            quote = *p;
        } else if (quote != '\0' && *p == quote) {
            quote = '\0';
        } else if (*p == '\\' && quote != '\'') {
            if (p[1] == '\0')
                break;
            buf_chr(out, *++p);
        } else {
            buf_chr(out, *p);
        }
    }
    *pp = p;
    return quote == '\0' && *p != '\\';
}

int
cmd_split(const char *line, char ***words_out, int *n_out, struct err *e)
{
    struct words ws = { 0 };
    struct buf word = { 0 };

    for (;;) {
        while (isspace((unsigned char)*line))
            line++;
        if (*line == '\0' || *line == '#')
            break;
        ws.at = xrealloc(ws.at, (size_t)ws.n + 1, sizeof ws.at[0]);
        if (!take_word(&line, &word)) {
            buf_free(&word);
            words_free(&ws);
            return err_set(e, ERR_INVALID,
                           "found a quote or backslash that is not closed");
        }
        ws.at[ws.n++] = buf_take(&word);
        if (ws.n > CMD_ARGS_MAX) {
            words_free(&ws);
            return err_set(e, ERR_RANGE, "found more than %d words, allowed %d",
                           CMD_ARGS_MAX, CMD_ARGS_MAX);
        }
    }
    *words_out = ws.at;
    *n_out = ws.n;
    return 0;
}

enum cmd_rc
cmd_usage(struct err *e, const struct cmd *c, const char *found)
{
    const char *args = c->words != NULL ? c->words : c->args;

    err_set(e, ERR_INVALID, "%s: found %s, allowed: %s%s%s%s", c->name, found,
            c->name, args != NULL ? " " : "", args != NULL ? args : "",
            c->json ? " [--json]" : "");
    return CMD_USAGE;
}

/* Takes --json out of the arguments. */
static void
take_json(struct cmd_ctx *ctx)
{
    int i, n = 0;

    for (i = 0; i < ctx->argc; i++) {
        if (strcmp(ctx->argv[i], "--json") == 0)
            ctx->json = true;
        else
            ctx->argv[n++] = ctx->argv[i];
    }
    ctx->argc = n;
}

static void
prompt_done(struct ui *ui, const char *text, void *arg)
{
    (void)arg;
    if (text != NULL)
        ui_run(ui, text);
}

/* A key gave the verb alone: the user types the rest. */
static enum cmd_rc
ask_args(struct cmd_ctx *ctx, const struct cmd *c)
{
    char *line = xasprintf("%s ", c->name);

    ui_prompt(ctx->ui, PROMPT_COMMAND, line, prompt_done, NULL, NULL);
    free(line);
    return CMD_OK;
}

static enum cmd_rc
check_mode(const struct cmd_ctx *ctx, const struct cmd *c)
{
    bool read_only =
        ctx->ui != NULL ? ui_settings(ctx->ui)->read_only : ctx->read_only;

    if ((c->needs & CMD_NEED_UI) != 0 && ctx->ui == NULL) {
        err_set(ctx->e, ERR_UNSUPPORTED,
                "%s: needs the console on a terminal, not -e or -f", c->name);
        return CMD_USAGE;
    }
    if ((c->needs & CMD_NEED_WRITE) == 0 || !read_only)
        return CMD_OK;
    err_set(ctx->e, ERR_DENIED, "%s: refused, this session is read-only%s",
            c->name, ctx->ui != NULL ? " (`read-only off' ends that)" : "");
    return CMD_ERROR;
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

int
cmd_refuse_off(const char *verb, const struct dom *d, struct err *e)
{
    return err_set(e, ERR_INVALID, "%s: %s is off: `start %s' starts it", verb,
                   d->name, d->name);
}

/* Any argument beyond the least number begins with NAME, but for an option. */
static enum cmd_rc
resolve(struct cmd_ctx *ctx, const struct cmd *c)
{
    const struct dom *d;

    if (ctx->argc > (int)c->min_args && !is_option(c, ctx->argv[0])) {
        d = engine_dom_find(ctx->en, ctx->argv[0], ctx->e);
        memmove(ctx->argv, ctx->argv + 1,
                (size_t)--ctx->argc * sizeof ctx->argv[0]);
    } else if (ctx->dom_id == 0 && ctx->ui == NULL) {
        return cmd_usage(ctx->e, c, "no domain");
    } else {
        d = engine_dom_by_id(ctx->en, ctx->dom_id);
        if (d == NULL)
            err_set(ctx->e, ERR_NOENT, "%s: %s", c->name,
                    ctx->dom_id == 0 ? "no domain is selected"
                                     : "the domain is gone");
    }
    if (d == NULL)
        return CMD_ERROR;
    ctx->dom_id = d->id;
    if (d->off && (c->needs & CMD_TAKES_OFF) == 0)
        (void)cmd_refuse_off(c->name, d, ctx->e);
    else if ((c->needs & CMD_NEED_NOT_DOM0) != 0 && d->domid == 0)
        err_set(ctx->e, ERR_DENIED,
                "%s: refused for %s, on which this host stands", c->name,
                d->name);
    else if ((c->needs & CMD_NEED_LIVE) != 0 &&
             (d->flags & (DOM_F_DYING | DOM_F_SHUTDOWN)) != 0)
        err_set(ctx->e, ERR_INVALID, "%s: %s does not run any more (%s)",
                c->name, d->name, dom_state_word(d));
    else
        return CMD_OK;
    return CMD_ERROR;
}

static enum cmd_rc
check_args(struct cmd_ctx *ctx, const struct cmd *c)
{
    unsigned name = (c->needs & CMD_NEED_DOMAIN) != 0 ? 1 : 0;
    char found[64];

    if (c->json)
        take_json(ctx);
    if (ctx->argc >= (int)c->min_args && ctx->argc <= (int)(c->max_args + name))
        return CMD_OK;
    if (ctx->argc == 0)
        text_fmt(found, sizeof found, "no argument");
    else
        text_fmt(found, sizeof found, "%d argument%s", ctx->argc,
                 ctx->argc == 1 ? "" : "s");
    return cmd_usage(ctx->e, c, found);
}

/* The question with the domain's name in the place of its %s. */
static void
question(const struct cmd_ctx *ctx, const struct cmd *c, struct buf *out)
{
    const struct dom *d = engine_dom_by_id(ctx->en, ctx->dom_id);
    const char *at;

    if (c->ask != NULL)
        c->ask(ctx, out);
    if (c->confirm == NULL)
        return;
    at = strstr(c->confirm, "%s");
    if (at == NULL)
        buf_str(out, c->confirm);
    else
        buf_fmt(out, "%.*s%s%s", (int)(at - c->confirm), c->confirm,
                d != NULL ? d->name : "it", at + 2);
}

/* Those who lose their devices with the domain that is to end. */
static void
add_dependants(const struct cmd_ctx *ctx, const struct cmd *c, struct buf *out)
{
    struct buf names = { 0 };
    const struct dom *d;

    if ((c->needs & CMD_ENDS) == 0) /* it may have no engine */
        return;
    d = engine_dom_by_id(ctx->en, ctx->dom_id);
    if (d != NULL && engine_dependants(ctx->en, ctx->dom_id, &names))
        buf_fmt(out, "%s%s serves devices to %s, which lose%s them.",
                out->len > 0 ? " " : "", d->name, buf_text(&names),
                strchr(buf_text(&names), ' ') == NULL ? "s" : "");
    buf_free(&names);
}

/* True: *ask_out has a question. */
static bool
must_ask(const struct cmd_ctx *ctx, const struct cmd *c, char **ask_out)
{
    struct buf q = { 0 };

    question(ctx, c, &q);
    if (q.len > 0)
        add_dependants(ctx, c, &q);
    if (q.len > 0)
        *ask_out = buf_take(&q);
    buf_free(&q);
    return *ask_out != NULL;
}

/* -e asks nothing, but says it. */
static void
warn_dependants(struct cmd_ctx *ctx, const struct cmd *c)
{
    size_t before;

    if (ctx->warn == NULL)
        return;
    before = ctx->warn->len;
    add_dependants(ctx, c, ctx->warn);
    if (ctx->warn->len > before)
        buf_chr(ctx->warn, '\n');
}

/* A host without a name is answered with its domain's. */
static void
host_name(struct cmd_ctx *ctx)
{
    const struct host *h = engine_host_info(ctx->en);

    text_fmt(ctx->typed, sizeof ctx->typed, "%s",
             h->hostname[0] != '\0' ? h->hostname : "Domain-0");
}

static enum cmd_rc
run_words(struct cmd_ctx *ctx, const struct cmd *c, bool confirmed,
          char **ask_out)
{
    enum cmd_rc rc = check_mode(ctx, c);

    if (rc != CMD_OK)
        return rc;
    if (ctx->ui != NULL && ctx->argc == 0 && c->min_args > 0)
        return ask_args(ctx, c);
    rc = check_args(ctx, c);
    if (rc == CMD_OK && (c->needs & CMD_NEED_DOMAIN) != 0)
        rc = resolve(ctx, c);
    if (rc != CMD_OK)
        return rc;
    if (!confirmed && ask_out != NULL && must_ask(ctx, c, ask_out)) {
        if (c->type_host)
            host_name(ctx);
        return CMD_WAIT;
    }
    warn_dependants(ctx, c);
    return c->exec(ctx);
}

enum cmd_rc
cmd_run_line(struct cmd_ctx *ctx, const char *line, bool confirmed,
             char **ask_out)
{
    enum cmd_rc rc = CMD_OK;
    const struct cmd *c;
    struct words ws = { 0 };
    int i;

    if (ask_out != NULL)
        *ask_out = NULL;
    ctx->op = 0;
    ctx->typed[0] = '\0';
    ctx->json = false;
    if (cmd_split(line, &ws.at, &ws.n, ctx->e) < 0)
        return CMD_USAGE;
    if (ws.n > 0) {
        c = cmd_find(ws.at[0], ctx->e);
        for (i = 1; i < ws.n; i++)
            ctx->argv[i - 1] = ws.at[i];
        ctx->argc = ws.n - 1;
        rc = c != NULL ? run_words(ctx, c, confirmed, ask_out) : CMD_USAGE;
    }
    ctx->argc = 0; /* the words end here */
    words_free(&ws);
    return rc;
}
