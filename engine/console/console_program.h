/*
 * console_program.h - a program of dom0 that talks in the console of a domain
 * before its guest does: a boot loader with its menu.
 */
#ifndef XENDECK_ENGINE_CONSOLE_PROGRAM_H
#define XENDECK_ENGINE_CONSOLE_PROGRAM_H

#include <stddef.h>

struct console;
struct dom_entry;

/* Embedded in its owner; zeroed means not shown. */
struct console_program {
    char name[48]; /* "pygrub" */
    int fd;        /* the master of its terminal; stays the owner's */
    /* What it has said; the console has it already. */
    void (*said)(struct console_program *p, const char *bytes, size_t n);
    void (*typed)(struct console_program *p); /* a key went to it */
    struct console *con; /* NULL: nobody shows it (any more) */
};

/* The primary console shows p from here on, and gives it what is typed. */
void console_show_program(struct dom_entry *de, struct console_program *p);
/* What waits in its terminal is shown; then the console waits for its guest.
 * Idempotent. */
void console_hide_program(struct console_program *p);

#endif
