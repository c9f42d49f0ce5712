/*
 * migrate_ask.c - the other side is asked on a connection of its own: could the
 * domain come, has it come? The connection is made with the very command that
 * the domain will take, and the question is a header that xl refuses, and so
 * ends without harm.
 */
#include <string.h>

#include "engine/life/migrate/migrate_int.h"

#define ASK_LIMIT_MS 60000

static int
check_greeting(const struct migrate *m, struct err *e)
{
    char seen[64];

    if (memcmp(m->link.got.data, MOVE_BANNER, sizeof(MOVE_BANNER) - 1) == 0)
        return 0;
    (void)text_safe(seen, sizeof(seen), m->link.got.data, m->link.got.len);
    return err_set(e, ERR_UNSUPPORTED,
                   "the other host does not greet as xl and xendeck do (found "
                   "'%s'): a login that prints anything disturbs it",
                   seen);
}

enum step_rc
migrate_greet(struct migrate *m, struct err *e)
{
    enum step_rc rc;

    if (m->greeted)
        return STEP_DONE;
    if (m->link.in < 0 && move_link_open(&m->link, m->line, e) < 0)
        return STEP_FAIL;
    rc = move_link_read(&m->link, sizeof(MOVE_BANNER) - 1, e);
    if (rc == STEP_DONE && check_greeting(m, e) < 0)
        rc = STEP_FAIL;
    m->greeted = rc == STEP_DONE;
    if (m->greeted)
        move_link_used(&m->link);
    return rc;
}

static enum step_rc
ask_put(struct migrate *m, enum move_what what, struct err *e)
{
    struct buf head = { 0 };

    if (!m->offered) {
        if (migrate_head(m, what, &head, e) < 0)
            return STEP_FAIL;
        move_link_put(&m->link, head.data, head.len);
        buf_free(&head);
    }
    m->offered = true;
    return move_link_flush(&m->link, e);
}

/* Back to where another connection can begin. */
static void
hang_up(struct migrate *m)
{
    move_link_close(&m->link);
    move_link_init(&m->link, &m->s.t);
    m->greeted = m->offered = false;
    m->ask_until_ms = 0;
}

static enum step_rc
ask_talk(struct migrate *m, enum move_what what, struct err *e)
{
    enum step_rc rc = migrate_greet(m, e);

    if (rc == STEP_DONE)
        rc = ask_put(m, what, e);
    if (rc == STEP_DONE)
        rc = move_link_read_end(&m->link, MOVE_ANSWER_MAX, e);
    return rc;
}

static enum step_rc
ask_limit(struct migrate *m, struct err *e)
{
    uint64_t now = loop_now_ms(engine_loop(m->s.t.en));

    if (m->ask_until_ms == 0)
        m->ask_until_ms = now + ASK_LIMIT_MS;
    if (now < m->ask_until_ms) {
        task_wake_in(&m->s.t, m->ask_until_ms - now);
        return STEP_WAIT;
    }
    err_set(e, ERR_TIMEOUT, "the other host does not answer in %d s",
            ASK_LIMIT_MS / 1000);
    move_link_explain(&m->link, e);
    return STEP_FAIL;
}

enum step_rc
migrate_ask(struct migrate *m, enum move_what what, enum move_answer *out,
            char *sentence, size_t n, struct err *e)
{
    enum step_rc rc = ask_talk(m, what, e);

    if (rc == STEP_WAIT)
        rc = ask_limit(m, e);
    if (rc == STEP_WAIT)
        return rc;
    if (rc == STEP_DONE && m->link.got.len == 0) {
        err_set(e, ERR_NOENT, "the other host gives no answer");
        rc = STEP_FAIL; /* as xl */
    } else if (rc == STEP_DONE &&
               move_answer_parse(m->link.got.data, m->link.got.len, out,
                                 sentence, n, e) < 0) {
        rc = STEP_FAIL;
    }
    hang_up(m);
    return rc;
}

enum step_rc
migrate_run_ask(struct task *t, struct err *e)
{
    struct migrate *m = migrate_of(t);
    enum move_answer a = MOVE_NO;
    char sentence[sizeof(e->msg)] = "";
    enum step_rc rc;

    if (m->o.unchecked || m->is_xl)
        return STEP_DONE;
    rc = migrate_ask(m, MOVE_CHECK, &a, sentence, sizeof(sentence), e);
    if (rc == STEP_FAIL && e->code == ERR_NOENT) {
        err_clear(e);
        m->is_xl = true;
        return STEP_DONE;
    }
    m->is_ours = rc == STEP_DONE;
    if (rc != STEP_DONE || a == MOVE_YES)
        return rc;
    err_set(e, ERR_DENIED, "it could not come there: %s", sentence);
    return STEP_FAIL;
}
