/*
 * affinity.h - on which cpus the vcpus of a domain may run.
 */
#ifndef XENDECK_ENGINE_CONFIG_AFFINITY_H
#define XENDECK_ENGINE_CONFIG_AFFINITY_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/buf.h"

/* The cpus that vcpus may run on: one list for all of them, or one for each
 * from vcpu 0 on, and any cpu for those behind the last. Zeroed: not set. */
struct config_cpus {
    char **texts; /* n, as cpus_parse takes them */
    unsigned n;   /* at most CONFIG_VCPUS_MAX; 1 unless each; 0: not set */
    bool each;    /* texts[i] is that of vcpu i */
};

/* Every text is copied, and is one that cpus_parse takes.
 * One list for all vcpus: text may be one of k's. */
void config_cpus_all(struct config_cpus *k, const char *text);
/* One for the next vcpu: the first after another form is that of vcpu 0. */
void config_cpus_add(struct config_cpus *k, const char *text);
/* One for this vcpu; the others of the domain's vcpus keep theirs. */
void config_cpus_pin(struct config_cpus *k, unsigned vcpus, unsigned vcpu,
                     const char *text);
/* Drops the lists of vcpus that there are not. */
void config_cpus_cut(struct config_cpus *k, unsigned vcpus);
void config_cpus_fini(struct config_cpus *k);
/* True if so many vcpus all have the same list. */
bool config_cpus_alike(const struct config_cpus *k, unsigned vcpus);
/* The list of a vcpu, borrowed; NULL: it has none, any cpu will do. */
const char *config_cpus_text(const struct config_cpus *k, unsigned vcpu);
/* The same as a mask of CONFIG_CPUS_MAX bits; false, and nothing is written, if
 * it has none. */
bool config_cpus_mask(const struct config_cpus *k, unsigned vcpu,
                      uint8_t *mask);
/* Appends "KEY = " with a text, or a list of texts in the brackets that are
 * libconfig's and xl.cfg's, and the end; nothing if it is not set. */
void config_cpus_print(const struct config_cpus *k, const char *key,
                       const char *end, struct buf *out);

#endif
