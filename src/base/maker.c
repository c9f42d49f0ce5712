/*
 * maker.c - see maker.h.
 */
#include "src/base/maker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"

/* LIFE_GONE: there is no such file, or its process has ended meanwhile. */
static enum life
read_line(const char *path, char *out, size_t out_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), errnum = errno;
    ssize_t n = -1;

    if (fd >= 0) {
        n = read(fd, out, out_size - 1);
        errnum = errno;
        close(fd);
    }
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
    if (n > 0)
        return LIFE_ALIVE;
    return n < 0 && (errnum == ENOENT || errnum == ESRCH) ? LIFE_GONE
                                                          : LIFE_UNKNOWN;
}

/* Field 22 of /proc/PID/stat, clock ticks since boot; 0: not known. */
static unsigned long long
start_time(long pid, enum life *life_out)
{
    char path[64], stat[1024], *s;
    int i;

    text_fmt(path, sizeof(path), "/proc/%ld/stat", pid);
    *life_out = read_line(path, stat, sizeof(stat));
    s = strrchr(stat, ')'); /* the name before it may hold anything */
    for (i = 2; s != NULL && i < 22; i++)
        s = strchr(s + 1, ' ');
    return s != NULL ? strtoull(s, NULL, 10) : 0;
}

void
maker_boot(char *out, size_t out_size)
{
    (void)read_line("/proc/sys/kernel/random/boot_id", out, out_size);
}

void
maker_self(char *out, size_t out_size)
{
    char boot[64];
    enum life life;

    maker_boot(boot, sizeof(boot));
    text_fmt(out, out_size, "%s %ld %llu", boot, (long)getpid(),
             start_time(getpid(), &life));
}

static long
pid_of(const char *text)
{
    const char *s = strchr(text, ' ');

    return s != NULL ? strtol(s, NULL, 10) : 0;
}

/* A process that could not look wrote no boot: then its pid and start count. */
static bool
other_boot(const char *text, const char *boot)
{
    size_t n = strcspn(text, " ");

    return n > 0 && (strlen(boot) != n || strncmp(text, boot, n) != 0);
}

enum life
maker_life(const char *text)
{
    const char *s = strchr(text, ' ');
    unsigned long long then = 0, now;
    long pid = pid_of(text);
    enum life life;
    char boot[64];

    if (pid <= 0)
        return LIFE_GONE;
    maker_boot(boot, sizeof(boot));
    if (boot[0] == '\0')
        return LIFE_UNKNOWN;
    if (other_boot(text, boot))
        return LIFE_GONE;
    s = strchr(s + 1, ' ');
    if (s != NULL)
        then = strtoull(s, NULL, 10);
    now = start_time(pid, &life);
    if (life != LIFE_ALIVE)
        return life;
    if (now == 0 || then == 0)
        return LIFE_UNKNOWN;
    return now == then ? LIFE_ALIVE : LIFE_GONE;
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
    (void)read_line(path, name, sizeof(name));
    text_safe(name, sizeof(name), name, strlen(name));
    text_fmt(out, out_size, "pid %ld%s%s%s", pid, name[0] ? " (" : "", name,
             name[0] ? ")" : "");
}

void
maker_add_closing(int fd)
{
    char text[160] = "";
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

    if (n <= 0 || strstr(text, MAKER_CLOSING) != NULL)
        return;
    if (text[n - 1] == '\n')
        n--;
    (void)!pwrite(fd, " " MAKER_CLOSING "\n", strlen(MAKER_CLOSING) + 2, n);
}
