/*
 * test_screen_mass.c - three hundred domains of the program die at once, and
 * keys are answered as if nothing had happened. How fast is printed, not
 * judged: the machine may be busy. What is judged is that no key waits for the
 * end of it: many are shown beside a number of dead domains.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/screen/act.h"

#define DEAD     300
#define KEYS_MAX 4000
#define PAUSE_MS 5
#define LEAST    5 /* keys while they die; one, if all of them are one block */

static double
now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1000 + (double)ts.tv_nsec / 1e6;
}

/* A letter at the prompt, until it is shown; it grows, and begins anew. */
static double
one_key(struct scr *s, unsigned i)
{
    char text[32] = ":";
    double begin;
    unsigned n = i % 20;

    if (n == 0)
        scr_send(s, "\x15"); /* the line is taken back */
    memset(text + 1, 'x', n);
    text[n + 1] = 'x';
    text[n + 2] = '\0';
    begin = now_ms();
    scr_send(s, "x");
    SEE(s, text);
    return now_ms() - begin;
}

static void
test_keys_are_answered_while_all_die(void **state)
{
    struct scr *s =
        act_start(24, 80, "--sim=300 --sim-fault=guest.die:3000:poweroff");
    double ms, worst = 0, sum = 0;
    unsigned i, amid = 0;

    *state = s;
    scr_send(s, ":");
    for (i = 0; i < KEYS_MAX && scr_find(s, " 1 domain:") < 0; i++) {
        ms = one_key(s, i);
        sum += ms;
        worst = ms > worst ? ms : worst;
        amid += scr_has(s, ": 1 running, ");
        (void)scr_pump(s, PAUSE_MS);
    }
    SEE(s, " 1 domain: 1 running");
    printf("%d deaths: %u keys, %u amid them, %.1f ms each, %.1f ms at worst\n",
           DEAD, i, amid, sum / (i > 0 ? i : 1), worst);
    CHECK(s, amid >= LEAST);
    scr_send(s, ESC);
    LOSE(s, ":x");
    act_verb(s, "log");
    SEE(s, "reaped (poweroff)");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_keys_are_answered_while_all_die,
                                  act_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
