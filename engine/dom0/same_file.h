/*
 * same_file.h - is this path a file that is known by its numbers? Asked of
 * paths of others, which may lie on a file system that answers no more: one
 * that is remote, and not that of the known file, is never touched.
 */
#ifndef XENDECK_ENGINE_SAME_FILE_H
#define XENDECK_ENGINE_SAME_FILE_H

#include <stdbool.h>
#include <stdint.h>

struct known_file {
    const char *mounts; /* the text of /proc/self/mountinfo */
    uint64_t dev, ino;
};

/* path: absolute; symbolic links are followed. */
bool same_file_path(const struct known_file *k, const char *path);
/* May it be that another host, or a process, serves this file, so that a look
 * at it can take for ever? Told without a look at what is remote. path:
 * absolute; mounts: the text of /proc/self/mountinfo. */
bool path_is_remote(const char *mounts, const char *path);
/* Space and the like stand as \040 in the tables of the kernel. */
void mount_unescape(char *s);

#endif
