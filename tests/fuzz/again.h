/*
 * again.h - what is taken in a format is written in it, taken again, and is
 * written the same.
 */
#ifndef XENDECK_TESTS_AGAIN_H
#define XENDECK_TESTS_AGAIN_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/set.h"
#include "engine/config/load.h"

struct again {
    int (*parse)(const char *text, const struct config_src *src,
                 struct domain_config **out);
    void (*print)(const struct domain_config *c, struct buf *out);
};

static inline void
again_compare(const struct again *a, const struct domain_config *c)
{
    struct config_src src = { .file = "again", .dir = "/" };
    struct buf one = { 0 }, two = { 0 };
    struct domain_config *again;

    a->print(c, &one);
    if (a->parse(buf_text(&one), &src, &again) < 0)
        abort();
    a->print(again, &two);
    if (strcmp(buf_text(&one), buf_text(&two)) != 0)
        abort();
    config_free(again);
    buf_free(&one);
    buf_free(&two);
}

/* A refusal has a sentence. */
static inline void
again_parse(const struct again *a, const char *text)
{
    struct buf warn = { 0 };
    struct err e = { 0 };
    struct config_src src = {
        .file = "fuzz", .dir = "/", .warn = &warn, .e = &e
    };
    struct domain_config *c = NULL;

    (void)config_recognise(text);
    if (a->parse(text, &src, &c) < 0) {
        if (e.msg[0] == '\0' || e.code == ERR_NONE || c != NULL)
            abort();
    } else {
        again_compare(a, c);
        config_free(c);
    }
    buf_free(&warn);
}

#endif
