/*
 * value.h - the values of settings: what one takes, as a row of a table, and
 * the check of a text against it. Private to engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_VALUE_H
#define XENDECK_ENGINE_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/config/core/set.h"
#include "src/base/buf.h"
#include "src/base/conf.h"
#include "src/base/err.h"

#define VALUE_TEXT_MAX 1023 /* bytes of a value, as a guest's command line */

enum value_type {
    VALUE_TEXT,
    VALUE_PATH,   /* made absolute against the file's directory */
    VALUE_DISK,   /* likewise; "file:" or "phy:" in front is dropped */
    VALUE_NUMBER, /* min..max */
    VALUE_BOOL,
    VALUE_WORD,   /* one of words */
    VALUE_SIZE,   /* of memory, in whole MiB */
    VALUE_CPUS,   /* a cpu list */
    VALUE_SIGNED, /* -max..max */
    VALUE_TEXTS,  /* one text, or a list of them: each is checked by ok */
    VALUE_ID,     /* a name or a number */
    VALUE_GROUP,
    VALUE_LIST /* these two: not one value, but many */
};

/* A word and the value that it stands for; a list ends with a NULL word. */
struct value_word {
    const char *word;
    unsigned value;
};

/* What a setting takes. */
struct value_rule {
    const char *name;
    enum value_type type;
    bool (*ok)(const char *text); /* a further check, or NULL */
    const char *allowed;          /* what it takes, for messages */
    uint64_t min, max;
    const struct value_word *words;
    bool secret; /* a password: no text that others read has it */
};

/* Rows of tables of rules. */
#define RULE(n, t)                                                             \
    {                                                                          \
        .name = (n), .type = (t)                                               \
    }
#define RULE_WORD(n, w)                                                        \
    {                                                                          \
        .name = (n), .type = VALUE_WORD, .words = (w)                          \
    }
#define RULE_TEXT(n, check, text)                                              \
    {                                                                          \
        .name = (n), .type = VALUE_TEXT, .ok = (check), .allowed = (text)      \
    }
#define RULE_ID(n, check, text)                                                \
    {                                                                          \
        .name = (n), .type = VALUE_ID, .ok = (check), .allowed = (text)        \
    }
#define RULE_NUMBER(n, least, most)                                            \
    {                                                                          \
        .name = (n), .type = VALUE_NUMBER, .min = (least), .max = (most)       \
    }

/* A value that was checked. */
struct value {
    char *text;      /* as it is to be kept; the caller's */
    uint64_t number; /* numbers, bools, words; sizes in KiB */
};

/* "FILE:LINE: SHOWN: " and the rest. Line 0: not known, left out. -1. */
int value_bad(const struct config_src *src, enum err_code code, unsigned line,
              const char *shown, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* The same for an item: "FILE:LINE: SHOWN: found VALUE, allowed ..." */
int value_refuse(const struct config_src *src, enum err_code code,
                 const struct config_item *it, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Refuses an item of another type than the rule's. */
int value_refuse_type(const struct config_src *src,
                      const struct value_rule *rule,
                      const struct config_item *it);
/* Refuses it as unknown: near is the nearest known name (value_nearer). */
int value_refuse_name(const struct config_src *src,
                      const struct config_item *it, const char *near);
/* Puts candidate into *near if name is more like it; *distance begins at
 * UINT_MAX. */
void value_nearer(const char *name, const char *candidate, unsigned *distance,
                  const char **near);
/* Appends the value as messages show it. */
void value_found(const struct config_item *it, struct buf *out);

/* Appends a checked text in quotes as libconfig and libxlutil read them. */
void value_quoted(struct buf *out, const char *text);

/* Checks a value; 0 with *out, whose text is the caller's. */
int value_take(const struct config_src *src, const struct value_rule *rule,
               const struct config_item *it, struct value *out);

/* --- shared inside engine/config --- */

/* actions.c */
extern const struct value_word config_restart_words[];
extern const struct value_word config_action_words[];
extern const struct value_word config_host_stop_words[];
extern const struct value_word config_stop_else_words[];
extern const char *const config_end_settings[CONFIG_ENDS];

/* settings.c: what a setting takes; NULL: there is none such. */
const struct value_rule *config_rule(const char *name);
void config_seen_free(struct config_seen *seen);
/* Notes how a known setting was written; config_set does. */
void config_remember(struct domain_config *c, const struct config_item *it);
/* device.c: likewise, of a device. */
const struct value_rule *device_rule(const char *kind, const char *key);
/* True for values that are written without quotes: numbers, true, false. */
bool device_key_bare(const char *kind, const char *key);
/* Refuses a kind of device that is none. */
int device_refuse_kind(const struct config_src *src,
                       const struct config_item *it);
/* finish.c: the rules between the settings of a device. */
int device_check(const struct config_src *src, const struct config_device *d);

#endif
