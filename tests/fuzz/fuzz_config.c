/*
 * fuzz_config.c - any bytes as a configuration, and their lines as the words
 * of a device. What is refused has a sentence; what is taken is printed, taken
 * again, means the same and prints the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/set.h"
#include "engine/config/load.h"
#include "tests/unit/config_equal.h"

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
    if (config_differ(c, again) != NULL)
        abort();
    config_print(again, &two);
    if (strcmp(buf_text(&one), buf_text(&two)) != 0)
        abort();
    config_free(again);
    buf_clear(&one);
    config_json_print(c, &one);
    buf_free(&one);
    buf_free(&two);
}

#define WORDS_MAX 8

/* The lines of text as the words of a device of every kind. */
static void
device_of_words(char *text)
{
    static const char *const kinds[] = { "vbd", "vif", "pci", "vkbd", "vfb" };
    const char *words[WORDS_MAX];
    struct config_device d;
    struct err e;
    char *save = NULL, *w;
    size_t i, n = 0;

    for (w = strtok_r(text, "\n", &save); w != NULL && n < WORDS_MAX;
         w = strtok_r(NULL, "\n", &save))
        words[n++] = w;
    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        e = (struct err){ 0 };
        if (config_device_parse(kinds[i], words, n, &d, &e) == 0)
            config_device_fini(&d);
        else if (e.msg[0] == '\0' || e.code == ERR_NONE)
            abort();
    }
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
    if (text.len > 0)
        device_of_words(text.data);
    buf_free(&text);
    return 0;
}
