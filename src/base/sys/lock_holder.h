/*
 * lock_holder.h - who holds a lock on a file, for the sentence that says what
 * is waited for.
 */
#ifndef XENDECK_BASE_LOCK_HOLDER_H
#define XENDECK_BASE_LOCK_HOLDER_H

#include <stddef.h>

/* "pid 812 (xl)" of the process that has a flock(2) on the file of this
 * descriptor; "another process" if the kernel does not tell. */
void lock_holder(int fd, char *out, size_t out_size);

#endif
