/*
 * postmortem_facts.c - what is frozen of a domain, as texts: bounded, and safe
 * to show.
 */
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/console/console_last.h"
#include "engine/console/console_signs.h"
#include "engine/dm/dm_query.h"
#include "engine/dom0/dom0_model_log.h"
#include "engine/host/xen_messages.h"
#include "engine/hv/hv_vcpu.h"
#include "engine/postmortem/postmortem_int.h"
#include "engine/record/db.h"

#define CONSOLE_BYTES (64 * 1024)
#define XEN_BYTES     (64U * 1024)
#define LOG_BYTES     (32 * 1024)
#define VCPUS_MAX     128

/* --- vcpus --- */

/* Three a line, which fit where 80 columns do. */
static void
pm_put_regs(const struct hv_regs *g, struct buf *out)
{
    const struct {
        const char *name;
        uint64_t value;
    } all[] = {
        { "ip", g->ip },    { "sp", g->sp },    { "flags", g->flags },
        { "ax", g->ax },    { "bx", g->bx },    { "cx", g->cx },
        { "dx", g->dx },    { "si", g->si },    { "di", g->di },
        { "bp", g->bp },    { "r8", g->r[0] },  { "r9", g->r[1] },
        { "r10", g->r[2] }, { "r11", g->r[3] }, { "r12", g->r[4] },
        { "r13", g->r[5] }, { "r14", g->r[6] }, { "r15", g->r[7] },
        { "cr0", g->cr0 },  { "cr2", g->cr2 },  { "cr3", g->cr3 },
        { "cr4", g->cr4 },  { "cs", g->cs },    { "ss", g->ss },
    };
    size_t i;

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        buf_fmt(out, "  %-5s %016llx%s", all[i].name,
                (unsigned long long)all[i].value, i % 3 == 2 ? "\n" : "");
}

static void
pm_regs(struct dying *y, unsigned vcpu)
{
    struct buf *out = &y->part[POSTMORTEM_VCPUS];
    struct hv_regs g;
    struct err e = { 0 };

    if (hv_vcpu_regs(engine_hv(y->en), y->p.domid, vcpu, &g, &e) < 0)
        buf_fmt(out, "  no registers: %s\n", e.msg);
    else
        pm_put_regs(&g, out);
}

static void
pm_vcpu(struct dying *y, unsigned vcpu)
{
    struct buf *out = &y->part[POSTMORTEM_VCPUS];
    struct hv_vcpu v;
    struct err e = { 0 };

    if (hv_vcpu(engine_hv(y->en), y->p.domid, vcpu, &v, &e) < 0) {
        buf_fmt(out, "vcpu %u: %s\n", vcpu, e.msg);
        return;
    }
    buf_fmt(out, "vcpu %u: %s, cpu %u, %.1f s\n", vcpu,
            !v.online   ? "offline"
            : v.running ? "running"
            : v.blocked ? "blocked"
                        : "ready",
            v.cpu, (double)v.cpu_ns / 1e9);
    if (v.online)
        pm_regs(y, vcpu);
}

static void
pm_vcpus(struct dying *y, const struct dom *d)
{
    unsigned i;

    for (i = 0; i < d->vcpus_max && i < VCPUS_MAX; i++)
        pm_vcpu(y, i);
    if (i < d->vcpus_max)
        buf_fmt(&y->part[POSTMORTEM_VCPUS], "and %u more\n", d->vcpus_max - i);
}

/* --- its configuration --- */

/* Without passwords: whoever may look reads it. */
static void
pm_print_config(struct dying *y, const struct domain_config *c)
{
    struct domain_config *copy = NULL;
    struct buf text = { 0 };
    struct err e = { 0 };

    config_print(c, &text);
    if (config_parse(buf_text(&text), c->name, NULL, &copy, &e) == 0) {
        config_drop_secrets(copy, NULL);
        config_print(copy, &y->part[POSTMORTEM_CONFIG]);
    } else {
        buf_fmt(&y->part[POSTMORTEM_CONFIG], "# %s\n", e.msg);
    }
    config_free(copy);
    buf_free(&text);
}

