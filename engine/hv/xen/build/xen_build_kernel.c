/*
 * xen_build_kernel.c - the kernel of a guest: the library unpacks it, unless it
 * was unpacked for an earlier guest (kernel_keep.h).
 */
#include "engine/hv/xen/build/xen_build_int.h"

#include "engine/hv/kernel_file.h"
#include "src/base/buf.h"

int
build_kernel_file(struct build *bc)
{
    const struct hv_build *b = bc->b;
    char path[64];

    bc->is_kept =
        b->keep_dir != NULL && kernel_file_is_packed(b->kernel_fd) &&
        kernel_keep_open(&bc->keep, b->kernel_fd, b->keep_dir, b->keep_bytes);
    if (!bc->is_kept) {
        text_fmt(path, sizeof(path), "/proc/self/fd/%d", b->kernel_fd);
        return xc_dom_kernel_file(bc->dom, path);
    }
    if (bc->keep.kernel != NULL)
        return xc_dom_kernel_mem(bc->dom, bc->keep.kernel,
                                 bc->keep.kernel_bytes);
    return xc_dom_kernel_mem(bc->dom, bc->keep.packed, bc->keep.packed_bytes);
}

/* Only what has proved to be a kernel is kept. */
int
build_kernel_parse(struct build *bc)
{
    int r = xc_dom_parse_image(bc->dom);

    if (r == 0 && bc->is_kept && bc->keep.kernel == NULL &&
        bc->dom->kernel_blob != bc->keep.packed)
        kernel_keep_put(&bc->keep, bc->dom->kernel_blob, bc->dom->kernel_size);
    return r;
}

void
build_kernel_fini(struct build *bc)
{
    if (bc->is_kept)
        kernel_keep_close(&bc->keep);
    bc->is_kept = false;
}
