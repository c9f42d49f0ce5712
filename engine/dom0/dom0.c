/*
 * dom0.c - the wrappers around a driver's table of operations. Invariant:
 * callers never test operation pointers; what a driver lacks is refused here
 * with one sentence.
 */
#include "engine/dom0/dom0.h"

#include <errno.h>
#include <string.h>

#include "engine/dom0/dom0_driver.h"
#include "engine/dom0/dom0_model_log.h"
#include "src/base/buf.h"

#define LOG_TAIL 2048 /* bytes, for the last line of a log */

static int
dom0_lacks(const struct dom0 *d, const char *what, struct err *e)
{
    return err_set(e, ERR_UNSUPPORTED, "%s: no %s", d->ops->name, what);
}

#define DOM0_OP(name, params, args, ...)                                       \
    int dom0_##name params                                                     \
    {                                                                          \
        return d->ops->name != NULL ? d->ops->name args                        \
                                    : dom0_lacks(d, #name, e);                 \
    }
#define DOM0_DO(name, params, args, ...)                                       \
    void dom0_##name params                                                    \
    {                                                                          \
        if (d->ops->name != NULL)                                              \
            d->ops->name args;                                                 \
    }
#include "engine/dom0/dom0_ops.def"

void
dom0_close(struct dom0 *d)
{
    if (d != NULL && d->ops->close != NULL)
        d->ops->close(d);
}

int
dom0_places(struct dom0 *d, const char *state, const char *run,
            struct engine_paths *out, struct err *e)
{
    memset(out, 0, sizeof(*out));
    return d->ops->places != NULL ? d->ops->places(d, state, run, out, e)
                                  : dom0_lacks(d, "places", e);
}

bool
dom0_file_is_remote(struct dom0 *d, const char *path)
{
    return d->ops->file_is_remote == NULL || d->ops->file_is_remote(d, path);
}

int
dom0_script_errno(struct dom0 *d, const char *path)
{
    return d->ops->script_errno != NULL ? d->ops->script_errno(d, path)
                                        : ENOSYS;
}

int
dom0_end_left_scripts(struct dom0 *d, dom0_left_script_cb *cb, void *arg,
                      struct err *e)
{
    return d->ops->end_left_scripts != NULL
               ? d->ops->end_left_scripts(d, cb, arg, e)
               : 0;
}

bool
dom0_has_model_program(struct dom0 *d)
{
    return d->ops->has_model_program != NULL && d->ops->has_model_program(d);
}

void
dom0_model_user(struct dom0 *d, uint32_t domid, char *dst, size_t n)
{
    dst[0] = '\0';
    if (d->ops->model_user != NULL)
        d->ops->model_user(d, domid, dst, n);
}

void
dom0_model_root(struct dom0 *d, uint32_t domid, char *dst, size_t n)
{
    dst[0] = '\0';
    if (d->ops->model_root != NULL)
        d->ops->model_root(d, domid, dst, n);
}

enum life
dom0_model_serves(struct dom0 *d, uint32_t domid, uint64_t pid)
{
    return d->ops->model_serves != NULL ? d->ops->model_serves(d, domid, pid)
                                        : LIFE_GONE;
}

void
dom0_model_log_end(struct dom0 *d, const char *log, size_t max, struct buf *out)
{
    if (d->ops->model_log_end != NULL)
        d->ops->model_log_end(d, log, max, out);
}

void
dom0_model_log_tail(struct dom0 *d, const char *log, char *dst, size_t n)
{
    struct buf text = { 0 };
    const char *s, *end;

    dst[0] = '\0';
    dom0_model_log_end(d, log, LOG_TAIL, &text);
    end = buf_text(&text) + text.len;
    while (end > buf_text(&text) && end[-1] == '\n')
        end--;
    for (s = end; s > buf_text(&text) && s[-1] != '\n'; s--)
        ;
    (void)text_safe(dst, n, s, (size_t)(end - s));
    buf_free(&text);
}

bool
dom0_stays_up(const struct dom0 *d)
{
    return d->ops->stays_up;
}
