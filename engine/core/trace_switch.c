/*
 * trace_switch.c - see trace_switch.h.
 */
#include "engine/core/trace_switch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "engine/core/engine_int.h"
#include "engine/dom0/dom0_trace.h"
#include "engine/hv/hv_trace.h"
#include "engine/store/store_trace.h"
#include "src/base/buf.h"

#define TRACE_BYTES (1024U * 1024)
#define TRACE_KEEP  2 /* rotated files beside it */
#define RING_LINES  1 /* the file is what is wanted */

void
engine_trace_path(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/trace", en->paths.run);
}

/* As long as this file is there every program of the host traces. */
static void
switch_path(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/trace.on", en->paths.run);
}

void
trace_stop(struct engine *en)
{
    if (en->parts.hv != NULL)
        hv_trace_stop(en->parts.hv);
    if (en->parts.dom0 != NULL)
        dom0_trace_stop(en->parts.dom0);
    if (en->parts.st != NULL)
        store_trace_stop(en->parts.st);
    log_free(en->trace);
    en->trace = NULL;
}

static int
trace_switch_start(struct engine *en, struct err *e)
{
    char path[512];
    struct log_opts lo = { .path = path,
                           .max_bytes = TRACE_BYTES,
                           .keep = TRACE_KEEP,
                           .ring_lines = RING_LINES,
                           .level = LOGL_DEBUG };
    struct err why = { 0 };

    engine_trace_path(en, path, sizeof(path));
    en->trace = log_new(&lo, &why);
    if (why.code != ERR_NONE) {
        trace_stop(en);
        return err_set(e, why.code, "trace: %s", why.msg);
    }
    hv_trace_start(en->parts.hv, en->trace);
    store_trace_start(en->parts.st, en->trace);
    dom0_trace_start(en->parts.dom0, en->trace);
    return 0;
}

static int
switch_on(const char *path, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_sys(e, errno, "trace: %s", path);
    close(fd);
    return 0;
}

int
engine_trace(struct engine *en, bool on, struct err *e)
{
    char path[512];

    switch_path(en, path, sizeof(path));
    if (on)
        return (en->trace == NULL && trace_switch_start(en, e) < 0)
                   ? -1
                   : switch_on(path, e);
    trace_stop(en);
    if (unlink(path) < 0 && errno != ENOENT)
        return err_sys(e, errno, "trace: %s", path);
    return 0;
}

/* Whoever switched it on has seen whether the file can be written. */
void
trace_follow(struct engine *en)
{
    char path[512];
    bool on;

    switch_path(en, path, sizeof(path));
    on = access(path, F_OK) == 0;
    if (on && en->trace == NULL)
        (void)trace_switch_start(en, NULL);
    else if (!on && en->trace != NULL)
        trace_stop(en);
}

bool
engine_trace_on(const struct engine *en)
{
    return en->trace != NULL;
}

const char *
engine_trace_error(const struct engine *en)
{
    return en->trace != NULL ? log_file_error(en->trace) : NULL;
}
