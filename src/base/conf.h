/*
 * conf.h - libconfig files of the front end (settings, themes), read with
 * bounds: size, nesting and number of settings are checked before libconfig's
 * recursive parser sees the text, and @include is refused.
 */
#ifndef XENDECK_BASE_CONF_H
#define XENDECK_BASE_CONF_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"

#define CONF_FILE_MAX  (1024 * 1024) /* bytes of a file */
#define CONF_DEPTH_MAX 16            /* brackets inside brackets */
#define CONF_ITEMS_MAX 4096          /* settings and list elements */

/* Reads a file into *cf, which the caller ends with config_destroy on success
 * only. -1 with one sentence, "FILE:LINE: ..." where a line is to blame. */
int conf_load(const char *path, config_t *cf, struct err *e);
/* The same from text; file is for the sentences. */
int conf_parse(const char *text, const char *file, config_t *cf, struct err *e);

/* "FILE:LINE: SETTING: " and the rest, which says what was found and what is
 * allowed. Returns -1. */
int conf_bad(const char *file, const config_setting_t *s, struct err *e,
             const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Appends what a setting holds, as text safe to show: 12, true, "abc", a
 * list... */
void conf_found(const config_setting_t *s, struct buf *out);

/* Typed access; -1 with conf_bad's sentence. Texts are borrowed from cf. */
int conf_text(const char *file, const config_setting_t *s, size_t max_bytes,
              const char **out, struct err *e);
int conf_bool(const char *file, const config_setting_t *s, bool *out,
              struct err *e);
int conf_number(const char *file, const config_setting_t *s, double min,
                double max, double *out, struct err *e);

#endif
