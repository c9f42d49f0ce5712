/*
 * test_overlay.c - the stack of what stands over the panes: who has the keys,
 * what is drawn, and that each owner is told exactly once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "ui/desk/desk_int.h"
#include "ui/widget/dialog.h"
#include "ui/widget/notice.h"
#include "ui/widget/prompt.h"

/* A front end without a screen. */
struct ui {
    struct desk desk;
    struct buf said; /* what happened, a letter each */
    int told;        /* calls of a dialog's done */
    bool last_yes;
    bool take; /* what the form's done answers */
    char text[64];
};

static int
setup(void **state)
{
    struct ui *ui = calloc(1, sizeof *ui);

    assert_non_null(ui);
    ui->desk.lp = loop_new(LOOP_CLOCK_VIRTUAL);
    ui->desk.stage = (struct stage){ .rows = 24, .cols = 80 };
    ui->desk.in_key = true;
    *state = ui;
    return 0;
}

static int
teardown(void **state)
{
    struct ui *ui = *state;

    overlay_close_all(ui);
    prompt_fini(ui);
    notice_fini(ui);
    loop_free(ui->desk.lp);
    buf_free(&ui->said);
    free(ui);
    return 0;
}

/* --- a box that writes down what happens to it */

struct box {
    struct overlay ov;
    char name;
};

static struct box *
box_of(const struct overlay *ov)
{
    return (struct box *)(uintptr_t)ov;
}

static void
box_draw(const struct overlay *ov, const struct stage *st)
{
    (void)st;
    buf_chr(&ov->ui->said, box_of(ov)->name);
}

static void
box_key(struct overlay *ov, const struct key *k)
{
    if (k->code == K_ESC)
        overlay_remove(ov);
    else
        buf_chr(&ov->ui->said, box_of(ov)->name);
}

static void
box_cancel(struct overlay *ov)
{
    buf_chr(&ov->ui->said, '-');
    buf_chr(&ov->ui->said, box_of(ov)->name);
    overlay_remove(ov);
}

static void
box_raised(struct overlay *ov)
{
    buf_chr(&ov->ui->said, '^');
    buf_chr(&ov->ui->said, box_of(ov)->name);
}

#define BOX_OPS                                                                \
    .draw = box_draw, .key = box_key, .cancel = box_cancel, .raised = box_raised

static const struct overlay_ops box_ops = { BOX_OPS };
static const struct overlay_ops whole_ops = { .where = OVERLAY_WHOLE, BOX_OPS };

static void
press(struct ui *ui, uint32_t code)
{
    struct key k = { .code = code };

    assert_true(overlay_key(ui, &k));
}

static void
expect_said(struct ui *ui, const char *want)
{
    assert_string_equal(buf_text(&ui->said), want);
    buf_clear(&ui->said);
}

static void
test_the_topmost_has_the_keys(void **state)
{
    struct ui *ui = *state;
    struct box a = { .ov.ops = &box_ops, .name = 'a' };
    struct box b = { .ov.ops = &whole_ops, .name = 'b' };
    struct key k = { .code = 'x' };

    assert_false(overlay_key(ui, &k));
    overlay_push(ui, &a.ov);
    overlay_push(ui, &b.ov);
    press(ui, 'x');
    press(ui, K_ESC);
    press(ui, 'x');
    press(ui, K_ESC);
    expect_said(ui, "b^aa");
    assert_null(overlay_top(ui));
    assert_false(overlay_key(ui, &k));
    overlay_remove(&a.ov); /* not on it any more */
}

static void
test_one_goes_from_amid(void **state)
{
    struct ui *ui = *state;
    struct box a = { .ov.ops = &box_ops, .name = 'a' };
    struct box b = { .ov.ops = &whole_ops, .name = 'b' };
    struct box c = { .ov.ops = &box_ops, .name = 'c' };

    overlay_push(ui, &a.ov);
    overlay_push(ui, &b.ov);
    overlay_push(ui, &c.ov);
    overlay_remove(&b.ov);
    expect_said(ui, ""); /* c was and is the topmost */
    assert_false(overlay_has(ui, OVERLAY_WHOLE));
    press(ui, K_ESC);
    expect_said(ui, "^a");
    overlay_remove(&a.ov);
}

/* What covers the screen is drawn before the lines around the panes are. */
static void
test_drawn_from_below(void **state)
{
    struct ui *ui = *state;
    struct box a = { .ov.ops = &box_ops, .name = 'a' };
    struct box b = { .ov.ops = &whole_ops, .name = 'b' };
    struct box c = { .ov.ops = &box_ops, .name = 'c' };

    overlay_push(ui, &a.ov);
    overlay_push(ui, &b.ov);
    overlay_push(ui, &c.ov);
    overlay_draw_whole(ui);
    expect_said(ui, "ab");
    overlay_draw_rest(ui);
    expect_said(ui, "c");
    overlay_remove(&c.ov);
    overlay_remove(&b.ov);
    overlay_remove(&a.ov);
}

static void
test_equals_wait_unseen(void **state)
{
    struct ui *ui = *state;
    struct box a = { .ov.ops = &box_ops, .name = 'a' };
    struct box b = { .ov.ops = &box_ops, .name = 'b' };
    struct box w = { .ov.ops = &whole_ops, .name = 'w' };

    overlay_push(ui, &w.ov);
    overlay_queue(ui, &a.ov);
    overlay_queue(ui, &b.ov);
    overlay_draw_rest(ui);
    expect_said(ui, "a");
    press(ui, K_ESC);
    overlay_draw_rest(ui);
    expect_said(ui, "^bb");
    overlay_remove(&b.ov);
    overlay_remove(&w.ov);
}

