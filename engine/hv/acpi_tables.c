/*
 * acpi_tables.c - see acpi_tables.h. The values are those that libxl's tables
 * for PVH domains have: Xen's virtual interrupt controllers have the ids 2 * n.
 */
#include "engine/hv/acpi_tables.h"

#include <string.h>

#define LAPIC_AT 0xfee00000U

/* Offsets from the start: the RSDT and the XSDT come first, the FACS is
 * aligned to 64 bytes as its specification demands. */
enum {
    AT_RSDT = 0x000,
    AT_XSDT = 0x040,
    AT_FACS = 0x080,
    AT_DSDT = 0x0c0,
    AT_FADT = 0x100,
    AT_MADT = 0x240
};

enum { HEADER_BYTES = 36, FADT_BYTES = 268, FACS_BYTES = 64 };

static void
put_le(uint8_t *at, uint64_t value, unsigned bytes)
{
    unsigned i;

    for (i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* The byte that makes the sum of all 0. */
static uint8_t
checksum(const uint8_t *at, size_t bytes)
{
    uint8_t sum = 0;
    size_t i;

    for (i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + at[i]);
    return (uint8_t)(0U - sum);
}

/* The last step of a table: its header, with the checksum. */
static void
acpi_seal(uint8_t *t, const char *signature, size_t bytes, uint8_t revision)
{
    memcpy(t, signature, 4);
    put_le(t + 4, bytes, 4);
    t[8] = revision;
    memcpy(t + 10, "Xen\0\0\0", 6);
    memcpy(t + 16, "PVH\0\0\0\0\0", 8);
    put_le(t + 24, 1, 4);
    memcpy(t + 28, "XDCK", 4);
    put_le(t + 32, 1, 4);
    t[9] = 0;
    t[9] = checksum(t, bytes);
}

/* A register in the port space. */
static void
put_gas(uint8_t *at, uint8_t bits, uint64_t port)
{
    at[0] = 1; /* system I/O */
    at[1] = bits;
    put_le(at + 4, port, 8);
}

static void
acpi_fadt(const struct acpi_guest *g, uint8_t *t)
{
    enum {
        PM1A_EVENT = 0xb000,
        PM1A_CONTROL = 0xb004,
        GPE0 = 0xafe0,
        RESET = 0xcf9,
        /* WBINVD, PROC_C1, no fixed buttons, FIX_RTC, TMR_VAL_EXT,
         * USE_PLATFORM_CLOCK */
        FLAGS = 1 << 0 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 15,
        NO_VGA_NO_RTC = 1 << 2 | 1 << 5
    };

    put_le(t + 36, g->at + AT_FACS, 4);
    put_le(t + 40, g->at + AT_DSDT, 4);
    put_le(t + 46, 9, 2); /* SCI */
    put_le(t + 56, PM1A_EVENT, 4);
    put_le(t + 64, PM1A_CONTROL, 4);
    put_le(t + 80, GPE0, 4);
    t[88] = 4;
    t[89] = 2;
    t[92] = 4;
    put_le(t + 96, 0x0fff, 2); /* no C2, no C3 */
    put_le(t + 98, 0x0fff, 2);
    put_le(t + 109, NO_VGA_NO_RTC, 2);
    put_le(t + 112, FLAGS, 4);
    put_gas(t + 116, 8, RESET);
    t[128] = 6;
    put_le(t + 132, g->at + AT_FACS, 8);
    put_le(t + 140, g->at + AT_DSDT, 8);
    put_gas(t + 148, 32, PM1A_EVENT);
    put_gas(t + 172, 16, PM1A_CONTROL);
    put_gas(t + 220, 32, GPE0);
    acpi_seal(t, "FACP", FADT_BYTES, 5);
}

static size_t
acpi_madt(const struct acpi_guest *g, uint8_t *t)
{
    size_t bytes = HEADER_BYTES + 8;
    unsigned i;

    put_le(t + 36, LAPIC_AT, 4);
    put_le(t + 40, 1, 4); /* PCAT_COMPAT */
    for (i = 0; i < g->max_vcpus; i++, bytes += 8) {
        t[bytes] = 0;
        t[bytes + 1] = 8;
        t[bytes + 2] = (uint8_t)i;
        t[bytes + 3] = (uint8_t)(2 * i);
        put_le(t + bytes + 4, i < g->vcpus, 4);
    }
    acpi_seal(t, "APIC", bytes, 2);
    return bytes;
}

size_t
acpi_tables_build(const struct acpi_guest *g, uint8_t *out)
{
    bool madt = g->apic || g->max_vcpus > 1;
    size_t bytes = AT_FADT + FADT_BYTES, n = madt ? 2 : 1;

    acpi_fadt(g, out + AT_FADT);
    if (madt)
        bytes = AT_MADT + acpi_madt(g, out + AT_MADT);
    /* Signatures have no end. NOLINTNEXTLINE(bugprone-not-null-*) */
    memcpy(out + AT_FACS, "FACS", 4);
    put_le(out + AT_FACS + 4, FACS_BYTES, 4);
    out[AT_FACS + 32] = 1;
    acpi_seal(out + AT_DSDT, "DSDT", HEADER_BYTES, 2);
    put_le(out + AT_RSDT + HEADER_BYTES, g->at + AT_FADT, 4);
    put_le(out + AT_XSDT + HEADER_BYTES, g->at + AT_FADT, 8);
    if (madt) {
        put_le(out + AT_RSDT + HEADER_BYTES + 4, g->at + AT_MADT, 4);
        put_le(out + AT_XSDT + HEADER_BYTES + 8, g->at + AT_MADT, 8);
    }
    acpi_seal(out + AT_RSDT, "RSDT", HEADER_BYTES + 4 * n, 1);
    acpi_seal(out + AT_XSDT, "XSDT", HEADER_BYTES + 8 * n, 1);
    return bytes;
}

void
acpi_rsdp_build(const struct acpi_guest *g, uint8_t *out)
{
    enum { OLD_BYTES = 20, BYTES = 36 };

    /* Texts without an end. NOLINTBEGIN(bugprone-not-null-*) */
    memcpy(out, "RSD PTR ", 8);
    memcpy(out + 9, "Xen\0\0\0", 6);
    /* NOLINTEND(bugprone-not-null-*) */
    out[15] = 2;
    put_le(out + 16, g->at + AT_RSDT, 4);
    put_le(out + 20, BYTES, 4);
    put_le(out + 24, g->at + AT_XSDT, 8);
    out[8] = checksum(out, OLD_BYTES);
    out[32] = checksum(out, BYTES);
}
