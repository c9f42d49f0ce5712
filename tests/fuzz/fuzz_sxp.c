/*
 * fuzz_sxp.c - any bytes as S-expressions, as data and as the tree of a domain.
 */
#include "engine/config/sxp/sxp.h"
#include "engine/config/sxp/sxp_config.h"
#include "tests/fuzz/again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The normal form is taken, and is its own normal form. */
static void
as_data(const char *text)
{
    struct buf one = { 0 }, two = { 0 };
    struct err e = { 0 };
    struct sxp s;

    if (sxp_read(text, "fuzz.sxp", &s, &e) < 0) {
        if (e.msg[0] == '\0' || s.n != 0)
            abort();
        return;
    }
    sxp_print(&s, &one);
    sxp_fini(&s);
    if (sxp_read(buf_text(&one), "again.sxp", &s, NULL) == 0) {
        sxp_print(&s, &two);
        if (strcmp(buf_text(&one), buf_text(&two)) != 0)
            abort();
    } else if (one.len <= SXP_TEXT_MAX) {
        abort();
    }
    sxp_fini(&s);
    buf_free(&one);
    buf_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct again sxp = { config_sxp_parse, config_sxp_print };
    struct buf text = { 0 };

    buf_add(&text, data, size);
    as_data(buf_text(&text));
    again_parse(&sxp, buf_text(&text));
    buf_free(&text);
    return 0;
}
