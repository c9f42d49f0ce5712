/*
 * cmd_sched.c - verbs for the parameters of Xen's schedulers, in xl's form, and
 * those of xend's schedulers, which Xen has no more: they say what is there
 * instead.
 */
#include <stdlib.h>
#include <string.h>

#include "src/command/call.h"
#include "src/command/cmd_json.h"
#include "src/command/command.h"
#include "src/command/family.h"

#define PARAMS_MAX 3

/* --- xl's options --- */

static const struct option {
    const char *name; /* long form; the engine's name of a parameter */
    unsigned kinds;   /* of scheduler: bits */
    char letter;
} options[] = {
    { "domain", ~0U, 'd' },
    { "vcpuid", 1U << SCHEDULER_RTDS, 'v' },
    { "weight", 1U << SCHEDULER_CREDIT | 1U << SCHEDULER_CREDIT2, 'w' },
    { "cap", 1U << SCHEDULER_CREDIT | 1U << SCHEDULER_CREDIT2, 'c' },
    { "period", 1U << SCHEDULER_RTDS, 'p' },
    { "budget", 1U << SCHEDULER_RTDS, 'b' },
    { "extratime", 1U << SCHEDULER_RTDS, 'e' },
};

struct request {
    enum sched_kind kind;
    const char *domain; /* as it was named; NULL: all */
    unsigned vcpu;
    const char *names[PARAMS_MAX], *values[PARAMS_MAX];
    size_t n;
};

/* The option that word is, with the value that stands in it or after it. */
static const struct option *
find_option(const char *word, enum sched_kind kind, const char **value_out)
{
    size_t i, n;

    *value_out = NULL;
    for (i = 0; i < sizeof options / sizeof options[0]; i++) {
        const struct option *o = &options[i];

        if ((o->kinds & 1U << kind) == 0 || word[0] != '-')
            continue;
        n = strlen(o->name);
        if (word[1] == '-' && strncmp(word + 2, o->name, n) == 0 &&
            (word[n + 2] == '=' || word[n + 2] == '\0')) {
            *value_out = word[n + 2] == '=' ? word + n + 3 : NULL;
            return o;
        }
        if (word[1] == o->letter) {
            *value_out = word[2] != '\0' ? word + 2 : NULL;
            return o;
        }
    }
    return NULL;
}

static bool
take_vcpu(struct request *r, const char *value)
{
    unsigned long long v;

    if (strcmp(value, "all") == 0)
        return true;
    if (!text_u64(value, 0, UINT32_MAX - 1, &v))
        return false;
    r->vcpu = (unsigned)v;
    return true;
}

static bool
take_value(struct request *r, const struct option *o, const char *value)
{
    if (o->letter == 'd') {
        r->domain = value;
        return true;
    }
    if (o->letter == 'v')
        return take_vcpu(r, value);
    if (r->n == PARAMS_MAX)
        return false;
    r->names[r->n] = o->name;
    r->values[r->n++] = value;
    return true;
}

static bool
cmd_sched_take_words(int argc, const char *const *argv, struct request *r,
                     const char **bad_out)
{
    const struct option *o;
    const char *value;
    int i;

    for (i = 0; i < argc; i++) {
        *bad_out = argv[i];
        o = find_option(argv[i], r->kind, &value);
        if (o == NULL && (i > 0 || argv[0][0] == '-'))
            return false;
        if (o == NULL) {
            r->domain = argv[0];
            continue;
        }
        if (value == NULL && ++i < argc)
            value = argv[i];
        if (value == NULL || !take_value(r, o, value))
            return false;
    }
    return true;
}

/* The domain that a line of sched-KIND names. */
static const char *
cmd_sched_named(const struct cmd_call *call, enum sched_kind kind)
{
    struct request r = { .kind = kind };
    const char *bad;

    return cmd_sched_take_words(call->argc, (const char *const *)call->argv, &r,
                                &bad)
               ? r.domain
               : NULL;
}

