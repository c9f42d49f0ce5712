/*
 * viridian.h - the groups of Hyper-V's interface that an HVM domain is offered.
 */
#ifndef XENDECK_ENGINE_CONFIG_VIRIDIAN_H
#define XENDECK_ENGINE_CONFIG_VIRIDIAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VIRIDIAN_ALLOWED                                                       \
    "names of groups, each with or without ! in front, such as \"defaults\", " \
    "\"all\", \"base\" or \"!freq\""

/* A group, "defaults" or "all", or one of them with "!" in front. */
bool viridian_word_ok(const char *word);
/* Is "base" among what such words offer, or nothing offered at all? Xen takes
 * no group without it. */
bool viridian_has_base(char *const *words, size_t n);
/* What such words offer in the end, as libxl counts it: bit i is the group of
 * viridian_name(i). */
unsigned viridian_chosen(char *const *words, size_t n);
/* NULL behind the last one. */
const char *viridian_name(size_t i);
/* HVM_PARAM_VIRIDIAN of such words, from left to right; 0: none. */
uint64_t viridian_mask(char *const *words, size_t n);

#endif
