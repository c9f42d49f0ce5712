/*
 * test_cpuid.c - changes to what CPUID tells, in libxl's form and in xend's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/config/hardware/cpuid.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define X8       "xxxxxxxx"
#define NO       CPUID_NO_SUBLEAF

static const struct {
    const char *text;
    uint32_t leaf, subleaf;
    unsigned reg;
    const char *bits;
} good[] = {
    { "host,sse3=0", 1, NO, CPUID_ECX, X8 X8 X8 "xxxxxxx0" },
    { "host,tm=0", 1, NO, CPUID_EDX, "xx0xxxxx" X8 X8 X8 },
    { "host,avx2=k", 7, 0, CPUID_EBX, X8 X8 X8 "xxkxxxxx" },
    { "host,nx=0", 0x80000001, NO, CPUID_EDX, X8 "xxx0xxxx" X8 X8 },
    { "host,family=6", 1, NO, CPUID_EAX,
      "xxxx0000"
      "0000xxxx"
      "xxxx0110" X8 },
    { "host,family=0x17", 1, NO, CPUID_EAX,
      "xxxx0000"
      "1000xxxx"
      "xxxx1111" X8 },
    { "host,model=0x3a", 1, NO, CPUID_EAX, X8 "xxxx0011" X8 "1010xxxx" },
    { "host,stepping=9", 1, NO, CPUID_EAX, X8 X8 X8 "xxxx1001" },
    { "host,maxleaf=x", 0, NO, CPUID_EAX, X8 X8 X8 X8 },
    { "host,proccount=s", 1, NO, CPUID_EBX, X8 "ssssssss" X8 X8 },
    { "1:ecx=xxxxxxxxxxxxxxxxxxxxxxxxxxxxx001", 1, NO, CPUID_ECX,
      X8 X8 X8 "xxxxx001" },
    { "0x80000001:edx=xxx0xxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0x80000001, NO,
      CPUID_EDX, "xxx0xxxx" X8 X8 X8 },
    { "7,0:ebx=k0xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 7, 0, CPUID_EBX,
      "k0xxxxxx" X8 X8 X8 },
};

static void
test_texts_become_bits(void **state)
{
    struct cpuid_leaf l[CPUID_LEAVES_MAX];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(good); i++) {
        assert_int_equal(cpuid_add(good[i].text, l, 0), 1);
        assert_int_equal(l[0].leaf, good[i].leaf);
        assert_int_equal(l[0].subleaf, good[i].subleaf);
        assert_string_equal(l[0].reg[good[i].reg], good[i].bits);
        assert_true(cpuid_text_ok(good[i].text));
    }
}

/* Registers of one leaf stand together, and texts add up. */
static void
test_texts_add_up(void **state)
{
    struct cpuid_leaf l[CPUID_LEAVES_MAX];
    size_t n;

    (void)state;
    n = cpuid_add("host,sse3=0,tm=0,smep=0", l, 0);
    assert_int_equal(n, 2);
    n = cpuid_add("1:ecx=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1x,eax=" X8 X8 X8 X8, l,
                  n);
    assert_int_equal(n, 2);
    assert_string_equal(l[0].reg[CPUID_ECX], X8 X8 X8 "xxxxxx10");
    assert_string_equal(l[0].reg[CPUID_EDX], "xx0xxxxx" X8 X8 X8);
    assert_string_equal(l[0].reg[CPUID_EBX], "");
    assert_string_equal(l[1].reg[CPUID_EBX], X8 X8 X8 "0xxxxxxx");
    assert_int_equal(cpuid_add("host", l, n), 2);
}

static void
test_other_texts_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "hosts",
        "host,",
        "host,sse3",
        "host,sse3=",
        "host,sse3=2",
        "host,sse3=kk",
        "host,nosuch=0",
        "host,family=0x1000",
        "host,stepping=16",
        "host,stepping=-1",
        "1",
        "1:",
        "1:ecx=x",
        "1:exx=" X8 X8 X8 X8,
        "1:ecx=" X8 X8 X8 "xxxxxxx2",
        "x:ecx=" X8 X8 X8 X8,
        "1,:ecx=" X8 X8 X8 X8,
        "0xffffffff:ecx=" X8 X8 X8 X8,
        "1:ecx=" X8 X8 X8 X8 ",",
        "1:ecx=" X8 X8 X8 X8 "x",
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bad); i++)
        if (cpuid_text_ok(bad[i]))
            fail_msg("'%s' is taken", bad[i]);
}

static void
test_leaves_are_bounded(void **state)
{
    struct cpuid_leaf l[CPUID_LEAVES_MAX];
    char text[64];
    size_t i, n = 0;

    (void)state;
    for (i = 0; i <= CPUID_LEAVES_MAX && n != SIZE_MAX; i++) {
        snprintf(text, sizeof(text), "%zu:eax=" X8 X8 X8 X8, i);
        n = cpuid_add(text, l, n);
    }
    assert_int_equal(i, CPUID_LEAVES_MAX + 1);
    assert_true(n == SIZE_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_become_bits),
        cmocka_unit_test(test_texts_add_up),
        cmocka_unit_test(test_other_texts_are_refused),
        cmocka_unit_test(test_leaves_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
