/*
 * session.c - rights, output and paths of a session.
 */
#include "src/command/session.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "src/command/batch.h"
#include "src/command/screen.h"

/* What such a session may do, as a verb. */
static const char *
right_verb(enum session_right r)
{
    return r == RIGHT_NONE    ? "do nothing"
           : r == RIGHT_ADMIN ? "administer"
                              : session_right_name(r);
}

bool
session_may(const struct session *s, enum session_right need, const char *what,
            struct err *e)
{
    if (s->info.rights >= need)
        return true;
    if (s->host_read_only)
        err_set(e, ERR_DENIED,
                "%s: refused, this engine is read-only by its own settings or "
                "--read-only",
                what);
    else if (s->granted >= need)
        err_set(e, ERR_DENIED, "%s: refused, this session is read-only%s", what,
                s->screen != NULL ? " (`read-only off' ends that)" : "");
    else
        err_set(e, ERR_DENIED,
                "%s: refused, it needs the right to %s, and %s may only %s",
                what, right_verb(need),
                s->info.who[0] != '\0' ? s->info.who : "this session",
                right_verb(s->info.rights));
    return false;
}

bool
session_may_type(const struct session *s, struct err *e)
{
    return session_may(s, RIGHT_OPERATE, "typing into a guest", e);
}

bool
session_is_other_user(const struct session *s)
{
    return s->info.uid != (unsigned)geteuid();
}

void
session_put(struct session *s, enum session_to to, const char *text)
{
    size_t n = strlen(text);

    if (s->has_stdio)
        to = SESSION_ERR;
    if (n > 0 && s->output != NULL && (to == SESSION_ERR || !s->closed))
        s->output->put(s, to, text, n);
}

size_t
session_queued(const struct session *s)
{
    return s->output != NULL && !s->closed ? s->output->queued(s) : 0;
}

void
session_say(const struct session *s, const char *fmt, ...)
{
    struct buf text = { 0 };
    va_list ap;

    if (s->screen == NULL)
        return;
    va_start(ap, fmt);
    buf_vfmt(&text, fmt, ap);
    va_end(ap);
    s->screen->ops->notice(s->screen, EVENT_INFO, buf_text(&text));
    buf_free(&text);
}

void
session_path(const struct session *s, const char *path, struct buf *out)
{
    if (path[0] != '/' && path[0] != '\0' && s->cwd != NULL)
        buf_fmt(out, "%s%s", s->cwd,
                s->cwd[strlen(s->cwd) - 1] == '/' ? "" : "/");
    buf_str(out, path);
}

void
session_drained(struct session *s)
{
    if (s->batch != NULL)
        batch_drained(s->batch);
}

void
session_output_lost(struct session *s, int errnum)
{
    if (s->closed)
        return;
    s->closed = true;
    s->errnum = errnum;
    if (s->batch != NULL)
        batch_drained(s->batch);
}
