/*
 * err.c - errors: a code for the program and one sentence for the operator.
 * Every sentence is formatted aside and made safe before it is stored, so its
 * parts may come from a guest, or from the very error that is being replaced.
 * errno is left as it was.
 */
#include "src/base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"

/* Formats into tmp; a text that had to be cut ends on a whole character. */
static void
format_cut(char *tmp, size_t size, const char *fmt, va_list ap)
{
    int r = vsnprintf(tmp, size, fmt, ap);

    if (r < 0)
        tmp[0] = '\0';
    else if ((size_t)r >= size)
        tmp[text_cut(tmp, size - 1)] = '\0';
}

int
err_vset(struct err *e, enum err_code code, const char *fmt, va_list ap)
{
    char tmp[ERR_MSG_MAX];
    int saved = errno;

    if (e == NULL)
        return -1;
    format_cut(tmp, sizeof tmp, fmt, ap);
    e->code = code;
    e->sys = 0;
    text_safe(e->msg, sizeof e->msg, tmp, sizeof tmp);
    errno = saved;
    return -1;
}

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    err_vset(e, code, fmt, ap);
    va_end(ap);
    return -1;
}

int
err_sys(struct err *e, int errnum, const char *fmt, ...)
{
    char tmp[ERR_MSG_MAX], why_buf[128];
    int saved = errno;
    const char *why;
    va_list ap;

    if (e == NULL)
        return -1;
    va_start(ap, fmt);
    format_cut(tmp, sizeof tmp, fmt, ap);
    va_end(ap);
    /* libraries of Xen fail now and then without setting errno */
    why = errnum == 0 ? "unknown reason"
                      : strerror_r(errnum, why_buf, sizeof why_buf);
    err_set(e, err_code_of_errno(errnum), "%s: %s", tmp, why);
    e->sys = errnum;
    errno = saved;
    return -1;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
    char tmp[ERR_MSG_MAX];
    int saved = errno, sys;
    va_list ap;

    if (e == NULL)
        return -1;
    va_start(ap, fmt);
    format_cut(tmp, sizeof tmp, fmt, ap);
    va_end(ap);
    sys = e->sys;
    err_set(e, e->code, "%s: %s", tmp, e->msg);
    e->sys = sys;
    errno = saved;
    return -1;
}

void
err_clear(struct err *e)
{
    if (e == NULL)
        return;
    e->code = ERR_NONE;
    e->sys = 0;
    e->msg[0] = '\0';
}

enum err_code
err_code_of_errno(int errnum)
{
    static const struct {
        int errnum;
        enum err_code code;
    } codes[] = {
        { EINVAL, ERR_INVALID },      { ERANGE, ERR_RANGE },
        { E2BIG, ERR_RANGE },         { EDOM, ERR_RANGE },
        { ENOENT, ERR_NOENT },        { ESRCH, ERR_NOENT },
        { ENODEV, ERR_NOENT },        { ENXIO, ERR_NOENT },
        { EEXIST, ERR_EXISTS },       { EPERM, ERR_DENIED },
        { EACCES, ERR_DENIED },       { EBUSY, ERR_BUSY },
        { ETXTBSY, ERR_BUSY },        { ENOMEM, ERR_NOMEM },
        { ENOSYS, ERR_UNSUPPORTED },  { EOPNOTSUPP, ERR_UNSUPPORTED },
        { ENOTSUP, ERR_UNSUPPORTED }, { ETIMEDOUT, ERR_TIMEOUT },
        { ECANCELED, ERR_CANCELLED }, { EPIPE, ERR_LOST },
        { ECONNRESET, ERR_LOST },     { EBADF, ERR_LOST },
        { ECONNREFUSED, ERR_LOST },   { ENOTCONN, ERR_LOST },
        { EAGAIN, ERR_AGAIN },
    };
    size_t i;

    for (i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].errnum == errnum)
            return codes[i].code;
    return ERR_IO;
}

const char *
err_code_name(enum err_code code)
{
    static const char *const names[] = {
        [ERR_NONE] = "none",
        [ERR_INVALID] = "invalid",
        [ERR_RANGE] = "out-of-range",
        [ERR_NOENT] = "not-found",
        [ERR_EXISTS] = "exists",
        [ERR_DENIED] = "denied",
        [ERR_BUSY] = "busy",
        [ERR_NOMEM] = "no-memory",
        [ERR_UNSUPPORTED] = "unsupported",
        [ERR_TIMEOUT] = "timeout",
        [ERR_CANCELLED] = "cancelled",
        [ERR_LOST] = "lost",
        [ERR_AGAIN] = "again",
        [ERR_IO] = "io",
    };
    size_t i = (size_t)code;

    return i < sizeof names / sizeof names[0] ? names[i] : "unknown";
}
