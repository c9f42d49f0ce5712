/*
 * test_session_socket.c - where sessions reach an engine while it begins and
 * ends: sockets that systemd made, files that go and come, a lock whose holder
 * is ending, and whose settings an engine has.
 */
#include <fcntl.h>
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
#include <unistd.h>

#include <cmocka.h>

#include "src/base/fdio.h"
#include "src/base/xalloc.h"
#include "tests/screen/act.h"
#include "tests/screen/home.h"

#define WAITS_MS 15000U /* what is told after 5 s */

static bool
file_says(const char *path, const char *text)
{
    struct buf b = { 0 };
    bool found = false;

    if (access(path, R_OK) == 0) {
        act_read(path, &b);
        found = strstr(buf_text(&b), text) != NULL;
    }
    buf_free(&b);
    return found;
}

/* Until it does, longer than AWAIT. */
static void
await_said(const char *path, const char *text)
{
    uint64_t until = scr_now_ms() + WAITS_MS;

    while (!file_says(path, text) && scr_now_ms() < until)
        home_pause(20);
    if (!file_says(path, text))
        fail_msg("'%s' is not in %s", text, path);
}

/* --- a socket that systemd made --- */

static int
systemd_listens(const struct home *h)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    text_fmt(sa.sun_path, sizeof sa.sun_path, "%s", h->sock);
    assert_int_equal(bind(fd, (const struct sockaddr *)&sa, sizeof sa), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

/* As sd_listen_fds(3) says. fd -1: started by hand, without a socket. */
static pid_t
engine_activated(const struct home *h, int fd)
{
    char pid[16];
    pid_t child = fork();

    if (child != 0)
        return child;
    text_fmt(pid, sizeof pid, "%ld", (long)getpid());
    if (fd >= 0)
        setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
    unsetenv("XDG_CONFIG_HOME");
    setenv("TMPDIR", h->dir, 1);
    setenv("HOME", h->dir, 1);
    dup2(open("/dev/null", O_RDWR), STDERR_FILENO);
    if (fd == 3)
        fcntl(fd, F_SETFD, 0);
    else if (fd >= 0)
        dup2(fd, 3);
    execl(home_program(), "xendeck", "--headless", "--sim=3", "--socket",
          h->sock, (char *)NULL);
    _exit(127);
}

/* A caller who is there before the engine waits for it; the socket stays
 * systemd's when the engine ends. */
static void
test_engine_takes_a_socket_of_systemd(void **state)
{
    struct home *h = *state;
    int i, fd = systemd_listens(h);
    struct scr *a;
    pid_t caller, engine;

    for (i = 0; i < 2; i++) {
        caller = home_start(h, NULL, "list", 0);
        home_pause(200);
        engine = engine_activated(h, fd);
        assert_int_equal(home_wait(caller), 0);
        home_must_say(h, "web1");
        assert_int_equal(home_engine(h), engine);
        a = home_terminal(h, 24, 80, NULL);
        assert_int_equal(home_verb(h, "kill-engine"), 0);
        assert_int_equal(home_wait(engine), 0);
        EXITS(a, 0);
        scr_close(a);
        assert_int_equal(access(h->sock, F_OK), 0);
    }
    close(fd);
}

/* Until an engine has taken the connection over, its peer is systemd: that one
 * does not hang. */
static void
test_a_start_that_takes_long_is_no_hang(void **state)
{
    struct home *h = *state;
    int fd = systemd_listens(h);
    pid_t caller, engine;

    caller = home_start(h, NULL, "list", 0);
    await_said(h->out, "the engine is being started; waiting for it");
    engine = engine_activated(h, fd);
    assert_int_equal(home_wait(caller), 0);
    home_must_say(h, "web1");
    assert_false(file_says(h->out, "does not answer"));
    kill(engine, SIGTERM);
    assert_int_equal(home_wait(engine), 0);
    close(fd);
}

static ino_t
inode_of(const char *path)
{
    struct stat sb;

    assert_int_equal(lstat(path, &sb), 0);
    return sb.st_ino;
}

/* `systemctl enable --now xendeck.socket' under an engine that runs: that file
 * is the one to be found, now and when the engine has ended. */
static void
test_another_s_socket_is_left_alone(void **state)
{
    struct home *h = *state;
    char option[96];
    pid_t engine;
    ino_t ino;
    int fd;

    text_fmt(option, sizeof option, "--log=%s/log", h->dir);
    assert_int_equal(home_wait(home_start(h, option, "list", 0)), 0);
    engine = home_engine(h);
    assert_int_equal(unlink(h->sock), 0);
    fd = systemd_listens(h);
    ino = inode_of(h->sock);
    await_said(option + strlen("--log="), "is another process's now");
    assert_true(inode_of(h->sock) == ino);
    kill(engine, SIGTERM);
    AWAIT(home_engine(h) != engine);
    assert_true(inode_of(h->sock) == ino);
    close(fd);
}

/* One that begins takes the path of nobody who listens there, nor of a file
 * that is no socket. */
static void
test_an_engine_takes_no_path_of_another(void **state)
{
    struct home *h = *state;
    int fd = systemd_listens(h);
    ino_t ino = inode_of(h->sock);
    pid_t engine = engine_activated(h, -1);
    int status = 0;

    AWAIT(waitpid(engine, &status, WNOHANG) == engine);
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_true(inode_of(h->sock) == ino);
    close(fd); /* a file that nobody serves */
    assert_int_equal(home_verb(h, "list"), 0);
    assert_int_equal(home_verb(h, "kill-engine"), 0);
    AWAIT(home_engine(h) == 0);
    act_write(h->sock, "of somebody");
    assert_int_equal(home_verb(h, "list"), 1);
    home_must_say(h, "is no socket");
    assert_true(file_says(h->sock, "of somebody"));
}

static void
test_a_socket_that_was_removed_is_there_again(void **state)
{
    struct home *h = *state;
    int fd = systemd_listens(h);
    pid_t engine = engine_activated(h, fd);

    assert_int_equal(home_verb(h, "list"), 0);
    assert_int_equal(unlink(h->sock), 0);
    assert_int_equal(home_verb(h, "list"), 0);
    assert_int_equal(home_engine(h), engine);
    kill(engine, SIGTERM);
    assert_int_equal(home_wait(engine), 0);
    assert_int_equal(access(h->sock, F_OK), -1); /* it made this one itself */
    close(fd);
}

/* --- an engine that ends --- */

/* The lock of an engine that is ending, for as long as the descriptor is open.
 */
static int
ending_engine(const struct home *h)
{
    int fd = open(h->lock, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_true(dprintf(fd, "- %ld closing\n", (long)getpid()) > 0);
    assert_int_equal(fd_lock(fd), 0);
    return fd;
}

/* Whoever calls while an engine ends gets the next one, however long that
 * takes, and is not told to kill it. */
static void
test_calls_while_an_engine_ends(void **state)
{
    struct home *h = *state;
    pid_t caller;
    int i, fd;

    assert_int_equal(home_verb(h, "list"), 0);
    for (i = 0; i < 6; i++) {
        assert_int_equal(home_verb(h, "kill-engine"), 0);
        home_pause((unsigned)i * 16);
        if (home_verb(h, "list") != 0)
            fail_msg("after %d ms: %s", i * 16, home_said(h));
    }
    assert_int_equal(home_verb(h, "kill-engine"), 0);
    AWAIT(home_engine(h) == 0);
    assert_true(file_says(h->lock, " closing"));
    fd = ending_engine(h);
    caller = home_start(h, NULL, "list", 0);
    await_said(h->out, "is ending; waiting for it, ^C leaves");
    close(fd);
    assert_int_equal(home_wait(caller), 0);
    home_must_say(h, "web1");
    assert_false(file_says(h->out, "--replace"));
}

/* Its terminals, too: longer than another one would be given to listen. */
static void
test_terminals_wait_for_an_end_that_takes_long(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);
    pid_t first = home_engine(h);
    int fd;

    kill(first, SIGTERM);
    AWAIT(home_engine(h) == 0);
    fd = ending_engine(h);
    CHECK(a, scr_wait_text(a, "is ending; waiting for it", WAITS_MS));
    close(fd);
    SEE(a, "Domain-0");
    scr_send(a, "q");
    EXITS(a, 0);
    scr_close(a);
}

static void
test_a_caller_who_waits_leaves_by_interrupt(void **state)
{
    struct home *h = *state;
    int fd = ending_engine(h);
    pid_t caller = home_start(h, NULL, "list", 0);

    await_said(h->out, "is ending");
    kill(caller, SIGINT);
    assert_int_equal(home_wait(caller), 128 + SIGINT);
    close(fd);
}

/* --- settings --- */

static char *
user_settings(const char *dir, const char *text)
{
    char *path = xasprintf("%s/.config", dir);

    assert_int_equal(mkdir(path, 0700), 0);
    free(path);
    path = xasprintf("%s/.config/xendeck", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    free(path);
    path = xasprintf("%s/.config/xendeck/xendeck.conf", dir);
    act_write(path, text);
    return path;
}

/* What root likes is not what each session begins with. */
static void
test_an_engine_has_nobody_s_own_settings(void **state)
{
    struct home *h = *state;
    char *path = user_settings(h->dir, "read_only = true;\n");
    pid_t engine = engine_activated(h, -1);

    AWAIT(access(h->sock, F_OK) == 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(home_verb(h, "pause web1"), 0);
    kill(engine, SIGTERM);
    assert_int_equal(home_wait(engine), 0);
    free(path);
}

/* More than one packet holds. */
static void
test_many_faults_of_settings_are_told_in_part(void **state)
{
    struct home *h = *state;
    struct buf text = { 0 };
    struct scr *a;
    char *path;
    int i;

    for (i = 0; i < 1500; i++)
        buf_fmt(&text, "no_setting_of_ours_%d = 1;\n", i);
    path = user_settings(h->dir, buf_text(&text));
    assert_int_equal(home_verb(h, "list"), 0);
    home_must_say(h, "no_setting_of_ours_0");
    home_must_say(h, "more faults of the settings");
    home_must_say(h, "web1");
    text_fmt(h->env, sizeof h->env, "TMPDIR=%s HOME=%s", h->dir, h->dir);
    a = home_terminal(h, 24, 80, NULL);
    scr_close(a);
    buf_free(&text);
    free(path);
}

#define T(t) cmocka_unit_test_setup_teardown(t, home_setup, home_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_engine_takes_a_socket_of_systemd),
        T(test_a_start_that_takes_long_is_no_hang),
        T(test_another_s_socket_is_left_alone),
        T(test_an_engine_takes_no_path_of_another),
        T(test_a_socket_that_was_removed_is_there_again),
        T(test_calls_while_an_engine_ends),
        T(test_terminals_wait_for_an_end_that_takes_long),
        T(test_a_caller_who_waits_leaves_by_interrupt),
        T(test_an_engine_has_nobody_s_own_settings),
        T(test_many_faults_of_settings_are_told_in_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