static const char *
names_credit(const struct cmd_call *call)
{
    return cmd_sched_named(call, SCHEDULER_CREDIT);
}

static const char *
names_credit2(const struct cmd_call *call)
{
    return cmd_sched_named(call, SCHEDULER_CREDIT2);
}

static const char *
names_rtds(const struct cmd_call *call)
{
    return cmd_sched_named(call, SCHEDULER_RTDS);
}

static bool
cmd_sched_reads(const struct cmd_call *call, enum sched_kind kind)
{
    struct request r = { .kind = kind };
    const char *bad;

    return cmd_sched_take_words(call->argc, (const char *const *)call->argv, &r,
                                &bad) &&
           r.n == 0;
}

static bool
reads_credit(const struct cmd_call *call)
{
    return cmd_sched_reads(call, SCHEDULER_CREDIT);
}

static bool
reads_credit2(const struct cmd_call *call)
{
    return cmd_sched_reads(call, SCHEDULER_CREDIT2);
}

static bool
reads_rtds(const struct cmd_call *call)
{
    return cmd_sched_reads(call, SCHEDULER_RTDS);
}

/* --- showing --- */

static void
head(struct buf *out)
{
    buf_fmt(out, "%-32s %5s %5s  %-9s %6s %5s %9s %9s %5s\n", "Name", "ID",
            "Pool", "Sched", "Weight", "Cap", "Period", "Budget", "Extra");
}

static void
cmd_sched_row(struct buf *out, const struct dom *d,
              const struct sched_params *p)
{
    bool rtds = p->kind == SCHEDULER_RTDS;

    buf_fmt(out, "%-32s %5u %5u  %-9s", d->name, d->domid, d->cpupool,
            sched_kind_name(p->kind));
    if (p->kind == SCHEDULER_CREDIT || p->kind == SCHEDULER_CREDIT2)
        buf_fmt(out, " %6u %5u %9s %9s %5s\n", p->weight, p->cap, "-", "-",
                "-");
    else if (rtds)
        buf_fmt(out, " %6s %5s %9u %9u %5s\n", "-", "-", p->period_us,
                p->budget_us, p->extratime ? "yes" : "no");
    else
        buf_fmt(out, " %6s %5s %9s %9s %5s\n", "-", "-", "-", "-", "-");
}

static struct json_object *
sched_json(const struct dom *d, const struct sched_params *p)
{
    struct json_object *js = json_object_new_object();
    const char *kind = sched_kind_name(p->kind);

    json_put_text(js, "name", d->name);
    json_put_u64(js, "domid", d->domid);
    json_put_u64(js, "cpupool", d->cpupool);
    json_put_text(js, "sched", kind);
    if (p->kind == SCHEDULER_RTDS) {
        json_put_u64(js, "period_us", p->period_us);
        json_put_u64(js, "budget_us", p->budget_us);
        json_put_bool(js, "extratime", p->extratime);
    } else if (p->kind <= SCHEDULER_CREDIT2) {
        json_put_u64(js, "weight", p->weight);
        json_put_u64(js, "cap", p->cap);
    }
    return js;
}

/* That of another kind has other parameters. */
static int
refuse_kind(const struct dom *d, enum sched_kind kind, enum sched_kind found,
            struct err *e)
{
    return err_set(e, ERR_INVALID,
                   "sched-%s: '%s' is in a cpu pool of the %s scheduler%s%s",
                   sched_kind_name(kind), d->name, sched_kind_name(found),
                   found <= SCHEDULER_RTDS ? ": use sched-" : "",
                   found <= SCHEDULER_RTDS ? sched_kind_name(found) : "");
}

/* One domain; of all, those whose scheduler is of this kind (SCHEDULER_OTHER:
 * any). */
static int
show_one(struct cmd_ctx *ctx, const struct dom *d, const struct request *r,
         struct json_object *all)
{
    struct sched_params p;

