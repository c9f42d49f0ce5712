/*
 * test_paste.c - long texts on their way to a guest: whole and in order,
 * whatever their size, past a guest that stops reading, and given up.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/console/console_int.h"
#include "engine/host/domains.h"
#include "tests/sim/world.h"

#define MB       (1000U * 1000)
#define LEFT_MAX 4096U /* what the line discipline of a tty has taken */

static const enum session_right may_write = RIGHT_OPERATE;

static struct world w;
static struct console_client mine, other;
static struct console_pasting over; /* of mine, at its end */
static unsigned ends, news;
static char why[80];
static int guest = -1; /* the end of the tty that a guest has */
static uint64_t dom_id;
static struct buf got; /* by the guest */

static void
take_none(struct console_client *cl, const char *bytes, size_t n)
{
    (void)cl;
    (void)bytes;
    (void)n;
}

static void
hear_end(struct console_client *cl, const struct console_pasting *end)
{
    (void)cl;
    over = *end;
    text_fmt(why, sizeof(why), "%s", end->why != NULL ? end->why : "");
    ends++;
}

static void
hear_news(struct console_client *cl)
{
    (void)cl;
    news++;
}

/* A further console of a guest, whose other end the test has. */
static void
begin(void)
{
    char path[64];

    world_open(&w, 0, false);
    ends = news = 0;
    dom_id = world_guest(&w, "web9", "");
    guest = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    assert_true(guest >= 0 && grantpt(guest) == 0 && unlockpt(guest) == 0);
    store_path(path, sizeof(path), "/local/domain/%u/device/console/1/tty",
               domains_by_id(w.en, dom_id)->d.domid);
    assert_int_equal(
        store_write(engine_store(w.en), 0, path, ptsname(guest), NULL), 0);
    mine = other = (struct console_client){ .data = take_none,
                                            .company = hear_news,
                                            .pasted = hear_end,
                                            .right = &may_write,
                                            .who = "ann@pts/7" };
    text_fmt(other.who, sizeof(other.who), "bob@pts/8");
    assert_int_equal(console_attach(w.en, dom_id, 1, &mine, NULL), 0);
    assert_int_equal(console_attach(w.en, dom_id, 1, &other, NULL), 0);
}

static void
end(void)
{
    console_detach(&mine);
    console_detach(&other);
    close(guest);
    buf_free(&got);
    world_close(&w);
}

WORLD_FIXTURE(begin(), end())

/* Lines with numbers, so that a lost or doubled piece is seen. */
static void
text_make(struct buf *b, size_t n)
{
    unsigned i;

    for (i = 0; b->len < n; i++)
        buf_fmt(b, "line %u\r", i);
    buf_consume(b, b->len - n);
}

static void
guest_reads(void)
{
    char bytes[65536];
    ssize_t r;

    while ((r = read(guest, bytes, sizeof(bytes))) > 0)
        buf_add(&got, bytes, (size_t)r);
}

static void
guest_reads_until(size_t n)
{
    int i;

    for (i = 0; i < 100000 && got.len < n; i++) {
        guest_reads();
        world_pass(&w, 5);
    }
    assert_int_equal(got.len, n);
}

static void
paste(struct console_client *cl, const struct buf *text, size_t tail)
{
    struct buf copy = { 0 };
    struct err e = { 0 };

    buf_add(&copy, text->data, text->len);
    if (console_paste(cl, &copy, tail, &e) < 0)
        fail_msg("%s", e.msg);
    assert_null(copy.data);
}

static void
test_a_megabyte_arrives_whole(void **state)
{
    struct console_pasting now;
    struct buf text = { 0 };

    (void)state;
    text_make(&text, MB);
    paste(&mine, &text, 0);
    assert_true(console_pasting(&other, &now));
    assert_false(now.own);
    assert_string_equal(now.who, "ann@pts/7");
    assert_int_equal(now.total, MB);
    guest_reads_until(MB);
    assert_memory_equal(got.data, text.data, MB);
    assert_int_equal(ends, 1);
    assert_null(over.why);
    assert_int_equal(over.done, MB);
    assert_false(console_pasting(&mine, &now));
    assert_true(news >= 100); /* the percentage was told */
    buf_free(&text);
}

/* The engine holds what the guest does not take, and the tty no more than
 * before. */
