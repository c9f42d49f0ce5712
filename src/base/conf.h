/*
 * conf.h - libconfig files (settings, themes, domains), read with bounds: what
 * would hurt libconfig's recursive parser or be taken by it without a word is
 * refused before it sees the text, @include too. One way to say what is wrong,
 * and typed, checked access to what was read.
 */
#ifndef XENDECK_BASE_CONF_H
#define XENDECK_BASE_CONF_H

#include <libconfig.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"

#define CONF_FILE_MAX  (1024 * 1024) /* bytes of a file */
#define CONF_DEPTH_MAX 16            /* brackets inside brackets */
#define CONF_ITEMS_MAX 2048          /* settings and list elements */

/* Replaces *text with a file's, which has no NUL byte. */
int conf_read(const char *path, struct buf *text, struct err *e);
/* Text into *cf, which the caller ends with config_destroy on success only.
 * -1 with one sentence, "FILE:LINE: SETTING: ..."; file is for that. */
int conf_parse(const char *text, const char *file, config_t *cf, struct err *e);
/* Both. */
int conf_load(const char *path, config_t *cf, struct err *e);

/* What a sentence is about. line 0: not known, left out. */
struct conf_at {
    const char *file;
    unsigned line;
    struct err *e;
};

/* "FILE:LINE: SETTING: " and the rest, which says what was found and what is
 * allowed. Returns -1, as all of these. */
int conf_bad_at(const struct conf_at *at, enum err_code code,
                const char *setting, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
int conf_vbad_at(const struct conf_at *at, enum err_code code,
                 const char *setting, const char *fmt, va_list ap)
    __attribute__((format(printf, 4, 0)));
/* The same for a setting. */
int conf_bad(const char *file, const config_setting_t *s, struct err *e,
             const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* "FILE:LINE: SETTING: found VALUE, allowed " and the rest. */
int conf_refuse(const char *file, const config_setting_t *s, struct err *e,
                const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Appends "image.kernel", "devices[0].mac"... */
void conf_path(const config_setting_t *s, struct buf *out);
/* Appends the n bytes of text in quotes, safe to show and cut. */
void conf_quote(struct buf *out, const char *text, size_t n);
/* Appends what a setting holds, as text safe to show: 12, true, "abc", a
 * list... */
void conf_found(const config_setting_t *s, struct buf *out);

/* True if the n bytes of text are UTF-8 without control characters or others
 * that would have to be replaced to show them. */
bool conf_is_safe(const char *text, size_t n);

/* Typed access; -1 with conf_refuse's sentence. Texts are borrowed from cf,
 * UTF-8 without control characters. */
int conf_text(const char *file, const config_setting_t *s, size_t max_bytes,
              const char **out, struct err *e);
int conf_bool(const char *file, const config_setting_t *s, bool *out,
              struct err *e);
int conf_number(const char *file, const config_setting_t *s, double min,
                double max, double *out, struct err *e);

#endif
