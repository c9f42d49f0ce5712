/*
 * proc_state.c - see proc_state.h.
 */
#include "src/base/sys/proc_state.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "src/base/text.h"

int
proc_state_open(pid_t pid)
{
    char path[64];

    text_fmt(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* "PID (NAME) STATE ...": a name may have brackets of its own. */
bool
proc_state_stopped(int fd)
{
    char stat[128], *end;
    ssize_t n = fd >= 0 ? pread(fd, stat, sizeof(stat), 0) : -1;

    end = n > 0 ? memrchr(stat, ')', (size_t)n) : NULL;
    return end != NULL && stat + n - end > 2 && end[2] == 'T';
}
