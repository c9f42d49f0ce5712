/*
 * image.h - the files that a guest is started from, opened and checked.
 */
#ifndef XENDECK_ENGINE_IMAGE_H
#define XENDECK_ENGINE_IMAGE_H

#include "engine/config/core/image_type.h"

/* Files opened once, after the checks that the descriptors themselves pass. */
struct image_files {
    int kernel_fd;
    int ramdisk_fd; /* -1: none */
};

/* Opens kernel and ramdisk (O_CLOEXEC), each must be a readable regular file
 * that is not empty. 0, or -1 with file:line of the setting. */
int image_open(const struct domain_config *c, struct image_files *out,
               struct err *e);
void image_close(struct image_files *f);

#endif
