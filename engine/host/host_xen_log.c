/*
 * host_xen_log.c - the hypervisor's log, read as it grows (VIRQ_CON_RING) and
 * kept by lines in a bounded ring: Xen's own is 16 KiB, less than the output of
 * one debug key. Made safe to show: a guest's console may be in it.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/host/host_int.h"
#include "engine/host/xen_messages.h"
#include "src/base/log.h"
#include "src/base/xalloc.h"

#define LINES_MAX 4096
#define BYTES_MAX (256U * 1024)
#define LINE_MAX  2000
#define READ_MAX  (512U * 1024) /* in one go */

struct xen_log {
    char *line[LINES_MAX];
    size_t head, n, bytes;
    uint64_t first;  /* number of the oldest, from 1 */
    uint32_t index;  /* where the next read begins */
    struct buf part; /* a line whose end has not come */
};

static void
host_xen_log_drop_oldest(struct xen_log *xl)
{
    xl->bytes -= strlen(xl->line[xl->head]) + 1;
    free(xl->line[xl->head]);
    xl->line[xl->head] = NULL;
    xl->head = (xl->head + 1) % LINES_MAX;
    xl->n--;
    xl->first++;
}

static void
end_line(struct xen_log *xl)
{
    struct buf safe = { 0 };
    size_t size;

    buf_safe(&safe, buf_text(&xl->part), xl->part.len);
    size = safe.len + 1;
    while (xl->n > 0 && (xl->n == LINES_MAX || xl->bytes + size > BYTES_MAX))
        host_xen_log_drop_oldest(xl);
    xl->line[(xl->head + xl->n++) % LINES_MAX] = buf_take(&safe);
    xl->bytes += size;
    buf_clear(&xl->part);
}

static void
host_xen_log_take(struct xen_log *xl, const char *p, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (p[i] == '\n')
            end_line(xl);
        else if (xl->part.len < LINE_MAX && p[i] != '\r' && p[i] != '\0')
            buf_chr(&xl->part, p[i]);
    }
}

static struct xen_log *
host_xen_log_log_of(struct engine *en)
{
    if (host_room(en)->xen_log == NULL) {
        host_room(en)->xen_log = xcalloc(1, sizeof(*host_room(en)->xen_log));
        host_room(en)->xen_log->first = 1;
    }
    return host_room(en)->xen_log;
}

int
engine_xen_log_read(struct engine *en, struct err *e)
{
    struct xen_log *xl = host_xen_log_log_of(en);
    char chunk[16384];
    size_t n, total = 0;

    do {
        n = sizeof(chunk);
        if (hv_console_ring(engine_hv(en), chunk, &n, &xl->index, e) < 0)
            return -1;
        host_xen_log_take(xl, chunk, n);
        total += n;
    } while (n > 0 && total < READ_MAX);
    if (total > 0)
        engine_changed(en, ENGINE_CH_XENLOG);
    return 0;
}

void
xen_log_ready(struct engine *en)
{
    struct err e = { 0 };

    /* Nobody has looked yet: the first look reads it all. */
    if (host_room(en)->xen_log != NULL && engine_xen_log_read(en, &e) < 0)
        log_line(engine_log(en), LOGL_WARN, "%s", e.msg);
}

void
xen_log_free(struct engine *en)
{
    if (host_room(en)->xen_log == NULL)
        return;
    while (host_room(en)->xen_log->n > 0)
        host_xen_log_drop_oldest(host_room(en)->xen_log);
    buf_free(&host_room(en)->xen_log->part);
    free(host_room(en)->xen_log);
    host_room(en)->xen_log = NULL;
}

uint64_t
engine_xen_log_range(const struct engine *en, size_t *n_out)
{
    *n_out = host_room(en)->xen_log != NULL ? host_room(en)->xen_log->n : 0;
    return host_room(en)->xen_log != NULL ? host_room(en)->xen_log->first : 1;
}

const char *
engine_xen_log_line(const struct engine *en, uint64_t nth)
{
    const struct xen_log *xl = host_room(en)->xen_log;

    if (xl == NULL || nth < xl->first || nth - xl->first >= xl->n)
        return NULL;
    return xl->line[(xl->head + (size_t)(nth - xl->first)) % LINES_MAX];
}

int
engine_xen_log(struct engine *en, struct buf *out, struct err *e)
{
    uint64_t nth;
    const char *line;

    if (engine_xen_log_read(en, e) < 0)
        return -1;
    for (nth = host_room(en)->xen_log->first;
         (line = engine_xen_log_line(en, nth)) != NULL; nth++)
        buf_fmt(out, "%s\n", line);
    return 0;
}

/* Only characters that Xen's serial console would take. */
int
engine_debug_keys(struct engine *en, const char *keys, struct err *e)
{
    size_t n = strlen(keys), i;

    for (i = 0; i < n; i++)
        if (keys[i] <= ' ' || keys[i] > '~')
            break;
    if (n == 0 || n > 32 || i < n)
        return err_set(e, ERR_INVALID,
                       "debug-keys: found '%s', allowed 1 to 32 visible ASCII "
                       "characters (h lists them)",
                       keys);
    return hv_debug_keys(engine_hv(en), keys, e);
}
