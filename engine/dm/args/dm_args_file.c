/*
 * dm_args_file.c - the files behind a device model's drives. A confined model
 * has another root and another user as soon as it runs. QEMU opens an image
 * for reading first and anew for writing when the guest goes on, also after a
 * restore: too late then. So a raw image is handed to it open, and no image is
 * opened twice (auto-read-only=off). Images of other formats have files behind
 * them, which only QEMU finds: it opens them all while it starts, as root.
 */
#include "engine/dm/dm_args.h"

/* As a descriptor that it inherits; the driver for a block device must be told
 * to it, for it looks at the name alone. */
static void
file_handed(struct dm_list *l, const struct dm_args *a, struct buf *b,
            const struct dm_arg_image *image)
{
    size_t set = a->files->n + 1;

    dm_arg(l, "-add-fd");
    dm_arg(l, "fd=%zu,set=%zu", DOM0_MODEL_FILES_FD + a->files->n, set);
    dom0_model_files_add(a->files, image->path, image->writable);
    if (a->is_block != NULL && a->is_block(a->arg, image->path))
        buf_str(b, "file.driver=host_device,file.filename=");
    else
        buf_str(b, "file=");
    buf_fmt(b, "/dev/fdset/%zu", set);
}

void
dm_arg_file(struct dm_list *l, const struct dm_args *a, struct buf *b,
            const struct dm_arg_image *image)
{
    if (a->files != NULL && image->raw) {
        file_handed(l, a, b, image);
    } else {
        buf_str(b, "file=");
        dm_arg_quote(b, image->path);
    }
    if (a->files == NULL)
        return;
    a->files->grow |= !image->raw && image->writable;
    buf_str(b, ",auto-read-only=off");
}
