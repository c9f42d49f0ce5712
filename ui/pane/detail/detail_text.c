/*
 * detail_text.c - the overview and the vcpus of a domain as rows: from plain
 * facts, without engine and screen.
 */
#include "ui/pane/detail/detail_text.h"

#include <string.h>

#include "ui/pane/log/event_row.h"

#define LABEL_COLS  11
#define BAR_MAX     40
#define BAR_MIN     8
#define NS_PER_S    1000000000ULL
#define GRANTS_NEAR 4 /* from three quarters of the limit on it is said */

void
detail_uuid(const uint8_t uuid[16], char out[37])
{
    static const char hex[] = "0123456789abcdef";
    size_t i, n = 0;

    for (i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[n++] = '-';
        out[n++] = hex[uuid[i] >> 4];
        out[n++] = hex[uuid[i] & 15];
    }
    out[n] = '\0';
}

/* --- history --- */

/* The first of those that fit and of those after the first known one. */
static size_t
first_shown(const struct detail_facts *f, int cols)
{
    size_t room = cols > 0 ? (size_t)cols : 0;
    size_t i = room < f->n_cpu ? f->n_cpu - room : 0;

    while (i < f->n_cpu && f->cpu[i] < 0)
        i++;
    return i;
}

void
detail_sparkline(const struct detail_facts *f, double top, int cols,
                 struct buf *out)
{
    size_t i;

    for (i = first_shown(f, cols); i < f->n_cpu; i++)
        buf_str(out, text_spark(f->cpu[i] < 0 ? -1
                                : top > 0     ? f->cpu[i] / top
                                              : 0,
                                f->unicode));
}

/* --- fields --- */

static int
bar_cols(const struct detail_facts *f)
{
    int room = (f->cols - LABEL_COLS) / 2;

    return room > BAR_MAX ? BAR_MAX : room;
}

/* The bar, where there is room for one, and a blank. */
static void
detail_text_put_bar(const struct detail_facts *f, double used,
                    struct view_row *r)
{
    int cols = bar_cols(f);

    if (cols < BAR_MIN)
        return;
    view_put_bar(r, used, cols);
    view_put(r, ROLE_TEXT, " ");
}

static void
detail_text_put_name(const struct detail_facts *f, struct view_row *r)
{
    view_put(r, ROLE_TITLE, "%s", f->d.name);
    if (f->gone)
        view_put(r, ROLE_CRASHED, "  gone");
}

static void
put_domid(const struct detail_facts *f, struct view_row *r)
{
    if (f->d.off)
        view_put(r, ROLE_DIM, "-");
    else
        view_put(r, ROLE_TEXT, "%u", f->d.domid);
}

static void
detail_text_put_uuid(const struct detail_facts *f, struct view_row *r)
{
    char text[37];

    detail_uuid(f->d.uuid, text);
    view_put(r, ROLE_TEXT, "%s", text);
}

static void
put_kind(const struct detail_facts *f, struct view_row *r)
{
    view_put(r, ROLE_TEXT, "%s", dom_kind_name(f->d.kind));
}

static enum role
detail_text_state_role(const struct dom *d)
{
    if (d->off)
        return d->refused ? ROLE_CRASHED : ROLE_SHUTDOWN;
    if (d->building)
        return ROLE_BUILDING;
    if (d->flags & DOM_F_SHUTDOWN)
        return d->reason == DOM_CRASH || d->reason == DOM_WATCHDOG
                   ? ROLE_CRASHED
                   : ROLE_SHUTDOWN;
    if (d->flags & DOM_F_DYING)
        return ROLE_SHUTDOWN;
    return d->flags & DOM_F_PAUSED ? ROLE_PAUSED : ROLE_RUNNING;
}

static void
put_state(const struct detail_facts *f, struct view_row *r)
{
    char letters[7];

    if (f->past && f->d.off) {
        view_put(r, ROLE_DIM, "it did not run then, or was not recorded");
        return;
    }
    dom_state_letters(&f->d, letters);
    view_put(r, detail_text_state_role(&f->d), "%s", dom_state_word(&f->d));
    view_put(r, ROLE_DIM, "  %s", letters);
    if (f->d.saved)
        view_put(r, ROLE_DIM,
                 "  start brings it back, start --boot gives it up");
    if (f->d.flags & DOM_F_SHUTDOWN)
        view_put(r, ROLE_TEXT, "  ended by %s", dom_reason_name(f->d.reason));
    if (f->gone)
        view_put(r, ROLE_DIM, "  (when last seen)");
}

