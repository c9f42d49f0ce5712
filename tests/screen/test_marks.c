/*
 * test_marks.c - domains of the list that are marked, and verbs that act on all
 * of them at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screen/act.h"

static void
test_marks_are_shown(void **state)
{
    struct scr *s = *state;

    scr_send(s, "j ");
    SEE(s, "domains (4), 1 marked");
    SEE(s, "*     1 web1");
    act_see_selected(s, "web2"); /* the next one */
    scr_send(s, "k ");
    SEE(s, "domains (4) ");
    LOSE(s, "marked");
    scr_send(s, "g ");
    SEE(s, "*     0 Domain-0");
    scr_send(s, "U");
    LOSE(s, "marked");
}

static void
test_range_all_and_invert(void **state)
{
    struct scr *s = *state;

    scr_send(s, "j G");
    act_see_selected(s, "db1");
    scr_send_bytes(s, "\0", 1); /* C-Space */
    SEE(s, "3 marked");
    scr_send(s, "U");
    LOSE(s, "marked");
    scr_send(s, "A");
    SEE(s, "3 marked"); /* not domain 0 */
    scr_send(s, "gj *");
    SEE(s, "1 marked");
    SEE(s, "*     1 web1");
    scr_send_esc(s);
    LOSE(s, "marked");
}

static void
test_marks_by_conditions(void **state)
{
    struct scr *s = *state;

    scr_send(s, "+mem>2");
    SEE(s, "3 domains would be marked");
    scr_send(s, "G");
    SEE(s, "1 domain would be marked");
    scr_send(s, " foo:x\r");
    SEE(s, "filter, character 8: found foo:x");
    scr_send(s, "\x15web\r");
    SEE(s, "2 domains marked");
    SEE(s, "*     2 web2");
}

static void
test_verb_on_all_marked(void **state)
{
    struct scr *s = *state;

    act_verb(s, "mark-where web");
    SEE(s, "2 marked");
    scr_send(s, "p");
    SEE(s, "pause: on 2 domains (web1, web2)?");
    scr_send(s, "n");
    LOSE(s, "on 2 domains");
    scr_send(s, "p");
    SEE(s, "on 2 domains");
    scr_send(s, "y");
    SEE(s, "pause: done for all 2");
    SEE(s, "--p--- paused");
    act_verb(s, "mark-results");
    SEE(s, "web1: done");
    SEE(s, "web2: done");
}

/* What is asked of one domain has the number typed. */
static void
test_destruction_wants_the_count(void **state)
{
    struct scr *s = *state;

    act_verb(s, "mark-where web");
    SEE(s, "2 marked");
    scr_send(s, "D");
    SEE(s, "Destroy 2 domains (web1, web2)?");
    SEE(s, "Type 2 to confirm:");
    scr_send(s, "y\r");
    SEE(s, "nothing is done");
    CHECK(s, scr_has(s, "web1"));
    scr_send(s, "D");
    SEE(s, "Type 2 to confirm:");
    scr_send(s, "2\r");
    LOSE(s, "web1  ");
    LOSE(s, "web2  ");
    LOSE(s, "marked");
    CHECK(s, scr_has(s, "db1"));
}

/* A mark takes nothing from what a domain alone is asked, nor adds to it. */
static void
test_single_one_is_asked_as_unmarked(void **state)
{
    struct scr *s = *state;

    scr_send(s, "j ");
    SEE(s, "1 marked");
    act_verb(s, "destroy --undo=0");
    SEE(s, "This cannot be undone.");
    SEE(s, "Type web1 to confirm:");
    scr_send(s, "y\r");
    SEE(s, "nothing is done");
    CHECK(s, scr_has(s, "*     1 web1"));
    scr_send(s, "D");
    SEE(s, "revives it");
    scr_send(s, "y");
    SEE(s, "--p--- paused"); /* until it is destroyed */
    scr_send(s, "D");
    SEE(s, "This is before its");
    SEE(s, "Type web1 to confirm:");
    scr_send(s, "web1\r");
    LOSE(s, "web1  ");
}

