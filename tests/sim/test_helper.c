/*
 * test_helper.c - the talk between the engine and its helper processes, with
 * real processes: questions answered at once, later, with errors or never, and
 * helpers that mean harm. The helper of these tests is this program, which does
 * what the name of its job says.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/task/helper_ask.h"
#include "engine/task/helper_main.h"
#include "src/base/fdio.h"

#define LIMIT_MS 60000

/* --- the helper's side --- */

static struct helper_talk talk;

static int
say_answer(const char *name, const char *text)
{
    char answer[HELPER_ANSWER_MAX];
    struct err e = { 0 };

    if (helper_ask(&talk, name, text, answer, sizeof(answer), &e) < 0) {
        helper_say("error %d %s", (int)e.code, e.msg);
        return 1;
    }
    helper_say("done answer=%s", answer);
    return 0;
}

static int
play_twice(void)
{
    char answer[HELPER_ANSWER_MAX];
    struct err e = { 0 };

    if (helper_ask(&talk, "first", "1", answer, sizeof(answer), &e) < 0)
        return 1;
    return say_answer("second", answer);
}

/* Gives up on one question and takes the answer to the next. */
static int
play_impatient(void)
{
    char answer[HELPER_ANSWER_MAX];
    struct err e = { 0 };

    talk.limit_ms = 100;
    if (helper_ask(&talk, "first", "", answer, sizeof(answer), &e) == 0 ||
        e.code != ERR_TIMEOUT)
        return 1;
    helper_say("progress 50 gave up");
    talk.limit_ms = 0;
    return say_answer("second", "");
}

static int
play_flood(bool listens)
{
    char answer[HELPER_ANSWER_MAX];
    unsigned i;

    for (i = 1; i <= 10000; i++)
        if (listens)
            (void)helper_ask(&talk, "more", "", answer, sizeof(answer), NULL);
        else
            helper_say("ask %u more please", i);
    helper_say("done");
    return 0;
}

static int
play_long(const char *how)
{
    size_t n = 1 << 20;
    char *line = malloc(n);

    memset(line, 'x', n);
    memcpy(line, how, strlen(how));
    line[n - 1] = '\n';
    (void)fd_write_all(STDOUT_FILENO, line, n);
    free(line);
    helper_say("done");
    return 0;
}

static int
play_raw(const char *line)
{
    helper_say("%s", line);
    helper_say("done");
    return 0;
}

static int
play_job(const char *job)
{
    if (strcmp(job, "ask") == 0)
        return say_answer("suspend", "web 1");
    if (strcmp(job, "lines") == 0)
        return say_answer("suspend", "a\nerror 3 b\033[31m");
    if (strcmp(job, "twice") == 0)
        return play_twice();
    if (strcmp(job, "impatient") == 0)
        return play_impatient();
    if (strcmp(job, "flood") == 0 || strcmp(job, "spam") == 0)
        return play_flood(job[0] == 'f');
    if (strcmp(job, "long") == 0)
        return play_long("ask 1 suspend ");
    if (strcmp(job, "talk") == 0)
        return play_long("progress 5 ");
    if (strcmp(job, "noname") == 0)
        return play_raw("ask 1 ");
    if (strcmp(job, "badname") == 0)
        return play_raw("ask 1 a_name_that_is_longer_than_any_name_is x");
    return 99;
}

static int
play(void)
{
    char text[256] = "";
    ssize_t n = recv(STDIN_FILENO, text, sizeof(text) - 1, 0);

    if (n <= 4)
        return 98;
    text[n - 2] = '\0'; /* "job NAME\n\n" */
    return play_job(text + 4);
}

/* --- the engine's side --- */

enum reaction { AT_ONCE, IF_IT_CAN, LATER, WITH_ERROR, NEVER, CANCEL };

struct talker {
    struct loop *lp;
    struct helper_pool p;
    struct helper_job j;
    struct helper *h;
    char text[64], result[HELPER_ANSWER_MAX + 32];
    char name[64], asked[4200];
    enum reaction reaction;
    unsigned questions, silent, progress;
    bool ended;
    struct err err;
};

static struct talker x;

static void
reply(const char *text)
{
    assert_true(helper_answer(x.h, x.name, text, NULL));
}

