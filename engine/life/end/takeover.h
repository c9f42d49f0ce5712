/*
 * takeover.h - what other tools have changed on a domain of ours, when it ends.
 */
#ifndef XENDECK_ENGINE_TAKEOVER_H
#define XENDECK_ENGINE_TAKEOVER_H

#include <stdbool.h>

struct dom_entry;
struct domain_config;
struct err;

/* What other tools have changed on a domain that ends goes into c, its
 * configuration, and on record. */
void takeover_at_end(const struct dom_entry *de, struct domain_config *c);
/* takeover_tune.c: the part of it that is neither memory nor name. True if it
 * has changed c. */
bool takeover_tuning(const struct dom_entry *de, struct domain_config *c);
/* takeover_backend.c: it was called so before, and the configurations of those
 * that it serves say so. */
void takeover_backends(const struct dom_entry *de, const char *before);
/* takeover.c: what could not be read, and why, is told, but what is not there,
 * or is nothing that such a domain has. */
void takeover_unread(const struct dom_entry *de, const char *what,
                     const struct err *why);

#endif
