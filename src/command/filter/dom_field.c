/*
 * dom_field.c - the fields of a domain that a condition may name: one table
 * for their words, their numbers and the units of these.
 */
#include <string.h>

#include "src/command/filter/dom_filter_int.h"

/* --- texts --- */

static bool
fits_name(const struct dom *d, const char *value)
{
    return strcasestr(d->name, value) != NULL;
}

/* What was typed of a word will do, so that the list follows the typing. */
static bool
field_begins(const char *word, const char *typed)
{
    return strncasecmp(word, typed, strlen(typed)) == 0;
}

static bool
dom_is_dead(const struct dom *d)
{
    return !d->off && (d->flags & (DOM_F_SHUTDOWN | DOM_F_DYING)) != 0;
}

/* As the header counts them: idle ones run, too. */
static bool
is_running(const struct dom *d)
{
    return !d->off && !d->building && !dom_is_dead(d) &&
           (d->flags & DOM_F_PAUSED) == 0;
}

static bool
fits_state(const struct dom *d, const char *value)
{
    return field_begins(dom_state_word(d), value) ||
           (dom_is_dead(d) && field_begins("dead", value)) ||
           (is_running(d) && field_begins("running", value));
}

static bool
fits_kind(const struct dom *d, const char *value)
{
    return strcasecmp(dom_kind_name(d->kind), value) == 0;
}

static bool
fits_owner(const struct dom *d, const char *value)
{
    return field_begins(d->domid == 0 ? "host"
                        : d->owned    ? "xendeck"
                                      : "other",
                        value);
}

/* One whole tag; "" for any. */
static bool
fits_tag(const struct dom *d, const char *value)
{
    size_t n = strlen(value);
    const char *at;

    for (at = d->tags; *at != '\0'; at += strspn(at, ",")) {
        size_t len = strcspn(at, ",");

        if (n == 0 || (n == len && strncasecmp(at, value, n) == 0))
            return true;
        at += len;
    }
    return false;
}

/* --- numbers --- */

static double
number_id(const struct dom *d, double now_s)
{
    (void)now_s;
    return d->off ? -1 : (double)d->domid;
}

static double
number_cpu(const struct dom *d, double now_s)
{
    (void)now_s;
    return d->cpu_pct;
}

/* Of one that is off: what it will get, as the list shows it. */
static double
number_mem(const struct dom *d, double now_s)
{
    (void)now_s;
    return (double)(d->off ? d->target_kib : d->mem_kib);
}

static double
number_maxmem(const struct dom *d, double now_s)
{
    (void)now_s;
    return (double)d->max_kib;
}

static double
number_vcpus(const struct dom *d, double now_s)
{
    (void)now_s;
    return d->off ? d->vcpus_max : d->vcpus_online;
}

static double
number_rx(const struct dom *d, double now_s)
{
    (void)now_s;
    return d->rates.rx_bytes;
}

static double
number_tx(const struct dom *d, double now_s)
{
    (void)now_s;
    return d->rates.tx_bytes;
}

static double
number_rd(const struct dom *d, double now_s)
{
    (void)now_s;
    return d->rates.rd_bytes;
}

static double
number_wr(const struct dom *d, double now_s)
{
    (void)now_s;
    return d->rates.wr_bytes;
}

static double
number_uptime(const struct dom *d, double now_s)
{
    return d->start_wall_s > 0 ? now_s - d->start_wall_s : -1;
}

static double
number_time(const struct dom *d, double now_s)
{
    (void)now_s;
    return (double)d->cpu_ns / 1e9;
}

static double
number_pool(const struct dom *d, double now_s)
{
    (void)now_s;
    return d->cpupool;
}

static double
number_restarts(const struct dom *d, double now_s)
{
    (void)now_s;
    return d->restarts;
}

static const struct dom_field fields[] = {
    { .name = "name", .fits = fits_name },
    { .name = "state",
      .fits = fits_state,
      .words = "running|idle|runnable|paused|dead|halted|rebooting|suspended|"
               "crashed|watchdog|soft-reset|dying|building|preserved|left|off|"
               "saved|refused" },
    { .name = "kind", .fits = fits_kind, .words = "pv|pvh|hvm" },
    { .name = "owner", .fits = fits_owner, .words = "xendeck|other|host" },
    { .name = "tag", .fits = fits_tag },
    { .name = "cpu", .number = number_cpu },
    { .name = "mem", .number = number_mem, .unit = DOM_UNIT_KIB },
    { .name = "maxmem", .number = number_maxmem, .unit = DOM_UNIT_KIB },
    { .name = "vcpus", .number = number_vcpus },
    { .name = "rx",
      .number = number_rx,
      .unit = DOM_UNIT_BYTES,
      .rates = true },
    { .name = "tx",
      .number = number_tx,
      .unit = DOM_UNIT_BYTES,
      .rates = true },
    { .name = "rd",
      .number = number_rd,
      .unit = DOM_UNIT_BYTES,
      .rates = true },
    { .name = "wr",
      .number = number_wr,
      .unit = DOM_UNIT_BYTES,
      .rates = true },
    { .name = "uptime", .number = number_uptime, .unit = DOM_UNIT_SPAN },
    { .name = "time", .number = number_time, .unit = DOM_UNIT_SPAN },
    { .name = "id", .number = number_id },
    { .name = "pool", .number = number_pool },
    { .name = "restarts", .number = number_restarts },
};

const struct dom_field *
dom_field_at(size_t i)
{
    return i < sizeof fields / sizeof fields[0] ? &fields[i] : NULL;
}

const struct dom_field *
dom_field_find(const char *name, size_t n)
{
    size_t i;

    for (i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strlen(fields[i].name) == n &&
            strncasecmp(fields[i].name, name, n) == 0)
            return &fields[i];
    return NULL;
}

bool
dom_field_allows(const struct dom_field *f, const char *value)
{
    const char *at = f->words;
    size_t n = strlen(value);

    if (at == NULL)
        return true;
    for (; at != NULL; at = strchr(at, '|')) {
        at += *at == '|';
        if (strncasecmp(at, value, n) == 0)
            return true;
    }
    return false;
}
