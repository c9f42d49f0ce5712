/*
 * scroll.c - the memory of a console's scrollback: 10,000 lines as a kernel
 * prints them while it boots, in the pane's own packed form.
 */
#include <malloc.h>
#include <stdio.h>

#include "tests/bench/bench.h"
#include "ui/term/term.h"

#define LINES_KEPT 10000U
#define BUDGET_MB  1.0

/* Of the lengths that they have in a boot log; each takes two numbers. */
static const char *const formats[] = {
    "pci 0000:%02x:1f.%u: [8086:2922] type 00 class 0x010601",
    "BIOS-e820: [mem 0x%016x-0x00000000%08x] usable",
    "xen:events: Using FIFO-based ABI %u %u",
    "systemd[1]: Started unit-%u.service - Example Service %u.",
    "ACPI: SSDT 0x00000000BFFE%04X 0000A5 (v%02u BOCHS  BXPCSSDT 1)",
    "EXT4-fs (xvda%u): mounted filesystem with ordered data mode %u.",
    "hub 1-%u:1.0: USB hub found",
    "audit: type=1400 audit(%u.%03u:2): apparmor=\"STATUS\" profile=\"x\"",
};

static size_t
feed(struct term *t)
{
    char text[128], line[192];
    size_t sent = 0;
    unsigned i;
    int n;

    for (i = 0; i < LINES_KEPT; i++) {
        snprintf(text, sizeof(text), formats[i % 8], i % 64, i % 7);
        n = snprintf(line, sizeof(line), "[%5u.%06u] %s\r\n", i / 100,
                     i * 7919 % 1000000, text);
        term_write(t, line, (size_t)n);
        sent += (size_t)n;
    }
    return sent;
}

bool
bench_scroll(const struct bench *b)
{
    struct term_opts o = { .rows = 24,
                           .cols = 80,
                           .scrollback_bytes = 1 << 26 };
    struct term *t = term_new(&o);
    size_t before = mallinfo2().uordblks, sent = feed(t), heap;
    double mb = (double)term_bytes(t) / 1e6;

    (void)b;
    heap = mallinfo2().uordblks - before;
    printf("Scrollback of %u lines of a boot log, %.2f MB as sent\n",
           LINES_KEPT, (double)sent / 1e6);
    printf("  %-28s %7s   %-8s\n", "", "MB", "budget");
    printf("  %-28s %7.2f   %-8s %s\n", "as the pane counts it", mb, "1 MB",
           verdict(mb, BUDGET_MB));
    printf("  %-28s %7.2f   %-8s %s\n", "of the heap", (double)heap / 1e6,
           "1 MB", verdict((double)heap / 1e6, BUDGET_MB));
    term_free(t);
    return true;
}
