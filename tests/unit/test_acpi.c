/*
 * The ACPI tables of PVH domains: a kernel must find each by the one before it,
 * and believe it.
 */
#include "engine/hv/acpi_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define AT UINT64_C(0xfc000000)

struct made {
    uint8_t tables[ACPI_TABLES_MAX], rsdp[ACPI_RSDP_BYTES];
    size_t bytes;
};

static void
make(struct made *m, unsigned max_vcpus, unsigned vcpus, bool apic)
{
    const struct acpi_guest g = {
        .at = AT, .max_vcpus = max_vcpus, .vcpus = vcpus, .apic = apic
    };

    memset(m, 0, sizeof(*m));
    m->bytes = acpi_tables_build(&g, m->tables);
    acpi_rsdp_build(&g, m->rsdp);
    assert_true(m->bytes <= ACPI_TABLES_MAX);
}

static uint64_t
le(const uint8_t *p, unsigned n)
{
    uint64_t v = 0;

    while (n-- > 0)
        v = v << 8 | p[n];
    return v;
}

static unsigned
sum(const uint8_t *p, size_t n)
{
    unsigned s = 0;

    while (n-- > 0)
        s += p[n];
    return s & 255;
}

/* The table at an address: all of it is there, and its sum is 0. */
static const uint8_t *
table(const struct made *m, uint64_t at, const char *signature)
{
    const uint8_t *t;

    assert_true(at >= AT && at + 36 <= AT + m->bytes);
    t = m->tables + (at - AT);
    assert_memory_equal(t, signature, 4);
    assert_true(at + le(t + 4, 4) <= AT + m->bytes);
    assert_int_equal(sum(t, le(t + 4, 4)), 0);
    return t;
}

static const uint8_t *
nth(const struct made *m, unsigned n, const char *signature)
{
    const uint8_t *xsdt = table(m, le(m->rsdp + 24, 8), "XSDT");
    const uint8_t *rsdt = table(m, le(m->rsdp + 16, 4), "RSDT");

    assert_true(le(xsdt + 4, 4) >= 36 + 8 * (n + 1));
    assert_int_equal(le(xsdt + 36 + 8 * n, 8), le(rsdt + 36 + 4 * n, 4));
    return table(m, le(xsdt + 36 + 8 * n, 8), signature);
}

static void
test_each_table_leads_to_the_next(void **state)
{
    const uint8_t *fadt;
    struct made m;

    (void)state;
    make(&m, 4, 2, true);
    assert_memory_equal(m.rsdp, "RSD PTR ", 8);
    assert_int_equal(sum(m.rsdp, 20), 0);
    assert_int_equal(sum(m.rsdp, 36), 0);
    fadt = nth(&m, 0, "FACP");
    assert_int_equal(le(fadt + 4, 4), 268);
    assert_int_equal(le(fadt + 40, 4), le(fadt + 140, 8));
    (void)table(&m, le(fadt + 140, 8), "DSDT");
    assert_int_equal(le(fadt + 132, 8) % 64, 0);
    assert_memory_equal(m.tables + (le(fadt + 132, 8) - AT), "FACS", 4);
}

/* Xen's interrupt controllers have even numbers. */
static void
test_each_vcpu_has_an_entry(void **state)
{
    const uint8_t *madt;
    struct made m;
    unsigned i;

    (void)state;
    make(&m, ACPI_VCPUS_MAX, 3, true);
    madt = nth(&m, 1, "APIC");
    assert_int_equal(le(madt + 4, 4), 44 + 8 * ACPI_VCPUS_MAX);
    for (i = 0; i < ACPI_VCPUS_MAX; i++) {
        const uint8_t *entry = madt + 44 + 8 * i;

        assert_int_equal(entry[0], 0);
        assert_int_equal(entry[1], 8);
        assert_int_equal(entry[2], i);
        assert_int_equal(entry[3], 2 * i);
        assert_int_equal(le(entry + 4, 4), i < 3);
    }
}

static void
test_one_vcpu_can_do_without(void **state)
{
    struct made m;

    (void)state;
    make(&m, 1, 1, false);
    (void)nth(&m, 0, "FACP");
    assert_int_equal(le(table(&m, le(m.rsdp + 24, 8), "XSDT") + 4, 4), 44);
    make(&m, 2, 1, false);
    (void)nth(&m, 1, "APIC");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_table_leads_to_the_next),
        cmocka_unit_test(test_each_vcpu_has_an_entry),
        cmocka_unit_test(test_one_vcpu_can_do_without),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
