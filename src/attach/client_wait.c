/*
 * client_wait.c - an engine that does not answer, and one that is gone: the
 * client says so and gets its session back when there is an engine again.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "src/attach/client_int.h"
#include "src/base/sys/job_stop.h"

#define PING_MS    1000
#define SILENT_MS  4000 /* looked at once a second: told within 5 s */
#define GIVE_UP_MS 30000
#define READY_MS   60000 /* an engine with many domains to take back */
#define LATE_MS    2500  /* our own timer came so late: we stood still */
#define AGAIN_MS   200
#define START_MS   1000 /* then one is started, if a client started the last */
#define TRIES      3

/* --- does it answer --- */

static const char *
engine_pid_text(const struct client *cl, char *dst, size_t n)
{
    if (cl->pid > 0)
        text_fmt(dst, n, "pid %d", cl->pid);
    else
        text_fmt(dst, n, "its pid is not known");
    return dst;
}

static void
say_hung(struct client *cl)
{
    char words[160], who[32];

    cl->hung = true;
    client_terminal_back(cl, true);
    if (cl->terminal)
        conn_send(&cl->conn, msg_new("given-back"));
    place_replace_words(&cl->o->reach.place, words, sizeof(words));
    client_say("the engine (%s) does not answer: `%s' ends it and starts "
               "another; ^C leaves",
               engine_pid_text(cl, who, sizeof(who)), words);
}

/* A caller without a person, such as cron, does not wait for ever. */
static void
client_wait_give_up(struct client *cl)
{
    char who[32];

    client_say("the engine (%s) has not answered for %d s: giving up; what "
               "was asked of it may still be done when it goes on",
               engine_pid_text(cl, who, sizeof(who)),
               (cl->delayed ? READY_MS : GIVE_UP_MS) / 1000);
    client_over(cl, 1);
}

/* It goes on: the terminal is its again. */
static void
say_back(struct client *cl)
{
    cl->hung = false;
    client_say("the engine (pid %d) answers again", cl->pid);
    if (!cl->terminal)
        return;
    job_wait_foreground(STDIN_FILENO);
    cl->taken = true; /* see "given-back" */
    conn_send(&cl->conn, msg_new("retake"));
}

/* The kernel names as peer the process that called listen: systemd, or the
 * engine before, while the one that is to answer is being started. */
static bool
is_being_started(const struct client *cl, int holder)
{
    const struct place *pl = &cl->o->reach.place;

    if (holder == cl->pid)
        return false;
    if (cl->pid <= 1 || (kill(cl->pid, 0) < 0 && errno == ESRCH))
        return true;
    return holder >= 0 &&
           (!pl->sim || pl->given); /* else the lock is not its */
}

/* No engine has taken the connection yet. It is told once; false: one has, or
 * none did for so long that it counts as hung. */
static bool
client_wait_ready(struct client *cl, unsigned long long silent_ms)
{
    char who[32] = "";
    bool closing;
    int holder;

    if (cl->state != CLIENT_ASKING || cl->hung)
        return false;
    holder = place_holder_closing(&cl->o->reach.place, &closing, NULL);
    if (!closing && !is_being_started(cl, holder))
        return false;
    if (silent_ms >= READY_MS)
        cl->pid = holder > 0 ? holder : 0;
    if (cl->delayed)
        return silent_ms < READY_MS;
    cl->delayed = true;
    if (holder > 0)
        text_fmt(who, sizeof(who), " (pid %d)", holder);
    client_say(closing ? "the engine%s is ending; waiting for the next one, ^C "
                         "leaves"
                       : "the engine%s is being started; waiting for it, ^C "
                         "leaves",
               who);
    return true;
}

