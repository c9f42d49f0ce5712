/*
 * home.h - one engine and many sessions for tests: a directory with the socket
 * of an engine on a simulated host, the real program as its clients.
 */
#ifndef XENDECK_TESTS_SCREEN_HOME_H
#define XENDECK_TESTS_SCREEN_HOME_H

#include <sys/types.h>

#include "tests/screen/scr.h"

#define NOBODY 65534

struct home {
    char dir[64], sock[80], lock[96];
    char args[200]; /* of terminals */
    char env[96];
    char out[96]; /* the file that the next verb prints to */
};

/* As cmocka's setup and teardown: *state is a home without an engine; the one
 * that runs in the end is ended. */
int home_setup(void **state);
int home_teardown(void **state);
/* The path of the program. */
const char *home_program(void);
void home_pause(unsigned ms);
/* Until ok holds, which must be soon on an idle machine. */
#define AWAIT(ok)                                                              \
    do {                                                                       \
        uint64_t await_ = scr_now_ms() + SCR_MS;                               \
        bool met_;                                                             \
                                                                               \
        while (!(met_ = (ok)) && scr_now_ms() < await_)                        \
            home_pause(20);                                                    \
        assert_true(met_);                                                     \
    } while (0)

/* The pid of the engine, by its lock; 0: there is none. */
pid_t home_engine(const struct home *h);
/* Starts one with these settings of xendeck.conf(5). */
void home_start_engine(struct home *h, const char *settings);

/* Starts `xendeck ... -e LINE OPTION', as another user if uid > 0. line or
 * option NULL: without. */
pid_t home_start(const struct home *h, const char *option, const char *line,
                 uid_t uid);
/* Its exit status, 128 + N if signal N killed it. */
int home_wait(pid_t pid);
/* Both. */
int home_verb(const struct home *h, const char *line);
int home_verb_as_nobody(const struct home *h, const char *line);
/* How often a verb, which must succeed, says a text. What the last verb
 * printed stays. */
unsigned home_times(const struct home *h, const char *line, const char *text);
/* Three seconds of the engine's time: what it does each second is done. */
void home_let_pass(const struct home *h);
/* The output of the last verb; to be freed. */
char *home_said(const struct home *h);
void home_must_say(const struct home *h, const char *text);

/* A terminal whose list has come up; term NULL: xterm-256color. */
struct scr *home_terminal(struct home *h, int rows, int cols, const char *term);
/* A connection to the engine's socket. */
int home_connect(const struct home *h);

#endif
