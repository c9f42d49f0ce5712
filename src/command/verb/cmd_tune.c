/*
 * cmd_tune.c - verbs that set what can be set while a domain runs: memory,
 * vcpus, affinity, pool, name; keys and interrupts for it; a dump of its
 * memory.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/cmd_json.h"
#include "src/command/command.h"
#include "src/command/family.h"

#define VCPUS_MAX 1024
#define POOLS_MAX 64

/* --- words --- */

static enum cmd_rc
bad_word(const struct cmd_ctx *ctx, const char *verb, const char *what,
         const char *found, const char *allowed)
{
    err_set(ctx->e, ERR_INVALID, "%s: %s: found \"%.32s\", allowed %s", verb,
            what, found, allowed);
    return CMD_USAGE;
}

bool
cmd_parse_size(const char *text, uint64_t *kib_out)
{
    static const char units[] = "KMGT";
    size_t n = strspn(text, "0123456789");
    char number[24];
    const char *unit;
    unsigned long long v;
    unsigned shift = 10;

    text_fmt(number, sizeof number, "%.*s", (int)n, text);
    if (n == 0 || n > 12 || !text_u64(number, 0, 1ULL << 40, &v))
        return false;
    if (text[n] != '\0') {
        unit = strchr(units, text[n] & ~0x20);
        if (unit == NULL || *unit == '\0')
            return false;
        shift = 10 * (unsigned)(unit - units);
        if (text[n + 1] != '\0' && strcmp(text + n + 1, "iB") != 0 &&
            strcmp(text + n + 1, "B") != 0)
            return false;
    }
    if (v > (UINT64_MAX >> 20) >> shift)
        return false;
    *kib_out = (uint64_t)v << shift;
    return true;
}

typedef int (*size_verb)(struct engine *, uint64_t, uint64_t, uint64_t *,
                         struct err *);

static enum cmd_rc
begin_size(struct cmd_ctx *ctx, const char *verb, size_verb begin)
{
    uint64_t kib;

    if (!cmd_parse_size(ctx->argv[0], &kib))
        return bad_word(ctx, verb, "size", ctx->argv[0],
                        "a number with K, M, G or T behind it (MiB without)");
    return begin(ctx->en, ctx->dom_id, kib, &ctx->op, ctx->e) == 0 ? CMD_WAIT
                                                                   : CMD_ERROR;
}

static enum cmd_rc
exec_mem_set(struct cmd_ctx *ctx)
{
    return begin_size(ctx, "mem-set", engine_mem_set);
}

static enum cmd_rc
exec_mem_max(struct cmd_ctx *ctx)
{
    return begin_size(ctx, "mem-max", engine_mem_max);
}

/* --- vcpus --- */

/* The number of a vcpu, or with from 1 how many. more: what else is allowed. */
static bool
take_vcpus(const struct cmd_ctx *ctx, const char *verb, unsigned from,
           const char *more, const char *word, unsigned *out)
{
    const struct dom *d = engine_dom_by_id(ctx->en, ctx->dom_id);
    unsigned long long n;
    char allowed[64];

    if (text_u64(word, 0, UINT32_MAX - 1, &n)) {
        *out = (unsigned)n;
        return true;
    }
    text_fmt(allowed, sizeof allowed, "a number%s of %u to %u", more, from,
             d != NULL && d->vcpus_max > 0 ? d->vcpus_max - 1 + from : from);
    (void)bad_word(ctx, verb, from == 1 ? "vcpus" : "vcpu", word, allowed);
    return false;
}

