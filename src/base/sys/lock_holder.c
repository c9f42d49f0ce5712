/*
 * lock_holder.c - see lock_holder.h. The kernel lists all locks in /proc/locks,
 * a line each: "4: FLOCK  ADVISORY  WRITE 812 fe:01:133 0 EOF".
 */
#include "src/base/sys/lock_holder.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/maker.h"

#define LOCKS_MAX (4U << 20)

/* The device numbers there are of the file system, which some hide from
 * stat(2): the inode is enough for a sentence. */
static long
holder_in(const char *line, unsigned long long ino)
{
    unsigned long long found;
    unsigned major, minor;
    long pid;

    if (sscanf(line, "%*d: FLOCK %*s WRITE %ld %x:%x:%llu", &pid, &major,
               &minor, &found) != 4 ||
        found != ino)
        return 0;
    return pid;
}

void
lock_holder(int fd, char *out, size_t out_size)
{
    struct buf text = { 0 };
    char maker[64];
    const char *s;
    struct stat st;
    long pid = 0;

    if (fstat(fd, &st) == 0 &&
        fd_read_file("/proc/locks", LOCKS_MAX, &text, NULL) == 0)
        for (s = buf_text(&text); *s != '\0' && pid == 0;
             s += strcspn(s, "\n"), s += *s == '\n')
            pid = holder_in(s, st.st_ino);
    buf_free(&text);
    text_fmt(maker, sizeof(maker), "boot %ld", pid);
    maker_show(maker, out, out_size);
}
