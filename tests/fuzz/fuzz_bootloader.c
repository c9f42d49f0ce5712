/*
 * fuzz_bootloader.c - what a boot loader says, who has parsed the disk of a
 * guest: the same bytes as its answer and as its last words.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "engine/guest/loader/loader_answer.h"
#include "engine/guest/loader/loader_said.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_text(const char *s)
{
    for (; *s != '\0'; s++)
        assert(((unsigned char)*s >= 0x20 || *s == '\t') && *s != 0x7f);
}

static void
answers(const char *bytes, size_t n)
{
    static struct loader_answer a;
    struct err e = { 0 };

    if (loader_answer_parse(bytes, n, &a, &e) < 0) {
        assert(e.msg[0] != '\0' && strlen(e.msg) < ERR_MSG_MAX);
        return;
    }
    assert(a.kernel[0] != '\0');
    check_text(a.kernel);
    check_text(a.ramdisk);
    check_text(a.args);
}

static void
says(const char *bytes, size_t n)
{
    struct loader_said s = { 0 };
    char last[200];

    loader_said_add(&s, bytes, n / 2);
    loader_said_add(&s, bytes + n / 2, n - n / 2);
    loader_said_last(&s, last, sizeof(last));
    assert(strlen(last) < sizeof(last));
    check_text(last);
    loader_said_fini(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    answers((const char *)data, n);
    says((const char *)data, n);
    return 0;
}
