/*
 * cmd_postmortem.c - the last words of domains: which are kept, and one of them
 * in full.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/api/api_postmortem.h"
#include "engine/config/core/uuid.h"
#include "src/base/xalloc.h"
#include "src/command/cmd_json.h"
#include "src/command/command.h"
#include "src/command/family.h"
#include "src/command/screen.h"

/* All of a domain, or of all domains, newest first. */
struct kept {
    struct postmortem *at;
    size_t n;
};

static void
kept_load(struct kept *k, const struct engine *en, const char *of)
{
    k->at = xcalloc(POSTMORTEM_LIST_MAX, sizeof k->at[0]);
    k->n = engine_postmortems(en, of, k->at, POSTMORTEM_LIST_MAX);
}

/* word: a name or uuid that something is kept of, or any word for a domain that
 * is there. */
static int
kept_find(const struct cmd_ctx *ctx, const char *word, struct kept *k)
{
    const struct dom *d;
    char uuid[37];

    kept_load(k, ctx->en, word);
    if (k->n > 0)
        return 0;
    free(k->at);
    k->at = NULL;
    d = engine_dom_find(ctx->en, word, NULL);
    if (d != NULL) {
        uuid_print_text(d->uuid, uuid);
        kept_load(k, ctx->en, uuid);
    }
    if (k->n > 0)
        return 0;
    return err_set(ctx->e, ERR_NOENT,
                   "postmortem: no last words of '%.64s' are kept; "
                   "`postmortem' alone lists those that are",
                   word);
}

/* --- as text --- */

static void
put_heading(struct buf *out)
{
    buf_fmt(out, "%-3s %-19s %-16s %-12s %s\n", "N", "When", "Name", "End",
            "Last words");
}

/* The guest wrote most of it, and what it is from stands in the whole text. */
static void
put_row(const struct postmortem *p, size_t nth, struct buf *out)
{
    char when[32];

    wall_text(p->wall_s, when);
    buf_fmt(out, "%-3zu %-19s %-16s %-12s %s%s%s\n", nth, when, p->name,
            postmortem_why_name(p->why), p->word,
            p->word[0] != '\0' ? ": " : "-", p->text);
}

static void
put_rows(const struct kept *k, struct buf *out)
{
    size_t i;

    put_heading(out);
    for (i = 0; i < k->n; i++)
        put_row(&k->at[i], i + 1, out);
}

static void
put_decisive(const struct postmortem *p, struct buf *out)
{
    if (p->word[0] == '\0')
        buf_str(out, "last words: none\n");
    else if (p->file[0] != '\0')
        buf_fmt(out, "%s: %s\n            (as read from its %s, line %u)\n",
                p->word, p->text, p->file, p->line);
    else
        buf_fmt(out, "%s: %s\n", p->word, p->text);
}

static void
put_summary(const struct cmd_ctx *ctx, const struct postmortem *p)
{
    struct buf *out = ctx->out;
    char when[32], lived[16], dir[448], uuid[37];

    wall_text(p->wall_s, when);
    uuid_print_text(p->uuid, uuid);
    buf_fmt(out, "%s (domid %u, %s): %s, %s", p->name, p->domid, p->kind,
            postmortem_why_name(p->why), when);
    if (p->start_wall_s > 0 && p->wall_s > p->start_wall_s) {
        text_span(lived, sizeof lived,
                  (unsigned long long)(p->wall_s - p->start_wall_s));
        buf_fmt(out, ", after %s", lived);
    }
    buf_chr(out, '\n');
    put_decisive(p, out);
    if (p->detail[0] != '\0' && strcmp(p->detail, p->text) != 0)
        buf_fmt(out, "detail: %s\n", p->detail);
    engine_postmortem_dir(ctx->en, p, dir, sizeof dir);
    buf_fmt(out, "uuid: %s\nfolder: %s\n", uuid, dir);
}

static enum cmd_rc
put_one(struct cmd_ctx *ctx, const struct postmortem *p)
{
    put_summary(ctx, p);
    buf_chr(ctx->out, '\n');
    return engine_postmortem_text(ctx->en, p, ctx->out, ctx->e) == 0
               ? CMD_OK
               : CMD_ERROR;
}

/* --- as JSON --- */

