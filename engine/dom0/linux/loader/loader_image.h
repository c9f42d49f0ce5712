/*
 * loader_image.h - the image of a disk, shown to a boot loader as a plain file:
 * qemu-storage-daemon reads the format and the kernel's FUSE carries it. It is
 * mounted over a file of the boot loader's own directory, read-only.
 * Called by loader_program.c; contracts as in engine/dom0/dom0_loader.h.
 */
#ifndef XENDECK_ENGINE_LOADER_IMAGE_H
#define XENDECK_ENGINE_LOADER_IMAGE_H

#include "engine/dom0/dom0_loader.h"

struct loader_image;

/* Both are told from the loop, once: it is open; its process has ended before
 * that, with this status. Neither may free it. */
struct loader_image_owner {
    void (*opened)(struct dom0_loader *l, struct loop *lp);
    void (*failed)(struct dom0_loader *l, int status);
};

int loader_image_can_open(const char *format, struct err *e);
/* tty: the terminal that its complaints go to. *l->image is it; what the job
 * points to is copied. */
int loader_image_start(struct loop *lp, struct dom0_loader *l,
                       const struct dom0_loader_job *j, const char *tty,
                       const struct loader_image_owner *o, struct err *e);
/* What the boot loader is to be run with: borrowed from it. */
const struct dom0_loader_job *loader_image_job(const struct loader_image *im);
const char *loader_image_tty(const struct loader_image *im);
/* Takes it away from under the file, ends its process, frees it. */
void loader_image_free(struct loader_image *im);
void loader_image_let_go(const char *disk);

#endif