static void
test_a_guest_that_stops_reading_gets_the_rest_later(void **state)
{
    struct console_pasting now;
    struct buf text = { 0 };
    size_t done;

    (void)state;
    text_make(&text, MB);
    paste(&mine, &text, 0);
    world_pass(&w, 60000);
    assert_true(console_pasting(&mine, &now));
    done = now.done;
    assert_true(done < MB / 2);
    assert_true(mine.con->queue.len <= CONSOLE_ANSWERS_MAX);
    world_pass(&w, 60000);
    assert_true(console_pasting(&mine, &now));
    assert_int_equal(now.done, done);
    guest_reads_until(MB);
    assert_memory_equal(got.data, text.data, MB);
    buf_free(&text);
}

/* Those of another user between, one's own behind. */
static void
test_keys_are_not_held_up(void **state)
{
    struct buf text = { 0 };
    const char *at;

    (void)state;
    text_make(&text, 200000);
    paste(&mine, &text, 0);
    guest_reads();
    assert_int_equal(console_write(&other, "KEY", 3), 3);
    assert_int_equal(console_write(&mine, "own", 3), 3);
    guest_reads_until(200006);
    at = memmem(got.data, got.len, "KEY", 3);
    assert_non_null(at);
    assert_true(at - got.data < 8192);
    assert_memory_equal(got.data + got.len - 3, "own", 3);
    buf_free(&text);
}

/* Of what the tty holds next to nothing goes on either; what closes the bracket
 * does, and so do the keys that were typed behind it. */
static void
test_a_text_is_given_up(void **state)
{
    struct console_pasting now;
    struct buf text = { 0 };
    int i;

    (void)state;
    buf_str(&text, "\x1b[200~");
    text_make(&text, MB);
    memcpy(text.data + text.len - 6, "\x1b[201~", 6);
    assert_false(console_paste_stop(&mine));
    paste(&mine, &text, 6);
    world_pass(&w, 60000);
    assert_int_equal(console_write(&mine, "ls", 2), 2);
    assert_true(console_paste_stop(&other));
    assert_string_equal(why, "stopped by bob@pts/8");
    assert_true(over.done < MB);
    assert_false(console_pasting(&mine, &now));
    for (i = 0; i < 100; i++) {
        guest_reads();
        world_pass(&w, 5);
    }
    assert_true(got.len >= 8 && got.len < 8 + LEFT_MAX);
    assert_memory_equal(got.data + got.len - 8, "\x1b[201~ls", 8);
    buf_free(&text);
}

static void
refused(struct console_client *cl, size_t n, const char *want)
{
    struct buf text = { 0 };
    struct err e = { 0 };

    text_make(&text, n);
    assert_int_equal(console_paste(cl, &text, 0, &e), -1);
    if (strstr(e.msg, want) == NULL)
        fail_msg("%s", e.msg);
    assert_int_equal(text.len, n); /* it is the caller's still */
    buf_free(&text);
}

static void
test_what_is_refused(void **state)
{
    enum session_right right = RIGHT_VIEW;
    struct buf text = { 0 };

    (void)state;
    refused(&mine, CONSOLE_PASTE_MAX + 1, "allowed are 16 MiB");
    other.right = &right;
    refused(&other, 10, "may not type");
    text_make(&text, 400000);
    paste(&mine, &text, 0);
    assert_false(console_paste_stop(&other));
    right = RIGHT_OPERATE;
    refused(&other, 10, "a text of another is still being typed");
    buf_free(&text);
    other.right = &may_write;
}

/* A session that lost its right goes on in nothing: but for what ends the
 * bracket, without which the guest took all that comes for the text. */
static void
test_a_right_that_ends_ends_the_text(void **state)
{
    enum session_right right = RIGHT_OPERATE;
    struct buf text = { 0 };
    int i;

    (void)state;
    mine.right = &right;
    text_make(&text, 400000);
    memcpy(text.data + text.len - 6, "\x1b[201~", 6);
    paste(&mine, &text, 6);
    assert_int_equal(console_write(&mine, "ls", 2), 2);
    right = RIGHT_VIEW;
    world_pass(&w, 1000);
    for (i = 0; i < 200; i++) {
        guest_reads();
        world_pass(&w, 5);
    }
    assert_string_equal(why, "its session may not type any more");
    assert_true(got.len > 6 && got.len < 16384);
    assert_memory_equal(got.data + got.len - 6, "\x1b[201~", 6);
    mine.right = &may_write;
    buf_free(&text);
}

