/*
 * fuzz_json.c - any bytes as what `xl list -l' prints of domains: what is taken
 * of it is an xl.cfg that config_xl_parse takes or refuses with a sentence.
 */
#include "engine/config/xl/xl.h"
#include "engine/config/xl/xl_json.h"
#include "tests/fuzz/again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libxlutil 4.17 loses list elements before which it met a mistake. */
const char *
__lsan_default_suppressions(void)
{
    return "leak:xlu__cfg\n";
}

static void
one_of_them(const char *json, const char *name)
{
    static const struct again xl = { config_xl_parse, config_xl_print };
    struct buf cfg = { 0 };
    struct err e = { 0 };

    if (config_xl_pick_json(json, "fuzz.json", name, &cfg, &e) == 0)
        again_parse(&xl, buf_text(&cfg));
    else if (e.msg[0] == '\0')
        abort();
    buf_free(&cfg);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = { 0 };

    buf_add(&text, data, size);
    one_of_them(buf_text(&text), NULL);
    one_of_them(buf_text(&text), "web");
    buf_free(&text);
    return 0;
}
