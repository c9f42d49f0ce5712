/*
 * test_session_rights.c - what the engine grants its sessions, and what it
 * refuses: users of groups, read-only terminals, hooks, hostile clients.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/screen/act.h"
#include "tests/screen/home.h"

#define HOSTILE 300

/* --- who may what --- */

static void
test_groups_decide_what_a_user_may(void **state)
{
    struct home *h = *state;

    if (geteuid() != 0)
        skip();
    home_start_engine(h, "view_group = \"nogroup\";\n");
    assert_int_equal(home_verb_as_nobody(h, "list"), 0);
    home_must_say(h, "web1");
    assert_int_equal(home_verb_as_nobody(h, "pause web1"), 1);
    home_must_say(h, "refused");
    assert_int_equal(home_verb_as_nobody(h, "kill-engine"), 1);
    assert_int_equal(home_verb(h, "pause web1"), 0);
    assert_int_equal(home_verb(h, "kill-engine"), 0);
}

static void
test_operators_may_operate(void **state)
{
    struct home *h = *state;

    if (geteuid() != 0)
        skip();
    home_start_engine(h, "operate_group = \"nogroup\";\n");
    assert_int_equal(home_verb_as_nobody(h, "pause web1"), 0);
    assert_int_equal(home_verb_as_nobody(h, "kill-engine"), 1);
    home_must_say(h, "administer");
    assert_int_equal(home_verb(h, "kill-engine"), 0);
}

static void
test_strangers_are_refused(void **state)
{
    struct home *h = *state;

    if (geteuid() != 0)
        skip();
    home_start_engine(h, "view_group = \"daemon\";\n");
    assert_int_equal(home_verb_as_nobody(h, "list"), 1);
    home_must_say(h, "has no rights on this host");
    assert_int_equal(home_verb(h, "kill-engine"), 0);
}

static void
test_log_says_who_did_it(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);

    act_verb(a, "pause web1");
    AWAIT(home_times(h, "log", "web1 (1): pause begins, by ") == 1);
    act_verb(a, "no-such-verb");
    SEE(a, "no verb 'no-such-verb'");
    act_verb(a, "read-only on");
    SEE(a, "nothing can be changed");
    act_verb(a, "console web2");
    SEE(a, "web2:~#");
    scr_send(a, "x");
    SEE(a, "typing into a guest: refused");
    assert_int_equal(home_times(h, "log", "no-such-verb"), 0);
    assert_int_equal(home_times(h, "log", "typing into"), 0);
    scr_close(a);
}

static void
test_read_only_terminal_types_nothing(void **state)
{
    struct home *h = *state;
    struct scr *a, *b;
    char args[sizeof h->args];

    a = home_terminal(h, 24, 80, NULL);
    text_fmt(args, sizeof args, "%s --read-only", h->args);
    text_fmt(h->args, sizeof h->args, "%s", args);
    b = home_terminal(h, 24, 80, NULL);
    scr_send(a, ":console web1\r");
    SEE(a, "web1:~#");
    scr_send(b, ":console web1\r");
    SEE(b, "web1:~#");
    scr_send(b, "echo key\r");
    scr_send(b, "\033[200~echo paste\r\033[201~");
    act_shell(a, "echo -e \\e[?1000h\\e[?1006htold", "told");
    SEE(b, "told");
    scr_send(b, "\033[<0;5;9M\033[<0;5;9m");
    scr_send(a, "echo mine\r");
    SEE(b, "web1:~# echo mine");
    CHECK(a, !scr_has(a, "echo key") && !scr_has(a, "echo paste"));
    scr_send(b, "\x1d"
                "q:pause web1\r");
    SEE(b, "read-only");
    scr_close(a);
    scr_close(b);
}

/* --- hooks --- */

