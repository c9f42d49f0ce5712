/*
 * sxp_int.h - what the parts of the mapping between S-expressions and a
 * domain's configuration share. Private to engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_SXP_INT_H
#define XENDECK_ENGINE_CONFIG_SXP_INT_H

#include "engine/config/core/set.h"
#include "engine/config/sxp/sxp.h"

struct sxp_map {
    struct config_src src;
    struct domain_config *c;
    const struct sxp *vm;
    unsigned n_vifs, n_vbds, n_pcis, n_others; /* so far */
};

/* What becomes of a field "(NAME VALUE)". */
enum sxp_class {
    SXP_SET,    /* goes into a setting */
    SXP_OTHER,  /* somebody else reads it */
    SXP_MANY,   /* likewise, and it may stand more than once */
    SXP_QUIET,  /* a fact of a run, or of no consequence: nothing is lost */
    SXP_UNMET,  /* not honoured: a warning, unless it is 0 or empty */
    SXP_REFUSED /* not honoured, and dangerous to ignore */
};

struct sxp_field {
    const char *name;
    enum sxp_class class;
    const char *native; /* SXP_SET */
    const char *why;    /* SXP_UNMET, SXP_REFUSED */
};

#define SXP_QUIETLY(n)                                                         \
    {                                                                          \
        n, SXP_QUIET, NULL, NULL                                               \
    }
#define SXP_ELSEWHERE(n)                                                       \
    {                                                                          \
        n, SXP_OTHER, NULL, NULL                                               \
    }

#define SXP_REPEATED(n)                                                        \
    {                                                                          \
        n, SXP_MANY, NULL, NULL                                                \
    }

/* A table of fields, and where its values go. */
struct sxp_fields {
    const struct sxp_field *at;
    size_t n;
    const char *path;         /* "vm", "vm.image.linux": for messages */
    struct config_device *cd; /* NULL: settings of the domain */
    /* Takes a field that is not in the table; 0: it knows none such. NULL:
     * there is no other. */
    int (*other)(struct sxp_map *m, const struct sxp *field,
                 const struct sxp_fields *t);
};

/* Takes every field of s but its name; one that is not in the table is named
 * in a warning. */
int sxp_map_fields(struct sxp_map *m, const struct sxp *s,
                   const struct sxp_fields *t);
/* "FILE:LINE: PATH.NAME: found VALUE, allowed " and the rest. -1. */
int sxp_map_refuse(const struct sxp_map *m, const struct sxp *field,
                   const char *path, const char *allowed);
/* "FILE:LINE: PATH.NAME: not honoured: WHY", bounded in number. */
void sxp_map_warn(const struct sxp_map *m, const struct sxp *field,
                  const char *path, const char *why);
/* The text of "(NAME VALUE)" in *out; NULL if it is empty. -1: it is of another
 * form. */
int sxp_map_text(const struct sxp_map *m, const struct sxp *field,
                 const char *path, const char **out);
/* sxp_device.c: "(device (KIND ...))" */
int sxp_map_device(struct sxp_map *m, const struct sxp *s);
/* A new device, "KIND[N]" in messages; NULL: refused. */
struct config_device *sxp_map_begin(struct sxp_map *m, const struct sxp *s,
                                    const char *kind, unsigned n);
int sxp_map_put(struct sxp_map *m, struct config_device *cd,
                const struct sxp *field, const char *key, const char *value);
int sxp_map_device_fields(struct sxp_map *m, const struct sxp *s,
                          struct config_device *cd,
                          const struct sxp_field *fields, size_t n);
/* sxp_cpus.c: "(cpus ...)", and as a new field of vm; no field if there are
 * none. */
int sxp_map_cpus(struct sxp_map *m, const struct sxp *field);
/* Its virtual cpus, and how many of them there are at its start. */
int sxp_map_vcpus(struct sxp_map *m);
void sxp_add_cpus(struct sxp *vm, const struct domain_config *c);
/* sxp_map.c: a setting of the domain, shown as "PATH.NAME". */
int sxp_map_set(struct sxp_map *m, const struct sxp *field, const char *path,
                const char *native, const char *value);
/* True for (NAME), (NAME 0), (NAME '') and (NAME ()). */
bool sxp_map_is_off(const struct sxp *field);
/* sxp_vif.c */
int sxp_map_vif(struct sxp_map *m, const struct sxp *s);
/* Refuses entries of vfr and vnet that belong to no vif. */
int sxp_map_check_vifs(struct sxp_map *m);

#endif