static void
on_question(void *arg, const char *name, const char *text)
{
    struct err e = { 0 };

    (void)arg;
    x.questions++;
    text_fmt(x.name, sizeof(x.name), "%s", name);
    text_fmt(x.asked, sizeof(x.asked), "%s", text);
    if (x.reaction == AT_ONCE)
        reply("yes");
    if (x.reaction == IF_IT_CAN) /* it may be dead by now */
        (void)helper_answer(x.h, name, "yes", NULL);
    if (x.reaction == CANCEL) {
        helper_cancel(x.h);
        x.h = NULL;
    }
    if (x.reaction != WITH_ERROR)
        return;
    err_set(&e, ERR_BUSY, "not now");
    assert_true(helper_answer(x.h, name, "", &e));
}

static void
on_done(void *arg, const char *result, const struct err *e)
{
    (void)arg;
    x.ended = true;
    x.h = NULL;
    x.err = *e;
    text_fmt(x.result, sizeof(x.result), "%s", result != NULL ? result : "");
}

static void
on_silent(void *arg, long pid, unsigned seconds)
{
    (void)arg;
    (void)pid;
    (void)seconds;
    x.silent++;
}

static void
on_progress(void *arg, int percent, const char *what)
{
    (void)arg;
    (void)percent;
    (void)what;
    x.progress++;
}

static void
give(const char *job, enum reaction reaction)
{
    struct err e = { 0 };

    x.reaction = reaction;
    text_fmt(x.text, sizeof(x.text), "job %s\n\n", job);
    x.j = (struct helper_job){ .text = x.text,
                               .fds = { -1, -1 },
                               .progress = on_progress,
                               .question = on_question,
                               .silent = on_silent,
                               .done = on_done };
    x.h = helper_start(&x.p, &x.j, &e);
    assert_non_null(x.h);
}

static bool
has_ended(void *arg)
{
    (void)arg;
    return x.ended;
}

static bool
has_asked(void *arg)
{
    (void)arg;
    return x.questions > 0;
}

static bool
asks_second(void *arg)
{
    (void)arg;
    return strcmp(x.name, "second") == 0;
}

static bool
no_one(void *arg)
{
    (void)arg;
    return false;
}

static void
until(bool (*done)(void *))
{
    assert_true(loop_until(x.lp, done, NULL, LIMIT_MS));
}

static void
open_loop(enum loop_clock clock)
{
    memset(&x, 0, sizeof(x));
    (void)signal(SIGPIPE, SIG_IGN);
    x.lp = loop_new(clock);
    x.p = (struct helper_pool){ .lp = x.lp,
                                .exe = "/proc/self/exe",
                                .driver = "sim" };
    helper_pool_init(&x.p);
}

static int
setup(void **state)
{
    (void)state;
    open_loop(LOOP_CLOCK_REAL);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    helper_cancel(x.h);
    helper_pool_fini(&x.p);
    loop_free(x.lp);
    return 0;
}

static void
assert_result(const char *result)
{
    if (x.err.code != ERR_NONE)
        fail_msg("%s", x.err.msg);
    assert_string_equal(x.result, result);
}

