/*
 * key_words.c - see key_words.h.
 */
#include "src/command/verb/host/key_words.h"

#include <stdbool.h>

struct key_word {
    char key;
    bool ends; /* it ends or stops what it is sent to */
    const char *sentence;
};

static const struct key_word xen_keys[] = {
    { '*', false, "runs all keys that only print" },
    { '0', false, "prints the registers of domain 0" },
    { 'A', false, "handles keys the other way: at once, or in a tasklet" },
    { 'a', false, "prints the timers of each processor" },
    { 'C', true, "crashes the host, so that a crash kernel can dump it" },
    { 'c', false, "prints the sleep states of processors (C-states)" },
    { 'd', false, "prints the registers of each processor" },
    { 'D', false, "prints the page tables of HVM domains: very much" },
    { 'e', false, "prints the event channels of all domains" },
    { 'g', false, "prints how the grant tables of domains are used" },
    { 'h', false, "prints the keys that this Xen knows" },
    { 'H', false, "prints Xen's heap" },
    { 'i', false, "prints which interrupt goes to whom" },
    { 'I', false, "prints the interrupts of HVM domains" },
    { 'm', false, "prints how much memory is free, by zone" },
    { 'M', false, "prints the state of message-signalled interrupts" },
    { 'n', false, "sends a non-maskable interrupt to this processor" },
    { 'N', false, "counts non-maskable interrupts" },
    { 'o', false, "prints the page tables of the IOMMU: very much" },
    { 'q', false, "prints all domains with memory and vcpus" },
    { 'Q', false, "prints the PCI devices and whose they are" },
    { 'R', true, "reboots the host at once, no domain is shut down" },
    { 'r', false, "prints the run queues of the scheduler" },
    { 's', false, "prints how time stamp counters are emulated" },
    { 't', false, "prints the clocks of all processors" },
    { 'u', false, "prints the NUMA nodes and the memory of domains on them" },
    { 'v', false, "prints the control structures of HVM vcpus" },
    { 'V', false, "prints the tables of the IOMMU's interrupts" },
    { 'w', false, "prints the ring of the log again, synchronously" },
    { 'z', false, "prints the I/O APICs" },
};

static const struct key_word sysrq_keys[] = {
    { '0', false, "prints emergencies alone on the console (0 to 9)" },
    { 'b', true, "reboots at once, without sync or unmount" },
    { 'c', true, "crashes the kernel, so that a crash kernel can dump it" },
    { 'd', false, "prints the locks that are held" },
    { 'e', true, "ends all processes but init (SIGTERM)" },
    { 'f', false, "kills the process that has most memory" },
    { 'h', false, "prints the keys that this kernel knows" },
    { 'i', true, "kills all processes but init (SIGKILL)" },
    { 'j', false, "thaws file systems that are frozen" },
    { 'k', true, "kills all that runs on the current console" },
    { 'l', false, "prints a backtrace of each active processor" },
    { 'm', false, "prints memory in use" },
    { 'n', false, "makes real-time tasks ordinary ones" },
    { 'o', true, "powers off at once" },
    { 'p', false, "prints registers" },
    { 'q', false, "prints timers" },
    { 'r', false, "takes the keyboard from the X server" },
    { 's', false, "writes all that is unwritten to the disks" },
    { 't', false, "prints all tasks with a backtrace" },
    { 'u', true, "makes all file systems read-only" },
    { 'w', false, "prints the tasks that are blocked" },
    { 'z', false, "prints the buffer of ftrace" },
};

static const struct {
    const struct key_word *at;
    size_t n;
} tables[] = {
    [KEY_WORDS_XEN] = { xen_keys, sizeof(xen_keys) / sizeof(xen_keys[0]) },
    [KEY_WORDS_SYSRQ] = { sysrq_keys,
                          sizeof(sysrq_keys) / sizeof(sysrq_keys[0]) },
};

void
key_words_print(enum key_words which, struct buf *out)
{
    size_t i;

    for (i = 0; i < tables[which].n; i++) {
        const struct key_word *w = &tables[which].at[i];

        buf_fmt(out, "%c  %s%s\n", w->key, w->ends ? "(!) " : "", w->sentence);
    }
}

const char *
key_words_danger(enum key_words which, char key)
{
    size_t i;

    for (i = 0; i < tables[which].n; i++)
        if (tables[which].at[i].key == key && tables[which].at[i].ends)
            return tables[which].at[i].sentence;
    return NULL;
}
