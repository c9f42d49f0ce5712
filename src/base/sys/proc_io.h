/*
 * proc_io.h - what the kernel has counted of a process's reading and writing
 * (proc(5), /proc/PID/io).
 */
#ifndef XENDECK_BASE_PROC_IO_H
#define XENDECK_BASE_PROC_IO_H

#include <stdint.h>

/* Bytes that read(2) and its kind have returned, and write(2) and its kind
 * taken, from and to anything. path: /proc/PID/io or /proc/PID/task/TID/io.
 * 0: none yet, or the kernel does not count. */
uint64_t proc_io_read(const char *path);
uint64_t proc_io_written(const char *path);

#endif
