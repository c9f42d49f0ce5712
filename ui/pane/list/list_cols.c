/*
 * list_cols.c - the columns of the domain list: one table for heading, width,
 * text, order, and which of them goes first in a narrow place.
 */
#include "ui/pane/list/list_int.h"

#include <string.h>

#include "ui/draw/ui_text.h"
#include "ui/pane/balloon.h"

#define BAR_COLS   10
#define GRAPH_COLS 12

static void
text_id(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    if (d->off)
        text_fmt(out, size, "-");
    else
        text_fmt(out, size, "%u", d->domid);
}

static void
text_name(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_fmt(out, size, "%s", d->name);
}

static void
text_letters(const struct dom *d, double wall_s, char *out, size_t size)
{
    char letters[7];

    (void)wall_s;
    dom_state_letters(d, letters);
    text_fmt(out, size, "%s", letters);
}

static void
text_word(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_fmt(out, size, "%s", dom_state_word(d));
}

static void
text_kind(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_fmt(out, size, "%s", dom_kind_name(d->kind));
}

static void
text_cpu(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    if (d->cpu_pct < 0)
        text_fmt(out, size, "-");
    else
        text_fmt(out, size, "%.1f", d->cpu_pct);
}

static void
text_bar(const struct dom *d, double wall_s, char *out, size_t size)
{
    double whole = 100.0 * (d->vcpus_online > 0 ? d->vcpus_online : 1);
    int i, n = d->cpu_pct <= 0 ? 0 : (int)(d->cpu_pct / whole * BAR_COLS + 0.5);

    (void)wall_s;
    for (i = 0; i < BAR_COLS && (size_t)i + 1 < size; i++)
        out[i] = i < n ? '|' : '.';
    out[i] = '\0';
}

static void
text_mem(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_kib(out, size, d->off ? d->target_kib : d->mem_kib);
}

/* A balloon at work is marked with the way that it goes. */
static void
text_mem_way(const struct dom *d, double wall_s, char *out, size_t size)
{
    char kib[16];

    text_mem(d, wall_s, kib, sizeof kib);
    text_fmt(out, size, "%s%s", kib,
             !ui_ballooning(d)            ? ""
             : d->target_kib > d->mem_kib ? "^"
                                          : "v");
}

static void
text_target(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    if (ui_ballooning(d))
        text_kib(out, size, d->target_kib);
    else
        text_fmt(out, size, "%s", "");
}

static void
text_max(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    if (d->max_kib == UINT64_MAX)
        text_fmt(out, size, "none");
    else
        text_kib(out, size, d->max_kib);
}

static void
text_vcpus(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    if (d->off || d->vcpus_online == d->vcpus_max)
        text_fmt(out, size, "%u", d->vcpus_max);
    else
        text_fmt(out, size, "%u/%u", d->vcpus_online, d->vcpus_max);
}

static void
text_uptime(const struct dom *d, double wall_s, char *out, size_t size)
{
    if (d->start_wall_s <= 0)
        text_fmt(out, size, "-");
    else
        text_span(out, size,
                  wall_s > d->start_wall_s
                      ? (unsigned long long)(wall_s - d->start_wall_s)
                      : 0);
}

static void
text_time(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_span(out, size, d->cpu_ns / 1000000000ULL);
}

static void
text_owner(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_fmt(out, size, "%s",
             d->domid == 0 ? "host"
             : d->owned    ? "xendeck"
                           : "other");
}

static void
text_pool(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_fmt(out, size, "%u", d->cpupool);
}

/* Processors that its share would keep busy. */
static void
text_used(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    if (d->cpu_pct < 0)
        text_fmt(out, size, "-");
    else
        text_fmt(out, size, "%.2f", d->cpu_pct / 100);
}

static void
text_restarts(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_fmt(out, size, "%u", d->restarts);
}

/* How the life before ended. */
static void
text_ended(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_fmt(out, size, "%s", d->last_end[0] != '\0' ? d->last_end : "-");
}

static void
text_tags(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_fmt(out, size, "%s", d->tags);
}

static void
text_rx(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_rate(out, size, d->rates.rx_bytes);
}

static void
text_tx(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_rate(out, size, d->rates.tx_bytes);
}