static void
put_owner(const struct detail_facts *f, struct view_row *r)
{
    if (f->d.domid == 0)
        view_put(r, ROLE_TEXT, "the host");
    else if (f->d.owned)
        view_put(r, ROLE_TEXT, "xendeck%s",
                 f->d.autostart ? ", starts with the host" : "");
    else
        view_put(r, ROLE_FOREIGN, "another toolstack (never reaped here)");
}

/* dom0 and foreign domains may have no limit: then what is used is all. */
static void
detail_text_put_memory(const struct detail_facts *f, struct view_row *r)
{
    uint64_t whole = f->d.max_kib != UINT64_MAX ? f->d.max_kib : f->d.mem_kib;
    char used[16];

    if (f->past && f->d.off) {
        view_put(r, ROLE_DIM, "-");
        return;
    }
    if (f->d.off) { /* its target is what it starts with */
        text_kib(used, sizeof used, f->d.max_kib);
        view_put(r, ROLE_TEXT, "at most %s", used);
        return;
    }
    text_kib(used, sizeof used, f->d.mem_kib);
    detail_text_put_bar(f, whole > 0 ? (double)f->d.mem_kib / (double)whole : 0,
                        r);
    view_put(r, ROLE_TEXT, "%s", used);
    if (f->d.max_kib == UINT64_MAX) {
        view_put(r, ROLE_DIM, ", no limit");
    } else {
        text_kib(used, sizeof used, f->d.max_kib);
        view_put(r, ROLE_DIM, " of at most %s", used);
    }
}

static void
detail_text_put_target(const struct detail_facts *f, struct view_row *r)
{
    char text[16];

    text_kib(text, sizeof text, f->d.target_kib);
    view_put(r, ROLE_TEXT, "%s", f->d.target_kib > 0 ? text : "-");
}

/* What is of the host's memory, but not of the domain's. */
static void
put_beside(const struct detail_facts *f, struct view_row *r)
{
    const struct memory_use *u = &f->use;
    char pool[16];

    if (!f->has_use) {
        view_put(r, ROLE_DIM, "-");
        return;
    }
    text_kib(pool, sizeof pool, u->paging_kib);
    if (u->paging_kib > 0)
        view_put(r, ROLE_TEXT, "%s for page tables, ", pool);
    if (u->grant_frames_max == 0)
        view_put(r, ROLE_TEXT, "%u grant frames", u->grant_frames);
    else
        view_put(r,
                 u->grant_frames * GRANTS_NEAR >= u->grant_frames_max * 3
                     ? ROLE_WARN
                     : ROLE_TEXT,
                 "%u of %u grant frames", u->grant_frames, u->grant_frames_max);
    if (u->grant_frames_max > 0 && u->grant_frames >= u->grant_frames_max)
        view_put(r, ROLE_WARN, ": no device can be added");
}

static void
detail_text_put_vcpus(const struct detail_facts *f, struct view_row *r)
{
    if (f->past)
        view_put(r, ROLE_DIM, "- (not recorded)");
    else if (f->d.off)
        view_put(r, ROLE_TEXT, "%u", f->d.vcpus_max);
    else
        view_put(r, ROLE_TEXT, "%u online of %u", f->d.vcpus_online,
                 f->d.vcpus_max);
}

static void
detail_text_put_pool(const struct detail_facts *f, struct view_row *r)
{
    view_put(r, ROLE_TEXT, "%u", f->d.cpupool);
}

/* All of a domain's online vcpus busy. */
static double
cpu_whole(const struct dom *d)
{
    return 100.0 * (d->vcpus_online > 0 ? d->vcpus_online : 1);
}

