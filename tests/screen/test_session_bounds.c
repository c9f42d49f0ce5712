/*
 * test_session_bounds.c - what one user may ask of an engine that serves many:
 * settings that take long to read, files that cannot be closed, and a word
 * against an engine that is read-only. And whose files an engine leaves alone.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/attach/conn.h"
#include "src/attach/hello.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"
#include "tests/screen/act.h"
#include "tests/screen/home.h"

#define FLOOD    31
#define LONG     (3900UL * 1024) /* of settings: a third of a second to read */
#define PROMPTLY 4000

/* --- a user who may only view */

static void
set_ids(uid_t uid)
{
    assert_int_equal(uid == 0 ? seteuid(0) : setegid(uid), 0);
    assert_int_equal(uid == 0 ? setegid(0) : seteuid(uid), 0);
}

/* A hello with settings of n bytes, as nobody; the socket. */
static int
begin_with_settings(const struct home *h, size_t n)
{
    struct cmd_line line = { .text = "list" };
    struct hello hi = { .kind = HELLO_BATCH,
                        .cwd = "/",
                        .lines = &line,
                        .n_lines = 1,
                        .config_name = "own.conf",
                        .config_text = xcalloc(1, n + 1) };
    struct conn c = { .fd = -1 };

    memset(hi.config_text, '#', n);
    set_ids(NOBODY);
    c.fd = home_connect(h);
    set_ids(0);
    conn_send_first(&c, hello_encode(&hi), NULL, 0);
    free(hi.config_text);
    return c.fd;
}

static void
must_hear(int sock, const char *text)
{
    char answer[1024];
    ssize_t n;

    do {
        n = recv(sock, answer, sizeof answer - 1, 0);
        answer[n > 0 ? n : 0] = '\0';
    } while (n > 0 && strstr(answer, text) == NULL);
    if (n <= 0)
        fail_msg("'%s' was not said", text);
}

static void
test_long_settings_hold_nobody_up(void **state)
{
    struct home *h = *state;
    int sock[FLOOD], i;
    uint64_t began;

    if (geteuid() != 0)
        skip();
    home_start_engine(h, "view_group = \"nogroup\";\n");
    assert_int_equal(home_verb(h, "list"), 0);
    for (i = 0; i < FLOOD; i++)
        sock[i] = begin_with_settings(h, LONG);
    began = scr_now_ms();
    assert_int_equal(home_verb(h, "list"), 0);
    if (scr_now_ms() - began > PROMPTLY)
        fail_msg("the engine stood still for %llu ms",
                 (unsigned long long)(scr_now_ms() - began));
    for (i = 0; i < FLOOD; i++) {
        must_hear(sock[i], "found more than 256 KiB");
        close(sock[i]);
    }
}

/* Those that are short enough wait for their turn, and get it. */
static void
test_sessions_wait_for_their_turn(void **state)
{
    enum { SOME = 20 };
    struct home *h = *state;
    int sock[SOME], i;

    if (geteuid() != 0)
        skip();
    home_start_engine(h, "view_group = \"nogroup\";\n");
    for (i = 0; i < SOME; i++)
        sock[i] = begin_with_settings(h, HELLO_CONFIG_OTHERS);
    for (i = 0; i < SOME; i++) {
        must_hear(sock[i], "\"exit\"");
        close(sock[i]);
    }
    sock[0] = begin_with_settings(h, HELLO_CONFIG_OTHERS + 1);
    must_hear(sock[0], "own.conf: found 65537 bytes of settings");
    close(sock[0]);
}

/* --- an engine that is read-only */

static void
test_read_only_engine_binds_all(void **state)
{
    struct home *h = *state;
    char option[128], conf[96];
    struct scr *s;

    home_start_engine(h, "read_only = true;\n");
    text_fmt(conf, sizeof conf, "%s/own.conf", h->dir);
    act_write(conf, "read_only = false;\n");
    text_fmt(option, sizeof option, "--config=%s", conf);
    assert_int_equal(home_wait(home_start(h, option, "pause web1", 0)), 1);
    home_must_say(h, "this engine is read-only");
    assert_int_equal(home_verb(h, "kill-engine"), 1);
    s = home_terminal(h, 24, 80, NULL);
    scr_send(s, ":read-only off\r");
    SEE(s, "this engine is so");
    scr_close(s);
    assert_int_equal(home_verb(h, "list"), 0);
    assert_true(home_times(h, "sessions", "view") > 0);
}

/* --- files that come in place of terminals */

static unsigned
descriptors_of(pid_t pid)
{
    char path[64];
    unsigned n = 0;
    int fd;

    for (fd = 0; fd < 256; fd++) {
        text_fmt(path, sizeof path, "/proc/%ld/fd/%d", (long)pid, fd);
        n += faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    }
    return n;
}

/* Its standard input and output come along, whether it is taken or not. */
static void
test_refused_batch_leaves_nothing_open(void **state)
{
    struct home *h = *state;
    unsigned before;
    int i;

    home_start_engine(h, "");
    assert_int_equal(home_verb(h, "list"), 0);
    AWAIT((before = descriptors_of(home_engine(h))) > 0);
    for (i = 0; i < 6; i++) {
        assert_int_equal(
            home_wait(home_start(h, "--theme=nope", "migrate-receive", 0)), 2);
        home_must_say(h, "nope");
    }
    assert_int_equal(home_verb(h, "list"), 0);
    AWAIT(descriptors_of(home_engine(h)) < before + 8); /* of 12 that came */
}

/* --- what lies where the socket is to be */

static void
must_be_left(struct home *h, const char *suffix, const char *why)
{
    char path[128], option[160];
    struct buf text = { 0 };
    int status;
    pid_t pid;

    text_fmt(path, sizeof path, "%s%s", h->sock, suffix);
    text_fmt(option, sizeof option, "--socket=%s", h->sock);
    act_write(path, "precious\n");
    pid = fork();
    if (pid == 0) {
        setenv("TMPDIR", h->dir, 1);
        dup2(open(h->out, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
        execl(home_program(), "xendeck", "--headless", "--sim=3", option,
              (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    home_must_say(h, why);
    home_must_say(h, path);
    act_read(path, &text);
    assert_string_equal(buf_text(&text), "precious\n");
    buf_free(&text);
    assert_int_equal(unlink(path), 0);
}

static void
test_files_of_others_are_left_alone(void **state)
{
    must_be_left(*state, "", "is no socket");
    must_be_left(*state, ".new", "is no socket");
    must_be_left(*state, ".lock", "is no lock");
}

static bool
has_ended(pid_t pid)
{
    return waitpid(pid, NULL, WNOHANG) == pid;
}

/* Another engine may start then: the two would take the socket from each other
 * each second. */
static void
test_engine_without_its_lock_leaves(void **state)
{
    struct home *h = *state;
    struct scr *s;
    pid_t engine;

    home_start_engine(h, "");
    engine = home_engine(h);
    s = home_terminal(h, 24, 80, NULL);
    assert_int_equal(unlink(h->lock), 0);
    AWAIT(has_ended(engine));
    SEE(s, "waiting for another one");
    home_start_engine(h, "");
    SEE(s, "Domain-0");
    scr_close(s);
}

#define T(t) cmocka_unit_test_setup_teardown(t, home_setup, home_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_long_settings_hold_nobody_up),
        T(test_sessions_wait_for_their_turn),
        T(test_read_only_engine_binds_all),
        T(test_refused_batch_leaves_nothing_open),
        T(test_files_of_others_are_left_alone),
        T(test_engine_without_its_lock_leaves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
