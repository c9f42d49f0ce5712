/*
 * xen_log.c - the logger given to the Xen libraries.
 * Invariant: nothing reaches stderr, and every line is made safe, for it may
 * hold bytes of a kernel image or of a guest. errno survives a line: the
 * libraries log between the failure and the caller's look at it.
 */
#include "engine/hv/xen/xen_int.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"

static enum log_level
xen_log_level_of(const struct xen_logger *xl, xentoollog_level level)
{
    if (level >= XTL_ERROR)
        return xl->quiet > 0 ? LOGL_DEBUG : LOGL_ERROR;
    if (level == XTL_WARN)
        return LOGL_WARN;
    return level >= XTL_INFO ? LOGL_INFO : LOGL_DEBUG;
}

static void
emit(struct xen_logger *xl, enum log_level level, const char *text)
{
    if (xl->say != NULL)
        xl->say(xl->arg, level, text);
    log_line(xl->lg, level, "%s", text);
}

static void
xen_log_remember(struct xen_logger *xl, const char *text)
{
    if (xl->first[0] == '\0')
        text_fmt(xl->first, sizeof(xl->first), "%s", text);
    text_fmt(xl->last, sizeof(xl->last), "%s", text);
}

static void __attribute__((format(printf, 5, 0)))
on_message(struct xentoollog_logger *lg, xentoollog_level level, int errnoval,
           const char *context, const char *fmt, va_list ap)
{
    struct xen_logger *xl = container_of(lg, struct xen_logger, xtl);
    int saved = errno;
    char raw[512], text[512], line[640];

    if (vsnprintf(raw, sizeof(raw), fmt, ap) < 0)
        raw[0] = '\0';
    raw[strcspn(raw, "\n")] = '\0';
    text_safe(text, sizeof(text), raw, strlen(raw));
    if (level >= XTL_ERROR)
        xen_log_remember(xl, text);
    text_fmt(line, sizeof(line), "%s: %s%s%s", context ? context : "xen", text,
             errnoval > 0 ? ": " : "", errnoval > 0 ? strerror(errnoval) : "");
    emit(xl, xen_log_level_of(xl, level), line);
    errno = saved;
}

static void
xen_log_on_progress(struct xentoollog_logger *lg, const char *context,
                    const char *doing_what, int percent, unsigned long done,
                    unsigned long total)
{
    struct xen_logger *xl = container_of(lg, struct xen_logger, xtl);
    int saved = errno;

    (void)context;
    (void)done;
    if (xl->progress != NULL && total > 0 && percent >= 0 && percent <= 100)
        xl->progress(xl->progress_arg, percent, doing_what);
    errno = saved;
}

/* The logger lives in its owner's struct; the library wants the function. */
static void
on_destroy(struct xentoollog_logger *lg)
{
    (void)lg;
}

void
xen_log_init(struct xen_logger *xl, struct log *lg, xen_say_cb say, void *arg)
{
    memset(xl, 0, sizeof(*xl));
    xl->xtl.vmessage = on_message;
    xl->xtl.progress = xen_log_on_progress;
    xl->xtl.destroy = on_destroy;
    xl->lg = lg;
    xl->say = say;
    xl->arg = arg;
}

void
xen_log_reset(struct xen_logger *xl)
{
    xl->first[0] = xl->last[0] = '\0';
}

void
xen_log_say(struct xen_logger *xl, enum log_level level, const char *fmt, ...)
{
    char raw[512], text[512];
    va_list ap;
    int r;

    va_start(ap, fmt);
    r = vsnprintf(raw, sizeof(raw), fmt, ap);
    va_end(ap);
    if (r < 0)
        return;
    text_safe(text, sizeof(text), raw, strlen(raw));
    emit(xl, level, text);
}

/* "panic: SOURCE:690: xc_dom_find_loader: no loader found: ..." is for the log;
 * an operator gets what follows the last of these. */
const char *
xen_log_detail(const char *text)
{
    const char *p = strncmp(text, "panic: ", 7) == 0 ? text + 7 : text;
    size_t n = strcspn(p, " ");

    if (n > 1 && p[n - 1] == ':' && memchr(p, '.', n) != NULL && p[n] == ' ')
        p += n + 1;
    if (strncmp(p, "xc_", 3) == 0 || strncmp(p, "elf_", 4) == 0) {
        n = strcspn(p, " ");
        if (p[n] == ' ')
            p += n + 1;
    }
    return p;
}
