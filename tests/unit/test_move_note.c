/*
 * test_move_note.c - what two hosts say of a migration: what is printed is
 * read, what is garbled is refused with a sentence, and a header that carries
 * it is one that xl reads, or refuses when it only asks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/saved/move_note.h"
#include "engine/saved/saved_file.h"
#include "src/base/fdio.h"

#define ID "0123456789abcdef0123456789abcdef"

static struct err e;

static void
test_a_note_is_read_as_it_was_printed(void **state)
{
    struct move_note n = { .what = MOVE_SETTLE,
                           .xen_major = 4,
                           .xen_minor = 20,
                           .cpu = { 0x1fffffff, 7 },
                           .n_cpu = 2,
                           .defined = true },
                     got;
    struct buf b = { 0 };

    (void)state;
    assert_int_equal(move_id_make(n.id, &e), 0);
    move_note_print(&n, &b);
    if (move_note_parse(buf_text(&b), &got, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(got.what, MOVE_SETTLE);
    assert_string_equal(got.id, n.id);
    assert_int_equal(got.xen_major, 4);
    assert_int_equal(got.xen_minor, 20);
    assert_int_equal(got.n_cpu, 2);
    assert_int_equal(got.cpu[0], 0x1fffffff);
    assert_int_equal(got.cpu[1], 7);
    assert_true(got.defined);
    buf_free(&b);
}

static void
test_garbled_notes_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "do\n",
        "do dance\nid " ID "\n",
        "do move\n",
        "do move\nid 0123\n",
        "do move\nid 0123456789ABCDEF0123456789abcdef\n",
        "do move\nid " ID "0\n",
        "do move\nid " ID "\nxen four\n",
        "do move\nid " ID "\nxen 4.1000\n",
        "do move\nid " ID "\ncpu 1\n",
        "do move\nid " ID "\ncpu 0000000g\n",
    };
    struct move_note got;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        err_clear(&e);
        if (move_note_parse(bad[i], &got, &e) == 0)
            fail_msg("taken: %s", bad[i]);
        assert_true(e.msg[0] != '\0');
    }
    assert_int_equal(move_note_parse("later 1\ndo move\nid " ID "\n", &got, &e),
                     0);
}

static void
test_too_many_words_of_features(void **state)
{
    struct move_note got;
    struct buf b = { 0 };
    int i;

    (void)state;
    buf_str(&b, "do move\nid " ID "\ncpu 00000000");
    for (i = 0; i < MOVE_CPU_WORDS; i++)
        buf_str(&b, ":00000000");
    buf_chr(&b, '\n');
    assert_int_equal(move_note_parse(buf_text(&b), &got, &e), -1);
    buf_free(&b);
}

static void
test_answers(void **state)
{
    enum move_answer a;
    struct buf b = { 0 };
    char text[64];

    (void)state;
    move_answer_print(MOVE_NO, "no memory\nthere\x1b[m", &b);
    assert_int_equal(
        move_answer_parse(b.data, b.len, &a, text, sizeof(text), &e), 0);
    assert_int_equal(a, MOVE_NO);
    assert_string_equal(text, "no memory?there?[m");
    assert_int_equal(move_answer_parse(b.data, 10, &a, text, sizeof(text), &e),
                     -1);
    buf_clear(&b);
    move_answer_print(MOVE_TAKEN, NULL, &b);
    assert_int_equal(
        move_answer_parse(b.data, b.len, &a, text, sizeof(text), &e), 0);
    assert_int_equal(a, MOVE_TAKEN);
    assert_string_equal(text, "");
    assert_int_equal(
        move_answer_parse("xl: what?\n", 10, &a, text, sizeof(text), &e), -1);
    buf_free(&b);
}

static int
file_with(const struct buf *b)
{
    int fd = memfd_create("head", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, b->data, b->len), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void
print_head(bool ask, struct buf *out)
{
    struct saved_head h = { .json = true, .ask = ask };

    buf_str(&h.config, "{ }");
    buf_str(&h.native, "name = \"web1\";\n");
    buf_str(&h.note, "do check\nid " ID "\n");
    saved_head_print(&h, out);
    saved_head_fini(&h);
}

static void
test_a_header_carries_it(void **state)
{
    struct buf b = { 0 };
    struct saved_head h;
    size_t size;
    int fd;

    (void)state;
    print_head(false, &b);
    assert_int_equal(saved_head_size(b.data, &size, &e), 0);
    assert_int_equal(size, b.len);
    fd = file_with(&b);
    assert_int_equal(saved_head_read(fd, "f", &h, &e), 0);
    assert_false(h.ask);
    assert_string_equal(buf_text(&h.native), "name = \"web1\";\n");
    assert_string_equal(buf_text(&h.note), "do check\nid " ID "\n");
    saved_head_fini(&h);
    close(fd);
    buf_free(&b);
}

static void
test_a_question_is_no_saved_file(void **state)
{
    struct buf b = { 0 };
    struct saved_head h;
    size_t size;
    int fd;

    (void)state;
    print_head(true, &b);
    assert_int_equal(saved_head_size(b.data, &size, &e), 0);
    assert_int_equal(size, b.len);
    fd = file_with(&b);
    assert_int_equal(saved_head_read(fd, "f", &h, &e), -1);
    assert_non_null(strstr(e.msg, "it needs a later version"));
    saved_head_fini(&h);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(saved_offer_read(fd, &h, &e), 0);
    assert_true(h.ask);
    assert_string_equal(buf_text(&h.note), "do check\nid " ID "\n");
    saved_head_fini(&h);
    close(fd);
    buf_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_note_is_read_as_it_was_printed),
        cmocka_unit_test(test_garbled_notes_are_refused),
        cmocka_unit_test(test_too_many_words_of_features),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_a_header_carries_it),
        cmocka_unit_test(test_a_question_is_no_saved_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
