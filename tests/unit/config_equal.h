/*
 * config_equal.h - that two configurations mean the same: all but the file and
 * the lines they come from.
 */
#ifndef XENDECK_TESTS_CONFIG_EQUAL_H
#define XENDECK_TESTS_CONFIG_EQUAL_H

#include <string.h>

#include "engine/config/core/setting.h"

static inline bool
config_texts_equal(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static inline bool
config_masks_equal(const struct config_cpus *a, const struct config_cpus *b,
                   unsigned vcpu)
{
    uint8_t x[CONFIG_CPUS_MAX / 8] = { 0 }, y[sizeof x] = { 0 };
    bool set = config_cpus_mask(a, vcpu, x);

    return set == config_cpus_mask(b, vcpu, y) && memcmp(x, y, sizeof x) == 0;
}

static inline bool
config_devices_equal(const struct config_device *a,
                     const struct config_device *b)
{
    size_t i;

    if (strcmp(a->kind, b->kind) != 0 || a->n_keys != b->n_keys)
        return false;
    for (i = 0; i < a->n_keys; i++)
        if (!config_texts_equal(a->values[i],
                                config_device_value(b, a->keys[i])))
            return false;
    return true;
}

/* Those that have a row of their own, and nothing else to be compared by. */
static inline const char *
config_settings_differ(const struct domain_config *a,
                       const struct domain_config *b)
{
    struct setting_value x, y;
    const struct setting *k;
    size_t i, n;

    for (i = 0; (k = setting_at(i)) != NULL; i++) {
        bool in_a = setting_get(k, a, &x);
        bool in_b = setting_get(k, b, &y);

        if (strchr(k->rule.name, '.') == NULL || (!in_a && !in_b))
            continue;
        if (x.form != y.form || x.number != y.number ||
            !config_texts_equal(x.text, y.text) ||
            (x.texts == NULL) != (y.texts == NULL))
            return k->rule.name;
        if (x.texts == NULL)
            continue;
        if (x.texts->n != y.texts->n)
            return k->rule.name;
        for (n = 0; n < x.texts->n; n++)
            if (strcmp(x.texts->at[n], y.texts->at[n]) != 0)
                return k->rule.name;
    }
    return NULL;
}

/* The first member in which they differ, or NULL. */
static inline const char *
config_differ(const struct domain_config *a, const struct domain_config *b)
{
    const char *other = config_settings_differ(a, b);
    size_t i;

    if (other != NULL)
        return other;
#define SAME(member)                                                           \
    do {                                                                       \
        if (memcmp(&a->member, &b->member, sizeof a->member) != 0)             \
            return #member;                                                    \
    } while (0)
#define SAME_TEXT(member)                                                      \
    do {                                                                       \
        if (!config_texts_equal(a->member, b->member))                         \
            return #member;                                                    \
    } while (0)
    SAME_TEXT(name);
    SAME(kind);
    SAME(uuid_set);
    SAME(uuid);
    SAME(mem_kib);
    SAME(maxmem_kib);
    SAME(vcpus);
    SAME(maxvcpus);
    for (i = 0; i < a->maxvcpus; i++) {
        if (!config_masks_equal(&a->cpus, &b->cpus, (unsigned)i))
            return "cpus";
        if (!config_masks_equal(&a->cpus_soft, &b->cpus_soft, (unsigned)i))
            return "cpus_soft";
    }
    SAME(on);
    SAME(restart_min_s);
    SAME(autostart);
    SAME(autostart_order);
    SAME(autostart_delay_s);
    SAME(host_stop);
    SAME(host_stop_else);
    SAME(host_stop_to.n);
    for (i = 0; i < a->host_stop_to.n; i++)
        if (strcmp(a->host_stop_to.at[i], b->host_stop_to.at[i]) != 0)
            return "host_stop_to";
    SAME(driver_domain);
    SAME_TEXT(pool);
    SAME(weight);
    SAME(cap);
    SAME(period_us);
    SAME(budget_us);
    SAME(extratime);
    SAME(extratime_set);
    SAME_TEXT(features);
    SAME(n_devices);
#undef SAME
#undef SAME_TEXT
    for (i = 0; i < a->n_devices; i++)
        if (!config_devices_equal(&a->devices[i], &b->devices[i]))
            return a->devices[i].shown;
    return NULL;
}

#endif
