/*
 * test_host_map.c - the memory map of a PV domain with devices of the host: it
 * has the host's holes, and its memory around them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/hv/xen/xen_int.h"

#define MIB      (1ULL << 20)
#define GIB      (1ULL << 30)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* As a machine with 8 GiB and a hole of 1.25 GiB below 4 GiB tells it. */
static const struct e820entry host[] = {
    { .addr = 0, .size = 0x9fc00, .type = E820_RAM },
    { .addr = 0x9fc00, .size = 0x400, .type = E820_RESERVED },
    { .addr = 0xf0000, .size = 0x10000, .type = E820_RESERVED },
    { .addr = MIB, .size = 2815 * MIB, .type = E820_RAM },
    { .addr = 2816 * MIB, .size = 1 * MIB, .type = E820_ACPI },
    { .addr = 2817 * MIB, .size = 255 * MIB, .type = E820_RESERVED },
    { .addr = 0xfee00000, .size = 0x200000, .type = E820_RESERVED },
    { .addr = 4 * GIB, .size = 5 * GIB, .type = E820_RAM },
};

static uint64_t
ram_of(const struct e820entry *map, unsigned n)
{
    uint64_t sum = 0;
    unsigned i;

    for (i = 0; i < n; i++)
        sum += map[i].type == E820_RAM ? map[i].size : 0;
    return sum;
}

/* Ascending, and nothing lies in two entries. */
static void
assert_apart(const struct e820entry *map, unsigned n)
{
    unsigned i;

    for (i = 1; i < n; i++)
        assert_true(map[i].addr >= map[i - 1].addr + map[i - 1].size);
}

static bool
has_hole(const struct e820entry *map, unsigned n, const struct e820entry *hole)
{
    unsigned i;

    for (i = 0; i < n; i++)
        if (map[i].addr == hole->addr && map[i].size == hole->size &&
            map[i].type != E820_RAM)
            return true;
    return false;
}

static void
map_check(uint64_t mem_mib, uint64_t max_mib, uint64_t low_mib)
{
    struct e820entry map[E820MAX];
    unsigned n =
        xen_host_map(host, COUNT(host), mem_mib << 10, max_mib << 10, map);

    assert_int_equal(ram_of(map, n), max_mib * MIB);
    assert_int_equal(map[0].addr, 0);
    assert_int_equal(map[0].size, low_mib * MIB);
    assert_apart(map, n);
    assert_true(has_hole(map, n, &host[4]));
    assert_true(has_hole(map, n, &host[5]));
    assert_true(has_hole(map, n, &host[6]));
}

/* Memory that the holes leave no place for goes above 4 GiB. */
static void
test_memory_around_the_holes(void **state)
{
    (void)state;
    map_check(512, 512, 512);
    map_check(512, 1024, 512);
    map_check(2816, 2816, 2816);
    map_check(8192, 8192, 2816);
    map_check(3000, 16384, 2816);
}

/* A host may tell more entries than a domain's map has. */
static void
test_more_holes_than_fit(void **state)
{
    struct e820entry many[E820MAX], map[E820MAX];
    unsigned i, n;

    (void)state;
    for (i = 0; i < E820MAX; i++)
        many[i] = (struct e820entry){ .addr = (3072 + i) * MIB,
                                      .size = MIB / 2,
                                      .type = E820_RESERVED };
    n = xen_host_map(many, E820MAX, 4096 << 10, 4096 << 10, map);
    assert_true(n <= E820MAX);
    assert_int_equal(ram_of(map, n), 4096 * MIB);
    assert_apart(map, n);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_around_the_holes),
        cmocka_unit_test(test_more_holes_than_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
