/*
 * console_signs.c - see console_signs.h: the table of lines.
 */
#include "engine/console/console_signs.h"

#include <stdbool.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* Where the text of a row stands in a line. */
enum place {
    ANYWHERE,
    AT_START /* behind the kernel's time, if there is one */
};

struct sign_row {
    const char *text;
    enum place place;
    struct console_sign sign;
};

/* The first row that a line holds counts: what says most comes first. */
static const struct sign_row rows[] = {
    /* The echo of a panic, and a panic that an oops has caused. */
    { "---[ end Kernel panic", ANYWHERE, { 2, "panic" } },
    { "not syncing: Fatal exception", ANYWHERE, { 5, "panic" } },
    { "Unable to mount root fs", ANYWHERE, { 9, "no root" } },
    { "Cannot open root device", ANYWHERE, { 8, "no root" } },
    { "No working init found", ANYWHERE, { 9, "no init" } },
    { "Attempted to kill init", ANYWHERE, { 9, "init died" } },
    { "deadlocked on memory", ANYWHERE, { 9, "out of memory" } },
    { "Kernel panic", ANYWHERE, { 9, "panic" } },
    { "PANIC: ", AT_START, { 9, "panic" } },
    { "panic: ", AT_START, { 9, "panic" } },
    /* It did not come so far. */
    { "No bootable device", ANYWHERE, { 8, "no boot device" } },
    { "error: no such device", ANYWHERE, { 7, "boot loader" } },
    { "error: no such partition", ANYWHERE, { 7, "boot loader" } },
    { "error: file `", ANYWHERE, { 7, "boot loader" } },
    { "grub rescue>", AT_START, { 4, "boot loader" } },
    { "Dropping to a shell!", ANYWHERE, { 8, "no root" } },
    { "Gave up waiting for root", ANYWHERE, { 7, "no root" } },
    { "RUN fsck MANUALLY", ANYWHERE, { 7, "fsck" } },
    { "You are in emergency mode", ANYWHERE, { 6, "emergency" } },
    { "Entering emergency mode", ANYWHERE, { 6, "emergency" } },
    { "password for maintenance", ANYWHERE, { 4, "emergency" } },
    /* A kernel that goes on, or does not say more. */
    { "BUG: unable to handle", ANYWHERE, { 7, "oops" } },
    { "Unable to handle kernel", ANYWHERE, { 7, "oops" } },
    { "kernel BUG at", ANYWHERE, { 7, "oops" } },
    { "general protection fault", ANYWHERE, { 7, "oops" } },
    { "Oops: ", ANYWHERE, { 6, "oops" } },
    { "Out of memory: Kill", ANYWHERE, { 6, "out of memory" } },
    { "invoked oom-killer", ANYWHERE, { 4, "out of memory" } },
    { "BUG: soft lockup", ANYWHERE, { 6, "hang" } },
    { "NMI watchdog", ANYWHERE, { 6, "hang" } },
    { "self-detected stall", ANYWHERE, { 5, "hang" } },
    { "blocked for more than", ANYWHERE, { 4, "hang" } },
    { "I/O error, dev ", ANYWHERE, { 3, "disk error" } },
    { "Buffer I/O error", ANYWHERE, { 3, "disk error" } },
    { "EXT4-fs error", ANYWHERE, { 3, "disk error" } },
};

/* Behind "[    1.234567] " and blanks. */
static const char *
signs_skip_time(const char *line)
{
    const char *s = line;

    if (*s == '[') {
        s += 1 + strspn(s + 1, " 0123456789.");
        s = *s == ']' ? s + 1 : line;
    }
    return s + strspn(s, " ");
}

static bool
sign_holds(const struct sign_row *r, const char *line, size_t len)
{
    if (r->place == AT_START)
        return strncmp(signs_skip_time(line), r->text, strlen(r->text)) == 0;
    return memmem(line, len, r->text, strlen(r->text)) != NULL;
}

const struct console_sign *
console_sign_of(const char *line)
{
    size_t i, len = strnlen(line, CONSOLE_LINE_MAX);

    for (i = 0; i < COUNT_OF(rows); i++)
        if (sign_holds(&rows[i], line, len))
            return &rows[i].sign;
    return NULL;
}
