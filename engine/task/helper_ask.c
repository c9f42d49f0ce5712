/*
 * helper_ask.c - see helper_ask.h. Standard input and output are the socket
 * to the engine.
 */
#include "engine/task/helper_ask.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/fdio.h"
#include "src/base/sys/clock.h"

#define ANSWER_LINE_MAX (HELPER_ANSWER_MAX + 64)

void
helper_say(const char *fmt, ...)
{
    struct buf b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    buf_chr(&b, '\n');
    if (fd_write_all(STDOUT_FILENO, b.data, b.len) < 0)
        _exit(1); /* nobody listens any more */
    buf_free(&b);
}

/* Takes in what the engine has sent; false: nothing came until then. */
static bool
ask_listen(struct helper_talk *t, int64_t until_ms)
{
    struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
    int64_t left = until_ms - clock_now_ms();
    char tmp[512];
    ssize_t n;
    int r;

    if (left <= 0)
        return false;
    r = poll(&p, 1, (int)left);
    if (r <= 0)
        return r < 0 && errno == EINTR;
    n = read(STDIN_FILENO, tmp, sizeof(tmp));
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN) ||
        t->in.len > ANSWER_LINE_MAX)
        _exit(1); /* the engine is gone, or is none */
    if (n > 0)
        buf_add(&t->in, tmp, (size_t)n);
    return true;
}

/* The text after "answer ID " in a line with that number, else NULL: the late
 * answer to a question that was given up. */
static const char *
answer_of(const char *line, uint64_t id)
{
    char *end;

    if (strncmp(line, "answer ", 7) != 0 ||
        strtoull(line + 7, &end, 10) != id || *end != ' ')
        return NULL;
    return end + 1;
}

static int
answer_take(const char *s, char *answer, size_t answer_size, struct err *e)
{
    char *end;
    long code;

    if (strncmp(s, "ok ", 3) == 0) {
        text_fmt(answer, answer_size, "%s", s + 3);
        return 0;
    }
    code = strncmp(s, "error ", 6) == 0 ? strtol(s + 6, &end, 10) : 0;
    if (code <= ERR_NONE || code > ERR_IO || *end != ' ')
        return err_set(e, ERR_LOST, "the engine's answer is garbled");
    return err_set(e, (enum err_code)code, "%s", end + 1);
}

/* Whether a whole line has the answer; it is taken out of what came. */
static bool
take_answer(struct helper_talk *t, char *dst, size_t n)
{
    const char *nl, *s = NULL;

    while (s == NULL && t->in.len > 0 &&
           (nl = memchr(t->in.data, '\n', t->in.len)) != NULL) {
        t->in.data[nl - t->in.data] = '\0';
        s = answer_of(t->in.data, t->n_asked);
        if (s != NULL)
            text_fmt(dst, n, "%s", s);
        buf_consume(&t->in, (size_t)(nl - t->in.data) + 1);
    }
    return s != NULL;
}

int
helper_ask(struct helper_talk *t, const char *name, const char *text,
           char *answer, size_t answer_size, struct err *e)
{
    unsigned limit = t->limit_ms > 0 ? t->limit_ms : HELPER_ANSWER_MS;
    int64_t until = clock_now_ms() + limit;
    char line[ANSWER_LINE_MAX];
    struct buf q = { 0 };

    buf_safe(&q, text, HELPER_ANSWER_MAX);
    helper_say("ask %llu %s %s", (unsigned long long)++t->n_asked, name,
               buf_text(&q));
    buf_free(&q);
    while (!take_answer(t, line, sizeof(line)))
        if (!ask_listen(t, until))
            return err_set(e, ERR_TIMEOUT,
                           "the engine did not answer '%s' in %u s", name,
                           limit / 1000);
    return answer_take(line, answer, answer_size, e);
}
