/*
 * test_sessions.c - one engine and many sessions, with the real program on a
 * simulated host: terminals beside each other, batches, an engine that is
 * killed, stopped or started twice, clients that die, are slow, or may only
 * look.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/fdio.h"
#include "src/base/xalloc.h"
#include "tests/screen/act.h"

#define NOBODY    65534
#define ATONCE    6
#define HOSTILE   300
#define SILENT_MS 9000U /* the engine's silence is told after 5 s */

/* A directory with the socket of an engine. */
struct home {
    char dir[64], sock[80], lock[96], args[160], env[96], out[96];
};

static int
remove_one(const char *path, const struct stat *sb, int type, struct FTW *f)
{
    (void)sb, (void)type, (void)f;
    (void)remove(path);
    return 0;
}

/* --- verbs --- */

static const char *
program(void)
{
    static char path[4200];
    const char *given = getenv("XENDECK"), *build = getenv("BUILD");

    if (given != NULL)
        return given;
    text_fmt(path, sizeof path, "%s/xendeck", build != NULL ? build : "build");
    return path;
}

/* `xendeck ... -e LINE', its output in a file; as another user if uid > 0. */
static pid_t
verb_start(const struct home *h, const char *option, const char *line,
           uid_t uid)
{
    pid_t pid = fork();
    int fd;

    if (pid != 0)
        return pid;
    fd = open(h->out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    setenv("TMPDIR", h->dir, 1);
    setenv("HOME", h->dir, 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_STATE_HOME");
    if (uid > 0 && (setgid(NOBODY) < 0 || setuid(uid) < 0))
        _exit(126);
    if (line != NULL)
        execl(program(), "xendeck", "--sim=3", "--attach", "--socket", h->sock,
              "-e", line, option, (char *)NULL);
    else
        execl(program(), "xendeck", "--sim=3", "--attach", "--socket", h->sock,
              option, (char *)NULL);
    _exit(127);
}

static int
verb_wait(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
verb(const struct home *h, const char *line)
{
    return verb_wait(verb_start(h, NULL, line, 0));
}

/* The output of the last verb; to be freed. */
static char *
said(const struct home *h)
{
    struct buf b = { 0 };

    act_read(h->out, &b);
    return buf_take(&b);
}

static void
must_say(const struct home *h, const char *text)
{
    char *all = said(h);

    if (strstr(all, text) == NULL)
        fail_msg("'%s' is not in:\n%s", text, all);
    free(all);
}

/* --- the engine --- */

static pid_t
engine_pid(const struct home *h)
{
    int fd = open(h->lock, O_RDONLY | O_CLOEXEC);
    char text[64] = "";
    pid_t pid = 0;

    if (fd >= 0 && fd_locked(fd) && read(fd, text, sizeof text - 1) > 2)
        pid = (pid_t)strtol(text + 2, NULL, 10);
    if (fd >= 0)
        close(fd);
    return pid;
}

static void
pause_ms(unsigned ms)
{
    struct timespec ts = { .tv_sec = ms / 1000,
                           .tv_nsec = (long)(ms % 1000) * 1000000 };

    nanosleep(&ts, NULL);
}

static int
setup(void **state)
{
    struct home *h = xcalloc(1, sizeof *h);

    snprintf(h->dir, sizeof h->dir, "/tmp/xendeck-sessions-XXXXXX");
    assert_non_null(mkdtemp(h->dir));
    chmod(h->dir, 0711);
    snprintf(h->sock, sizeof h->sock, "%s/s", h->dir);
    snprintf(h->lock, sizeof h->lock, "%s.lock", h->sock);
    snprintf(h->out, sizeof h->out, "%s/out", h->dir);
    snprintf(h->args, sizeof h->args, "--sim=3 --attach --socket %s", h->sock);
    snprintf(h->env, sizeof h->env, "TMPDIR=%s", h->dir);
    *state = h;
    return 0;
}

static int
teardown(void **state)
{
    struct home *h = *state;
    pid_t pid = engine_pid(h);
    int i;

    if (pid > 0) {
        kill(pid, SIGCONT);
        kill(pid, SIGTERM);
        for (i = 0; i < 200 && engine_pid(h) == pid; i++)
            pause_ms(50);
        if (engine_pid(h) == pid)
            kill(pid, SIGKILL);
    }
    nftw(h->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(h);
    return 0;
}

static struct scr *
terminal(struct home *h, int rows, int cols, const char *term)
{
    char env[160];
    struct scr_opts o = {
        .rows = rows, .cols = cols, .args = h->args, .env = env
    };
    struct scr *s;

    snprintf(env, sizeof env, "%s TERM=%s", h->env,
             term != NULL ? term : "xterm-256color");
    s = scr_open(&o);
    SEE(s, "Domain-0");
    return s;
}

/* --- batches --- */

static void
test_verb_starts_an_engine_that_stays(void **state)
{
    struct home *h = *state;
    pid_t pid;

    assert_int_equal(verb(h, "list"), 0);
    must_say(h, "web1");
    pid = engine_pid(h);
    assert_true(pid > 0);
    assert_int_equal(verb(h, "pause web1"), 0);
    assert_int_equal(verb(h, "show web1"), 0);
    must_say(h, "paused"); /* of the same host */
    assert_int_equal(engine_pid(h), pid);
    assert_int_equal(verb(h, "sessions"), 0);
    must_say(h, "batch");
    assert_int_equal(verb(h, "kill-engine"), 0);
    pause_ms(500);
    assert_int_equal(engine_pid(h), 0);
}

static void
test_exit_status_is_the_verb_s(void **state)
{
    struct home *h = *state;

    assert_int_equal(verb(h, "list"), 0);
    assert_int_equal(verb(h, "show nobody"), 1);
    must_say(h, "xendeck: there is no domain 'nobody'\n");
    assert_int_equal(verb(h, "list --spare"), 2);
    assert_int_equal(verb(h, "create not-there.conf"), 1);
    must_say(h, "not-there.conf");
}

static void
test_ten_at_once_get_one_engine(void **state)
{
    struct home *h = *state, own[10];
    pid_t pids[10], engine;
    int i;

    for (i = 0; i < 10; i++) {
        own[i] = *h;
        snprintf(own[i].out, sizeof own[i].out, "%s/out%d", h->dir, i);
        pids[i] = verb_start(&own[i], NULL, "list", 0);
    }
    for (i = 0; i < 10; i++) {
        if (verb_wait(pids[i]) != 0)
            fail_msg("%s", said(&own[i]));
        must_say(&own[i], "web1");
    }
    engine = engine_pid(h);
    assert_true(engine > 0);
    assert_int_equal(verb(h, "list"), 0);
    assert_int_equal(engine_pid(h), engine);
}

static void
test_interrupt_cancels_what_it_began(void **state)
{
    struct home *h = *state;
    pid_t pid;

    assert_int_equal(verb(h, "list"), 0);
    pid = verb_start(h, NULL, "mem-set web1 256", 0); /* takes 6 s */
    pause_ms(1000);
    kill(pid, SIGINT);
    assert_int_equal(verb_wait(pid), 1);
    must_say(h, "cancelled");
    pid = verb_start(h, NULL, "events --follow", 0);
    pause_ms(1000);
    kill(pid, SIGINT);
    assert_int_equal(verb_wait(pid), 0);
}

static void
test_caller_that_dies_cancels_nothing(void **state)
{
    struct home *h = *state;
    char *all;
    pid_t pid;

    assert_int_equal(verb(h, "list"), 0);
    pid = verb_start(h, NULL, "mem-set web1 256", 0);
    pause_ms(1000);
    kill(pid, SIGKILL);
    verb_wait(pid);
    pause_ms(300);
    assert_int_equal(verb(h, "info"), 0);
    must_say(h, "mem-set web1");
    assert_int_equal(verb(h, "sessions"), 0);
    all = said(h); /* itself alone */
    assert_null(strstr(strstr(all, "batch") + 1, "batch"));
    free(all);
}

/* --- terminals --- */

static void
test_terminals_of_two_kinds_share_a_console(void **state)
{
    struct home *h = *state;
    struct scr *a = terminal(h, 24, 80, NULL);
    struct scr *b = terminal(h, 30, 120, "vt100");

    scr_send(a, ":console web1\r");
    SEE(a, "web1:~#");
    scr_send(b, ":console web1\r");
    SEE(b, "web1:~#");
    scr_send(a, "echo one-types");
    SEE(a, "echo one-types");
    SEE(b, "echo one-types");
    scr_send(b, "-both\r");
    SEE(a, "one-types-both");
    assert_int_equal(verb(h, "sessions"), 0);
    must_say(h, "120x30");
    must_say(h, "80x24");
    must_say(h, "of web1");
    scr_close(a);
    scr_close(b);
}

static void
test_q_detaches(void **state)
{
    struct home *h = *state;
    struct scr *a = terminal(h, 24, 80, NULL);
    pid_t pid = engine_pid(h);

    scr_send(a, "q");
    EXITS(a, 0);
    CHECK_RESTORED(a);
    scr_close(a);
    assert_int_equal(engine_pid(h), pid);
}

static void
test_session_is_ended_by_another(void **state)
{
    struct home *h = *state;
    struct scr *a = terminal(h, 24, 80, NULL);

    assert_int_equal(verb(h, "detach-session 99"), 1);
    must_say(h, "there is no session 99");
    assert_int_equal(verb(h, "detach-session 1"), 0);
    EXITS(a, 0);
    CHECK_RESTORED(a);
    SEE(a, "has ended this session");
    scr_close(a);
}

static void
test_resize_and_suspend_reach_the_engine(void **state)
{
    struct home *h = *state;
    struct scr *a = terminal(h, 24, 80, NULL);

    scr_resize(a, 40, 132);
    scr_signal(a, SIGWINCH);
    SEE(a, "RX/s"); /* a column of wide lists */
    scr_send(a, "\x1a");
    CHECK(a, scr_wait_stopped(a, SCR_MS));
    CHECK_RESTORED(a);
    scr_continue(a);
    SEE(a, "Domain-0");
    scr_send(a, "q");
    EXITS(a, 0);
    scr_close(a);
}

static void
test_killed_engine_is_followed_by_another(void **state)
{
    struct home *h = *state;
    struct scr *a = terminal(h, 24, 80, NULL);
    struct scr *b = terminal(h, 30, 100, NULL);
    pid_t first = engine_pid(h);

    scr_send(a, ":console web1\r");
    SEE(a, "web1:~#");
    pause_ms(2500); /* the client is told what is open */
    scr_pump(a, 100);
    assert_int_equal(kill(first, SIGKILL), 0);
    SEE(a, "waiting for another one");
    SEE(b, "waiting for another one");
    SEE(a, "web1:~#"); /* another simulated host has a guest of that uuid */
    SEE(b, "Domain-0");
    assert_int_not_equal(engine_pid(h), first);
    scr_send(b, "q");
    EXITS(b, 0);
    CHECK_RESTORED(b);
    scr_close(a);
    scr_close(b);
}

static void
test_engine_that_hangs_is_named_and_replaced(void **state)
{
    struct home *h = *state;
    struct scr *a = terminal(h, 24, 80, NULL);
    struct scr *b = terminal(h, 24, 90, NULL);
    pid_t first = engine_pid(h);
    char text[64];

    snprintf(text, sizeof text, "(pid %ld) does not answer", (long)first);
    kill(first, SIGSTOP);
    CHECK(a, scr_wait_text(a, text, SILENT_MS));
    SEE(a, "--replace");
    scr_send(a, "\x03");
    EXITS(a, 1);
    assert_int_equal(verb_wait(verb_start(h, "--replace", "list", 0)), 0);
    must_say(h, "web1");
    assert_int_not_equal(engine_pid(h), first);
    SEE(b, "Domain-0"); /* attached to the new one by itself */
    scr_close(a);
    scr_close(b);
}

static void
test_engine_that_stood_still_goes_on(void **state)
{
    struct home *h = *state;
    struct scr *a = terminal(h, 24, 80, NULL);
    pid_t first = engine_pid(h);

    kill(first, SIGSTOP);
    CHECK(a, scr_wait_text(a, "does not answer", SILENT_MS));
    kill(first, SIGCONT);
    SEE(a, "Domain-0");
    scr_send(a, "q");
    EXITS(a, 0);
    CHECK_RESTORED(a);
    scr_close(a);
}

static void
test_dead_and_stuck_terminals_harm_nobody(void **state)
{
    struct home *h = *state;
    struct scr *dead = terminal(h, 24, 80, NULL);
    struct scr *stuck = terminal(h, 60, 200, NULL);
    struct scr *gone = terminal(h, 24, 80, NULL);
    int i;

    scr_signal(dead, SIGKILL);
    scr_hang_up(gone);
    scr_signal(stuck, SIGSTOP); /* and nothing of it is read any more */
    for (i = 0; i < 10; i++) {
        assert_int_equal(verb(h, "pause web1"), 0);
        assert_int_equal(verb(h, "unpause web1"), 0);
    }
    pause_ms(1500);
    CHECK(dead, scr_exit_status(dead, SCR_MS) != -1);
    assert_int_equal(verb(h, "sessions"), 0);
    must_say(h, "200x60");
    scr_close(dead);
    scr_close(gone);
    scr_close(stuck);
}

/* --- who may what --- */

static void
start_with_groups(struct home *h, const char *settings)
{
    char conf[96];
    pid_t pid;
    int i;

    snprintf(conf, sizeof conf, "%s/groups.conf", h->dir);
    act_write(conf, settings);
    pid = fork();
    if (pid == 0) {
        setenv("TMPDIR", h->dir, 1);
        setenv("HOME", h->dir, 1);
        dup2(open("/dev/null", O_RDWR), STDERR_FILENO);
        execl(program(), "xendeck", "--headless", "--sim=3", "--socket",
              h->sock, "--config", conf, (char *)NULL);
        _exit(127);
    }
    for (i = 0; i < 200 && access(h->sock, F_OK) < 0; i++)
        pause_ms(50);
}

static int
verb_as_nobody(const struct home *h, const char *line)
{
    unlink(h->out);
    act_write(h->out, "");
    chmod(h->out, 0666);
    return verb_wait(verb_start(h, NULL, line, NOBODY));
}

static void
test_groups_decide_what_a_user_may(void **state)
{
    struct home *h = *state;

    if (geteuid() != 0)
        skip();
    start_with_groups(h, "view_group = \"nogroup\";\n");
    assert_int_equal(verb_as_nobody(h, "list"), 0);
    must_say(h, "web1");
    assert_int_equal(verb_as_nobody(h, "pause web1"), 1);
    must_say(h, "refused");
    assert_int_equal(verb_as_nobody(h, "kill-engine"), 1);
    assert_int_equal(verb(h, "pause web1"), 0);
    assert_int_equal(verb(h, "kill-engine"), 0);
}

static void
test_operators_may_operate(void **state)
{
    struct home *h = *state;

    if (geteuid() != 0)
        skip();
    start_with_groups(h, "operate_group = \"nogroup\";\n");
    assert_int_equal(verb_as_nobody(h, "pause web1"), 0);
    assert_int_equal(verb_as_nobody(h, "kill-engine"), 1);
    must_say(h, "administer");
    assert_int_equal(verb(h, "kill-engine"), 0);
}

static void
test_strangers_are_refused(void **state)
{
    struct home *h = *state;

    if (geteuid() != 0)
        skip();
    start_with_groups(h, "view_group = \"daemon\";\n");
    assert_int_equal(verb_as_nobody(h, "list"), 1);
    must_say(h, "has no rights on this host");
    assert_int_equal(verb(h, "kill-engine"), 0);
}

static void
test_read_only_terminal_types_nothing(void **state)
{
    struct home *h = *state;
    struct scr *a, *b;
    char args[200];

    a = terminal(h, 24, 80, NULL);
    snprintf(args, sizeof args, "%s --read-only", h->args);
    text_fmt(h->args, sizeof h->args, "%s", args);
    b = terminal(h, 24, 80, NULL);
    scr_send(a, ":console web1\r");
    SEE(a, "web1:~#");
    scr_send(b, ":console web1\r");
    SEE(b, "web1:~#");
    scr_send(b, "echo key\r");
    scr_send(b, "\033[200~echo paste\r\033[201~");
    scr_send(a, "echo mine\r");
    SEE(b, "echo mine");
    CHECK(a, !scr_has(a, "echo key") && !scr_has(a, "echo paste"));
    scr_send(b, "\x1d"
                "q:pause web1\r");
    SEE(b, "read-only");
    scr_close(a);
    scr_close(b);
}

/* --- the hostile --- */

static int
connect_raw(const struct home *h)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int i, fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    text_fmt(sa.sun_path, sizeof sa.sun_path, "%s", h->sock);
    for (i = 0; i < 200; i++) {
        if (connect(fd, (const struct sockaddr *)&sa, sizeof sa) == 0)
            return fd;
        pause_ms(10);
    }
    fail_msg("connect: %s", strerror(errno));
    return -1;
}

static void
test_hostile_clients_harm_nobody(void **state)
{
    static const char *const bad[] = {
        "",
        "m",
        "mx",
        "m{}",
        "m{\"do\":\"hello\"}",
        "o",
        "m{\"do\":\"bulk\"}",
        "m{\"do\":\"hello\",\"v\":1,\"kind\":\"terminal\"}",
        "m{\"do\":\"hello\",\"v\":1,\"kind\":\"batch\",\"lines\":[]}",
    };
    struct home *h = *state;
    int fds[HOSTILE], i;

    assert_int_equal(verb(h, "list"), 0);
    for (i = 0; i < HOSTILE; i++) {
        const char *text = bad[(size_t)i % (sizeof bad / sizeof bad[0])];

        fds[i] = connect_raw(h);
        (void)send(fds[i], text, strlen(text), MSG_NOSIGNAL);
    }
    pause_ms(6500); /* those that say nothing are left after 5 s */
    assert_int_equal(verb(h, "list"), 0);
    must_say(h, "web1");
    for (i = 0; i < HOSTILE; i++)
        close(fds[i]);
    assert_int_equal(verb(h, "list"), 0);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_verb_starts_an_engine_that_stays),
        T(test_exit_status_is_the_verb_s),
        T(test_ten_at_once_get_one_engine),
        T(test_interrupt_cancels_what_it_began),
        T(test_caller_that_dies_cancels_nothing),
        T(test_terminals_of_two_kinds_share_a_console),
        T(test_q_detaches),
        T(test_session_is_ended_by_another),
        T(test_resize_and_suspend_reach_the_engine),
        T(test_killed_engine_is_followed_by_another),
        T(test_engine_that_hangs_is_named_and_replaced),
        T(test_engine_that_stood_still_goes_on),
        T(test_dead_and_stuck_terminals_harm_nobody),
        T(test_groups_decide_what_a_user_may),
        T(test_operators_may_operate),
        T(test_strangers_are_refused),
        T(test_read_only_terminal_types_nothing),
        T(test_hostile_clients_harm_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