static struct json_object *
postmortem_json(const struct cmd_ctx *ctx, const struct postmortem *p)
{
    struct json_object *js = json_object_new_object();
    char dir[448], uuid[37];

    engine_postmortem_dir(ctx->en, p, dir, sizeof dir);
    uuid_print_text(p->uuid, uuid);
    json_put_text(js, "name", p->name);
    json_put_text(js, "uuid", uuid);
    json_put_u64(js, "domid", p->domid);
    json_put_text(js, "type", p->kind);
    json_put_text(js, "end", postmortem_why_name(p->why));
    json_object_object_add(js, "time", json_object_new_double(p->wall_s));
    json_object_object_add(
        js, "start_time",
        p->start_wall_s > 0 ? json_object_new_double(p->start_wall_s) : NULL);
    json_put_text(js, "detail", p->detail);
    json_put_text(js, "word", p->word);
    json_put_text(js, "text", p->text);
    json_put_text(js, "file", p->file);
    json_put_u64(js, "line", p->line);
    json_put_text(js, "folder", dir);
    return js;
}

static void
kept_json(const struct cmd_ctx *ctx, const struct postmortem *at, size_t n)
{
    struct json_object *all = json_object_new_array();
    size_t i;

    for (i = 0; at != NULL && i < n; i++)
        json_object_array_add(all, postmortem_json(ctx, &at[i]));
    json_out(ctx->out, all);
}

/* --- the verb --- */

static enum cmd_rc
postmortem_all(struct cmd_ctx *ctx)
{
    struct kept k = { 0 };

    kept_load(&k, ctx->en, NULL);
    if (ctx->json)
        kept_json(ctx, k.at, k.n);
    else if (k.n > 0)
        put_rows(&k, ctx->out);
    else
        buf_str(ctx->out, "no last words are kept\n");
    free(k.at);
    return CMD_OK;
}

/* The newest, below a list of all, or the nth alone. */
static enum cmd_rc
postmortem_show(struct cmd_ctx *ctx, const struct kept *k,
                unsigned long long nth)
{
    if (ctx->json) {
        kept_json(ctx, nth > 0 ? &k->at[nth - 1] : k->at, nth > 0 ? 1 : k->n);
        return CMD_OK;
    }
    if (nth == 0 && k->n > 1) {
        put_rows(k, ctx->out);
        buf_fmt(ctx->out, "\n`postmortem %s N' shows one of them; N is 1:\n\n",
                k->at[0].name);
    }
    return put_one(ctx, &k->at[nth > 0 ? nth - 1 : 0]);
}

static enum cmd_rc
exec_postmortem(struct cmd_ctx *ctx)
{
    unsigned long long nth = 0;
    struct kept k = { 0 };
    enum cmd_rc rc;

    if (ctx->argc == 0)
        return postmortem_all(ctx);
    if (kept_find(ctx, ctx->argv[0], &k) < 0 || k.at == NULL) {
        free(k.at);
        return CMD_ERROR;
    }
    if (ctx->argc > 1 && !text_u64(ctx->argv[1], 1, k.n, &nth)) {
        err_set(ctx->e, ERR_INVALID,
                "postmortem: found \"%.32s\", allowed 1 (the newest) to %zu",
                ctx->argv[1], k.n);
        rc = CMD_USAGE;
    } else {
        rc = postmortem_show(ctx, &k, nth);
    }
    free(k.at);
    return rc;
}

/* On a screen: the domain that the user is at, if anything is kept of it. */
static enum cmd_rc
postmortem_fill(struct session *ses, struct buf *out, struct err *e)
{
    const struct dom *d =
        engine_dom_by_id(ses->en, ses->screen->ops->domain(ses->screen));
    struct postmortem one;
    char uuid[37];

    (void)e;
    if (d == NULL)
        return CMD_OK;
    uuid_print_text(d->uuid, uuid);
    if (engine_postmortems(ses->en, uuid, &one, 1) > 0)
        buf_str(out, uuid);
    return CMD_OK;
}

static void
postmortem_complete(const struct session *ses, struct buf *out)
{
    struct kept k = { 0 };
    size_t i;

    kept_load(&k, ses->en, NULL);
    for (i = 0; i < k.n; i++)
        buf_fmt(out, "%s\n", k.at[i].name);
    free(k.at);
}

static const struct cmd cmds[] = {
    { .name = "postmortem",
      .keys = "K",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "[NAME [N]]",
      .arg = CMD_ARG_OWN,
      .max_args = 2,
      .json = true,
      .right = RIGHT_VIEW,
      .help = "Show the last words of a domain that crashed or did not boot",
      .fill = postmortem_fill,
      .complete = postmortem_complete,
      .exec = exec_postmortem },
};

const struct cmd_family cmd_family_postmortem = { cmds,
                                                  sizeof cmds / sizeof cmds[0],
                                                  62 };
