/*
 * fuzz_xl.c - any bytes as an xl.cfg and, if the first one is a control
 * character, as the specification of a device. libxlutil, which does the work,
 * has no instrumentation: what it does to memory shows only where it calls the
 * allocator.
 */
#include "engine/config/xl/xl.h"
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
device(unsigned char first, const char *spec)
{
    static const char *const kinds[] = { "vbd", "vif", "pci", "vfb", "vkbd" };
    struct config_device d;
    struct err e = { 0 };

    if (config_xl_device(kinds[first % 5], spec, &d, &e) == 0)
        config_device_fini(&d);
    else if (e.msg[0] == '\0')
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct again xl = { config_xl_parse, config_xl_print };
    struct buf text = { 0 };

    buf_add(&text, data, size);
    if (size > 0 && data[0] < 5)
        device(data[0], buf_text(&text) + 1);
    else
        again_parse(&xl, buf_text(&text));
    buf_free(&text);
    return 0;
}
