/*
 * client.c - see client.h: the messages of a session, and its end.
 */
#include "src/attach/client.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <linux/major.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "src/attach/client_int.h"
#include "src/base/fdio.h"
#include "src/base/sys/terminal_path.h"
#include "src/base/xalloc.h"

#define QUEUED_MAX (1024UL * 1024)

void
client_say(const char *fmt, ...)
{
    va_list ap;

    fputs("xendeck: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

void
client_over(struct client *cl, int status)
{
    cl->state = CLIENT_OVER;
    cl->status = status;
    loop_stop(cl->lp);
}

/* --- messages --- */

static void
on_welcome(struct client *cl, struct json_object *msg)
{
    const char *notice = msg_text(msg, "notice", WIRE_PAYLOAD_MAX);
    const char *end;

    cl->state = CLIENT_LIVE;
    cl->pid = (int)msg_int(msg, "pid", 0, 1 << 30, cl->pid);
    cl->o->comes_back = msg_int(msg, "started", 0, 1, 0) != 0;
    client_terminal_tell_kept(cl);
    for (; *notice != '\0'; notice = *end != '\0' ? end + 1 : end) {
        end = notice + strcspn(notice, "\n");
        client_say("%.*s", (int)(end - notice), notice);
    }
}

static void
on_refuse(struct client *cl, struct json_object *msg)
{
    client_terminal_back(cl, true);
    client_say("%s", msg_text(msg, "text", WIRE_PAYLOAD_MAX));
    client_over(cl, (int)msg_int(msg, "status", 0, 255, 1));
}

static void
on_bye(struct client *cl, struct json_object *msg)
{
    const char *why = msg_text(msg, "why", 32),
               *text = msg_text(msg, "text", WIRE_PAYLOAD_MAX);

    if (user_program_runs(&cl->program)) {
        json_object_put(cl->late_bye);
        cl->late_bye = json_object_get(msg);
        return;
    }
    client_terminal_back(cl, false);
    client_terminal_kept(cl);
    if ((strcmp(why, "restart") == 0 || strcmp(why, "ended") == 0) &&
        client_try_again(cl))
        return;
    if (strcmp(why, "restart") == 0) {
        client_wait(cl, "has ended");
        return;
    }
    if (*text != '\0')
        client_say("%s", text);
    else if (strcmp(why, "ended") == 0)
        client_say("the engine (pid %d) was ended", cl->pid);
    if (cl->terminal)
        client_over(cl, 0);
    else
        client_over(cl, 1);
}

/* The engine knows whether a lost output is a failure, or an end (`| head'):
 * its word on standard error and its status are still to come. */
static void
tell_unread(struct client *cl, int errnum)
{
    struct json_object *msg = msg_new("unread");

    cl->unread = errnum;
    loop_fd_del(&cl->out_lf);
    msg_add_int(msg, "errno", errnum);
    conn_send(&cl->conn, msg);
}

/* Also while there is nothing to write. */
static void
client_reader_gone(struct loop_fd *lf, unsigned ready)
{
    if ((ready & LOOP_HUP) != 0)
        tell_unread(container_of(lf, struct client, out_lf), EPIPE);
}

static void
write_out(struct client *cl, int fd, const struct wire_packet *p)
{
    if (p->n == 0 || (cl->unread != 0 && fd == STDOUT_FILENO) ||
        fd_write_all(fd, p->data, p->n) == 0)
        return;
    if (fd != STDOUT_FILENO) {
        client_over(cl, 1);
        return;
    }
    tell_unread(cl, errno);
}

/* The last output is written when the engine has judged already. */
static void
on_exit_status(struct client *cl, struct json_object *msg)
{
    int status = (int)msg_int(msg, "status", 0, 255, 1);

    if (status == 0 && cl->unread != 0 && cl->unread != EPIPE) {
        client_say("standard output: %s", strerror(cl->unread));
        status = 1;
    }
    client_over(cl, status);
}

static void
on_packet(struct conn *c, struct wire_packet *p, struct json_object *msg)
{
    struct client *cl = container_of(c, struct client, conn);

    cl->heard_ms = loop_now_ms(cl->lp);
    if (cl->state == CLIENT_OVER)
        return;
    if (p->kind != WIRE_MSG)
        write_out(cl, p->kind == WIRE_OUT ? STDOUT_FILENO : STDERR_FILENO, p);
    else if (msg_is(msg, "welcome"))
        on_welcome(cl, msg);
    else if (msg_is(msg, "refuse"))
        on_refuse(cl, msg);
    else if (msg_is(msg, "bye"))
        on_bye(cl, msg);
    else if (msg_is(msg, "exit"))
        on_exit_status(cl, msg);
    else if (cl->terminal)
        (void)client_terminal_message(cl, msg);
}

/* What a batch began may go on, or not: nobody can tell it any more. An engine
 * that hung before it answered was replaced: its follower is waited for. */
static void
on_gone(struct conn *c, const char *why)
{
    struct client *cl = container_of(c, struct client, conn);
    bool asking = cl->state == CLIENT_ASKING;

    (void)why;
    conn_close(c);
    if (user_program_runs(&cl->program)) {
        cl->late_gone = true;
        return;
    }
    client_terminal_back(cl, true);
    client_terminal_kept(cl);
    if (client_try_again(cl))
        return;
    if (cl->terminal && (cl->state == CLIENT_LIVE || cl->hung)) {
        client_wait(cl, "is gone");
        return;
    }
    client_say("the engine (pid %d) is gone%s", cl->pid,
               cl->terminal ? ""
               : asking     ? " and has not answered: it has begun nothing"
                            : ": what it began may be half done");
    client_over(cl, 1);
}

void
client_late(struct client *cl)
{
    struct json_object *bye = cl->late_bye;

    cl->late_bye = NULL;
    cl->late_gone = false;
    if (bye != NULL)
        on_bye(cl, bye);
    else
        on_gone(&cl->conn, "");
    json_object_put(bye);
}

/* --- opening --- */

/* The engine opens a terminal for itself, which it cannot by /dev/tty: that is
 * another one for each process. -1: fd does as it is. */
static int
open_real_terminal(int fd)
{
    struct stat sb;
    char path[300];

    if (fstat(fd, &sb) < 0 || sb.st_rdev != makedev(TTYAUX_MAJOR, 0) ||
        !terminal_path(fd, path, sizeof(path)))
        return -1;
    return open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

static void
send_hello(struct client *cl)
{
    int both[] = { STDIN_FILENO, STDOUT_FILENO }, real[2], i;

    for (i = 0; i < 2; i++) {
        real[i] = cl->terminal ? open_real_terminal(both[i]) : -1;
        both[i] = real[i] >= 0 ? real[i] : both[i];
    }
    conn_send_first(&cl->conn, hello_encode(&cl->o->hello), both,
                    cl->terminal || cl->o->hello.stdio ? 2 : 0);
    for (i = 0; i < 2; i++)
        if (real[i] >= 0)
            close(real[i]);
}

int
client_open_session(struct client *cl, int fd)
{
    memset(&cl->conn, 0, sizeof(cl->conn));
    cl->conn.packet = on_packet;
    cl->conn.gone = on_gone;
    cl->conn.queued_max = QUEUED_MAX;
    cl->pid = (int)wire_peer_pid(fd);
    if (conn_open(&cl->conn, cl->lp, fd) < 0)
        return -1;
    cl->state = CLIENT_ASKING;
    cl->taken = cl->terminal;
    cl->hung = cl->delayed = false;
    cl->heard_ms = loop_now_ms(cl->lp);
    send_hello(cl);
    loop_fd_del(&cl->out_lf);
    if (!cl->terminal && !cl->o->hello.stdio) /* a regular file is refused */
        (void)loop_fd_add(cl->lp, &cl->out_lf, STDOUT_FILENO, 0,
                          client_reader_gone);
    client_watch(cl);
    return 0;
}

void
client_fill_hello(struct hello *h)
{
    const char *term = getenv("TERM"), *hook = getenv("XENDECK_HOOK");

    if (getcwd(h->cwd, sizeof(h->cwd)) == NULL)
        text_fmt(h->cwd, sizeof(h->cwd), "/");
    text_fmt(h->term, sizeof(h->term), "%s", term != NULL ? term : "");
    h->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    text_fmt(h->hook, sizeof(h->hook), "%s", hook != NULL ? hook : "");
}

int
client_run(struct client_opts *o)
{
    struct client *cl = xcalloc(1, sizeof(*cl));
    int status;

    cl->o = o;
    cl->terminal = o->hello.kind == HELLO_TERMINAL;
    cl->lp = loop_new(LOOP_CLOCK_REAL);
    cl->status = 1;
    if (cl->lp == NULL) {
        client_say("event loop: %s", strerror(errno));
        free(cl);
        return 1;
    }
    if (cl->terminal)
        client_terminal_init(cl);
    client_add_signals(cl);
    if (client_open_session(cl, o->fd) < 0)
        client_say("connection: %s", strerror(errno));
    else
        loop_run(cl->lp);
    client_terminal_back(cl, false);
    client_unwatch(cl);
    client_del_signals(cl);
    loop_fd_del(&cl->out_lf);
    if (user_program_drop(&cl->program))
        client_terminal_kept(cl);
    conn_close(&cl->conn);
    json_object_put(cl->late_bye);
    buf_free(&cl->restore);
    buf_free(&cl->page);
    loop_free(cl->lp);
    status = cl->status;
    free(cl);
    return status;
}
