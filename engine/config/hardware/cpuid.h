/*
 * cpuid.h - changes to what CPUID tells a domain, in the two forms of xl.cfg:
 * libxl's, "host,tm=0,sse3=0", and xend's, "1:ecx=xx0x...,edx=...".
 */
#ifndef XENDECK_ENGINE_CONFIG_CPUID_H
#define XENDECK_ENGINE_CONFIG_CPUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPUID_ALLOWED                                                          \
    "\"host,FEATURE=0,...\" with the names of xl.cfg(5), or "                  \
    "\"LEAF:REGISTER=\" with 32 of 0, 1, x, k and s"

#define CPUID_NO_SUBLEAF UINT32_MAX
#define CPUID_LEAVES_MAX 32

enum cpuid_reg { CPUID_EAX, CPUID_EBX, CPUID_ECX, CPUID_EDX };

/* A leaf with what becomes of its bits, the highest one first: '0', '1', 'x'
 * (as Xen would have it), 'k' and 's' (as the host has it). "": of a register
 * that is left alone. */
struct cpuid_leaf {
    uint32_t leaf, subleaf;
    char reg[4][33];
};

/* "eax" of enum cpuid_reg. */
const char *cpuid_reg_name(unsigned reg);
/* Is this a text of one of the forms? */
bool cpuid_text_ok(const char *text);
/* Adds a text to n leaves of out; of two for one bit the later holds. Returns
 * how many there are then; SIZE_MAX: it is no such text, or there are too many.
 */
size_t cpuid_add(const char *text, struct cpuid_leaf out[CPUID_LEAVES_MAX],
                 size_t n);

#endif
