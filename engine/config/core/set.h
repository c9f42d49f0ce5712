/*
 * set.h - how a reader of any format fills a struct domain_config: setting by
 * setting, as text, with its line, through one table and one validator; so a
 * wrong value is refused in the same words whatever the file is written in.
 * Private to engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_SET_H
#define XENDECK_ENGINE_CONFIG_SET_H

#include "engine/config/core/config.h"

/* A file being read. */
struct config_src {
    const char *file; /* for messages */
    const char *dir;  /* absolute, no symbolic links: for relative paths */
    struct buf *warn; /* gets one line a setting not honoured; or NULL */
    struct err *e;
    /* The format's own word for a native setting ("kernel" for "image.kernel"),
     * for what is missing; NULL: they have the same. */
    const char *(*word)(const char *native);
};

/* One setting. */
struct config_item {
    const char *name;  /* as in the native format: "memory", "image.kernel" */
    const char *shown; /* as the user wrote it ("extra"); NULL: name */
    const char *value; /* "512", "true", "web1" */
    unsigned line;     /* 0: not known */
    const char *found; /* the value as messages show it; NULL: in quotes unless
                          it is a number, true or false */
    unsigned nth; /* of cpus and cpus_soft: n of a list that has one value for
                     each vcpu, from 1 on in order; 0: the value of all */
};

/* Empty, with the defaults that do not depend on other settings. */
struct domain_config *config_new(const char *file);
/* Takes one setting: "FILE:LINE: SHOWN: found VALUE, allowed ..." if it is
 * wrong, ERR_NOENT with the nearest name if there is none such. Of two with one
 * name the later wins: a reader that wants to refuse or to warn does. Bools are
 * "true", "false", "1" or "0"; sizes "512" (MiB) or "512M"; cpus one list,
 * or many (nth), which are remembered as a whole by who read them. */
int config_set(const struct config_src *src, struct domain_config *c,
               const struct config_item *it);
/* A new device of this kind, then its settings. The device is borrowed until
 * the next config_device_begin. NULL with *e: unknown kind, too many. Messages
 * call it "devices[N]" until config_device_name gives it the format's own. */
struct config_device *config_device_begin(const struct config_src *src,
                                          struct domain_config *c,
                                          const char *kind, unsigned line);
void config_device_name(struct config_device *d, const char *shown);
int config_device_set(const struct config_src *src, struct config_device *d,
                      const struct config_item *it);
/* After the last one: what is required, defaults, rules between settings. */
int config_finish(const struct config_src *src, struct domain_config *c);
/* "FILE:LINE: SHOWN: " and the rest into src->warn. */
void config_warn(const struct config_src *src, unsigned line, const char *shown,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* One device from words as engine_device_add takes them: settings, or one word
 * in xl's syntax. The caller's (config_device_fini). */
int config_device_parse(const char *kind, const char *const *words, size_t n,
                        struct config_device *out, struct err *e);

/* The same from settings alone. */
int config_device_pairs(const char *kind, const char *const *words, size_t n,
                        struct config_device *out, struct err *e);

/* --- the formats (format.c, lost.c, xl*.c, sxp*.c, json.c) --- */
enum config_format { FORMAT_CONF, FORMAT_XL, FORMAT_SXP, FORMAT_JSON };

/* By content: '(' first is SXP; a group, a semicolon after a setting or
 * "image =" with a brace is libconfig; else xl.cfg. */
enum config_format config_recognise(const char *text);
bool config_format_parse(const char *word, enum config_format *out);

int config_xl_parse(const char *text, const struct config_src *src,
                    struct domain_config **out);
void config_xl_print(const struct domain_config *c, struct buf *out);
int config_sxp_parse(const char *text, const struct config_src *src,
                     struct domain_config **out);
void config_sxp_print(const struct domain_config *c, struct buf *out);
void config_json_print(const struct domain_config *c, struct buf *out);
/* A device as a word of an xl.cfg, without the quotes. False: xl knows no such
 * device, or has no word for all that it is. */
bool config_xl_spec(const struct config_device *d, struct buf *out);
/* Names in warn what a configuration has that this format cannot express. */
void config_lost(const struct domain_config *c, enum config_format to,
                 struct buf *warn);
/* One device in xl's syntax ("/dev/vg/x,raw,xvdb,w"). */
int config_xl_device(const char *kind, const char *spec,
                     struct config_device *out, struct err *e);

/* Any format, recognised; what config_load is for the native one. warn may be
 * NULL. */
int config_load_any(const char *path, struct domain_config **out,
                    struct buf *warn, struct err *e);

#endif
