/*
 * set.h - how a reader of any format fills a struct domain_config: setting by
 * setting, as text, with its line, through one table and one validator; so a
 * wrong value is refused in the same words whatever the file is written in.
 * Private to engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_SET_H
#define XENDECK_ENGINE_CONFIG_SET_H

#include "engine/config/core/config.h"
#include "engine/config/core/faults.h"

/* A file being read. */
struct config_src {
    const char *file; /* for messages */
    const char *dir;  /* absolute, no symbolic links: for relative paths */
    struct buf *warn; /* gets one line a setting not honoured; or NULL */
    struct err *e;
    struct config_faults *faults; /* gets all; NULL: the first ends it */
    /* The format's own word for a native setting ("kernel" for "image.kernel"),
     * for what is missing; NULL: they have the same. */
    const char *(*word)(const char *native);
    /* Of several domains in the file the one to take; NULL: the only one. */
    const char *pick;
    /* "NAME=VALUE" that hold instead of what the file says. */
    const char *const *vars;
    size_t n_vars;
    bool lineless; /* the text is made from another one: it has no lines */
};

/* 0 if n of the domains in a file are the one that was picked, which is 1; else
 * -1 with *e, which tells their names and how to pick. */
int config_picked(const char *file, const char *pick, size_t n,
                  const struct buf *names, struct err *e);

/* One setting. */
struct config_item {
    const char *name;  /* as in the native format: "memory", "image.kernel" */
    const char *shown; /* as the user wrote it ("extra"); NULL: name */
    const char *value; /* "512", "true", "web1" */
    unsigned line;     /* 0: not known */
    const char *found; /* the value as messages show it; NULL: in quotes unless
                          it is a number, true or false */
    unsigned nth; /* of a list (texts; cpus, one for each vcpu) the number of
                     this value, from 1 on in order; 0: the only one */
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
/* A list that is written as one text: its words between blanks. it->value is
 * the text. shell: quotes and backslashes keep blanks, as in a shell. */
int config_set_words(const struct config_src *src, struct domain_config *c,
                     const struct config_item *it, bool shell);
/* A new device of this kind, then its settings. The device is borrowed until
 * the next config_device_begin. NULL with *e: unknown kind, too many. Messages
 * call it "devices[N]" until config_device_name gives it the format's own. */
struct config_device *config_device_begin(const struct config_src *src,
                                          struct domain_config *c,
                                          const char *kind, unsigned line);
void config_device_name(struct config_device *d, const char *shown);
/* Whether there is such a kind of device. */
bool config_device_is_kind(const char *kind);
int config_device_set(const struct config_src *src, struct config_device *d,
                      const struct config_item *it);
/* After the last one: what is required, defaults, rules between settings. */
int config_finish(const struct config_src *src, struct domain_config *c);
/* "FILE:LINE: SHOWN: " and the rest into src->warn. */
void config_warn(const struct config_src *src, unsigned line, const char *shown,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* config_parse of a file that is being read. */
int config_conf_parse(const char *text, const struct config_src *src,
                      struct domain_config **out);

/* One device from words, each a setting: "path=/dev/vg/x". The caller's
 * (config_device_fini). */
int config_device_pairs(const char *kind, const char *const *words, size_t n,
                        struct config_device *out, struct err *e);

#endif
