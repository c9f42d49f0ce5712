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

/* The words of a line; own has one place for each beyond the fixed ones. */
static int
clone_words(const char *const *v, char **each, int n_each, const char **out)
{
    int n = 0, i;

    if (v[NAME][0] != '\0')
        out[n++] = v[NAME];
    out[n++] = "--disks";
    out[n++] = v[DISKS];
    if (v[FOLDER][0] != '\0') {
        out[n++] = "--to";
        out[n++] = v[FOLDER];
    }
    if (strcmp(v[RUNNING], COPIED) == 0)
        out[n++] = "--live";
    for (i = 0; i < n_each && n < CMD_ARGS_MAX; i++)
        out[n++] = each[i];
    return n;
}

static void
clone_preview(struct session *ses, uint64_t dom_id, const char *const *v,
              struct buf *out)
{
    const char *words[CMD_ARGS_MAX];
    struct err e = { 0 };
    char **each;
    int n_each;

    if (cmd_split(v[EACH], &each, &n_each, &e) < 0) {
        buf_fmt(out, "not yet: %s", e.msg);
        return;
    }
    clone_tell(ses, dom_id, words, clone_words(v, each, n_each, words), out);
    cmd_words_free(each, n_each);
}

static enum cmd_rc
clone_exec(struct cmd_ctx *ctx, const char *const *v)
{
    const char *words[CMD_ARGS_MAX];
    enum cmd_rc rc;
    char **each;
    int n_each;

    if (cmd_split(v[EACH], &each, &n_each, ctx->e) < 0)
        return CMD_USAGE;
    rc = clone_run(ctx, words, clone_words(v, each, n_each, words));
    cmd_words_free(each, n_each);
    return rc;
}

const struct cmd_asks asks_clone = { .title = "clone",
                                     .at = clone_asks,
                                     .n = FIELDS,
                                     .preview = clone_preview,
                                     .exec = clone_exec };
