/*
 * helper_talk.c - what a helper says: lines, their bounds, its questions with
 * our answers, and how long it may say nothing. A helper parses what guests
 * and files bring, so nothing that it says is trusted.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "engine/task/helper_int.h"
#include "src/base/xalloc.h"

/* --- silence --- */

static void quiet_due(struct loop_timer *lt);

static void
quiet_arm(struct helper *h, uint64_t wait_ms)
{
    struct helper_pool *p = h->pool;

    h->heard_ms = loop_now_ms(p->lp) + wait_ms;
    loop_timer_arm(p->lp, &h->quiet, wait_ms + p->tell_ms, quiet_due);
}

void
helper_hear(struct helper *h)
{
    quiet_arm(h, 0);
}

/* The process hangs, or was stopped. Its end, by the limit, is the end of its
 * job. */
static void
quiet_due(struct loop_timer *lt)
{
    struct helper *h = container_of(lt, struct helper, quiet);
    struct helper_pool *p = h->pool;
    uint64_t ms = loop_now_ms(p->lp) - h->heard_ms, next = ms;

    if (ms >= p->limit_ms) {
        err_set(&h->err, ERR_TIMEOUT,
                "the helper process (pid %ld) said nothing for %llu s and was "
                "killed",
                (long)h->pid, (unsigned long long)ms / 1000);
        (void)helper_stop(h);
        return;
    }
    if (next > p->limit_ms - ms)
        next = p->limit_ms - ms;
    loop_timer_arm(p->lp, lt, next, quiet_due);
    if (h->job.silent != NULL)
        h->job.silent(h->job.arg, (long)h->pid, (unsigned)(ms / 1000));
}

/* --- questions --- */

/* What it said is no talk of ours: its job ends with this error. */
static void
helper_refuse(struct helper *h, const char *what)
{
    if (h->err.code == ERR_NONE)
        err_set(&h->err, ERR_INVALID,
                "the helper process (pid %ld) %s and was killed", (long)h->pid,
                what);
    (void)helper_stop(h);
}

void
helper_drop_question(struct helper *h)
{
    if (!h->asking)
        return;
    h->asking = false;
    loop_child_rest(&h->child, false); /* it is at work again */
}

/* A helper waits for its answer, so there is room for it in the socket, unless
 * it asks without listening. */
static bool
send_answer(struct helper *h, const struct buf *b)
{
    ssize_t n;

    do
        n = send(h->fd, b->data, b->len, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)b->len)
        return true;
    if (n >= 0 || errno == EAGAIN)
        helper_refuse(h, "asked without reading the answers");
    return false;
}

bool
helper_answer(struct helper *h, const char *name, const char *text,
              const struct err *e)
{
    bool refused = e != NULL && e->code != ERR_NONE, sent;
    struct buf b = { 0 };

    if (!h->asking || strcmp(h->asked, name) != 0)
        return false;
    helper_drop_question(h);
    helper_hear(h);
    if (h->fd < 0)
        return false;
    buf_fmt(&b, "answer %llu ", (unsigned long long)h->ask_id);
    if (refused)
        buf_fmt(&b, "error %d ", (int)e->code);
    else
        buf_str(&b, "ok ");
    buf_safe(&b, refused ? e->msg : text, HELPER_ANSWER_MAX - 1);
    buf_chr(&b, '\n');
    sent = send_answer(h, &b);
    buf_free(&b);
    return sent;
}

static void
helper_ask_owner(struct helper *h, const char *text)
{
    struct err e = { 0 };

    if (h->job.question != NULL) {
        h->job.question(h->job.arg, h->asked, text);
        return;
    }
    err_set(&e, ERR_UNSUPPORTED, "nobody answers '%s' in this job", h->asked);
    (void)helper_answer(h, h->asked, "", &e);
}

/* "ID NAME TEXT". The helper waits for the answer with a limit of its own; not
 * before that is over its silence begins. */
static void
take_ask(struct helper *h, char *s)
{
    char *name, *text, *end;

    h->ask_id = strtoull(s, &end, 10);
    name = *end == ' ' ? end + 1 : end;
    text = name + strcspn(name, " ");
    if (end == s || text == name || text - name >= HELPER_NAME_MAX) {
        helper_refuse(h, "asked something that is no question");
        return;
    }
    if (++h->n_asked > HELPER_QUESTIONS_MAX) {
        helper_refuse(h, "asked too many questions");
        return;
    }
    text_fmt(h->asked, sizeof(h->asked), "%.*s", (int)(text - name), name);
    h->asking = true;
    loop_child_rest(&h->child, true);
    quiet_arm(h, HELPER_ANSWER_MS);
    helper_ask_owner(h, *text == ' ' ? text + 1 : text);
}

/* --- lines --- */

static void
take_error(struct helper *h, char *text)
{
    char *end;
    long code = strtol(text, &end, 10);

    if (*end == ' ')
        end++;
    if (code <= ERR_NONE || code > ERR_IO)
        code = ERR_IO;
    err_set(&h->err, (enum err_code)code, "%s", end);
}

static void
take_progress(struct helper *h, char *text)
{
    char *end;
    long percent = strtol(text, &end, 10);

    if (*end == ' ')
        end++;
    if (percent >= 0 && percent <= 100 && h->job.progress != NULL)
        h->job.progress(h->job.arg, (int)percent, end);
}

static void
take_say(struct helper *h, char *text)
{
    char *end;
    long level = strtol(text, &end, 10);

    if (level < LOGL_DEBUG || level > LOGL_ERROR)
        level = LOGL_WARN;
    if (*end == ' ')
        end++;
    log_line(h->pool->log, (enum log_level)level, "helper: %s", end);
}

static void
helper_take_line(struct helper *h, char *s)
{
    helper_drop_question(h); /* it has given up waiting, or asks again */
    (void)text_safe(s, strlen(s) + 1, s, strlen(s));
    if (strncmp(s, "ask ", 4) == 0 && h->line_cut)
        helper_refuse(h, "asked with a line that is too long");
    else if (strncmp(s, "ask ", 4) == 0)
        take_ask(h, s + 4);
    else if (strncmp(s, "progress ", 9) == 0)
        take_progress(h, s + 9);
    else if (strncmp(s, "say ", 4) == 0)
        take_say(h, s + 4);
    else if (strncmp(s, "error ", 6) == 0)
        take_error(h, s + 6);
    else if (strncmp(s, "done", 4) == 0) {
        free(h->result);
        h->result = xstrdup(s[4] == ' ' ? s + 5 : "");
    } else if (*s != '\0')
        log_line(h->pool->log, LOGL_WARN, "helper: %s", s);
}

/* Lines are cut, but for questions: what is told may lose its end. */
void
helper_take_bytes(struct helper *h, const char *p, size_t n)
{
    size_t i;

    for (i = 0; i < n && !h->cancelled; i++) {
        if (p[i] != '\n') {
            if (h->line.len < HELPER_LINE_MAX)
                buf_chr(&h->line, p[i]);
            else
                h->line_cut = true;
            continue;
        }
        if (h->line.len > 0)
            helper_take_line(h, h->line.data);
        buf_clear(&h->line);
        h->line_cut = false;
    }
}
