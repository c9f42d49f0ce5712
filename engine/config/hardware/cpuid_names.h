/*
 * cpuid_names.h - parts of what CPUID tells by libxl's names. Private to
 * engine/config/hardware.
 */
#ifndef XENDECK_ENGINE_CONFIG_CPUID_NAMES_H
#define XENDECK_ENGINE_CONFIG_CPUID_NAMES_H

#include <stddef.h>

#include "engine/config/hardware/cpuid.h"

struct cpuid_name {
    const char *name;
    uint32_t leaf, subleaf; /* CPUID_NO_SUBLEAF */
    unsigned reg;           /* enum cpuid_reg */
    unsigned bit, n_bits;   /* the lowest one, and how many */
};

/* NULL: there is none of this name. */
const struct cpuid_name *cpuid_name_find(const char *text, size_t n);

#endif
