/*
 * maker.c - who builds a domain: a process named so that a later one can tell
 * whether it still lives, across reuse of pids and reboots of dom0.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/life/create_int.h"

static void
read_line(const char *path, char *out, size_t out_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;

    if (fd >= 0) {
        n = read(fd, out, out_size - 1);
        close(fd);
    }
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

/* Field 22 of /proc/PID/stat, clock ticks since boot; 0: no such process. */
static unsigned long long
start_time(long pid)
{
    char path[64], stat[1024], *s;
    int i;

    text_fmt(path, sizeof(path), "/proc/%ld/stat", pid);
    read_line(path, stat, sizeof(stat));
    s = strrchr(stat, ')'); /* the name before it may hold anything */
    for (i = 2; s != NULL && i < 22; i++)
        s = strchr(s + 1, ' ');
    return s != NULL ? strtoull(s, NULL, 10) : 0;
}

static void
maker_of(long pid, char *out, size_t out_size)
{
    char boot[64];

    read_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
    text_fmt(out, out_size, "%s %ld %llu", boot, pid, start_time(pid));
}

void
maker_self(char *out, size_t out_size)
{
    maker_of(getpid(), out, out_size);
}

bool
maker_alive(const char *text)
{
    const char *s = strchr(text, ' ');
    char now[128];

    if (s == NULL)
        return false;
    maker_of(strtol(s, NULL, 10), now, sizeof(now));
    return strcmp(now, text) == 0;
}
