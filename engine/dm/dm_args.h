/*
 * dm_args.h - the command line of a device model: what its files share. The
 * order is libxl's, so that the two can be compared word by word.
 */
#ifndef XENDECK_ENGINE_DM_ARGS_H
#define XENDECK_ENGINE_DM_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/config/core/config.h"
#include "engine/dom0/dom0_model.h"
#include "src/base/buf.h"

/* Where the model's VNC server listens, and what else shows the screen. */
struct dm_screen {
    bool vnc, sdl, opengl;
    bool unused;    /* the next free display */
    bool password;  /* one is set over its control socket */
    char host[128]; /* without brackets */
    unsigned display;
    bool tls;         /* VNC is spoken over TLS */
    bool tls_verify;  /* with clients that have a certificate of x509's */
    const char *x509; /* the directory of the certificates; NULL: anonymous */
    const char *keymap;
};

#define DM_VNC_BASE 5900

struct dm_args {
    uint32_t domid;
    const char *name;
    uint64_t mem_kib; /* at most */
    struct dm_screen screen;
    /* NULL: of a PV domain that runs, for what is added to it. */
    const struct domain_config *cfg;
    /* Confined: its root, and whom it becomes. NULL: not. */
    const char *root, *user;
    /* Which options say so (dom0_model_probe.h). */
    bool run_with_chroot, run_with_user;
    const char *incoming; /* "fd:N": it waits for its state; NULL: it starts */
    /* The path of a disk that a custom script provides; false: it has none
     * that a program could open. NULL: none have. */
    bool (*disk_path)(void *arg, const struct config_device *c, char *dst,
                      size_t n);
    /* Confined: is this a block device? NULL: none is. */
    bool (*is_block)(void *arg, const char *path);
    void *arg;
    /* Confined: what it is to be handed open is added. NULL: nothing is. */
    struct dom0_model_files *files;
};

/* A list of arguments, each NUL-terminated. */
struct dm_list {
    struct buf *out;
    size_t n;
};

/* An image as a drive has it. */
struct dm_arg_image {
    const char *path;
    bool raw, writable;
};

/* dm_args.c */
/* The arguments without the program in out; returns their number. */
size_t dm_args_fill(const struct dm_args *a, struct buf *out);
void dm_arg(struct dm_list *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Appends text to an argument's text: a comma ends a value in QEMU's syntax
 * unless it is doubled. */
void dm_arg_quote(struct buf *out, const char *text);
/* The argument that is made of b, which is emptied. */
void dm_arg_take(struct dm_list *l, struct buf *b);

/* dm_screen.c */
/* Of a vfb's settings, NULL for none. */
void dm_screen_of_vfb(const struct config_device *vfb, struct dm_screen *out);
void dm_screen_of_hvm(const struct config_screen *c, struct dm_screen *out);

/* dm_args_hvm.c: what an HVM domain's model is given, before and after the
 * arguments that all have. */
void dm_args_machine(struct dm_list *l, const struct dm_args *a);

/* dm_args_file.c */
/* "file=PATH" and what goes with it into b, a value of -drive; of what a
 * confined model is handed open an argument of its own as well. */
void dm_arg_file(struct dm_list *l, const struct dm_args *a, struct buf *b,
                 const struct dm_arg_image *image);

/* dm_args_disk.c */
bool dm_args_has_scsi(const struct dm_args *a);
void dm_args_disks(struct dm_list *l, const struct dm_args *a);
/* The model's id of a CD drive: "ide-5632". False: it emulates none for it. */
bool dm_drive_id(const char *vdev, char *dst, size_t n);

#endif