static void
text_rd(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_rate(out, size, d->rates.rd_bytes);
}

static void
text_wr(const struct dom *d, double wall_s, char *out, size_t size)
{
    (void)wall_s;
    text_rate(out, size, d->rates.wr_bytes);
}

static double
key_id(const struct dom *d)
{
    return d->domid;
}

/* What needs eyes comes first. */
static double
key_state(const struct dom *d)
{
    return (double)list_state_role(d) * -1.0;
}

static double
key_kind(const struct dom *d)
{
    return (double)d->kind;
}

/* As precise as it is shown: rows that look equal do not change places. */
static double
key_cpu(const struct dom *d)
{
    return d->cpu_pct < 0 ? -1 : (double)(long)(d->cpu_pct * 10 + 0.5);
}

static double
key_mem(const struct dom *d)
{
    return (double)d->mem_kib;
}

static double
key_target(const struct dom *d)
{
    return ui_ballooning(d) ? (double)d->target_kib : 0;
}

static double
key_max(const struct dom *d)
{
    return (double)d->max_kib;
}

static double
key_vcpus(const struct dom *d)
{
    return d->vcpus_online;
}

/* Unknown start: as if older than all. */
static double
key_uptime(const struct dom *d)
{
    return -d->start_wall_s;
}

static double
key_time(const struct dom *d)
{
    return (double)d->cpu_ns;
}

static double
key_owner(const struct dom *d)
{
    return d->owned;
}

static double
key_pool(const struct dom *d)
{
    return d->cpupool;
}

static double
key_restarts(const struct dom *d)
{
    return d->restarts;
}

static const char *
dom_last_end_of(const struct dom *d)
{
    return d->last_end;
}

static const char *
dom_tags_of(const struct dom *d)
{
    return d->tags;
}

static double
key_rx(const struct dom *d)
{
    return d->rates.rx_bytes;
}

static double
key_tx(const struct dom *d)
{
    return d->rates.tx_bytes;
}

static double
key_rd(const struct dom *d)
{
    return d->rates.rd_bytes;
}

static double
key_wr(const struct dom *d)
{
    return d->rates.wr_bytes;
}