static enum cmd_rc
exec_vcpu_set(struct cmd_ctx *ctx)
{
    unsigned n = 0;

    if (!take_vcpus(ctx, "vcpu-set", 1, "", ctx->argv[0], &n))
        return CMD_USAGE;
    return engine_vcpu_set(ctx->en, ctx->dom_id, n, &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

/* xl's "-": as it is. */
static const char *
cpus_or_null(const char *word)
{
    return strcmp(word, "-") == 0 ? NULL : word;
}

static enum cmd_rc
exec_vcpu_pin(struct cmd_ctx *ctx)
{
    struct engine_pin pin = { .vcpu = ENGINE_ALL_VCPUS };

    if (strcmp(ctx->argv[0], "all") != 0 &&
        !take_vcpus(ctx, "vcpu-pin", 0, " or all,", ctx->argv[0], &pin.vcpu))
        return CMD_USAGE;
    pin.hard = cpus_or_null(ctx->argv[1]);
    pin.soft = ctx->argc > 2 ? cpus_or_null(ctx->argv[2]) : NULL;
    return engine_vcpu_pin(ctx->en, ctx->dom_id, &pin, &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

static struct json_object *
cmd_tune_vcpu_json(const struct dom *d, const struct dom_vcpu *v)
{
    struct json_object *js = json_object_new_object();

    json_put_text(js, "name", d->name);
    json_put_u64(js, "domid", d->domid);
    json_put_vcpu(js, v);
    json_put_text(js, "hard", v->hard);
    json_put_text(js, "soft", v->soft);
    return js;
}

static void
vcpu_row(struct buf *out, const struct dom *d, const struct dom_vcpu *v)
{
    char cpu[16] = "-";

    if (v->online)
        text_fmt(cpu, sizeof cpu, "%u", v->cpu);
    buf_fmt(out, "%-32s %5u %5u %5s  %c%c%c %10.1f  %s / %s\n", d->name,
            d->domid, v->id, cpu, v->running ? 'r' : '-',
            v->blocked ? 'b' : '-', v->online ? '-' : 'p',
            (double)v->cpu_ns / 1e9, v->hard, v->soft);
}

/* One domain's vcpus, into all (JSON) or the text. */
static int
list_vcpus(struct cmd_ctx *ctx, const struct dom *d, struct dom_vcpu *v,
           struct json_object *all)
{
    size_t i, n = 0;

    if (d->off)
        return 0;
    if (engine_vcpus(ctx->en, d->id, v, VCPUS_MAX, &n, ctx->e) < 0)
        return -1;
    for (i = 0; i < n; i++) {
        if (all != NULL)
            json_object_array_add(all, cmd_tune_vcpu_json(d, &v[i]));
        else
            vcpu_row(ctx->out, d, &v[i]);
    }
    return 0;
}

/* The target, or all: calls each until one fails.
 */
typedef int (*dom_cb)(struct cmd_ctx *ctx, const struct dom *d, void *arg);

static int
each_dom(struct cmd_ctx *ctx, dom_cb each, void *arg)
{
    const struct dom *d;
    size_t i;

    if (ctx->dom_id != 0) {
        d = engine_dom_by_id(ctx->en, ctx->dom_id);
        return d == NULL ? -1 : each(ctx, d, arg);
    }
    for (i = 0; (d = engine_dom_at(ctx->en, i)) != NULL; i++)
        if (each(ctx, d, arg) < 0 && ctx->e->code != ERR_NOENT)
            return -1; /* one that went meanwhile is none */
    return 0;
}

struct vcpu_list {
    struct dom_vcpu *v;
    struct json_object *all;
};

static int
list_one(struct cmd_ctx *ctx, const struct dom *d, void *arg)
{
    struct vcpu_list *l = arg;

    return list_vcpus(ctx, d, l->v, l->all);
}

static enum cmd_rc
exec_vcpu_list(struct cmd_ctx *ctx)
{
    struct vcpu_list l = { .v = xcalloc(VCPUS_MAX, sizeof l.v[0]),
                           .all = ctx->json ? json_object_new_array() : NULL };
    int rc;

    if (!ctx->json)
        buf_fmt(ctx->out, "%-32s %5s %5s %5s  %s %10s  %s\n", "Name", "ID",
                "VCPU", "CPU", "St.", "Time(s)", "Affinity (hard / soft)");
    rc = each_dom(ctx, list_one, &l);
    free(l.v);
    if (l.all != NULL && rc == 0)
        json_out(ctx->out, l.all);
    else if (l.all != NULL)
        json_object_put(l.all);
    return rc == 0 ? CMD_OK : CMD_ERROR;
}

/* --- pools --- */

static enum cmd_rc
exec_pool_list(struct cmd_ctx *ctx)
{
    struct json_object *all, *js;
    struct cpupool p[POOLS_MAX];
    size_t i, n = 0;

    if (engine_pools(ctx->en, p, POOLS_MAX, &n, ctx->e) < 0)
        return CMD_ERROR;
    n = n < POOLS_MAX ? n : POOLS_MAX;
    all = json_object_new_array();
    if (!ctx->json)
        buf_fmt(ctx->out, "%-24s %4s  %-9s %7s  %s\n", "Name", "ID", "Sched",
                "Domains", "CPUs");
    for (i = 0; i < n; i++) {
        const char *sched = sched_kind_name(p[i].sched);

        if (!ctx->json)
            buf_fmt(ctx->out, "%-24s %4u  %-9s %7u  %s\n", p[i].name, p[i].id,
                    sched, p[i].n_doms, p[i].cpus);
        js = json_object_new_object();
        json_put_u64(js, "id", p[i].id);
        json_put_text(js, "name", p[i].name);
        json_put_text(js, "sched", sched);
        json_put_u64(js, "domains", p[i].n_doms);
        json_put_text(js, "cpus", p[i].cpus);
        json_object_array_add(all, js);
    }
    if (ctx->json)
        json_out(ctx->out, all);
    else
        json_object_put(all);
    return CMD_OK;
}

static enum cmd_rc
exec_pool_move(struct cmd_ctx *ctx)
{
    return engine_pool_move(ctx->en, ctx->dom_id, ctx->argv[0], &ctx->op,
                            ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

/* --- name, keys, interrupts, dumps --- */

static enum cmd_rc
exec_rename(struct cmd_ctx *ctx)
{
    return engine_rename(ctx->en, ctx->dom_id, ctx->argv[0], &ctx->op,
                         ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

static enum cmd_rc
exec_sysrq(struct cmd_ctx *ctx)
{
    if (strlen(ctx->argv[0]) != 1)
        return bad_word(ctx, "sysrq", "key", ctx->argv[0],
                        "one letter or digit");
    return engine_sysrq(ctx->en, ctx->dom_id, ctx->argv[0][0], &ctx->op,
                        ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

static enum cmd_rc
press_button(struct cmd_ctx *ctx, enum engine_button button)
{
    if (ctx->argc > 1)
        return bad_word(ctx, "trigger", "word", ctx->argv[1],
                        "none after a button");
    return engine_button(ctx->en, ctx->dom_id, button, &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

static enum cmd_rc
exec_trigger(struct cmd_ctx *ctx)
{
    unsigned vcpu = 0;

    if (strcmp(ctx->argv[0], "power") == 0)
        return press_button(ctx, ENGINE_POWER_BUTTON);
    if (strcmp(ctx->argv[0], "sleep") == 0)
        return press_button(ctx, ENGINE_SLEEP_BUTTON);
    if (strcmp(ctx->argv[0], "nmi") != 0)
        return bad_word(ctx, "trigger", "trigger", ctx->argv[0],
                        "nmi, power or sleep (the verb reset ends a domain "
                        "and makes it again)");
    if (ctx->argc > 1 &&
        !take_vcpus(ctx, "trigger", 0, "", ctx->argv[1], &vcpu))
        return CMD_USAGE;
    return engine_nmi(ctx->en, ctx->dom_id, vcpu, &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

static enum cmd_rc
exec_dump(struct cmd_ctx *ctx)
{
    char *path;
    int rc;

    if (ctx->argc > 0 && ctx->argv[0][0] == '\0')
        return bad_word(ctx, "dump-core", "file", "", "a path");
    path = ctx->argc > 0 ? ctx_path(ctx, 0) : NULL;
    rc = engine_dump(ctx->en, ctx->dom_id, path, &ctx->op, ctx->e);
    free(path);
    return rc == 0 ? CMD_WAIT : CMD_ERROR;
}

/* dom0 may be tuned like any other, within its floor. */
#define NEEDS_ANY   (CMD_NEED_DOMAIN | CMD_NEED_LIVE)
#define NEEDS_GUEST (NEEDS_ANY | CMD_NEED_NOT_DOM0)

static const struct cmd cmds[] = {
    { .name = "mem-set",
      .alias = "balloon",
      .keys = "b",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "[NAME] SIZE",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_ANY,
      .right = RIGHT_OPERATE,
      .help = "Set a domain's memory target, wait until it is there",
      .exec = exec_mem_set },
    { .name = "mem-max",
      .alias = "maxmem",
      .args = "[NAME] SIZE",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_GUEST,
      .right = RIGHT_ADMIN,
      .help = "Set the most memory that a domain may own",
      .exec = exec_mem_max },
    { .name = "vcpu-set",
      .keys = "v",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "[NAME] VCPUS",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_ANY,
      .right = RIGHT_OPERATE,
      .help = "Set how many virtual cpus run, wait until they do",
      .exec = exec_vcpu_set },
    { .name = "vcpu-pin",
      .alias = "pincpu",
      .args = "[NAME] VCPU|all CPUS|- [SOFT]",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 2,
      .max_args = 3,
      .needs = NEEDS_ANY,
      .right = RIGHT_OPERATE,
      .help = "Set on which cpus a virtual cpu may, and should, run",
      .exec = exec_vcpu_pin },
    { .name = "vcpu-list",
      .names = cmd_first_word,
      .args = "[NAME]",
      .max_args = 1,
      .json = true,
      .right = RIGHT_VIEW,
      .help = "List virtual cpus with their affinities",
      .exec = exec_vcpu_list },
    { .name = "cpupool-list",
      .json = true,
      .right = RIGHT_VIEW,
      .help = "List the cpu pools",
      .exec = exec_pool_list },
    { .name = "cpupool-migrate",
      .args = "[NAME] POOL",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_GUEST,
      .right = RIGHT_ADMIN,
      .help = "Move a domain to another cpu pool",
      .exec = exec_pool_move },
    { .name = "rename",
      .args = "[NAME] NEW",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_GUEST | CMD_ONE,
      .right = RIGHT_ADMIN,
      .help = "Give a domain another name",
      .exec = exec_rename },
    { .name = "sysrq",
      .args = "[NAME] KEY",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_GUEST,
      .right = RIGHT_OPERATE,
      .help = "Send a sysrq key to a domain's kernel",
      .exec = exec_sysrq },
    { .name = "trigger",
      .args = "[NAME] nmi|power|sleep [VCPU]",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = 2,
      .needs = NEEDS_GUEST,
      .confirm = "Send it to %s? An NMI may panic its kernel, power ends it.",
      .right = RIGHT_OPERATE,
      .help = "Send an NMI to a virtual cpu, or press an HVM domain's button",
      .exec = exec_trigger },
    { .name = "dump-core",
      .alias = "dump",
      .args = "[NAME] [FILE]",
      .arg = CMD_ARG_DOMAIN,
      .max_args = 1,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_ONE,
      .confirm = "Dump the memory of %s? It stands still meanwhile.",
      .right = RIGHT_ADMIN,
      .help = "Write a domain's memory to a file, as an ELF core",
      .exec = exec_dump },
};

const struct cmd_family cmd_family_tune = { cmds, sizeof cmds / sizeof cmds[0],
                                            70 };
