/*
 * kernel_keep.h - kernels that were unpacked once, kept in a directory so that
 * the next guest of the same kernel needs no unpacking.
 *
 * A kernel is found by its content: an entry holds the packed file beside the
 * unpacked kernel, and serves one that is equal to that in every byte. So a
 * file that was changed, or one that a guest made up, never gets another's
 * kernel. An entry serves until the next boot of this host: what a power cut
 * leaves of it is of no use to anybody. All of this blocks and is for helper
 * processes, but the sweep. What cannot be kept is no error.
 */
#ifndef XENDECK_ENGINE_HV_KERNEL_KEEP_H
#define XENDECK_ENGINE_HV_KERNEL_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KERNEL_KEEP_DIR "kernels" /* below the state directory */

/* One kernel that is looked for. Made by kernel_keep_open; its memory stays
 * where it is until kernel_keep_close. */
struct kernel_keep {
    char *packed; /* the file, read at once: nobody changes it meanwhile */
    size_t packed_bytes;
    const char *kernel; /* unpacked, as it is kept; NULL: it is not */
    size_t kernel_bytes;
    /* The rest is kernel_keep.c's. */
    char path[512]; /* of the entry; "": the name cannot be had */
    uint64_t max_bytes;
    int part_fd; /* locked: this process is the one to unpack it; or -1 */
    void *map;
    size_t map_bytes;
};

/* Reads the packed kernel of fd, which begins at its offset 0, and looks for it
 * among those kept in dir. If it is not there another process may be about to
 * unpack it: then it waits for that one. max_bytes: what all entries may have
 * together. False: the file cannot be read, or there is no memory for it; then
 * there is nothing to close. */
bool kernel_keep_open(struct kernel_keep *k, int fd, const char *dir,
                      uint64_t max_bytes);
/* The kernel that it unpacked to, for those who come later; older entries give
 * way. Nothing if it was kept already, or if there is no room. */
void kernel_keep_put(struct kernel_keep *k, const void *kernel, size_t n);
void kernel_keep_close(struct kernel_keep *k);

/* Removes what no later kernel is to be served from: entries of earlier boots,
 * damaged ones, parts that a killed process has left, then the oldest until
 * they have max_bytes at most. A directory that is not there has none. */
void kernel_keep_sweep(const char *dir, uint64_t max_bytes);

#endif
