/*
 * xl_line.c - the xl line that would do what an operation does: for people who
 * know xl, and for the event log. Words are quoted so that a shell takes the
 * line as it stands.
 */
#include <stdarg.h>
#include <string.h>

#include "engine/task/task_int.h"
#include "engine/task/xl_line.h"
#include "src/base/buf.h"

static bool
plain(const char *s)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_./:=@%+,-";

    return *s != '\0' && s[strspn(s, safe)] == '\0';
}

static void
xl_line_word(struct buf *out, const char *text)
{
    if (plain(text)) {
        buf_str(out, text);
        return;
    }
    buf_chr(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            buf_str(out, "'\\''");
        else
            buf_chr(out, *text);
    }
    buf_chr(out, '\'');
}

const char *
xl_quote(char *dst, size_t dst_size, const char *text)
{
    struct buf b = { 0 };

    xl_line_word(&b, text);
    text_fmt(dst, dst_size, "%s", b.len < dst_size ? b.data : "");
    buf_free(&b);
    return dst;
}

void
task_set_xl(struct task *t, const char *fmt, ...)
{
    struct buf b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    /* A line that is cut would do something else. */
    text_fmt(t->op->xl, sizeof(t->op->xl), "%s",
             b.len < sizeof(t->op->xl) ? buf_text(&b) : "");
    buf_free(&b);
}

void
task_set_title(struct task *t, const char *title)
{
    text_safe(t->op->title, sizeof(t->op->title), title, strlen(title));
}

void
task_set_xl_words(struct task *t, const char *xl, const char *const *words)
{
    struct buf b = { 0 };

    buf_str(&b, xl);
    for (; *words != NULL; words++) {
        buf_chr(&b, ' ');
        xl_line_word(&b, *words);
    }
    task_set_xl(t, "%s", buf_text(&b));
    buf_free(&b);
}

void
op_xl(struct op *o)
{
    static const char *const verbs[OP_VERBS] = {
        [OP_SHUTDOWN] = "shutdown", [OP_REBOOT] = "reboot",
        [OP_DESTROY] = "destroy",   [OP_PAUSE] = "pause",
        [OP_UNPAUSE] = "unpause",
    };
    char name[sizeof(o->xl) - 16];

    if (o->verb >= OP_VERBS || verbs[o->verb] == NULL)
        return;
    xl_quote(name, sizeof(name), o->name);
    if (name[0] != '\0')
        text_fmt(o->xl, sizeof(o->xl), "xl %s %s", verbs[o->verb], name);
}