/* A hook that notes what it is run for, and pauses web2 when web1 was. */
static void
add_hook(const struct home *h)
{
    char path[128], text[9000], *program = realpath(home_program(), NULL);

    text_fmt(path, sizeof path, "%s/hooks", h->dir);
    assert_int_equal(mkdir(path, 0755), 0);
    text_fmt(path, sizeof path, "%s/hooks/note", h->dir);
    text_fmt(text, sizeof text,
             "#!/bin/sh\n"
             "[ \"$XENDECK_OP\" = pause ] || exit 0\n"
             "echo \"$XENDECK_EVENT $XENDECK_NAME\" >>%s/noted\n"
             "[ \"$XENDECK_EVENT $XENDECK_NAME\" != \"op-end web1\" ] ||\n"
             "%s --sim=3 --attach --socket %s -e 'pause web2'\n",
             h->dir, program, h->sock);
    assert_non_null(program);
    free(program);
    act_write(path, text);
    assert_int_equal(chmod(path, 0755), 0);
}

static bool
noted(const struct home *h, const char *what)
{
    struct buf b = { 0 };
    char path[128];
    bool yes = false;

    text_fmt(path, sizeof path, "%s/noted", h->dir);
    if (access(path, F_OK) == 0) {
        act_read(path, &b);
        yes = strstr(buf_text(&b), what) != NULL;
    }
    buf_free(&b);
    return yes;
}

static void
until_noted(const struct home *h, const char *what)
{
    AWAIT(noted(h, what));
}

static bool
shows(const struct home *h, const char *name, const char *text)
{
    char line[64], *all;
    bool yes;

    text_fmt(line, sizeof line, "show %s", name);
    assert_int_equal(home_verb(h, line), 0);
    all = home_said(h);
    yes = strstr(all, text) != NULL;
    free(all);
    return yes;
}

/* Only what a hook of this engine has begun runs no hooks; a user who says that
 * he is one is not believed. */
static void
test_nobody_but_a_hook_runs_none(void **state)
{
    struct home *h = *state;
    char settings[128];

    text_fmt(settings, sizeof settings, "hook_dir = \"%s/hooks\";\n", h->dir);
    add_hook(h);
    home_start_engine(h, settings);
    setenv("XENDECK_HOOK", "1", 1);
    assert_int_equal(home_verb(h, "pause web1"), 0);
    unsetenv("XENDECK_HOOK");
    until_noted(h, "op-end web1");
    AWAIT(shows(h, "web2", "paused"));
    assert_int_equal(home_verb(h, "pause db1"), 0);
    until_noted(h, "op-end db1");
    assert_false(noted(h, "web2"));
    assert_int_equal(home_verb(h, "kill-engine"), 0);
}

/* --- the hostile --- */

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

    assert_int_equal(home_verb(h, "list"), 0);
    for (i = 0; i < HOSTILE; i++) {
        const char *text = bad[(size_t)i % (sizeof bad / sizeof bad[0])];

        fds[i] = home_connect(h);
        (void)send(fds[i], text, strlen(text), MSG_NOSIGNAL);
    }
    home_pause(6500); /* those that say nothing are left after 5 s */
    AWAIT(home_verb(h, "list") == 0);
    home_must_say(h, "web1");
    for (i = 0; i < HOSTILE; i++)
        close(fds[i]);
    assert_int_equal(home_verb(h, "list"), 0);
}

/* A hello of a terminal with this descriptor as both of its ends. */
static void
send_hello_with(int sock, int fd)
{
    char hello[] = "m{\"do\":\"hello\",\"v\":1,\"kind\":\"terminal\"}";
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } room = { .bytes = { 0 } };
    struct iovec iov = { hello, sizeof hello - 1 };
    struct msghdr mh = { .msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = room.bytes,
                         .msg_controllen = sizeof room.bytes };
    struct cmsghdr *cm = CMSG_FIRSTHDR(&mh);
    int both[2] = { fd, fd };

    cm->cmsg_level = SOL_SOCKET;
    cm->cmsg_type = SCM_RIGHTS;
    cm->cmsg_len = CMSG_LEN(sizeof both);
    memcpy(CMSG_DATA(cm), both, sizeof both);
    assert_int_equal(sendmsg(sock, &mh, MSG_NOSIGNAL), sizeof hello - 1);
}

