/*
 * proc_io.c - see proc_io.h.
 */
#include "src/base/sys/proc_io.h"

#include <string.h>

#include "src/base/fdio.h"

#define IO_MAX 4096

static uint64_t
proc_io_count(const char *path, const char *key)
{
    struct buf io = { 0 };
    unsigned long long n = 0;
    char digits[24];
    const char *at;

    if (fd_read_file(path, IO_MAX, &io, NULL) == 0) {
        at = strstr(buf_text(&io), key);
        at = at != NULL ? at + strlen(key) : "";
        text_fmt(digits, sizeof(digits), "%.*s", (int)strcspn(at, "\n"), at);
        (void)text_u64(digits, 0, UINT64_MAX, &n);
    }
    buf_free(&io);
    return n;
}

uint64_t
proc_io_read(const char *path)
{
    return proc_io_count(path, "rchar: ");
}

uint64_t
proc_io_written(const char *path)
{
    return proc_io_count(path, "wchar: ");
}