static void
test_lasting_ones_are_counted(void **state)
{
    struct scr *s = *state;

    act_verb(s, "mark-where web");
    SEE(s, "2 marked");
    act_verb(s, "destroy --undo=0");
    SEE(s, "them cannot be undone.");
    SEE(s, "Type 2 to confirm:");
    scr_send_esc(s);
    LOSE(s, "Type 2");
    scr_send(s, "D");
    SEE(s, "Type 2 to confirm:");
    CHECK(s, !scr_has(s, "cannot be"));
}

/* Also behind an option a name is a name. */
static void
test_start_of_a_named_one(void **state)
{
    struct scr *s = *state;

    act_verb(s, "mark-where web");
    SEE(s, "2 marked");
    act_verb(s, "start --paused nosuch");
    SEE(s, "nosuch");
    LOSE(s, ":start"); /* the palette */
    CHECK(s, !scr_has(s, "marked (") && !scr_has(s, "on web"));
}

/* One that is refused is named, and the others go on. */
static void
test_refused_ones_are_told(void **state)
{
    struct scr *s = *state;

    scr_send(s, "  ");
    SEE(s, "2 marked");
    scr_send(s, "p");
    SEE(s, "pause: on web1? Not on Domain-0: pause: refused for Domain-0");
    scr_send(s, "y");
    SEE(s, "pause: 1 of 2 failed: Domain-0");
    SEE(s, "--p--- paused");
}

/* A name that is typed counts more than marks. */
static void
test_named_one_alone(void **state)
{
    struct scr *s = *state;

    act_verb(s, "mark-where web");
    SEE(s, "2 marked");
    act_verb(s, "pause db1");
    SEE(s, "pause db1: done");
    CHECK(s, !scr_has(s, "on 2 domains"));
    act_verb(s, "mem-set 512");
    SEE(s, "mem-set 512: on 2 domains (web1, web2)?");
    scr_send(s, "n");
    LOSE(s, "on 2 domains");
    scr_send(s, "b"); /* its form */
    SEE(s, "2 marked");
    scr_send_esc(s);
}

/* In the details it is that domain's, whatever is marked. */
static void
test_marks_are_the_lists(void **state)
{
    struct scr *s = *state;

    act_verb(s, "mark-where web");
    SEE(s, "2 marked");
    scr_send(s, "G\r");
    SEE(s, "uuid");
    scr_send(s, "p");
    SEE(s, "pause db1: done");
}

static void
test_reading_verbs_are_joined(void **state)
{
    struct scr *s = *state;

    act_verb(s, "mark-where web");
    SEE(s, "2 marked");
    act_verb(s, "devices");
    SEE(s, "--- web1");
    SEE(s, "--- web2");
}

/* Tags for all of them, and a filter by one. */
static void
test_tags_of_marked_ones(void **state)
{
    struct scr *s = *state;

    act_verb(s, "mark-where web");
    SEE(s, "2 marked");
    scr_send(s, "@");
    SEE(s, "tags of 2 marked");
    scr_send(s, "prod\r");
    SEE(s, "tag =prod: on 2 domains (web1, web2)?");
    scr_send(s, "y");
    SEE(s, "tag =prod: done for all 2");
    SEE(s, " Tags");
    scr_send_esc(s);
    LOSE(s, "marked");
    act_verb(s, "filter tag:prod");
    SEE(s, "domains 2 of 4 \\tag:prod");
    act_verb(s, "tag web1 -prod");
    SEE(s, "domains 1 of 4 \\tag:prod");
}

int
main(void)
{
#define MARK_TEST(f) cmocka_unit_test_setup_teardown(f, act_setup, act_teardown)
    const struct CMUnitTest tests[] = {
        MARK_TEST(test_marks_are_shown),
        MARK_TEST(test_range_all_and_invert),
        MARK_TEST(test_marks_by_conditions),
        MARK_TEST(test_verb_on_all_marked),
        MARK_TEST(test_destruction_wants_the_count),
        MARK_TEST(test_single_one_is_asked_as_unmarked),
        MARK_TEST(test_lasting_ones_are_counted),
        MARK_TEST(test_start_of_a_named_one),
        MARK_TEST(test_refused_ones_are_told),
        MARK_TEST(test_named_one_alone),
        MARK_TEST(test_marks_are_the_lists),
        MARK_TEST(test_reading_verbs_are_joined),
        MARK_TEST(test_tags_of_marked_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