static void
hand_over_file(const struct home *h, int file)
{
    int sock = home_connect(h);
    char answer[512];
    ssize_t n;

    send_hello_with(sock, file);
    n = recv(sock, answer, sizeof answer - 1, 0);
    answer[n > 0 ? n : 0] = '\0';
    assert_non_null(strstr(answer, "a terminal session needs a terminal"));
    close(sock);
}

/* The engine neither uses nor closes them, for the server of such a file could
 * hold it then; so it takes few from one user, but for those who may end it. */
static void
test_files_are_no_terminals(void **state)
{
    struct home *h = *state;
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC), i;

    if (geteuid() != 0)
        skip();
    home_start_engine(h, "view_group = \"nogroup\";\n");
    for (i = 0; i < 5; i++)
        hand_over_file(h, file);
    assert_int_equal(home_verb(h, "list"), 0);
    for (i = 0; i < 4; i++) {
        assert_int_equal(setegid(NOBODY), 0);
        assert_int_equal(seteuid(NOBODY), 0);
        hand_over_file(h, file);
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(setegid(0), 0);
    }
    assert_int_equal(home_verb_as_nobody(h, "list"), 1);
    home_must_say(h, "has handed over files in place of terminals");
    assert_int_equal(home_verb(h, "list"), 0);
    close(file);
}

/* --- the engine at its limit --- */

/* The engine may have no more descriptors than it has, but for more. */
static void
limit_descriptors(pid_t engine, rlim_t more)
{
    struct rlimit rl;
    char path[64], link[96];
    int fd;

    assert_int_equal(prlimit(engine, RLIMIT_NOFILE, NULL, &rl), 0);
    for (fd = 0, rl.rlim_cur = 0; fd < 1024; fd++) {
        text_fmt(path, sizeof path, "/proc/%ld/fd/%d", (long)engine, fd);
        if (readlink(path, link, sizeof link) >= 0)
            rl.rlim_cur = (rlim_t)fd + 1;
    }
    rl.rlim_cur += more;
    assert_int_equal(prlimit(engine, RLIMIT_NOFILE, &rl, NULL), 0);
}

/* Hundredths of a second of processor time. */
static unsigned long
ticks_of(pid_t pid)
{
    struct buf text = { 0 };
    unsigned long user, system;
    char path[64];

    text_fmt(path, sizeof path, "/proc/%ld/stat", (long)pid);
    act_read(path, &text);
    assert_int_equal(sscanf(strrchr(buf_text(&text), ')'),
                            ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu "
                            "%lu",
                            &user, &system),
                     2);
    buf_free(&text);
    return user + system;
}

/* In three seconds of it; what was begun before may still go on in them. */
static bool
spins(pid_t engine)
{
    unsigned long before = ticks_of(engine);

    home_pause(3000);
    return ticks_of(engine) - before > 20;
}

static void
test_engine_without_descriptors_waits(void **state)
{
    struct home *h = *state;
    int fds[100], i;
    pid_t engine;

    assert_int_equal(home_verb(h, "list"), 0);
    engine = home_engine(h);
    limit_descriptors(engine, 4);
    for (i = 0; i < 100; i++)
        fds[i] = home_connect(h);
    AWAIT(!spins(engine));
    for (i = 0; i < 100; i++)
        close(fds[i]);
    i = home_verb(h, "list");
    home_must_say(h, "web1");
    assert_int_equal(i, 0);
}

#define T(t) cmocka_unit_test_setup_teardown(t, home_setup, home_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_groups_decide_what_a_user_may),
        T(test_operators_may_operate),
        T(test_strangers_are_refused),
        T(test_log_says_who_did_it),
        T(test_read_only_terminal_types_nothing),
        T(test_nobody_but_a_hook_runs_none),
        T(test_hostile_clients_harm_nobody),
        T(test_files_are_no_terminals),
        T(test_engine_without_descriptors_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
