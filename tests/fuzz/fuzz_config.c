/*
 * fuzz_config.c - any bytes as a configuration. What is refused has a
 * sentence; what is taken is printed, taken again, and prints the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 loses the text at which it meets a syntax error. */
const char *
__lsan_default_suppressions(void)
{
    return "leak:strbuf_append\nleak:libconfig_yylex\n";
}

static void
round_trip(const struct domain_config *c)
{
    struct buf one = { 0 }, two = { 0 };
    struct domain_config *again;

    config_print(c, &one);
    if (config_parse(buf_text(&one), "again.conf", NULL, &again, NULL) < 0)
        abort();
    config_print(again, &two);
    if (strcmp(buf_text(&one), buf_text(&two)) != 0)
        abort();
    config_free(again);
    buf_free(&one);
    buf_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct domain_config *c = NULL;
    struct err e = { 0 };
    struct buf text = { 0 };

    buf_add(&text, data, size);
    if (config_parse(buf_text(&text), "fuzz.conf", "/", &c, &e) < 0) {
        if (e.msg[0] == '\0' || e.code == ERR_NONE || c != NULL)
            abort();
    } else {
        round_trip(c);
        config_free(c);
    }
    buf_free(&text);
    return 0;
}
