/*
 * test_session_hostile.c - clients that hand over what makes others wait:
 * sockets whose close waits for a peer, terminals that block. And what is no
 * engine but listens.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/screen/act.h"
#include "tests/screen/home.h"

#define NOBODY     65534
#define WAIT_S     60    /* what such a close waits for at least */
#define PATIENT_MS 15000 /* less than any of these: who has not waited */

static unsigned long long
now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (unsigned long long)ts.tv_sec * 1000 +
           (unsigned long long)ts.tv_nsec / 1000000;
}

static void
must_answer_soon(struct home *h)
{
    unsigned long long began = now_ms();

    assert_int_equal(home_verb(h, "list"), 0);
    if (now_ms() - began > PATIENT_MS)
        fail_msg("the engine stood still for %llu ms", now_ms() - began);
}

/* A packet with a descriptor, twice. */
static void
send_with(int sock, const char *text, int fd)
{
    const int both[2] = { fd, fd };
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof both)];
    } room = { .bytes = { 0 } };
    struct iovec iov = { (void *)(uintptr_t)text, strlen(text) };
    struct msghdr mh = { .msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = room.bytes,
                         .msg_controllen = sizeof room.bytes };
    struct cmsghdr *cm = CMSG_FIRSTHDR(&mh);

    cm->cmsg_level = SOL_SOCKET;
    cm->cmsg_type = SCM_RIGHTS;
    cm->cmsg_len = CMSG_LEN(sizeof both);
    memcpy(CMSG_DATA(cm), both, sizeof both);
    (void)sendmsg(sock, &mh, MSG_NOSIGNAL);
}

