/*
 * asks_clone.c - the form of `clone': its fields become the words of a line.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/verb/config/clone_words.h"

enum { NAME, DISKS, FOLDER, EACH, RUNNING, FIELDS };

#define REFUSED "refused"
#define COPIED  "copied as it is"

static void
clone_ask_name(const struct session *ses, uint64_t dom_id, struct buf *out)
{
    engine_clone_name(ses->en, dom_id, out);
}

static const struct cmd_ask clone_asks[FIELDS] = {
    [NAME] = { .label = "name",
               .help = "Of the new domain; it is off until `start'",
               .word = "",
               .initial = clone_ask_name },
    [DISKS] = { .label = "disks",
                .choices = "copy|share|none",
                .help = "What becomes of its writable disks; the others are "
                        "shared" },
    [FOLDER] = { .label = "folder",
                 .hint = "empty: beside the originals",
                 .help = "Where the copies go; Tab completes",
                 .line = "check " },
    [EACH] = { .label = "but",
               .hint = "xvda=/srv/new.img xvdb=none",
               .help = "Disks that are treated otherwise: DISK=copy, share, "
                       "none, FILE" },
    [RUNNING] = { .label = "if it runs",
                  .choices = REFUSED "|" COPIED,
                  .help = "A copy of a disk at work is as after a power cut, "
                          "or worse" },
};

/* What the fields make, in words of a line. */
struct clone_line_words {
    const char *at[CMD_ARGS_MAX];
    int n;
    char **each; /* n_each of them, those of the last field */
    int n_each;
};

/* Before each. */
static void
clone_fixed_words(const char *const *v, struct clone_line_words *w)
{
    if (v[NAME][0] != '\0')
        w->at[w->n++] = v[NAME];
    w->at[w->n++] = "--disks";
    w->at[w->n++] = v[DISKS];
    if (v[FOLDER][0] != '\0') {
        w->at[w->n++] = "--to";
        w->at[w->n++] = v[FOLDER];
    }
    if (strcmp(v[RUNNING], COPIED) == 0)
        w->at[w->n++] = "--live";
}

/* No disk that is named is left to the usual way: too many are refused. *out is
 * the caller's (cmd_words_free of each), but on -1. */
static int
clone_words(const char *const *v, struct clone_line_words *out, struct err *e)
{
    int i, n;

    *out = (struct clone_line_words){ 0 };
    if (cmd_split(v[EACH], &out->each, &out->n_each, e) < 0)
        return -1;
    clone_fixed_words(v, out);
    if (out->n_each > CMD_ARGS_MAX - out->n) {
        n = out->n_each;
        cmd_words_free(out->each, n);
        return err_set(e, ERR_RANGE,
                       "clone: found %d disks in the field \"but\", allowed "
                       "are %d",
                       n, CMD_ARGS_MAX - out->n);
    }
    for (i = 0; i < out->n_each; i++)
        out->at[out->n++] = out->each[i];
    return 0;
}

static void
clone_preview(struct session *ses, uint64_t dom_id, const char *const *v,
              struct buf *out)
{
    struct clone_line_words w;
    struct err e = { 0 };

    if (clone_words(v, &w, &e) < 0) {
        buf_fmt(out, "not yet: %s", e.msg);
        return;
    }
    clone_tell(ses, dom_id, w.at, w.n, out);
    cmd_words_free(w.each, w.n_each);
}

/* A form asks nothing once it is sent, and a device loses all that is on it. */
static enum cmd_rc
clone_unless_over(struct cmd_ctx *ctx, const struct clone_line_words *w)
{
    struct buf over = { 0 };
    enum cmd_rc rc = CMD_ERROR;

    clone_over(ctx, w->at, w->n, &over);
    if (over.len > 0)
        err_set(ctx->e, ERR_DENIED,
                "copies over %s: type `clone NAME NEW DISK=...', which asks "
                "first",
                buf_text(&over));
    else
        rc = clone_run(ctx, w->at, w->n);
    buf_free(&over);
    return rc;
}

static enum cmd_rc
clone_exec(struct cmd_ctx *ctx, const char *const *v)
{
    struct clone_line_words w;
    enum cmd_rc rc;

    if (clone_words(v, &w, ctx->e) < 0)
        return CMD_USAGE;
    rc = clone_unless_over(ctx, &w);
    cmd_words_free(w.each, w.n_each);
    return rc;
}

const struct cmd_asks asks_clone = { .title = "clone",
                                     .at = clone_asks,
                                     .n = FIELDS,
                                     .preview = clone_preview,
                                     .exec = clone_exec };