static void
put_cpu(const struct detail_facts *f, struct view_row *r)
{
    if (f->d.cpu_pct < 0) {
        view_put(r, ROLE_DIM, "-");
        return;
    }
    detail_text_put_bar(f, f->d.cpu_pct / cpu_whole(&f->d), r);
    view_put(r, ROLE_TEXT, "%.1f%%", f->d.cpu_pct);
}

static void
put_history(const struct detail_facts *f, struct view_row *r)
{
    double top = 0;
    struct buf line = { 0 };
    int cols = f->cols - LABEL_COLS - 12;
    size_t i;

    for (i = first_shown(f, cols); i < f->n_cpu; i++)
        top = f->cpu[i] > top ? f->cpu[i] : top;
    if (top < 1) /* an idle guest draws a flat line */
        top = 1;
    detail_sparkline(f, top, cols, &line);
    view_put(r, ROLE_BAR_USED, "%s", buf_text(&line));
    if (line.len > 0)
        view_put(r, ROLE_DIM, " up to %.0f%%", top);
    buf_free(&line);
}

static void
put_time(const struct detail_facts *f, struct view_row *r)
{
    char text[16];

    if (f->past) {
        view_put(r, ROLE_DIM, "- (not recorded)");
        return;
    }
    text_span(text, sizeof text, f->d.cpu_ns / NS_PER_S);
    if (f->d.cpu_ns < 60 * NS_PER_S)
        view_put(r, ROLE_TEXT, "%.1fs", (double)f->d.cpu_ns / NS_PER_S);
    else
        view_put(r, ROLE_TEXT, "%s", text);
}

static void
detail_text_put_started(const struct detail_facts *f, struct view_row *r)
{
    char text[32] = "-";

    if (f->d.start_wall_s > 0)
        event_stamp(f->d.start_wall_s, true, text, sizeof text);
    view_put(r, ROLE_TEXT, "%s", text);
}

static void
put_uptime(const struct detail_facts *f, struct view_row *r)
{
    double lived = f->wall_s - f->d.start_wall_s;
    char text[16] = "-";

    if (f->d.start_wall_s > 0)
        text_span(text, sizeof text, lived > 0 ? (unsigned long long)lived : 0);
    view_put(r, ROLE_TEXT, "%s", text);
    if (f->d.restarts > 0)
        view_put(r, ROLE_DIM, "  restarted %u time%s", f->d.restarts,
                 f->d.restarts == 1 ? "" : "s");
}

static void
put_tags(const struct detail_facts *f, struct view_row *r)
{
    if (f->d.tags[0] != '\0')
        view_put(r, ROLE_TEXT, "%s", f->d.tags);
    else
        view_put(r, ROLE_DIM, "-");
}

/* Of the life before this one, or before it was off. */
static void
put_last_end(const struct detail_facts *f, struct view_row *r)
{
    char text[32];

    if (f->d.last_end[0] == '\0' ||
        (f->past && f->d.last_end_wall_s > f->wall_s)) {
        view_put(r, ROLE_DIM, "-");
        return;
    }
    event_stamp(f->d.last_end_wall_s, true, text, sizeof text);
    view_put(r, f->d.refused ? ROLE_CRASHED : ROLE_TEXT, "%s", f->d.last_end);
    view_put(r, ROLE_DIM, "  %s%s", text,
             f->d.refused ? ", restart refused" : "");
}

static void
detail_text_put_op(const struct detail_facts *f, struct view_row *r)
{
    const struct op *op = &f->op;
    unsigned long long ms = f->now_ms - op->start_ms;
    char text[16];

    if (!f->has_op) {
        view_put(r, ROLE_DIM, "none");
        return;
    }
    if (op->state > OP_RUNNING) {
        view_put(r, ROLE_DIM, "none, last: ");
        view_put(r, op->state == OP_FAILED ? ROLE_CRASHED : ROLE_TEXT, "%s, %s",
                 op->title, op_state_name(op->state));
        return;
    }
    view_put(r, ROLE_BUILDING, "%s", op->title);
    if (op->state != OP_RUNNING) {
        view_put(r, ROLE_TEXT, " %s", op_state_name(op->state));
        return;
    }
    view_put(r, ROLE_TEXT, ": %s ", op->label);
    if (op->percent >= 0) {
        detail_text_put_bar(f, op->percent / 100.0, r);
        view_put(r, ROLE_TEXT, "%d%% ", op->percent);
    }
    text_span(text, sizeof text, f->now_ms > op->start_ms ? ms / 1000 : 0);
    view_put(r, ROLE_DIM, "%s", text);
}

