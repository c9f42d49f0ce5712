/*
 * cmd_clone.c - the verb that makes a domain's configuration anew for another
 * domain, and its words.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/family.h"
#include "src/command/verb/config/clone_words.h"

#define WORD_TEXTS 2 /* that a word keeps: DISK and FILE */

/* Options of the engine with the texts that they borrow. */
struct clone_line {
    struct clone_opts o;
    char *own[WORD_TEXTS * CMD_ARGS_MAX];
    size_t n_own;
};

static void
clone_line_fini(struct clone_line *cl)
{
    while (cl->n_own > 0)
        free(cl->own[--cl->n_own]);
}

/* Kept until clone_line_fini. */
static const char *
clone_keep(struct clone_line *cl, char *text)
{
    cl->own[cl->n_own++] = text;
    return text;
}

static bool
clone_way_parse(const char *word, enum clone_way *out)
{
    static const struct {
        const char *word;
        enum clone_way way;
    } ways[] = { { "copy", CLONE_COPY },
                 { "share", CLONE_SHARE },
                 { "none", CLONE_LEAVE } };
    size_t i;

    for (i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(ways[i].word, word) == 0) {
            *out = ways[i].way;
            return true;
        }
    return false;
}

static const char *
clone_abs(const struct session *ses, struct clone_line *cl, const char *path)
{
    struct buf full = { 0 };

    session_path(ses, path, &full);
    return clone_keep(cl, buf_take(&full));
}

/* "xvda=share", "xvda=/srv/copy.img". */
static int
clone_take_disk(const struct session *ses, struct clone_line *cl,
                const char *word, struct err *e)
{
    const char *value = strchr(word, '=') + 1;
    struct clone_word *w = &cl->o.words[cl->o.n_words];

    if (value[0] == '\0' || cl->o.n_words == CLONE_WORDS_MAX)
        return err_set(e, ERR_INVALID,
                       "clone: found '%s', allowed are at most %d of "
                       "DISK=copy, share, none or a file",
                       word, CLONE_WORDS_MAX);
    w->disk = clone_keep(cl, xstrndup(word, (size_t)(value - word) - 1));
    w->way = CLONE_COPY;
    w->path =
        clone_way_parse(value, &w->way) ? NULL : clone_abs(ses, cl, value);
    cl->o.n_words++;
    return 0;
}

/* The value of "--to VALUE" and "--to=VALUE"; NULL: it is not this option. */
static const char *
clone_option(const char *name, const char *const *words, int n, int *i)
{
    size_t len = strlen(name);

    if (strncmp(words[*i], name, len) != 0)
        return NULL;
    if (words[*i][len] == '=')
        return words[*i] + len + 1;
    if (words[*i][len] != '\0')
        return NULL;
    return *i + 1 < n && words[*i + 1] != NULL ? words[++*i] : "";
}

static int
clone_take(const struct session *ses, struct clone_line *cl,
           const char *const *words, int n, int *i, struct err *e)
{
    const char *value;

    if (strcmp(words[*i], "--live") == 0) {
        cl->o.live = true;
    } else if ((value = clone_option("--disks", words, n, i)) != NULL) {
        if (!clone_way_parse(value, &cl->o.way))
            return err_set(e, ERR_INVALID,
                           "clone: --disks: found '%s', allowed copy, share "
                           "or none",
                           value);
    } else if ((value = clone_option("--to", words, n, i)) != NULL) {
        if (value[0] == '\0')
            return err_set(e, ERR_INVALID, "clone: --to: found no folder");
        cl->o.dir = clone_abs(ses, cl, value);
    } else if (words[*i][0] != '-' && strchr(words[*i], '=') != NULL) {
        return clone_take_disk(ses, cl, words[*i], e);
    } else if (words[*i][0] != '-' && cl->o.name == NULL) {
        cl->o.name = words[*i];
    } else {
        return err_set(e, ERR_INVALID,
                       "clone: found '%s', allowed: NAME NEW [DISK=copy|share|"
                       "none|FILE] [--disks copy|share|none] [--to DIR] "
                       "[--live]",
                       words[*i]);
    }
    return 0;
}

static int
clone_parse(const struct session *ses, struct clone_line *cl,
            const char *const *words, int n, struct err *e)
{
    int i;

    if (n > CMD_ARGS_MAX) /* there is room for the texts of so many */
        return err_set(e, ERR_RANGE, "clone: found %d words, allowed %d", n,
                       CMD_ARGS_MAX);
    for (i = 0; i < n && words[i] != NULL; i++)
        if (clone_take(ses, cl, words, n, &i, e) < 0)
            return -1;
    return cl->o.name != NULL
               ? 0
               : err_set(e, ERR_INVALID,
                         "clone: found no name for the new domain");
}

enum cmd_rc
clone_run(struct cmd_ctx *ctx, const char *const *words, int n)
{
    struct clone_line cl = { 0 };
    enum cmd_rc rc = CMD_USAGE;

    if (clone_parse(ctx->ses, &cl, words, n, ctx->e) == 0)
        rc = engine_clone(ctx->en, ctx->dom_id, &cl.o, &ctx->op, ctx->e) == 0
                 ? CMD_WAIT
                 : CMD_ERROR;
    clone_line_fini(&cl);
    return rc;
}

void
clone_tell(struct session *ses, uint64_t dom_id, const char *const *words,
           int n, struct buf *out)
{
    struct clone_line cl = { 0 };
    struct err e = { 0 };

    if (clone_parse(ses, &cl, words, n, &e) < 0 ||
        engine_clone_tell(ses->en, dom_id, &cl.o, out, NULL, &e) < 0)
        buf_fmt(out, "not yet: %s", e.msg);
    clone_line_fini(&cl);
}

void
clone_over(const struct cmd_ctx *ctx, const char *const *words, int n,
           struct buf *out)
{
    struct clone_line cl = { 0 };
    struct buf plan = { 0 };

    if (clone_parse(ctx->ses, &cl, words, n, NULL) == 0)
        (void)engine_clone_tell(ctx->en, ctx->dom_id, &cl.o, &plan, out, NULL);
    buf_free(&plan);
    clone_line_fini(&cl);
}

static enum cmd_rc
exec_clone(struct cmd_ctx *ctx)
{
    return clone_run(ctx, ctx->argv, ctx->argc);
}

/* A device that is written over loses what is on it. */
static void
clone_ask(const struct cmd_ctx *ctx, struct buf *out)
{
    struct buf over = { 0 };

    clone_over(ctx, ctx->argv, ctx->argc, &over);
    if (over.len > 0)
        buf_fmt(out, "Copy over %s? What is on it is lost.", buf_text(&over));
    buf_free(&over);
}

static const struct cmd cmds[] = {
    { .name = "clone",
      .keys = "Y",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "[NAME] NEW [DISK=copy|share|none|FILE] "
              "[--disks copy|share|none] [--to DIR] [--live]",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = CMD_ARGS_MAX - 1,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_TAKES_OFF | CMD_ONE,
      .right = RIGHT_ADMIN,
      .ask = clone_ask,
      .help = "Define another domain like it, with copies of its disks",
      .exec = exec_clone },
};

const struct cmd_family cmd_family_clone = { cmds, sizeof cmds / sizeof cmds[0],
                                             21 };
