/*
 * load.h - configurations as files: one loader for every format, and what a
 * format has no word for.
 */
#ifndef XENDECK_ENGINE_CONFIG_LOAD_H
#define XENDECK_ENGINE_CONFIG_LOAD_H

#include "engine/config/core/config.h"
#include "engine/config/core/faults.h"

enum config_format { FORMAT_CONF, FORMAT_XL, FORMAT_SXP, FORMAT_JSON };

/* By content: '(' first is SXP, '[' or an object of quoted names JSON; a group,
 * a semicolon after a setting or "image =" with a brace is libconfig; else
 * xl.cfg. */
enum config_format config_recognise(const char *text);
/* "conf", "xl", "sxp", "json"; false: none of them. */
bool config_format_parse(const char *word, enum config_format *out);
/* Behind the mark that some editors put in front of UTF-8. */
const char *config_skip_bom(const char *text);
/* Behind the line that xm prints before an expression: its end is left, so that
 * lines keep their numbers. */
const char *config_skip_banner(const char *text);

/* Reads and validates a file in libconfig format (xendeck-domain(5)): what can
 * be known without the host. 0 with *out owned by the caller (config_free), or
 * -1 with one sentence: "web1.conf:7: memory: found 12, allowed 4 to ...". A
 * file that is no regular file, over CONF_FILE_MAX or with an unknown
 * setting (the nearest known one is named) is refused. @include is refused. */
int config_load(const char *path, struct domain_config **out, struct err *e);
/* Any format, recognised; "FILE#NAME" is one of several domains in FILE. warn
 * (may be NULL) gets a line for each setting that is not honoured. */
int config_load_any(const char *path, struct domain_config **out,
                    struct buf *warn, struct err *e);
/* The same, which goes on after a fault: all are in *faults. 0 with *out also
 * after some, but then it is good for nothing but a look at the rest of it; -1
 * when there is nothing to look at. */
int config_load_each(const char *path, struct config_faults *faults,
                     struct domain_config **out, struct buf *warn);

/* The same with settings "NAME=VALUE" that hold instead of the file's: to an
 * xl.cfg and to xl's JSON they are appended, as xl does (a value needs no
 * quotes); in other formats they are settings by their native names. */
int config_load_with(const char *path, const char *const *vars, size_t n_vars,
                     struct domain_config **out, struct buf *warn,
                     struct err *e);

/* One device from words as engine_device_add takes them: settings, or one word
 * in xl's syntax. The caller's (config_device_fini). */
int config_device_parse(const char *kind, const char *const *words, size_t n,
                        struct config_device *out, struct err *e);

void config_json_print(const struct domain_config *c, struct buf *out);
/* Names in warn what a configuration has that this format cannot express. */
void config_lost(const struct domain_config *c, enum config_format to,
                 struct buf *warn);

#endif