    if (d->off && r->domain == NULL)
        return 0;
    if (engine_sched_get(ctx->en, d->id, r->vcpu, &p, ctx->e) < 0)
        return ctx->e->code == ERR_NOENT && r->domain == NULL ? 0 : -1;
    if (r->kind != SCHEDULER_OTHER && p.kind != r->kind)
        return r->domain == NULL ? 0 : refuse_kind(d, r->kind, p.kind, ctx->e);
    if (all == NULL && r->domain != NULL)
        head(ctx->out);
    if (all != NULL)
        json_object_array_add(all, sched_json(d, &p));
    else
        cmd_sched_row(ctx->out, d, &p);
    return 0;
}

static enum cmd_rc
cmd_sched_show(struct cmd_ctx *ctx, const struct request *r)
{
    struct json_object *all = ctx->json ? json_object_new_array() : NULL;
    const struct dom *d = engine_dom_by_id(ctx->en, ctx->dom_id);
    size_t i;
    int rc = 0;

    if (all == NULL && r->domain == NULL)
        head(ctx->out);
    if (d != NULL)
        rc = show_one(ctx, d, r, all);
    for (i = 0; r->domain == NULL && rc == 0 &&
                (d = engine_dom_at(ctx->en, i)) != NULL;
         i++)
        rc = show_one(ctx, d, r, all);
    if (all != NULL && rc == 0)
        json_out(ctx->out, all);
    else if (all != NULL)
        json_object_put(all);
    return rc == 0 ? CMD_OK : CMD_ERROR;
}

static enum cmd_rc
exec_sched(struct cmd_ctx *ctx)
{
    struct request r = { .kind = SCHEDULER_OTHER, .vcpu = ENGINE_ALL_VCPUS };

    if (ctx->argc > 0)
        r.domain = ctx->argv[0];
    return cmd_sched_show(ctx, &r);
}

/* --- setting --- */

