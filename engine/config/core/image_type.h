/*
 * image_type.h - the types of a guest's kernel ("linux", "netbsd"): one table
 * of what each wants on its command line.
 */
#ifndef XENDECK_ENGINE_CONFIG_IMAGE_TYPE_H
#define XENDECK_ENGINE_CONFIG_IMAGE_TYPE_H

#include <stddef.h>

#include "engine/config/core/config.h"

struct image_type {
    const char *name;   /* as in the configuration: "linux", "netbsd" */
    const char *ostype; /* VM/image/ostype */
    size_t cmdline_max; /* bytes without the NUL */
    /* xl makes the same command line of root, ip and args by itself; another
     * type's is given to it whole. */
    bool xl_knows;
    /* Appends the kernel's command line made of root, ip and args. */
    void (*cmdline)(const struct config_image *im, struct buf *out);
};

/* NULL if there is no such type. */
const struct image_type *image_type_find(const char *name);
/* The type of a configuration that names none. */
const char *image_type_default(void);
/* The names, comma separated, for messages. */
void image_type_names(struct buf *out);

/* The command line, or -1 if it exceeds the type's limit (Xen would cut a PV
 * guest's at 1023 bytes without a word). */
int image_cmdline(const struct domain_config *c, struct buf *out,
                  struct err *e);

#endif
