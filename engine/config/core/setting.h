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
    SETTING_ALWAYS = 8, /* libconfig text has it also at its default */
    SETTING_TRI = 16    /* a bool whose member is an enum config_tri */
};

/* Kinds of domains, as bits. */
enum {
    KIND_PV = 1 << DOM_PV,
    KIND_PVH = 1 << DOM_PVH,
    KIND_HVM = 1 << DOM_HVM
};

/* The word of a format for a setting that the format's own code writes. */
#define SETTING_OTHERWISE ""

enum setting_form {
    SETTING_NONE, /* not set */
    SETTING_TEXT,
    SETTING_NUMBER,
    SETTING_BOOL,
    SETTING_SIGNED,
    SETTING_CPUS,
    SETTING_TEXTS
};

struct setting_value {
    enum setting_form form;
    const char *text; /* borrowed from the configuration, or room */
    uint64_t number;  /* sizes in MiB; of a signed one its two's complement */
    const struct config_cpus *cpus;
    const struct config_texts *texts;
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
    unsigned kinds; /* KIND_ bits of those that it means anything for; 0: all */
    /* Its word in an xl.cfg and in an S-expression of xend; NULL: they have
     * no such setting, and lose it. in_image: xend has it in the image. */
    const char *xl, *sxp;
    bool in_image;
};

/* The rows of a part of the settings, whose first is that of their group. */
struct setting_table {
    const struct setting *rows;
    size_t n;
};

extern const struct setting_table settings_machine, settings_screen,
    settings_model;

/* In the order in which settings are written. NULL past the end. */
const struct setting *setting_at(size_t i);
/* Does it mean anything for this kind (enum dom_kind)? */
bool setting_fits(const struct setting *k, unsigned kind);
/* "a PV domain": for messages. */
const char *setting_kind_words(unsigned kind);
/* The row of this name, NULL: there is none. */
const struct setting *setting_named(const char *name);
/* Every member as without settings, of a zeroed configuration; and what they
 * hold freed. */
void settings_init(struct domain_config *c);
void settings_fini(struct domain_config *c);
/* Passwords among the settings of the domain, as config_drop_secrets. */
void settings_drop_secrets(struct domain_config *c, struct buf *warn);
/* The value; true if it is another than the default. */
bool setting_get(const struct setting *k, const struct domain_config *c,
                 struct setting_value *out);

#endif