static void
detail_text_put_model(const struct detail_facts *f, struct view_row *r)
{
    const struct model_info *m = &f->model;
    bool well = strcmp(m->state, "running") == 0;

    view_put(r, well ? ROLE_RUNNING : ROLE_PAUSED, "%s",
             m->state[0] != '\0' ? m->state : "not known");
    view_put(r, ROLE_TEXT, "  process %d", m->pid);
}

static void
detail_text_put_screen(const struct detail_facts *f, struct view_row *r)
{
    if (f->model.port == 0)
        view_put(r, ROLE_DIM, "not shown by VNC");
    else
        view_put(r, ROLE_TEXT, "VNC port %u", f->model.port);
    if (f->model.port != 0)
        view_put(r, ROLE_DIM, "  `vnc' says how to reach it");
}

static void
detail_text_put_log(const struct detail_facts *f, struct view_row *r)
{
    view_put(r, ROLE_TEXT, "%s", f->model.log);
}

#define MODEL_FIELDS 3 /* the last ones, of a domain with a device model */

static const struct field {
    const char *label;
    void (*put)(const struct detail_facts *f, struct view_row *r);
} fields[] = {
    { "name", detail_text_put_name },
    { "domid", put_domid },
    { "uuid", detail_text_put_uuid },
    { "kind", put_kind },
    { "state", put_state },
    { "operation", detail_text_put_op },
    { "owner", put_owner },
    { "memory", detail_text_put_memory },
    { "target", detail_text_put_target },
    { "vcpus", detail_text_put_vcpus },
    { "cpu", put_cpu },
    { "history", put_history },
    { "beside it", put_beside },
    { "cpu time", put_time },
    { "cpupool", detail_text_put_pool },
    { "started", detail_text_put_started },
    { "tags", put_tags },
    { "uptime", put_uptime },
    { "last end", put_last_end },
    { "model", detail_text_put_model },
    { "screen", detail_text_put_screen },
    { "model log", detail_text_put_log },
};

size_t
detail_overview_rows(const struct detail_facts *f)
{
    size_t n = sizeof fields / sizeof fields[0];

    if (!f->known)
        return 0;
    return f->has_model ? n : n - MODEL_FIELDS;
}

void
detail_overview_row(const struct detail_facts *f, size_t i, struct view_row *r)
{
    if (i >= detail_overview_rows(f))
        return;
    view_put(r, ROLE_DIM, "%-*s", LABEL_COLS, fields[i].label);
    fields[i].put(f, r);
}

/* --- vcpus --- */

void
detail_vcpu_head(struct view_row *r)
{
    view_put(r, ROLE_COLUMN, "%4s %-8s %4s %9s %6s  %-14s %s", "VCPU", "STATE",
             "CPU", "TIME", "%CPU", "AFFINITY", "SOFT");
}

void
detail_vcpu_row(const struct dom_vcpu *v, struct view_row *r)
{
    const char *word = !v->online   ? "offline"
                       : v->running ? "running"
                       : v->blocked ? "blocked"
                                    : "ready";
    char cpu[16] = "-", pct[16] = "-", time[24];

    if (v->online)
        text_fmt(cpu, sizeof cpu, "%u", v->cpu);
    if (v->cpu_pct >= 0)
        text_fmt(pct, sizeof pct, "%.1f", v->cpu_pct);
    text_fmt(time, sizeof time, "%.1f", (double)v->cpu_ns / NS_PER_S);
    view_put(r, ROLE_TEXT, "%4u ", v->id);
    view_put(r,
             v->running  ? ROLE_RUNNING
             : v->online ? ROLE_TEXT
                         : ROLE_DIM,
             "%-8s", word);
    view_put(r, ROLE_TEXT, " %4s %9s %6s  %-14s %s", cpu, time, pct, v->hard,
             v->soft);
}