static enum cmd_rc
cmd_sched_set(struct cmd_ctx *ctx, const struct request *r)
{
    const struct dom *d = engine_dom_by_id(ctx->en, ctx->dom_id);
    struct engine_sched want;
    struct sched_params p;

    if (d == NULL)
        err_set(ctx->e, ERR_NOENT, "sched-%s: no domain",
                sched_kind_name(r->kind));
    if (d == NULL ||
        engine_sched_get(ctx->en, d->id, ENGINE_ALL_VCPUS, &p, ctx->e) < 0)
        return CMD_ERROR;
    if (p.kind != r->kind) {
        (void)refuse_kind(d, r->kind, p.kind, ctx->e);
        return CMD_ERROR;
    }
    want = (struct engine_sched){
        .vcpu = r->vcpu, .names = r->names, .values = r->values, .n = r->n
    };
    return engine_sched_set(ctx->en, d->id, &want, &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

static enum cmd_rc
exec_kind(struct cmd_ctx *ctx, enum sched_kind kind)
{
    struct request r = { .kind = kind, .vcpu = ENGINE_ALL_VCPUS };
    char found[64];
    const char *bad = "";

    if (!cmd_sched_take_words(ctx->argc, ctx->argv, &r, &bad)) {
        text_fmt(found, sizeof found, "\"%.40s\"", bad);
        return cmd_usage(ctx, found);
    }
    return r.n > 0 ? cmd_sched_set(ctx, &r) : cmd_sched_show(ctx, &r);
}

static enum cmd_rc
exec_credit(struct cmd_ctx *ctx)
{
    return exec_kind(ctx, SCHEDULER_CREDIT);
}

static enum cmd_rc
exec_credit2(struct cmd_ctx *ctx)
{
    return exec_kind(ctx, SCHEDULER_CREDIT2);
}

static enum cmd_rc
exec_rtds(struct cmd_ctx *ctx)
{
    return exec_kind(ctx, SCHEDULER_RTDS);
}

/* --- xend's --- */

static enum cmd_rc
exec_bvt(struct cmd_ctx *ctx)
{
    err_set(ctx->e, ERR_UNSUPPORTED,
            "Xen has no (fair) borrowed virtual time scheduler any more: its "
            "shares are the weights of credit2, set with sched-credit2 -d NAME "
            "-w 1..65535; nothing replaces warping");
    return CMD_ERROR;
}

static enum cmd_rc
exec_bvt_slice(struct cmd_ctx *ctx)
{
    err_set(ctx->e, ERR_UNSUPPORTED,
            "Xen has no such scheduler any more: credit2 chooses the length "
            "of a turn by itself, within sched_ratelimit_us of Xen's command "
            "line");
    return CMD_ERROR;
}

static enum cmd_rc
exec_atropos(struct cmd_ctx *ctx)
{
    err_set(
        ctx->e, ERR_UNSUPPORTED,
        "Xen has no Atropos scheduler any more: period and slice are "
        "period and budget of rtds, set with sched-rtds -d NAME -p US -b "
        "US -e 0|1 in a cpu pool of that scheduler; elsewhere sched-credit2 "
        "-w shares and -c caps");
    return CMD_ERROR;
}

static const struct cmd cmds[] = {
    { .name = "sched",
      .names = cmd_first_word,
      .args = "[NAME]",
      .max_args = 1,
      .json = true,
      .right = RIGHT_VIEW,
      .help = "Show schedulers and their parameters",
      .exec = exec_sched },
    { .name = "sched-credit",
      .names = names_credit,
      .reads = reads_credit,
      .args = "[-d] NAME [-w WEIGHT] [-c CAP]",
      .max_args = CMD_ARGS_MAX,
      .json = true,
      .right = RIGHT_OPERATE,
      .help = "Set a domain's share under credit, or show all",
      .exec = exec_credit },
    { .name = "sched-credit2",
      .names = names_credit2,
      .reads = reads_credit2,
      .args = "[-d] NAME [-w WEIGHT] [-c CAP]",
      .max_args = CMD_ARGS_MAX,
      .json = true,
      .right = RIGHT_OPERATE,
      .help = "Set a domain's share under credit2, or show all",
      .exec = exec_credit2 },
    { .name = "sched-rtds",
      .names = names_rtds,
      .reads = reads_rtds,
      .args = "[-d] NAME [-v VCPU] [-p US] [-b US] [-e 0|1]",
      .max_args = CMD_ARGS_MAX,
      .json = true,
      .right = RIGHT_OPERATE,
      .help = "Set a domain's reservation under rtds, or show all",
      .exec = exec_rtds },
    { .name = "bvt",
      .args = "[WORDS]",
      .max_args = CMD_ARGS_MAX,
      .needs = CMD_NO_HOST,
      .alias = "fbvt",
      .right = RIGHT_VIEW,
      .help = "Of xend: says what there is instead",
      .exec = exec_bvt },
    { .name = "bvt_ctxallow",
      .args = "[WORDS]",
      .max_args = CMD_ARGS_MAX,
      .needs = CMD_NO_HOST,
      .alias = "fbvt_ctxallow",
      .right = RIGHT_VIEW,
      .help = "Of xend: says what there is instead",
      .exec = exec_bvt_slice },
    { .name = "rrobin",
      .args = "[WORDS]",
      .max_args = CMD_ARGS_MAX,
      .needs = CMD_NO_HOST,
      .right = RIGHT_VIEW,
      .help = "Of xend: says what there is instead",
      .exec = exec_bvt_slice },
    { .name = "atropos",
      .args = "[WORDS]",
      .max_args = CMD_ARGS_MAX,
      .needs = CMD_NO_HOST,
      .right = RIGHT_VIEW,
      .help = "Of xend: says what there is instead",
      .exec = exec_atropos },
};

const struct cmd_family cmd_family_sched = { cmds, sizeof cmds / sizeof cmds[0],
                                             80 };