/* As from a terminal that has no brackets: 64 KiB wait for the guest's tty, and
 * what is more waits, too. */
static void
test_keys_beyond_the_queue_wait(void **state)
{
    struct console_pasting now;
    struct buf text = { 0 };
    size_t i;

    (void)state;
    text_make(&text, MB);
    for (i = 0; i < MB; i += 10)
        assert_int_equal(console_write(&mine, text.data + i, 10), 10);
    assert_true(console_pasting(&mine, &now));
    assert_true(now.own && now.typed);
    guest_reads_until(MB);
    assert_memory_equal(got.data, text.data, MB);
    buf_free(&text);
}

static void
test_keys_are_bounded(void **state)
{
    struct buf text = { 0 };
    size_t n;

    (void)state;
    text_make(&text, CONSOLE_PASTE_MAX + 2U * CONSOLE_QUEUE_MAX);
    n = console_write(&mine, text.data, text.len);
    assert_true(n >= CONSOLE_PASTE_MAX && n < text.len);
    world_pass(&w, 60000); /* the tty is full as well */
    assert_true(console_write(&mine, text.data, text.len) < MB);
    assert_int_equal(console_write(&mine, "x", 1), 0);
    assert_true(console_paste_stop(&mine));
    assert_int_equal(console_write(&mine, "x", 1), 1);
    buf_free(&text);
}

/* The pane is closed: the text goes on. The guest ends: nothing does, also not
 * into its next life. */
static void
test_it_outlives_its_client_and_not_its_guest(void **state)
{
    struct console_pasting now;
    struct buf text = { 0 };

    (void)state;
    text_make(&text, 400000);
    paste(&mine, &text, 0);
    console_detach(&mine);
    world_pass(&w, 1000);
    assert_true(console_pasting(&other, &now));
    assert_true(now.own); /* nobody else is left to give it up */
    assert_int_equal(ends, 0);
    assert_int_equal(engine_destroy(w.en, dom_id, NULL, NULL), 0);
    world_pass(&w, 20000);
    assert_int_equal(console_state(&other), CONSOLE_ENDED);
    assert_false(console_pasting(&other, &now));
    assert_int_equal(other.con->queue.len, 0);
    buf_free(&text);
}

/* Also where the engine reads the console for its panes alone; then it is let
 * go. */
static void
test_it_outlives_the_last_client(void **state)
{
    size_t consoles = consoles_info(w.en, NULL);
    struct buf text = { 0 };

    (void)state;
    text_make(&text, 400000);
    paste(&mine, &text, 0);
    console_detach(&other);
    console_detach(&mine);
    assert_int_equal(consoles_info(w.en, NULL), consoles);
    guest_reads_until(400000);
    assert_memory_equal(got.data, text.data, text.len);
    world_pass(&w, 1000);
    assert_int_equal(consoles_info(w.en, NULL), consoles - 1);
    buf_free(&text);
}

/* Nobody reads it: a console is not kept for its guest either. */
static void
test_a_left_text_ends_with_its_guest(void **state)
{
    size_t consoles = consoles_info(w.en, NULL);
    struct buf text = { 0 };

    (void)state;
    text_make(&text, 400000);
    paste(&mine, &text, 0);
    console_detach(&other);
    console_detach(&mine);
    assert_int_equal(engine_destroy(w.en, dom_id, NULL, NULL), 0);
    world_pass(&w, 20000);
    assert_true(consoles_info(w.en, NULL) < consoles);
    buf_free(&text);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_a_megabyte_arrives_whole),
        T(test_a_guest_that_stops_reading_gets_the_rest_later),
        T(test_keys_are_not_held_up),
        T(test_a_text_is_given_up),
        T(test_what_is_refused),
        T(test_a_right_that_ends_ends_the_text),
        T(test_keys_beyond_the_queue_wait),
        T(test_keys_are_bounded),
        T(test_it_outlives_its_client_and_not_its_guest),
        T(test_it_outlives_the_last_client),
        T(test_a_left_text_ends_with_its_guest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
