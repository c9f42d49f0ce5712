/*
 * client_terminal.c - what only the process that a terminal was given to can
 * do: its signals, stopping as a job, running programs as its user, and putting
 * the terminal back when the engine cannot.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/attach/client_int.h"
#include "src/base/sys/job_stop.h"

#define WRITE_MS  300 /* a stuck terminal delays the end by */
#define HANGUP_MS 2000

static void
client_terminal_tell(struct client *cl, const char *what)
{
    if (cl->state == CLIENT_LIVE || cl->state == CLIENT_ASKING)
        conn_send(&cl->conn, msg_new(what));
}

/* --- signals --- */

static void
hangup_late(struct loop_timer *lt)
{
    struct client *cl = container_of(lt, struct client, again);

    client_terminal_back(cl, true);
    client_over(cl, 1);
}

/* ^C in a batch cancels what it began; a terminal in the engine's hands gets
 * it as a key. */
static void
on_stop(struct client *cl, bool hangup)
{
    if (user_program_runs(&cl->program)) {
        if (!hangup)
            return; /* it is the program's */
        user_program_hangup(&cl->program);
        if (cl->late_bye != NULL || cl->late_gone)
            cl->state = CLIENT_OVER; /* no other engine is waited for */
    }
    if (cl->state != CLIENT_LIVE || cl->hung) {
        client_over(cl, 1);
    } else if (!cl->terminal) {
        client_terminal_tell(cl, "stop");
    } else if (hangup) {
        client_terminal_tell(cl, "hangup");
        loop_timer_arm(cl->lp, &cl->again, HANGUP_MS, hangup_late);
    }
}

static void
client_terminal_on_int(struct loop_signal *ls)
{
    on_stop(container_of(ls, struct client, sig_int), false);
}

static void
client_terminal_on_term(struct loop_signal *ls)
{
    on_stop(container_of(ls, struct client, sig_term), true);
}

static void
client_terminal_on_hup(struct loop_signal *ls)
{
    on_stop(container_of(ls, struct client, sig_hup), true);
}

static void
client_terminal_on_winch(struct loop_signal *ls)
{
    client_terminal_tell(container_of(ls, struct client, sig_winch), "winch");
}

/* Stopped by somebody, or by ^Z while there was no engine. */
static void
client_terminal_on_cont(struct loop_signal *ls)
{
    struct client *cl = container_of(ls, struct client, sig_cont);

    if (cl->taken && !user_program_runs(&cl->program))
        job_wait_foreground(STDIN_FILENO);
    cl->heard_ms = loop_now_ms(cl->lp);
    if (!cl->hung)
        client_terminal_tell(cl, "resume");
}

/* ^Z in a program that has the terminal stops the whole job; an engine that
 * does not answer cannot be asked. */
static void
client_terminal_on_tstp(struct loop_signal *ls)
{
    struct client *cl = container_of(ls, struct client, sig_tstp);

    if (user_program_runs(&cl->program) || cl->hung)
        job_stop();
    else
        client_terminal_tell(cl, "tstp");
}

void
client_add_signals(struct client *cl)
{
    cl->signals = true;
    loop_signal_add(cl->lp, &cl->sig_int, SIGINT, client_terminal_on_int);
    loop_signal_add(cl->lp, &cl->sig_term, SIGTERM, client_terminal_on_term);
    if (!cl->terminal)
        return;
    loop_signal_add(cl->lp, &cl->sig_hup, SIGHUP, client_terminal_on_hup);
    loop_signal_add(cl->lp, &cl->sig_winch, SIGWINCH, client_terminal_on_winch);
    loop_signal_add(cl->lp, &cl->sig_cont, SIGCONT, client_terminal_on_cont);
    loop_signal_add(cl->lp, &cl->sig_tstp, SIGTSTP, client_terminal_on_tstp);
}

void
client_del_signals(struct client *cl)
{
    loop_signal_del(&cl->sig_int);
    loop_signal_del(&cl->sig_term);
    loop_signal_del(&cl->sig_hup);
    loop_signal_del(&cl->sig_winch);
    loop_signal_del(&cl->sig_cont);
    loop_signal_del(&cl->sig_tstp);
}

/* --- the terminal --- */

/* The modes are looked at in the foreground: in the background they are those
 * of the shell's own editing. */
void
client_terminal_init(struct client *cl)
{
    job_wait_foreground(STDIN_FILENO);
    cl->saved_ok = tcgetattr(STDIN_FILENO, &cl->saved) == 0;
}

