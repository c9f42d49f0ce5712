/*
 * maker.h - processes named so that a later one can tell whether they still
 * live, across reuse of pids and reboots of dom0.
 */
#ifndef XENDECK_BASE_MAKER_H
#define XENDECK_BASE_MAKER_H

#include <stdbool.h>
#include <stddef.h>

/* The kernel's id of this boot of dom0, "" if it gives none. */
void maker_boot(char *out, size_t out_size);
/* "BOOT_ID PID STARTTIME" of this process. */
void maker_self(char *out, size_t out_size);
/* A look that fails, as for want of a descriptor, proves neither. */
enum life { LIFE_GONE, LIFE_ALIVE, LIFE_UNKNOWN };
/* Does the process that wrote this text still live? What follows the three
 * words is left out of it. A text that names no process: LIFE_GONE. */
enum life maker_life(const char *text);
/* Adds the word MAKER_CLOSING to such a text in a lock file: its process ends
 * in order, which may take a minute. Once; what cannot be written is left. */
void maker_add_closing(int fd);
#define MAKER_CLOSING "closing"
/* "pid 812 (xendeck)", of the process that wrote this text. */
void maker_show(const char *text, char *out, size_t out_size);

#endif