static const struct list_col cols[] = {
    { .name = "id",
      .head = "ID",
      .width = 5,
      .drop = 0,
      .right = true,
      .text = text_id,
      .key = key_id },
    { .name = "name",
      .head = "Name",
      .width = 0,
      .drop = 0,
      .text = text_name },
    { .name = "state",
      .head = "State",
      .width = 6,
      .drop = 1,
      .text = text_letters,
      .key = key_state,
      .state = true },
    { .name = "word",
      .head = "",
      .width = 9,
      .drop = 7,
      .text = text_word,
      .unsorted = true,
      .state = true },
    { .name = "kind",
      .head = "Kind",
      .width = 5,
      .drop = 6,
      .text = text_kind,
      .key = key_kind },
    { .name = "cpu",
      .head = "CPU%",
      .width = 7,
      .drop = 2,
      .right = true,
      .big_first = true,
      .text = text_cpu,
      .key = key_cpu },
    { .name = "bar",
      .head = "",
      .width = BAR_COLS,
      .drop = 15,
      .text = text_bar,
      .unsorted = true },
    { .name = "mem",
      .head = "Mem",
      .width = 6,
      .drop = 3,
      .right = true,
      .big_first = true,
      .text = text_mem_way,
      .key = key_mem },
    { .name = "target",
      .head = "Target",
      .width = 6,
      .drop = 17,
      .right = true,
      .big_first = true,
      .text = text_target,
      .key = key_target },
    { .name = "maxmem",
      .head = "Max",
      .width = 6,
      .drop = 10,
      .right = true,
      .big_first = true,
      .text = text_max,
      .key = key_max },
    { .name = "vcpus",
      .head = "VCPU",
      .width = 5,
      .drop = 5,
      .right = true,
      .big_first = true,
      .text = text_vcpus,
      .key = key_vcpus },
    { .name = "rx",
      .head = "RX/s",
      .width = 6,
      .drop = 11,
      .right = true,
      .big_first = true,
      .text = text_rx,
      .key = key_rx,
      .rates = true },
    { .name = "tx",
      .head = "TX/s",
      .width = 6,
      .drop = 12,
      .right = true,
      .big_first = true,
      .text = text_tx,
      .key = key_tx,
      .rates = true },
    { .name = "rd",
      .head = "RD/s",
      .width = 6,
      .drop = 13,
      .right = true,
      .big_first = true,
      .text = text_rd,
      .key = key_rd,
      .rates = true },
    { .name = "wr",
      .head = "WR/s",
      .width = 6,
      .drop = 14,
      .right = true,
      .big_first = true,
      .text = text_wr,
      .key = key_wr,
      .rates = true },
    { .name = "uptime",
      .head = "Uptime",
      .width = 7,
      .drop = 4,
      .right = true,
      .big_first = true,
      .text = text_uptime,
      .key = key_uptime },
    { .name = "time",
      .head = "Time",
      .width = 7,
      .drop = 9,
      .right = true,
      .big_first = true,
      .text = text_time,
      .key = key_time },
    { .name = "owner",
      .head = "Owner",
      .width = 7,
      .drop = 8,
      .text = text_owner,
      .key = key_owner },
    { .name = "pool",
      .head = "Pool",
      .width = 5,
      .drop = 16,
      .right = true,
      .text = text_pool,
      .key = key_pool },
    { .name = "tags",
      .head = "Tags",
      .width = 12,
      .drop = 4,
      .text = text_tags,
      .key_text = dom_tags_of,
      .tags = true },
    { .name = "used",
      .head = "Used",
      .width = 5,
      .drop = 20,
      .right = true,
      .big_first = true,
      .text = text_used,
      .key = key_cpu,
      .extra = true },
    { .name = "restarts",
      .head = "Rst",
      .width = 4,
      .drop = 20,
      .right = true,
      .big_first = true,
      .text = text_restarts,
      .key = key_restarts,
      .extra = true },
    { .name = "ended",
      .head = "Ended",
      .width = 10,
      .drop = 20,
      .text = text_ended,
      .key_text = dom_last_end_of,
      .extra = true },
    { .name = "cpu-graph",
      .head = "CPU",
      .width = GRAPH_COLS,
      .drop = 20,
      .graph = { HISTORY_CPU, HISTORY_CPU },
      .unsorted = true,
      .extra = true },
    { .name = "mem-graph",
      .head = "Mem",
      .width = GRAPH_COLS,
      .drop = 20,
      .graph = { HISTORY_MEM, HISTORY_MEM },
      .unsorted = true,
      .extra = true },
    { .name = "net-graph",
      .head = "Net",
      .width = GRAPH_COLS,
      .drop = 20,
      .graph = { HISTORY_RX, HISTORY_TX },
      .unsorted = true,
      .extra = true },
    { .name = "disk-graph",
      .head = "Disk",
      .width = GRAPH_COLS,
      .drop = 20,
      .graph = { HISTORY_RD, HISTORY_WR },
      .unsorted = true,
      .extra = true },
};

#define N_COLS ((int)(sizeof(cols) / sizeof(cols[0])))

_Static_assert(sizeof(cols) / sizeof(cols[0]) <= LIST_COLS_MAX,
               "columns fit the array of widths");

const struct list_col *
list_col_at(int i)
{
    return i >= 0 && i < N_COLS ? &cols[i] : NULL;
}

int
list_col_find(const char *name)
{
    int i;

    for (i = 0; i < N_COLS; i++)
        if (strcmp(cols[i].name, name) == 0)
            return i;
    return -1;
}

enum role
list_state_role(const struct dom *d)
{
    if (d->off)
        return d->refused ? ROLE_CRASHED : ROLE_SHUTDOWN;
    if (d->building)
        return ROLE_BUILDING;
    if ((d->flags & DOM_F_SHUTDOWN) &&
        (d->reason == DOM_CRASH || d->reason == DOM_WATCHDOG))
        return ROLE_CRASHED;
    if (d->flags & (DOM_F_SHUTDOWN | DOM_F_DYING))
        return ROLE_SHUTDOWN;
    return d->flags & DOM_F_PAUSED ? ROLE_PAUSED : ROLE_RUNNING;
}
