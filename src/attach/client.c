/*
 * client.c - see client.h: the messages of a session, and its end.
 */
#include "src/attach/client.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/attach/client_int.h"
#include "src/base/fdio.h"
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
    const char *notice = msg_text(msg, "notice", 16384);
    const char *end;

    cl->state = CLIENT_LIVE;
    cl->pid = (int)msg_int(msg, "pid", 0, 1 << 30, cl->pid);
    cl->o->comes_back = msg_int(msg, "started", 0, 1, 0) != 0;
    for (; *notice != '\0'; notice = *end != '\0' ? end + 1 : end) {
        end = notice + strcspn(notice, "\n");
        client_say("%.*s", (int)(end - notice), notice);
    }
}

static void
on_refuse(struct client *cl, struct json_object *msg)
{
    client_terminal_back(cl, true);
    client_say("%s", msg_text(msg, "text", 4096));
    client_over(cl, (int)msg_int(msg, "status", 0, 255, 1));
}

static void
on_bye(struct client *cl, struct json_object *msg)
{
    const char *why = msg_text(msg, "why", 32),
               *text = msg_text(msg, "text", 512);

    client_terminal_back(cl, false);
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

static void
write_out(struct client *cl, int fd, const struct wire_packet *p)
{
    if (p->n == 0 || fd_write_all(fd, p->data, p->n) == 0)
        return;
    if (fd == STDOUT_FILENO)
        client_say("standard output: %s", strerror(errno));
    client_over(cl, 1);
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
        client_over(cl, (int)msg_int(msg, "status", 0, 255, 1));
    else if (cl->terminal)
        (void)client_terminal_message(cl, msg);
}

/* What a batch began may go on, or not: nobody can tell it any more. */
static void
on_gone(struct conn *c, const char *why)
{
    struct client *cl = container_of(c, struct client, conn);

    (void)why;
    conn_close(c);
    client_terminal_back(cl, true);
    if (cl->terminal && cl->state == CLIENT_LIVE) {
        client_wait(cl, "is gone");
        return;
    }
    client_say("the engine (pid %d) is gone%s", cl->pid,
               cl->terminal ? "" : ": what it began may be half done");
    client_over(cl, 1);
}

/* --- opening --- */

int
client_open_session(struct client *cl, int fd)
{
    const int both[] = { STDIN_FILENO, STDOUT_FILENO };

    memset(&cl->conn, 0, sizeof(cl->conn));
    cl->conn.packet = on_packet;
    cl->conn.gone = on_gone;
    cl->conn.queued_max = QUEUED_MAX;
    cl->pid = (int)wire_peer_pid(fd);
    if (conn_open(&cl->conn, cl->lp, fd) < 0)
        return -1;
    cl->state = CLIENT_ASKING;
    cl->taken = cl->terminal;
    cl->hung = false;
    cl->heard_ms = loop_now_ms(cl->lp);
    conn_send_first(&cl->conn, hello_encode(&cl->o->hello), both,
                    cl->terminal ? 2 : 0);
    client_watch(cl);
    return 0;
}

static void
tty_name(char *dst, size_t n)
{
    char path[64];
    int fd;

    for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (ttyname_r(fd, path, sizeof(path)) == 0) {
            text_fmt(dst, n, "%s",
                     strncmp(path, "/dev/", 5) == 0 ? path + 5 : path);
            return;
        }
}

void
client_fill_hello(struct hello *h)
{
    const char *term = getenv("TERM");

    if (getcwd(h->cwd, sizeof(h->cwd)) == NULL)
        text_fmt(h->cwd, sizeof(h->cwd), "/");
    tty_name(h->tty, sizeof(h->tty));
    text_fmt(h->term, sizeof(h->term), "%s", term != NULL ? term : "");
    h->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    h->from_hook = getenv("XENDECK_HOOK") != NULL;
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
    loop_child_del(&cl->program);
    conn_close(&cl->conn);
    buf_free(&cl->restore);
    loop_free(cl->lp);
    status = cl->status;
    free(cl);
    return status;
}