static void
test_the_end_cancels_all(void **state)
{
    struct ui *ui = *state;
    struct box a = { .ov.ops = &box_ops, .name = 'a' };
    struct box b = { .ov.ops = &whole_ops, .name = 'b' };
    struct box late = { .ov.ops = &box_ops, .name = 'l' };

    overlay_push(ui, &a.ov);
    overlay_push(ui, &b.ov);
    overlay_close_all(ui);
    expect_said(ui, "-b^a-a");
    overlay_push(ui, &late.ov);
    expect_said(ui, "-l");
    assert_null(overlay_top(ui));
}

/* --- the dialogs */

static void
answered(struct ui *ui, bool yes, void *arg)
{
    (void)arg;
    ui->told++;
    ui->last_yes = yes;
}

static void
got_text(struct ui *ui, const char *text, void *arg)
{
    (void)arg;
    ui->told++;
    text_fmt(ui->text, sizeof ui->text, "%s", text != NULL ? text : "(none)");
}

static bool
got_values(struct ui *ui, const char *const *values, struct err *e, void *arg)
{
    (void)arg;
    ui->told++;
    text_fmt(ui->text, sizeof ui->text, "%s",
             values != NULL ? values[0] : "(none)");
    if (values != NULL && !ui->take)
        err_set(e, ERR_INVALID, "not this one");
    return ui->take;
}

static const struct form_field fields[] = { { .label = "name" },
                                            { .label = "size" } };
static const struct form_spec spec = { .title = "a form",
                                       .fields = fields,
                                       .n = 2 };

static void
test_a_question_over_a_form_over_pages(void **state)
{
    struct ui *ui = *state;

    ui->take = true;
    ui_pager(ui, "pages", "one\ntwo\n");
    ui_form(ui, &spec, got_values, NULL);
    press(ui, 'n');
    ui_confirm(ui, "sure?", NULL, answered, NULL);
    press(ui, 'x'); /* neither yes nor no */
    assert_int_equal(ui->told, 0);
    press(ui, 'y');
    assert_int_equal(ui->told, 1);
    assert_true(ui->last_yes);
    press(ui, 'o'); /* the form's again */
    press(ui, K_ENTER);
    assert_int_equal(ui->told, 2);
    assert_string_equal(ui->text, "no");
    press(ui, 'q'); /* the pager's */
    assert_null(overlay_top(ui));
    assert_int_equal(ui->told, 2);
}

static void
test_a_refused_form_stays(void **state)
{
    struct ui *ui = *state;

    ui_form(ui, &spec, got_values, NULL);
    press(ui, K_ENTER);
    assert_int_equal(ui->told, 1);
    assert_non_null(overlay_top(ui));
    press(ui, K_ESC);
    assert_int_equal(ui->told, 2);
    assert_string_equal(ui->text, "(none)");
    assert_null(overlay_top(ui));
}

static bool
never(void *arg)
{
    (void)arg;
    return false;
}

static void
test_questions_wait_for_their_turn(void **state)
{
    struct ui *ui = *state;
    int i;

    for (i = 0; i < 20; i++) /* more than are kept: those are answered no */
        ui_confirm(ui, "sure?", NULL, answered, NULL);
    assert_int_equal(ui->told, 12);
    press(ui, 'y');
    assert_true(ui->last_yes);
    press(ui, 'y'); /* the next came by itself: not meant for it */
    assert_int_equal(ui->told, 13);
    (void)loop_until(ui->desk.lp, never, NULL, 1000);
    press(ui, 'y');
    assert_int_equal(ui->told, 14);
    overlay_close_all(ui);
    assert_int_equal(ui->told, 20);
    assert_false(ui->last_yes);
}

static void
test_the_end_tells_each_once(void **state)
{
    struct ui *ui = *state;

    ui_pager(ui, "pages", "one");
    ui_prompt(ui, PROMPT_SEARCH, "x", got_text, NULL, NULL);
    ui_form(ui, &spec, got_values, NULL);
    ui_confirm(ui, "sure?", "host", answered, NULL);
    overlay_close_all(ui);
    assert_int_equal(ui->told, 3);
    ui_prompt(ui, PROMPT_SEARCH, "late", got_text, NULL, NULL);
    ui_form(ui, &spec, got_values, NULL);
    assert_int_equal(ui->told, 5);
    assert_null(overlay_top(ui));
}

static void
test_a_second_prompt_ends_the_first(void **state)
{
    struct ui *ui = *state;

    ui_prompt(ui, PROMPT_SEARCH, "first", got_text, NULL, NULL);
    ui_prompt(ui, PROMPT_FILTER, "second", got_text, NULL, NULL);
    assert_int_equal(ui->told, 1);
    assert_string_equal(ui->text, "(none)");
    press(ui, K_ENTER);
    assert_int_equal(ui->told, 2);
    assert_string_equal(ui->text, "second");
    assert_null(overlay_top(ui));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_topmost_has_the_keys),
        TEST(test_one_goes_from_amid),
        TEST(test_drawn_from_below),
        TEST(test_equals_wait_unseen),
        TEST(test_the_end_cancels_all),
        TEST(test_a_question_over_a_form_over_pages),
        TEST(test_a_refused_form_stays),
        TEST(test_questions_wait_for_their_turn),
        TEST(test_the_end_tells_each_once),
        TEST(test_a_second_prompt_ends_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
