/*
 * image.h - how a guest kernel of some type is started: one table of handlers.
 */
#ifndef XENDECK_ENGINE_IMAGE_H
#define XENDECK_ENGINE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/config/core/config.h"

/* Files opened once, after the checks that the descriptors themselves pass. */
struct image_files {
    int kernel_fd;
    int ramdisk_fd; /* -1: none */
};

struct image_type {
    const char *name;   /* as in the configuration: "linux", "netbsd" */
    const char *ostype; /* VM/image/ostype */
    size_t cmdline_max; /* bytes without the NUL */
    /* Appends the kernel's command line made of root, ip and args. */
    void (*cmdline)(const struct config_image *im, struct buf *out);
};

/* NULL if there is no such type. */
const struct image_type *image_type_find(const char *name);
/* The names, comma separated, for messages. */
void image_type_names(struct buf *out);

/* The command line, or -1 if it exceeds the type's limit (Xen would cut a PV
 * guest's at 1023 bytes without a word). */
int image_cmdline(const struct domain_config *c, struct buf *out,
                  struct err *e);

/* Opens kernel and ramdisk (O_CLOEXEC), each must be a readable regular file
 * that is not empty. 0, or -1 with file:line of the setting. */
int image_open(const struct domain_config *c, struct image_files *out,
               struct err *e);
void image_close(struct image_files *f);

#endif
