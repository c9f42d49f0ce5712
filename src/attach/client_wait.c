/*
 * client_wait.c - an engine that does not answer, and one that is gone: the
 * client says so and gets its session back when there is an engine again.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "src/attach/client_int.h"

#define PING_MS   1000
#define SILENT_MS 5000
#define LATE_MS   2500 /* our own timer came so late: we stood still */
#define AGAIN_MS  200
#define START_MS  1000 /* then one is started, if a client started the last */

/* --- does it answer --- */

static void
say_hung(struct client *cl)
{
    cl->hung = true;
    client_terminal_back(cl, true);
    client_say("the engine (pid %d) does not answer: `xendeck --replace' ends "
               "it and starts another; ^C leaves",
               cl->pid);
}

/* It goes on: the terminal is its again. */
static void
say_back(struct client *cl)
{
    cl->hung = false;
    client_say("the engine (pid %d) answers again", cl->pid);
    if (!cl->terminal)
        return;
    cl->taken = true;
    conn_send(&cl->conn, msg_new("retake"));
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
    if (cl->hung && now - cl->heard_ms < SILENT_MS)
        say_back(cl);
    else if (!cl->hung && now - cl->heard_ms >= SILENT_MS)
        say_hung(cl);
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
look_again(struct loop_timer *lt)
{
    struct client *cl = container_of(lt, struct client, again);
    struct reach r = cl->o->reach;
    struct err e = { 0 };
    bool start =
        cl->o->comes_back && loop_now_ms(cl->lp) - cl->since_ms >= START_MS;
    int fd;

    fd = start ? reach_engine(&r, &e) : reach_running(&r, &e);
    if (fd < 0 && start && e.code != ERR_NOENT) {
        client_say("%s", e.msg);
        client_over(cl, 1);
        return;
    }
    if (fd < 0) {
        loop_timer_arm(cl->lp, lt, AGAIN_MS, look_again);
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
    if (cl->program.lp != NULL) {
        kill(cl->program.pid, SIGHUP);
        loop_child_del(&cl->program);
    }
    client_say("the engine (pid %d) %s; waiting for another one, ^C leaves",
               cl->pid, why);
    cl->state = CLIENT_WAITING;
    cl->since_ms = loop_now_ms(cl->lp);
    client_del_signals(cl); /* ^C and ^Z do what they do to any program */
    loop_timer_arm(cl->lp, &cl->again, AGAIN_MS, look_again);
}
