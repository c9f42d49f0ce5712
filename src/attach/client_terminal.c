/*
 * client_terminal.c - what only the process that a terminal was given to can
 * do: its signals, stopping as a job, running programs as its user, and putting
 * the terminal back when the engine cannot.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/attach/client_int.h"

#define ARGS_MAX  8
#define WRITE_MS  300 /* a stuck terminal delays the end by */
#define HANGUP_MS 2000

static void
tell(struct client *cl, const char *what)
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
    if (cl->state != CLIENT_LIVE || cl->hung) {
        client_over(cl, 1);
    } else if (!cl->terminal) {
        tell(cl, "stop");
    } else if (hangup) {
        tell(cl, "hangup");
        loop_timer_arm(cl->lp, &cl->again, HANGUP_MS, hangup_late);
    }
}

static void
on_int(struct loop_signal *ls)
{
    on_stop(container_of(ls, struct client, sig_int), false);
}

static void
on_term(struct loop_signal *ls)
{
    on_stop(container_of(ls, struct client, sig_term), true);
}

static void
on_hup(struct loop_signal *ls)
{
    on_stop(container_of(ls, struct client, sig_hup), true);
}

static void
on_winch(struct loop_signal *ls)
{
    tell(container_of(ls, struct client, sig_winch), "winch");
}

/* Stopped by somebody, or by ^Z while there was no engine. */
static void
on_cont(struct loop_signal *ls)
{
    struct client *cl = container_of(ls, struct client, sig_cont);

    cl->heard_ms = loop_now_ms(cl->lp);
    if (!cl->hung)
        tell(cl, "resume");
}

static void
on_tstp(struct loop_signal *ls)
{
    tell(container_of(ls, struct client, sig_tstp), "tstp");
}

void
client_add_signals(struct client *cl)
{
    cl->signals = true;
    loop_signal_add(cl->lp, &cl->sig_int, SIGINT, on_int);
    loop_signal_add(cl->lp, &cl->sig_term, SIGTERM, on_term);
    if (!cl->terminal)
        return;
    loop_signal_add(cl->lp, &cl->sig_hup, SIGHUP, on_hup);
    loop_signal_add(cl->lp, &cl->sig_winch, SIGWINCH, on_winch);
    loop_signal_add(cl->lp, &cl->sig_cont, SIGCONT, on_cont);
    loop_signal_add(cl->lp, &cl->sig_tstp, SIGTSTP, on_tstp);
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

void
client_terminal_init(struct client *cl)
{
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
    struct sigaction dfl = { .sa_handler = SIG_DFL }, was;
    sigset_t set, mask;

    if (cl->saved_ok)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &cl->saved);
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    sigaction(SIGTSTP, &dfl, &was);
    /* Not SIGSTOP: without a shell to continue us the kernel drops SIGTSTP
     * and we go on, instead of hanging for ever. */
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &set, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGTSTP, &was, NULL);
    cl->heard_ms = loop_now_ms(cl->lp);
    tell(cl, "resume");
}

static void
tell_ran(struct client *cl, int status)
{
    struct json_object *msg = msg_new("ran");

    msg_add_int(msg, "status", status & 0xffff);
    conn_send(&cl->conn, msg);
}

static void
program_ended(struct loop_child *lc, int status)
{
    tell_ran(container_of(lc, struct client, program), status);
}

static size_t
take_argv(struct json_object *msg, const char *argv[ARGS_MAX + 1])
{
    struct json_object *list = NULL;
    size_t i, n;

    if (!json_object_object_get_ex(msg, "argv", &list) ||
        !json_object_is_type(list, json_type_array))
        return 0;
    n = json_object_array_length(list);
    if (n > ARGS_MAX)
        return 0;
    for (i = 0; i < n; i++)
        argv[i] = json_object_get_string(json_object_array_get_idx(list, i));
    argv[n] = NULL;
    return n;
}

static void
run_program(struct client *cl, struct json_object *msg)
{
    const char *argv[ARGS_MAX + 1];
    posix_spawnattr_t at;
    sigset_t none, all;
    pid_t pid;
    int r;

    if (take_argv(msg, argv) == 0 || cl->program.lp != NULL) {
        tell_ran(cl, 127 << 8);
        return;
    }
    if (cl->saved_ok)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &cl->saved);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&at);
    posix_spawnattr_setflags(&at,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&at, &none);
    posix_spawnattr_setsigdefault(&at, &all);
    r = posix_spawnp(&pid, argv[0], NULL, &at, (char *const *)(uintptr_t)argv,
                     environ);
    posix_spawnattr_destroy(&at);
    if (r != 0)
        client_say("%s: %s", argv[0], strerror(r));
    if (r != 0 || loop_child_add(cl->lp, &cl->program, pid, program_ended) < 0)
        tell_ran(cl, 127 << 8);
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
    else if (msg_is(msg, "run"))
        run_program(cl, msg);
    else if (msg_is(msg, "token"))
        text_fmt(cl->o->hello.token, sizeof(cl->o->hello.token), "%s",
                 msg_text(msg, "text", HELLO_TOKEN_MAX - 1));
    else
        return msg_is(msg, "pong");
    return true;
}