/* A connection whose last close waits: nobody reads what it has sent. */
static int
slow_socket(void)
{
    const struct linger wait = { .l_onoff = 1, .l_linger = WAIT_S };
    struct sockaddr_in sa = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof sa;
    static char bytes[65536];
    int l = socket(AF_INET, SOCK_STREAM, 0), fd, room = 2048;

    setsockopt(l, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (bind(l, (struct sockaddr *)&sa, sizeof sa) < 0 || listen(l, 1) < 0 ||
        getsockname(l, (struct sockaddr *)&sa, &len) < 0)
        _exit(1);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    room = 1 << 20;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    if (connect(fd, (struct sockaddr *)&sa, sizeof sa) < 0)
        _exit(1);
    while (send(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &wait, sizeof wait);
    return fd;
}

/* Sends text with descriptors whose only owner is the engine then: slow
 * sockets, one by itself and one within a socket that nobody reads. first: said
 * before, or NULL. */
static void
hand_over_slow(const struct home *h, const char *first, const char *text)
{
    int slow = slow_socket(), sock = home_connect(h), pair[2];

    if (first != NULL)
        (void)send(sock, first, strlen(first), MSG_NOSIGNAL);
    send_with(sock, text, slow);
    close(slow);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
        _exit(1);
    slow = slow_socket();
    send_with(pair[0], "x", slow);
    close(slow);
    close(pair[0]);
    sock = home_connect(h);
    if (first != NULL)
        (void)send(sock, first, strlen(first), MSG_NOSIGNAL);
    send_with(sock, text, pair[1]);
    close(pair[1]);
}

static void
be_nobody_with_slow_sockets(const struct home *h)
{
    if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
        _exit(1);
    hand_over_slow(h, NULL, "m{\"do\":\"hello\"");
    hand_over_slow(h, NULL,
                   "m{\"do\":\"hello\",\"v\":1,\"kind\":\"terminal\"}");
    hand_over_slow(h,
                   "m{\"do\":\"hello\",\"v\":1,\"kind\":\"batch\",\"lines\":"
                   "[{\"text\":\"events --follow\"}]}",
                   "m{\"do\":\"ping\"}");
    for (;;)
        pause();
}

static void
slow_sockets_hold_nobody(struct home *h, const char *settings)
{
    pid_t pid, engine;
    int i;

    if (geteuid() != 0)
        skip();
    home_start_engine(h, settings);
    must_answer_soon(h);
    engine = home_engine(h);
    kill(engine, SIGSTOP); /* until all of it lies in the socket's queue */
    pid = fork();
    if (pid == 0)
        be_nobody_with_slow_sockets(h);
    home_pause(1000);
    kill(engine, SIGCONT);
    for (i = 0; i < 15; i++) {
        home_pause(100);
        must_answer_soon(h);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    must_answer_soon(h);
}

static void
test_slow_sockets_of_a_stranger(void **state)
{
    slow_sockets_hold_nobody(*state, "view_group = \"daemon\";\n");
}

static void
test_slow_sockets_of_a_viewer(void **state)
{
    slow_sockets_hold_nobody(*state, "view_group = \"nogroup\";\n");
}

/* --- terminals --- */

#define HELLO_TERMINAL                                                         \
    "m{\"do\":\"hello\",\"v\":1,\"kind\":\"terminal\",\"term\":"               \
    "\"xterm-256color\",\"utf8\":true}"

/* The other side of a new terminal; its path for who uses it. */
static int
new_terminal(char *path, size_t n, int rows, int cols)
{
    struct winsize ws = { .ws_row = (unsigned short)rows,
                          .ws_col = (unsigned short)cols };
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

    assert_true(fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0);
    text_fmt(path, n, "%s", ptsname(fd));
    assert_int_equal(ioctl(fd, TIOCSWINSZ, &ws), 0);
    return fd;
}

/* Says hello with /dev/tty, and lets each read there wait for 255 keys, or 25
 * s.
 */
static void
be_nobody_with_dev_tty(const struct home *h, const char *path)
{
    struct termios t;
    int tty, sock;

    setsid();
    tty = open(path, O_RDWR);
    if (tty < 0 || ioctl(tty, TIOCSCTTY, 0) < 0)
        _exit(1);
    tty = open("/dev/tty", O_RDWR);
    if (tty < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
        _exit(1);
    sock = home_connect(h);
    send_with(sock, HELLO_TERMINAL, tty);
    home_pause(500);
    tcgetattr(tty, &t);
    t.c_cc[VMIN] = t.c_cc[VTIME] = 255;
    tcsetattr(tty, TCSANOW, &t);
    for (;;)
        pause();
}

/* The kernel notes who connects: the one that a process is at the moment. */
static int
connect_as_nobody(const struct home *h)
{
    int sock;

    assert_int_equal(setegid(NOBODY), 0);
    assert_int_equal(seteuid(NOBODY), 0);
    sock = home_connect(h);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(setegid(0), 0);
    return sock;
}

static long
home_rss_kib(const struct home *h)
{
    struct buf text = { 0 };
    char path[64], *at;
    long kib = 0;

    text_fmt(path, sizeof path, "/proc/%ld/status", (long)home_engine(h));
    act_read(path, &text);
    at = strstr(buf_text(&text), "VmRSS:");
    if (at != NULL)
        kib = strtol(at + 6, NULL, 10);
    buf_free(&text);
    return kib;
}

static void
drain(int fd)
{
    char bytes[65536];

    while (read(fd, bytes, sizeof bytes) > 0)
        ;
}

static void
test_terminal_that_blocks(void **state)
{
    struct home *h = *state;
    char path[64];
    int master, i;
    pid_t pid;

    if (geteuid() != 0)
        skip();
    home_start_engine(h, "view_group = \"nogroup\";\n");
    master = new_terminal(path, sizeof path, 24, 80);
    pid = fork();
    if (pid == 0)
        be_nobody_with_dev_tty(h, path);
    for (i = 0; i < 10; i++) {
        home_pause(100);
        drain(master);
    }
    assert_int_equal(write(master, "j", 1), 1);
    must_answer_soon(h);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(master);
}

/* As many terminals as one user may have, larger than any screen. */
static void
test_huge_terminals(void **state)
{
    enum { HUGE = 8 };
    struct home *h = *state;
    int master[HUGE], sock[HUGE], tty, i, k;
    char path[64];
    long before;

    if (geteuid() != 0)
        skip();
    home_start_engine(h, "view_group = \"nogroup\";\n");
    must_answer_soon(h);
    before = home_rss_kib(h);
    for (i = 0; i < HUGE; i++) {
        master[i] = new_terminal(path, sizeof path, 1000, 2000);
        tty = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
        sock[i] = connect_as_nobody(h);
        send_with(sock[i], HELLO_TERMINAL, tty);
        close(tty);
    }
    for (k = 0; k < 10; k++) {
        must_answer_soon(h);
        for (i = 0; i < HUGE; i++) {
            drain(master[i]);
            (void)send(sock[i], "m{\"do\":\"winch\"}", 15, MSG_NOSIGNAL);
        }
    }
    if (home_rss_kib(h) - before > 200L * 1024)
        fail_msg("the engine has grown by %ld KiB", home_rss_kib(h) - before);
    for (i = 0; i < HUGE; i++) {
        close(sock[i]);
        close(master[i]);
    }
    must_answer_soon(h);
}

/* Hundreds of panes that a viewer opens and closes with keys that come at once:
 * none is left that the engine tells of its domain once the session is over. */
static void
test_panes_closed_by_the_hundred(void **state)
{
    struct home *h = *state;
    struct buf keys = { 0 };
    struct scr *a = home_terminal(h, 24, 80, NULL);
    pid_t engine = home_engine(h);
    int i;

    for (i = 0; i < 200; i++)
        buf_str(&keys, ":console web1\r\x1dq");
    scr_send(a, buf_text(&keys));
    scr_send(a, ":help\r");
    SEE(a, "help");
    scr_close(a);
    assert_int_equal(home_verb(h, "destroy web1"), 0);
    home_pause(1500); /* a tick of the engine */
    must_answer_soon(h);
    assert_int_equal(home_engine(h), engine);
    buf_free(&keys);
}

/* What a client says of its terminal is not shown; where the terminal is, the
 * kernel says. */
static void
test_names_are_the_kernels(void **state)
{
    struct home *h = *state;
    int master, tty, sock;
    char path[64];

    assert_int_equal(home_verb(h, "list"), 0);
    master = new_terminal(path, sizeof path, 24, 80);
    tty = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    sock = home_connect(h);
    send_with(sock,
              "m{\"do\":\"hello\",\"v\":1,\"kind\":\"terminal\",\"tty\":"
              "\"forged\",\"term\":\"xterm\"}",
              tty);
    AWAIT(home_times(h, "sessions", path + strlen("/dev/")) > 0);
    assert_int_equal(home_times(h, "sessions", "forged"), 0);
    close(sock);
    close(tty);
    close(master);
}

/* Screens of types that nobody uses any more stay: few for who is no admin. */
static void
test_many_types_of_terminals(void **state)
{
    static const char *const types[] = {
        "ansi", "cons25", "cygwin", "hurd",  "linux", "mach",  "rxvt", "screen",
        "sun",  "vt100",  "vt102",  "vt220", "vt52",  "xterm", "tmux", "pcansi"
    };
    struct home *h = *state;
    char path[64], hello[256], answer[512];
    int master, tty, keeper, i, refused = 0;

    if (geteuid() != 0)
        skip();
    home_start_engine(h, "view_group = \"nogroup\";\n");
    master = new_terminal(path, sizeof path, 24, 80);
    tty = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    keeper = connect_as_nobody(h);
    send_with(keeper, HELLO_TERMINAL, tty);
    for (i = 0; i < 32; i++) {
        int sock = connect_as_nobody(h);
        ssize_t n;

        text_fmt(hello, sizeof hello,
                 "m{\"do\":\"hello\",\"v\":1,\"kind\":\"terminal\",\"term\":"
                 "\"%s\",\"no_color\":%s}",
                 types[i / 2], i % 2 != 0 ? "true" : "false");
        send_with(sock, hello, tty);
        n = recv(sock, answer, sizeof answer - 1, 0);
        answer[n > 0 ? n : 0] = '\0';
        refused += strstr(answer, "other types were here") != NULL;
        close(sock);
        drain(master);
        home_pause(20);
    }
    if (refused == 0)
        fail_msg("each type of terminal was taken");
    close(keeper);
    close(tty);
    close(master);
}

/* --- impostors --- */

static void
be_an_impostor(const struct home *h, int ready)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

    text_fmt(sa.sun_path, sizeof sa.sun_path, "%s", h->sock);
    if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0 ||
        bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0 || listen(fd, 8) < 0 ||
        write(ready, "x", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

static void
test_client_trusts_no_stranger(void **state)
{
    struct home *h = *state;
    int ready[2];
    pid_t pid;
    char x;

    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(h->dir, 01777), 0);
    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0)
        be_an_impostor(h, ready[1]);
    assert_int_equal(read(ready[0], &x, 1), 1);
    assert_int_equal(home_verb(h, "list"), 1);
    home_must_say(h, "is neither root's nor yours");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(ready[0]);
    close(ready[1]);
}

#define T(t) cmocka_unit_test_setup_teardown(t, home_setup, home_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_slow_sockets_of_a_stranger), T(test_slow_sockets_of_a_viewer),
        T(test_terminal_that_blocks),       T(test_huge_terminals),
        T(test_names_are_the_kernels),      T(test_many_types_of_terminals),
        T(test_client_trusts_no_stranger),  T(test_panes_closed_by_the_hundred),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