static void
write_restore(const struct client *cl)
{
    struct pollfd pf = { .fd = STDOUT_FILENO, .events = POLLOUT };

    if (cl->restore.len > 0 && poll(&pf, 1, WRITE_MS) > 0)
        (void)!write(STDOUT_FILENO, cl->restore.data, cl->restore.len);
}

void
client_terminal_back(struct client *cl, bool screen)
{
    if (!cl->taken)
        return;
    cl->taken = false;
    if (screen)
        write_restore(cl);
    if (cl->saved_ok)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &cl->saved);
}

/* --- what the engine asks for --- */

static void
stop_here(struct client *cl)
{
    if (cl->saved_ok)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &cl->saved);
    job_stop();
    job_wait_foreground(STDIN_FILENO); /* `bg' continues us as well */
    cl->heard_ms = loop_now_ms(cl->lp);
    client_terminal_tell(cl, "resume");
}

/* A sentence on what went wrong, or "". */
static void
tell_ran(struct client *cl, bool edited, const char *why)
{
    struct json_object *msg = msg_new("ran");

    msg_add_int(msg, "edited", edited);
    msg_add_text(msg, "text", why);
    conn_send(&cl->conn, msg);
}

/* The file of what was edited stays until the engine says that it has it. */
static bool
client_program_ended(struct user_program *up,
                     const struct user_program_end *end)
{
    struct client *cl = container_of(up, struct client, program);

    cl->heard_ms = loop_now_ms(cl->lp);
    if (cl->late_bye != NULL || cl->late_gone) {
        client_terminal_back(cl, false); /* the engine had left its screen */
        if (*end->why != '\0' && up->path[0] == '\0')
            client_say("%s", end->why);
        client_late(cl);
        return false;
    }
    if (end->text != NULL)
        conn_send_text(&cl->conn, "edited", end->text, end->n);
    tell_ran(cl, end->text != NULL, end->why);
    return false;
}

static void
run_program(struct client *cl, struct json_object *msg)
{
    struct user_text t = { .kind = USER_PAGER,
                           .name = msg_text(msg, "name", USER_NAME_MAX),
                           .text = buf_text(&cl->page),
                           .n = cl->page.len };
    struct err e = { 0 };

    if (strcmp(msg_text(msg, "what", 16), user_program_word(USER_EDITOR)) == 0)
        t.kind = USER_EDITOR;
    if (cl->saved_ok)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &cl->saved);
    cl->program.ended = client_program_ended;
    if (user_program_start(&cl->program, cl->lp, &t, &e) < 0)
        tell_ran(cl, false, e.msg);
    buf_free(&cl->page);
}

void
client_terminal_kept(struct client *cl)
{
    if (cl->program.path[0] != '\0')
        client_say("the edited text is kept in %s", cl->program.path);
}

void
client_terminal_tell_kept(struct client *cl)
{
    struct json_object *msg;

    if (cl->program.path[0] == '\0')
        return;
    msg = msg_new("kept");
    msg_add_text(msg, "text", cl->program.path);
    conn_send(&cl->conn, msg);
    cl->program.path[0] = '\0';
}

static void
keep_restore(struct client *cl, struct json_object *msg)
{
    struct json_object *v = NULL;

    buf_clear(&cl->restore);
    if (json_object_object_get_ex(msg, "text", &v) &&
        json_object_get_string_len(v) <= 4096)
        buf_add(&cl->restore, json_object_get_string(v),
                (size_t)json_object_get_string_len(v));
}

bool
client_terminal_message(struct client *cl, struct json_object *msg)
{
    if (msg_is(msg, "restore"))
        keep_restore(cl, msg);
    else if (msg_is(msg, "suspend"))
        stop_here(cl);
    else if (msg_is(msg, "page"))
        (void)msg_take_text(msg, &cl->page, USER_PAGE_MAX);
    else if (msg_is(msg, "run"))
        run_program(cl, msg);
    else if (msg_is(msg, "took") && !user_program_runs(&cl->program))
        user_program_discard(&cl->program);
    else if (msg_is(msg, "token"))
        text_fmt(cl->o->hello.token, sizeof(cl->o->hello.token), "%s",
                 msg_text(msg, "text", HELLO_TOKEN_MAX - 1));
    else
        return msg_is(msg, "pong");
    return true;
}
