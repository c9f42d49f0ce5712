/*
 * image.h - the files that a guest is started from, opened and checked.
 */
#ifndef XENDECK_ENGINE_IMAGE_H
#define XENDECK_ENGINE_IMAGE_H

#include "engine/config/core/image_type.h"

/* Files opened once, after the checks that the descriptors themselves pass. */
struct image_files {
    int kernel_fd;  /* -1: the configuration names none */
    int ramdisk_fd; /* -1: none, likewise the others */
    /* Of an HVM domain: its loader, and what that is given. */
    int loader_fd, firmware_fd, acpi_fd, smbios_fd;
};

#define IMAGE_NO_FILES                                                         \
    {                                                                          \
        -1, -1, -1, -1, -1, -1                                                 \
    }

/* Each file that the configuration names, with its setting. */
void image_files_each(const struct domain_config *c,
                      void (*cb)(void *arg, const char *setting,
                                 const char *path),
                      void *arg);
/* Opens what the configuration names (O_CLOEXEC); each must be a readable
 * regular file that is not empty. 0, or -1 with file:line of the setting. */
int image_open(const struct domain_config *c, struct image_files *out,
               struct err *e);
/* One of them, or the host's own in its place: *fd, which is -1 before. */
int image_open_own(const struct domain_config *c, const char *setting,
                   const char *path, int *fd, struct err *e);
void image_close(struct image_files *f);

#endif