static void
pm_config(struct dying *y, const struct domain_config *known)
{
    struct domain_config *c = NULL;
    struct err e = { 0 };

    if (known != NULL) {
        pm_print_config(y, known);
        return;
    }
    if (db_load(engine_paths(y->en)->state, y->p.uuid, &c, &e) < 0) {
        buf_fmt(&y->part[POSTMORTEM_CONFIG], "# %s\n",
                e.code == ERR_NOENT ? "it is not on record" : e.msg);
        return;
    }
    config_drop_secrets(c, NULL);
    config_print(c, &y->part[POSTMORTEM_CONFIG]);
    config_free(c);
}

/* --- logs --- */

static void
pm_console(struct dying *y)
{
    struct buf raw = { 0 }, plain = { 0 };

    console_last_text(y->en, y->p.uuid, CONSOLE_BYTES, &raw);
    console_plain(buf_text(&raw), raw.len, &plain);
    if (plain.len > 0 && plain.data[plain.len - 1] != '\n')
        buf_chr(&plain, '\n');
    if (plain.len > 0) { /* else what was there at first is kept */
        buf_free(&y->part[POSTMORTEM_CONSOLE]);
        y->part[POSTMORTEM_CONSOLE] = plain;
    }
    buf_free(&raw);
}

static void
pm_xen(struct dying *y)
{
    struct buf *out = &y->part[POSTMORTEM_XEN];
    struct err e = { 0 };
    const char *line;
    uint64_t nth, first;
    size_t n, bytes = 0;

    if (engine_xen_log_read(y->en, &e) < 0)
        buf_fmt(out, "(%s)\n", e.msg);
    first = engine_xen_log_range(y->en, &n);
    nth = first + n;
    if (first < y->xen_line)
        first = y->xen_line;
    for (; nth > first; nth--) { /* the newest that fit */
        line = engine_xen_log_line(y->en, nth - 1);
        if (line == NULL || bytes + strlen(line) + 1 > XEN_BYTES)
            break;
        bytes += strlen(line) + 1;
    }
    for (; (line = engine_xen_log_line(y->en, nth)) != NULL; nth++)
        buf_fmt(out, "%s\n", line);
}

static void
pm_model_log(struct dying *y)
{
    struct buf raw = { 0 };

    if (y->model_log[0] == '\0')
        return;
    dom0_model_log_end(engine_dom0(y->en), y->model_log, LOG_BYTES, &raw);
    console_plain(buf_text(&raw), raw.len, &y->part[POSTMORTEM_LOG]);
    buf_free(&raw);
}

/* --- both moments --- */

static void
pm_identify(struct dying *y, const struct dom *d,
            const struct postmortem_cause *c)
{
    struct postmortem *p = &y->p;

    memcpy(p->name, d->name, sizeof(p->name));
    memcpy(p->uuid, d->uuid, sizeof(p->uuid));
    p->domid = d->domid;
    text_fmt(p->kind, sizeof(p->kind), "%s", dom_kind_name(d->kind));
    p->why = c->why;
    p->wall_s = loop_wall_s(engine_loop(y->en));
    p->start_wall_s = d->start_wall_s;
    if (c->detail != NULL)
        (void)text_safe(p->detail, sizeof(p->detail), c->detail,
                        strlen(c->detail));
}

void
postmortem_freeze(struct dying *y, const struct dom_entry *de,
                  const struct postmortem_cause *c)
{
    struct model_info m;

    pm_identify(y, &de->d, c);
    y->xen_line = de->xen_line;
    if (c->model_log != NULL)
        text_fmt(y->model_log, sizeof(y->model_log), "%s", c->model_log);
    else if (engine_model(y->en, de->d.id, &m))
        memcpy(y->model_log, m.log, sizeof(y->model_log));
    pm_vcpus(y, &de->d);
    pm_config(y, c->cfg);
    pm_console(y);
}

void
postmortem_gather(struct dying *y)
{
    pm_console(y);
    pm_xen(y);
    pm_model_log(y);
    postmortem_decide(y);
}
