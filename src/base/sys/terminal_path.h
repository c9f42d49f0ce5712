/*
 * terminal_path.h - which terminal an open file is of, by its device number.
 */
#ifndef XENDECK_BASE_TERMINAL_PATH_H
#define XENDECK_BASE_TERMINAL_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* The path of the terminal in this process's /dev, also where fd was opened as
 * /dev/tty. False: it has none here. */
bool terminal_path(int fd, char *dst, size_t n);
/* "pts/3", for people; "" if fd was not opened at its path here: the number may
 * be of another instance of devpts. Does not wait, whatever fd is. */
void terminal_name(int fd, char *dst, size_t n);

#endif