static void
assert_ends_with(enum err_code code, const char *text)
{
    until(has_ended);
    assert_int_equal(x.err.code, code);
    if (strstr(x.err.msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text, x.err.msg);
}

/* --- questions and answers --- */

static void
test_answer_at_once(void **state)
{
    (void)state;
    give("ask", AT_ONCE);
    until(has_ended);
    assert_result("answer=yes");
    assert_string_equal(x.name, "suspend");
    assert_string_equal(x.asked, "web 1");
}

static void
test_answer_later(void **state)
{
    (void)state;
    give("ask", LATER);
    until(has_asked);
    (void)loop_until(x.lp, no_one, NULL, 100);
    assert_false(x.ended);
    reply("at last");
    until(has_ended);
    assert_result("answer=at last");
}

static void
test_answer_is_an_error(void **state)
{
    (void)state;
    give("ask", WITH_ERROR);
    assert_ends_with(ERR_BUSY, "not now");
}

static void
test_question_that_nobody_hears(void **state)
{
    struct err e = { 0 };

    (void)state;
    x.j = (struct helper_job){ .text = "job ask\n\n",
                               .fds = { -1, -1 },
                               .done = on_done };
    x.h = helper_start(&x.p, &x.j, &e);
    assert_non_null(x.h);
    assert_ends_with(ERR_UNSUPPORTED, "nobody answers 'suspend'");
}

static void
test_several_questions(void **state)
{
    (void)state;
    give("twice", AT_ONCE);
    until(has_ended);
    assert_result("answer=yes");
    assert_int_equal(x.questions, 2);
    assert_string_equal(x.asked, "yes");
}

static void
test_only_the_question_at_hand_is_answered(void **state)
{
    (void)state;
    give("ask", LATER);
    assert_false(helper_answer(x.h, "suspend", "too early", NULL));
    until(has_asked);
    assert_false(helper_answer(x.h, "other", "wrong", NULL));
    reply("right");
    assert_false(helper_answer(x.h, "suspend", "again", NULL));
    until(has_ended);
    assert_result("answer=right");
}

static void
test_texts_stay_one_line(void **state)
{
    (void)state;
    give("lines", LATER);
    until(has_asked);
    assert_string_equal(x.asked, "a?error 3 b?[31m");
    reply("x\nanswer 1 error 3 y");
    until(has_ended);
    assert_result("answer=x?answer 1 error 3 y");
}

static void
test_long_answer_is_cut(void **state)
{
    char text[4000];

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    give("ask", LATER);
    until(has_asked);
    reply(text);
    until(has_ended);
    assert_int_equal(x.err.code, ERR_NONE);
    assert_int_equal(strlen(x.result),
                     strlen("answer=") + HELPER_ANSWER_MAX - 1);
}

/* The answer to the first question is late, and none to the second. */
static void
test_helper_gives_up_and_goes_on(void **state)
{
    (void)state;
    give("impatient", NEVER);
    until(asks_second);
    assert_int_equal(x.progress, 1);
    assert_false(helper_answer(x.h, "first", "late", NULL));
    reply("fresh");
    until(has_ended);
    assert_result("answer=fresh");
}

/* --- ends in the middle --- */

static void
test_cancelled_while_it_asks(void **state)
{
    pid_t pid;

    (void)state;
    give("ask", NEVER);
    until(has_asked);
    pid = helper_pid(x.h);
    helper_cancel(x.h);
    x.h = NULL;
    (void)loop_until(x.lp, no_one, NULL, 200);
    assert_false(x.ended);
    assert_int_equal(kill(pid, 0), -1);
}

static void
test_cancelled_by_its_question(void **state)
{
    (void)state;
    give("ask", CANCEL);
    until(has_asked);
    (void)loop_until(x.lp, no_one, NULL, 200);
    assert_false(x.ended);
    assert_int_equal(x.p.busy[HELPER_QUICK], 0);
}

static void
test_stopped_while_it_asks(void **state)
{
    (void)state;
    give("ask", NEVER);
    until(has_asked);
    assert_true(helper_stop(x.h));
    assert_ends_with(ERR_LOST, "was killed");
}

static void
test_killed_while_it_asks(void **state)
{
    pid_t pid;

    (void)state;
    give("ask", NEVER);
    until(has_asked);
    pid = helper_pid(x.h);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(
        waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
    /* To a dead one: refused or lost, but no harm; its end tells. */
    (void)helper_answer(x.h, x.name, "yes", NULL);
    assert_ends_with(ERR_LOST, "was killed");
}

/* The process is started by hand: its parent lives on, only the socket ends. */
static void
test_engine_is_gone(void **state)
{
    int pair[2], status;
    char line[64] = "";
    pid_t pid;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair),
                     0);
    pid = fork();
    if (pid == 0) {
        (void)dup2(pair[1], STDIN_FILENO);
        (void)dup2(pair[1], STDOUT_FILENO);
        execl("/proc/self/exe", "helper", ENGINE_HELPER_ARG, "sim",
              (char *)NULL);
        _exit(97);
    }
    close(pair[1]);
    assert_int_equal(send(pair[0], "job ask\n\n", 9, 0), 9);
    assert_true(recv(pair[0], line, sizeof(line) - 1, 0) > 0);
    assert_string_equal(line, "ask 1 suspend web 1\n");
    close(pair[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
}

/* --- time --- */

static void
test_waiting_for_an_answer_is_no_silence(void **state)
{
    (void)state;
    x.p.tell_ms = 20;
    give("ask", LATER);
    until(has_asked);
    x.p.limit_ms = 100; /* not before: its start may take longer */
    x.silent = 0;       /* the start of the process counts */
    (void)loop_until(x.lp, no_one, NULL, 400);
    assert_int_equal(x.silent, 0);
    assert_false(x.ended);
    x.p.limit_ms = LIMIT_MS;
    reply("yes");
    until(has_ended);
    assert_result("answer=yes");
}

static void
test_silence_counts_from_the_answer_on(void **state)
{
    (void)state;
    give("ask", LATER);
    until(has_asked);
    assert_int_equal(kill(helper_pid(x.h), SIGSTOP), 0);
    x.p.tell_ms = 20;
    x.p.limit_ms = 200;
    reply("yes");
    assert_ends_with(ERR_TIMEOUT, "said nothing for");
    assert_true(x.silent > 0);
}

/* What the engine waits for before it answers may need time: a virtual clock
 * stands while a process works, and runs while one waits for an answer. */
static void
test_virtual_clock_runs_while_it_asks(void **state)
{
    uint64_t from;

    (void)state;
    teardown(state);
    open_loop(LOOP_CLOCK_VIRTUAL);
    give("twice", LATER);
    until(has_asked);
    from = loop_now_ms(x.lp);
    (void)loop_until(x.lp, no_one, NULL, 100000);
    assert_true(loop_now_ms(x.lp) - from >= 100000);
    assert_false(x.ended);
    reply("on");
    from = loop_now_ms(x.lp);
    until(asks_second);
    assert_int_equal(loop_now_ms(x.lp), from);
    /* One that never comes back from its wait is found all the same. */
    assert_int_equal(kill(helper_pid(x.h), SIGSTOP), 0);
    assert_true(loop_until(x.lp, has_ended, NULL, 2000000));
    assert_int_equal(x.err.code, ERR_TIMEOUT);
}

static void
nothing_due(struct loop_timer *lt)
{
    (void)lt;
}

/* No process is left that would hold it. */
static void
assert_clock_is_free(void)
{
    uint64_t from = loop_now_ms(x.lp);
    struct loop_timer lt = { 0 };
    int i;

    loop_timer_arm(x.lp, &lt, 1000, nothing_due);
    for (i = 0; i < 100 && loop_now_ms(x.lp) < from + 1000; i++)
        (void)loop_turn(x.lp, 1000);
    assert_true(loop_now_ms(x.lp) >= from + 1000);
    loop_timer_del(&lt);
}

static void
test_clock_is_free_after_an_end_in_a_question(void **state)
{
    pid_t pid;
    int how;

    for (how = 0; how < 3; how++) {
        teardown(state);
        open_loop(LOOP_CLOCK_VIRTUAL);
        give("ask", NEVER);
        until(has_asked);
        pid = helper_pid(x.h);
        if (how == 0)
            helper_cancel(x.h);
        else if (how == 1)
            assert_true(helper_stop(x.h));
        else
            assert_int_equal(kill(pid, SIGKILL), 0);
        if (how == 0)
            x.h = NULL;
        loop_hold(x.lp); /* its end takes real time */
        while (how > 0 && !x.ended)
            (void)loop_turn(x.lp, 10);
        loop_release(x.lp);
        while (kill(pid, 0) == 0)
            (void)loop_turn(x.lp, 10);
        assert_clock_is_free();
    }
}

/* --- harm --- */

static void
test_endless_questions(void **state)
{
    (void)state;
    give("flood", AT_ONCE);
    assert_ends_with(ERR_INVALID, "asked too many questions");
    assert_int_equal(x.questions, 1000);
}

static void
test_questions_without_listening(void **state)
{
    (void)state;
    give("spam", IF_IT_CAN);
    until(has_ended);
    assert_int_equal(x.err.code, ERR_INVALID);
    assert_true(x.questions <= 1000);
}

static void
test_unanswered_questions_without_end(void **state)
{
    (void)state;
    give("spam", NEVER);
    assert_ends_with(ERR_INVALID, "asked too many questions");
    assert_int_equal(x.questions, 1000);
}

static void
test_question_of_a_megabyte(void **state)
{
    (void)state;
    give("long", AT_ONCE);
    assert_ends_with(ERR_INVALID, "asked with a line that is too long");
    assert_int_equal(x.questions, 0);
}

static void
test_line_of_a_megabyte_is_cut(void **state)
{
    (void)state;
    give("talk", AT_ONCE);
    until(has_ended);
    assert_result("");
    assert_int_equal(x.progress, 1);
}

static void
test_questions_without_a_name(void **state)
{
    static const char *const jobs[] = { "noname", "badname" };
    size_t i;

    for (i = 0; i < 2; i++) {
        teardown(state);
        open_loop(LOOP_CLOCK_REAL);
        give(jobs[i], AT_ONCE);
        assert_ends_with(ERR_INVALID, "something that is no question");
        assert_int_equal(x.questions, 0);
    }
}

static bool
is_reaped(void *arg)
{
    return kill(*(const pid_t *)arg, 0) < 0;
}

/* More of them than may be at work at once: some wait for a place. */
static void
test_helpers_without_an_owner_end_with_their_pool(void **state)
{
    struct helper *first = NULL;
    pid_t pid;
    int i;

    (void)state;
    text_fmt(x.text, sizeof(x.text), "job ask\n\n");
    x.j = (struct helper_job){ .text = x.text,
                               .fds = { -1, -1 },
                               .question = on_question };
    x.reaction = NEVER;
    for (i = 0; i < 6; i++) {
        struct helper *h = helper_start(&x.p, &x.j, NULL);

        assert_non_null(h);
        first = first != NULL ? first : h;
    }
    until(has_asked);
    pid = helper_pid(first);
    helper_pool_fini(&x.p);
    memset(&x.p, 0xa5, sizeof(x.p)); /* its memory may be another's now */
    assert_true(loop_until(x.lp, is_reaped, &pid, LIMIT_MS));
    x.p = (struct helper_pool){ .lp = x.lp };
    helper_pool_init(&x.p);
}

/* It would do its job without the files that it is about. */
static void
test_one_that_cannot_hold_its_files_does_not_wait(void **state)
{
    struct err e = { 0 };
    struct rlimit was, none;
    int i, fd = dup(STDIN_FILENO);

    (void)state;
    text_fmt(x.text, sizeof(x.text), "job ask\n\n");
    x.j = (struct helper_job){ .text = x.text,
                               .fds = { fd, -1 },
                               .question = on_question };
    x.reaction = NEVER;
    for (i = 0; i < 4; i++)
        assert_non_null(helper_start(&x.p, &x.j, &e));
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    none = (struct rlimit){ (rlim_t)fd, was.rlim_max }; /* all are in use */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_null(helper_start(&x.p, &x.j, &e));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    assert_string_equal(e.msg,
                        "files of a helper that waits: Too many open files");
    assert_true(list_empty(&x.p.waiting));
    close(fd);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_answer_at_once),
        T(test_answer_later),
        T(test_answer_is_an_error),
        T(test_question_that_nobody_hears),
        T(test_several_questions),
        T(test_only_the_question_at_hand_is_answered),
        T(test_texts_stay_one_line),
        T(test_long_answer_is_cut),
        T(test_helper_gives_up_and_goes_on),
        T(test_cancelled_while_it_asks),
        T(test_cancelled_by_its_question),
        T(test_stopped_while_it_asks),
        T(test_killed_while_it_asks),
        T(test_engine_is_gone),
        T(test_waiting_for_an_answer_is_no_silence),
        T(test_silence_counts_from_the_answer_on),
        T(test_virtual_clock_runs_while_it_asks),
        T(test_clock_is_free_after_an_end_in_a_question),
        T(test_endless_questions),
        T(test_questions_without_listening),
        T(test_unanswered_questions_without_end),
        T(test_question_of_a_megabyte),
        T(test_line_of_a_megabyte_is_cut),
        T(test_questions_without_a_name),
        T(test_helpers_without_an_owner_end_with_their_pool),
        T(test_one_that_cannot_hold_its_files_does_not_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], ENGINE_HELPER_ARG) == 0)
        return play();
    return run();
}
