/*
 * config_fixture.h - configurations that must be good, for tests.
 */
#ifndef XENDECK_TESTS_CONFIG_FIXTURE_H
#define XENDECK_TESTS_CONFIG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/config/load.h"
#include "tests/unit/config_equal.h"

/* The caller's; relative paths are below /conf. */
static inline struct domain_config *
parse_ok(const char *text)
{
    struct domain_config *c = NULL;
    struct err e = { 0 };

    if (config_parse(text, "t.conf", "/conf", &c, &e) < 0)
        fail_msg("%s: %s", text, e.msg);
    return c;
}

static inline struct domain_config *
load_ok(const char *path)
{
    struct domain_config *c = NULL;
    struct err e = { 0 };

    if (config_load(path, &c, &e) < 0)
        fail_msg("%s", e.msg);
    return c;
}

/* The lists of the vcpus from 0 on, separated by "|"; "-": none. */
static inline void
assert_cpus(const struct config_cpus *k, unsigned vcpus, const char *lists)
{
    struct buf b = { 0 };
    unsigned i;

    for (i = 0; i < vcpus; i++) {
        const char *text = config_cpus_text(k, i);

        buf_fmt(&b, "%s%s", i > 0 ? "|" : "", text != NULL ? text : "-");
    }
    assert_string_equal(buf_text(&b), lists);
    buf_free(&b);
}

static inline void
assert_same_config(const struct domain_config *a, const struct domain_config *b)
{
    if (config_differ(a, b) != NULL)
        fail_msg("%s of %s differs", config_differ(a, b), a->name);
}

#endif
