/*
 * setting.h - the table of settings: one row says how a setting is read, where
 * it is kept, and how each format writes it. Private to engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_SETTING_H
#define XENDECK_ENGINE_CONFIG_SETTING_H

#include "engine/config/core/value.h"

enum {
    SETTING_SHORT = 1, /* says in one word what the LONG ones say */
    SETTING_LONG = 2,  /* libconfig text leaves it out where a SHORT one does */
    SETTING_SHOWN = 4, /* its default is a value like any other */
    SETTING_ALWAYS = 8 /* libconfig text has it also at its default */
};

/* The word of a format for a setting that the format's own code writes. */
#define SETTING_OTHERWISE ""

enum setting_form {
    SETTING_NONE, /* not set */
    SETTING_TEXT,
    SETTING_NUMBER,
    SETTING_BOOL,
    SETTING_CPUS
};

struct setting_value {
    enum setting_form form;
    const char *text; /* borrowed from the configuration, or room */
    uint64_t number;  /* sizes in MiB */
    const struct config_cpus *cpus;
    char room[40];
};

struct setting {
    struct value_rule rule;
    size_t at; /* of the member; 0 with store and get */
    /* Keeps a value; may take v->text, leaving NULL. NULL: it goes to at. */
    int (*store)(const struct config_src *src, struct domain_config *c,
                 const struct config_item *it, struct value *v);
    /* out is zeroed. NULL: it is read from at. */
    void (*get)(const struct domain_config *c, struct setting_value *out);
    uint64_t unset; /* the number that stands for the default */
    unsigned flags; /* SETTING_ bits */
    /* Its word in an xl.cfg and in an S-expression of xend; NULL: they have
     * no such setting, and lose it. */
    const char *xl, *sxp;
};

/* In the order in which settings are written. NULL past the end. */
const struct setting *setting_at(size_t i);
/* The value; true if it is another than the default. */
bool setting_get(const struct setting *k, const struct domain_config *c,
                 struct setting_value *out);

#endif
