/*
 * linux_consoled.c - xenconsoled, which logs the consoles of guests under the
 * names that they had when it first saw them, and looks again when it is told
 * to open its logs anew.
 */
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "engine/dom0/linux/linux_int.h"
#include "src/base/fdio.h"

#define COMM_MAX 64

static bool
is_consoled(const char *pid)
{
    char path[64];
    struct buf comm = { 0 };
    bool is;

    text_fmt(path, sizeof(path), "/proc/%.16s/comm", pid);
    is = fd_read_file(path, COMM_MAX, &comm, NULL) == 0 &&
         strcmp(buf_text(&comm), "xenconsoled\n") == 0;
    buf_free(&comm);
    return is;
}

void
linux_console_logs(struct dom0 *d)
{
    DIR *dir = opendir("/proc");
    struct dirent *de;
    unsigned long long pid;

    (void)d;
    while (dir != NULL && (de = readdir(dir)) != NULL)
        if (text_u64(de->d_name, 2, DOM0_MODEL_PID_MAX, &pid) &&
            is_consoled(de->d_name))
            (void)kill((pid_t)pid, SIGHUP);
    if (dir != NULL)
        closedir(dir);
}
