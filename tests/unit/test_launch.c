/*
 * test_launch.c - engines that end as they begin, and those that have a lock
 * but have not written their name into it yet. The engine is this program.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/attach/launch.h"
#include "src/attach/reach.h"
#include "src/base/buf.h"
#include "src/base/fdio.h"

#define LIMIT_MS 60000

static enum launch_rc
launch_as(const char *role, struct err *e)
{
    char name[] = "xendeck", word[16];
    char *argv[] = { name, word, NULL };

    text_fmt(word, sizeof(word), "%s", role);
    return launch_engine(argv, LIMIT_MS, e);
}

/* It was ended before it could say a word: the next one may stay. */
static void
test_silent_end_is_tried_again(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_int_equal(launch_as("silent", &e), LAUNCH_FAILED);
    assert_int_equal(e.code, ERR_NOENT);
}

static void
test_sentence_of_an_end_is_final(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_int_equal(launch_as("broken", &e), LAUNCH_FAILED);
    assert_int_equal(e.code, ERR_LOST);
    assert_string_equal(e.msg, "it is broken");
}

/* Has the lock at once, and writes whose it is a moment later. */
static void
be_nameless(const char *lock, int ready)
{
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    char text[32];

    if (fd < 0 || fd_lock(fd) < 0 || write(ready, "x", 1) != 1)
        _exit(1);
    usleep(100 * 1000);
    text_fmt(text, sizeof(text), "- %ld\n", (long)getpid());
    if (write(fd, text, strlen(text)) < 0)
        _exit(1);
    for (;;)
        pause();
}

static void
test_lock_without_a_name_is_waited_for(void **state)
{
    struct reach r = { .launch = NULL };
    char dir[] = "/tmp/xendeck-launch-XXXXXX", x;
    struct err e = { 0 };
    int ready[2], status;
    pid_t pid;

    (void)state;
    assert_non_null(mkdtemp(dir));
    text_fmt(r.place.lock, sizeof(r.place.lock), "%s/lock", dir);
    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0)
        be_nameless(r.place.lock, ready[1]);
    assert_int_equal(read(ready[0], &x, 1), 1);
    if (reach_end_engine(&r, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    close(ready[0]);
    close(ready[1]);
    fd_remove_tree(dir);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silent_end_is_tried_again),
        cmocka_unit_test(test_sentence_of_an_end_is_final),
        cmocka_unit_test(test_lock_without_a_name_is_waited_for),
    };

    if (argc > 1 && strcmp(argv[1], "broken") == 0)
        fputs("xendeck: it is broken\n", stderr);
    if (argc > 1)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
