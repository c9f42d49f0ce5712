/*
 * maker.c - see maker.h.
 */
#include "src/base/maker.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"

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

void
maker_boot(char *out, size_t out_size)
{
    read_line("/proc/sys/kernel/random/boot_id", out, out_size);
}

static void
maker_of(long pid, char *out, size_t out_size)
{
    char boot[64];

    maker_boot(boot, sizeof(boot));
    text_fmt(out, out_size, "%s %ld %llu", boot, pid, start_time(pid));
}

void
maker_self(char *out, size_t out_size)
{
    maker_of(getpid(), out, out_size);
}

static long
pid_of(const char *text)
{
    const char *s = strchr(text, ' ');

    return s != NULL ? strtol(s, NULL, 10) : 0;
}

bool
maker_alive(const char *text)
{
    long pid = pid_of(text);
    char now[128];
    size_t n;

    if (pid <= 0)
        return false;
    maker_of(pid, now, sizeof(now));
    n = strlen(now);
    return strncmp(now, text, n) == 0 && (text[n] == '\0' || text[n] == ' ');
}

void
maker_show(const char *text, char *out, size_t out_size)
{
    char path[64], name[64] = "";
    long pid = pid_of(text);

    if (pid <= 0) {
        text_fmt(out, out_size, "another process");
        return;
    }
    text_fmt(path, sizeof(path), "/proc/%ld/comm", pid);
    read_line(path, name, sizeof(name));
    text_safe(name, sizeof(name), name, strlen(name));
    text_fmt(out, out_size, "pid %ld%s%s%s", pid, name[0] ? " (" : "", name,
             name[0] ? ")" : "");
}
