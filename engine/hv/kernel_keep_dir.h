/*
 * kernel_keep_dir.h - the directory of kept kernels, and what an entry of it
 * begins with: for kernel_keep.c and kernel_keep_dir.c alone.
 */
#ifndef XENDECK_ENGINE_HV_KERNEL_KEEP_DIR_H
#define XENDECK_ENGINE_HV_KERNEL_KEEP_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEEP_MAGIC     "xendeck kernel 1"
#define KEEP_BOOT      48
#define KEEP_PAGE      4096U
#define KEEP_BYTES_MAX (512U << 20)
#define KEEP_SUFFIX    ".kernel"
#define KEEP_PART      ".part"

struct kernel_keep_head {
    char magic[16];
    char boot[KEEP_BOOT]; /* when it was written, as maker_boot has it */
    uint64_t packed_bytes, kernel_bytes, kernel_sum;
};

/* Does the file begin as an entry of this boot, is it of that length, and this
 * user's alone to write? */
bool kernel_keep_head(int fd, const char *boot, struct kernel_keep_head *out);
uint64_t kernel_keep_sum(const void *bytes, size_t n);
/* Removes the entries that were used least until all have max_bytes at most. */
void kernel_keep_make_room(const char *dir, uint64_t max_bytes);

#endif