static void
ping_due(struct loop_timer *lt)
{
    struct client *cl = container_of(lt, struct client, ping);
    unsigned long long now = loop_now_ms(cl->lp);

    loop_timer_arm(cl->lp, lt, PING_MS, ping_due);
    if (cl->state == CLIENT_WAITING || cl->state == CLIENT_OVER)
        return;
    if (now - cl->since_ms > PING_MS + LATE_MS)
        cl->heard_ms = now;
    cl->since_ms = now;
    if (now - cl->heard_ms >= SILENT_MS &&
        client_wait_ready(cl, now - cl->heard_ms))
        return;
    if (user_program_runs(&cl->program)) /* nothing is said over it */
        cl->heard_ms = now;
    else if (cl->hung && now - cl->heard_ms < SILENT_MS)
        say_back(cl);
    else if (!cl->hung && now - cl->heard_ms >= SILENT_MS)
        say_hung(cl);
    if (!cl->terminal && now - cl->heard_ms >= GIVE_UP_MS) {
        client_wait_give_up(cl);
        return;
    }
    if (conn_is_open(&cl->conn) && cl->state == CLIENT_LIVE)
        conn_send(&cl->conn, msg_new("ping"));
}

void
client_watch(struct client *cl)
{
    cl->since_ms = loop_now_ms(cl->lp);
    loop_timer_arm(cl->lp, &cl->ping, PING_MS, ping_due);
}

void
client_unwatch(struct client *cl)
{
    loop_timer_del(&cl->ping);
    loop_timer_del(&cl->again);
}

/* --- it is gone --- */

static void
client_wait_look_again(struct loop_timer *lt)
{
    struct client *cl = container_of(lt, struct client, again);
    struct reach r = cl->o->reach;
    struct err e = { 0 };
    bool start =
        cl->o->comes_back && loop_now_ms(cl->lp) - cl->since_ms >= START_MS;
    int fd;

    job_wait_foreground(STDIN_FILENO);
    fd = start ? reach_engine(&r, &e) : reach_running(&r, &e);
    if (fd < 0 && start && e.code != ERR_NOENT) {
        client_say("%s", e.msg);
        client_over(cl, 1);
        return;
    }
    if (fd < 0) {
        loop_timer_arm(cl->lp, lt, AGAIN_MS, client_wait_look_again);
        return;
    }
    client_add_signals(cl);
    if (client_open_session(cl, fd) < 0)
        client_over(cl, 1);
}

void
client_wait(struct client *cl, const char *why)
{
    conn_close(&cl->conn);
    if (!cl->terminal) {
        client_say("the engine (pid %d) %s: what it began may be half done",
                   cl->pid, why);
        client_over(cl, 1);
        return;
    }
    /* ^C and ^Z do what they do to any program; also while a terminal that
     * nobody reads holds up the sentence. */
    client_del_signals(cl);
    client_say("the engine (pid %d) %s; waiting for another one, ^C leaves",
               cl->pid, why);
    cl->state = CLIENT_WAITING;
    cl->since_ms = loop_now_ms(cl->lp);
    loop_timer_arm(cl->lp, &cl->again, AGAIN_MS, client_wait_look_again);
}

/* --- it ended before it answered --- */

static void
try_again_due(struct loop_timer *lt)
{
    struct client *cl = container_of(lt, struct client, again);
    struct reach r = cl->o->reach;
    struct err e = { 0 };
    int fd = reach_engine(&r, &e);

    client_add_signals(cl);
    if (fd < 0)
        client_say("%s", e.msg);
    if (fd < 0 || client_open_session(cl, fd) < 0)
        client_over(cl, 1);
}

bool
client_try_again(struct client *cl)
{
    if (cl->state != CLIENT_ASKING || cl->hung || cl->tries == TRIES)
        return false;
    cl->tries++;
    client_del_signals(cl); /* ^C ends us, also while one is waited for */
    conn_close(&cl->conn);
    cl->state = CLIENT_WAITING;
    loop_timer_arm(cl->lp, &cl->again, AGAIN_MS, try_again_due);
    return true;
}
