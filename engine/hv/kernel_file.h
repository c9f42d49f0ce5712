/*
 * kernel_file.h - what kind of file somebody gave as a kernel, for the sentence
 * that refuses it. Reads a descriptor with pread, never moves its offset.
 */
#ifndef XENDECK_ENGINE_HV_KERNEL_FILE_H
#define XENDECK_ENGINE_HV_KERNEL_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

/* "a Linux bzImage", "a text file"...: never NULL, static. */
const char *kernel_file_kind(int fd);
/* A bzImage or an x86 ELF image: what could be a kernel here. */
bool kernel_file_for_x86(int fd);
/* What it is, if that is certainly nothing that boots; else NULL. */
const char *kernel_file_unfit(int fd);
/* Has a kernel to be unpacked before it can be read: a bzImage, or a compressed
 * file. */
bool kernel_file_is_packed(int fd);
/* True if the headers promise more bytes than the file has. */
bool kernel_file_cut_short(int fd);
/* Refuses what is no regular file, empty, or above max_bytes. what: "kernel",
 * "ramdisk". Returns 0 or -1 with *e. */
int kernel_file_check(int fd, const char *what, uint64_t max_bytes,
                      struct err *e);

#endif
