/*
 * reader.h - what the parts of the configuration reader share: typed, checked
 * access to libconfig settings, beyond that of src/base/conf.h.
 * Private to engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_READER_H
#define XENDECK_ENGINE_CONFIG_READER_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/config/config.h"
#include "src/base/buf.h"
#include "src/base/conf.h"
#include "src/base/err.h"

#define READER_TEXT_MAX 1023 /* bytes of a value, as a guest's command line */

struct reader {
    const char *file; /* for messages */
    const char *dir;  /* absolute, no symbolic links; NULL: none */
    struct err *e;
};

/* A setting of a group, and what takes its value into dest. */
struct reader_field {
    const char *name;
    int (*read)(struct reader *r, config_setting_t *s, void *dest);
};

/* A word and the value that it stands for. */
struct reader_word {
    const char *word;
    int value;
};

/* "FILE:LINE: SETTING: " and the rest, which says what was found and what is
 * allowed. Line 0: not known, left out. Always returns -1. */
int reader_bad(const struct reader *r, enum err_code code, unsigned line,
               const char *setting, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* The same for a setting: "FILE:LINE: PATH: found VALUE, allowed " and the
 * rest. */
int reader_refuse(const struct reader *r, enum err_code code,
                  const config_setting_t *s, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Gives each member of the group s to its field; an unknown one is refused. */
int reader_group(struct reader *r, config_setting_t *s,
                 const struct reader_field *fields, size_t n, void *dest);
/* Refuses s as unknown and names the nearest of the fields. */
int reader_unknown(const struct reader *r, const config_setting_t *s,
                   const struct reader_field *fields, size_t n);

/* Each takes the value of s, or refuses it. Texts are not empty, hold no
 * control characters and at most READER_TEXT_MAX bytes. */
int reader_text(struct reader *r, config_setting_t *s, const char **out);
int reader_uint(struct reader *r, config_setting_t *s, uint64_t min,
                uint64_t max, uint64_t *out);
int reader_words(struct reader *r, config_setting_t *s,
                 const struct reader_word *words, size_t n, int *out);
/* A path, made absolute against the file's directory; *out is the caller's. */
int reader_file(struct reader *r, config_setting_t *s, char **out);

/* actions.c */
#define CONFIG_RESTART_WORDS 3
#define CONFIG_ACTION_WORDS  6
extern const struct reader_word config_restart_words[CONFIG_RESTART_WORDS];
extern const struct reader_word config_action_words[CONFIG_ACTION_WORDS];

/* The list of devices, into *c. */
int device_list(struct reader *r, config_setting_t *s, struct domain_config *c);
/* True for the settings of a device that are written without quotes. */
bool device_key_bare(const char *key);

#endif
