/*
 * faults.h - all that is wrong with a configuration, for who asks for more than
 * the first fault: readers that have been given a list note each refusal there
 * and go on with the next setting.
 */
#ifndef XENDECK_ENGINE_CONFIG_FAULTS_H
#define XENDECK_ENGINE_CONFIG_FAULTS_H

#include <stdbool.h>

#include "src/base/buf.h"
#include "src/base/err.h"

struct config_src;
struct domain_config;

/* Zeroed: none so far. */
struct config_faults {
    unsigned n;
    struct err last;
    struct buf before; /* those before it, one a line */
    struct buf names;  /* the native names of what was refused, in newlines */
};

/* Takes e as one more fault; one without a code is none. */
void config_faults_add(struct config_faults *f, const struct err *e);
void config_faults_fini(struct config_faults *f);

/* After a refusal, whose reason is in *src->e: true if the reader goes on. Then
 * the reason has been noted and *src->e is clear. name: the native one of what
 * was refused, NULL: none alone. */
bool config_goes_on(const struct config_src *src, const char *name);
/* Whether something was refused whose native name begins like this: what
 * depends on it cannot be told. */
bool config_refused(const struct config_src *src, const char *prefix);
/* Gives the settings that every domain has, and that were refused, a value, so
 * that the rest can be looked at; takes devices out that were refused. */
void config_stand_in(const struct config_src *src, struct domain_config *c);

#endif
