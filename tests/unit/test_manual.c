/*
 * test_manual.c - man/xendeck.1, `help' and the table of commands say the same.
 * The manual's verbs and keys stand between marks; UPDATE_MANUAL=1 in the
 * environment rewrites them from the table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"
#include "src/command/settings.h"
#include "src/options.h"
#include "tests/unit/run_line.h"
#include "ui/draw/theme.h"

#define MANUAL      "man/xendeck.1"
#define CONF_MANUAL "man/xendeck.conf.5"
#define COMPLETION  "contrib/completion/xendeck.bash"

static const struct {
    unsigned bit;
    const char *title;
} contexts[] = {
    { CMD_IN_LIST, "In the domain list" },
    { CMD_IN_DETAIL, "In the details" },
    { CMD_IN_LOG, "In the log" },
    { CMD_IN_HELP, "In the help" },
    { CMD_IN_CONSOLE, "In a console, after the prefix key" },
};

/* A word as an argument of a macro: no delimiter, no escape. */
static void
mdoc_word(struct buf *out, const char *word, size_t n)
{
    size_t i;

    buf_chr(out, ' ');
    if (n == 1 && strchr(".,:;()[]?!|", word[0]) != NULL)
        buf_str(out, "\\&");
    for (i = 0; i < n; i++) {
        if (word[i] == '\\')
            buf_str(out, "\\e");
        else
            buf_chr(out, word[i]);
    }
    if (n > 1 && strchr(".,:;()[]?!|", word[n - 1]) != NULL)
        buf_str(out, "\\&"); /* C-] */
}

static void
mdoc_words(struct buf *out, const char *text, const char *between)
{
    size_t n;

    for (; *text != '\0'; text += n + strspn(text + n, " ")) {
        n = strcspn(text, " ");
        mdoc_word(out, text, n);
        if (text[n] != '\0')
            buf_str(out, between);
    }
}

static void
verb_entry(struct buf *out, const struct cmd *c)
{
    buf_fmt(out, ".It Ic %s", c->name);
    if (c->args != NULL) {
        buf_str(out, " Ar");
        mdoc_words(out, c->args, "");
    }
    if (c->json)
        buf_fmt(out, "%s [--json]", c->args == NULL ? " Ar" : "");
    buf_fmt(out, "\n%s.\n", c->help);
    if (c->words != NULL)
        buf_fmt(out, "%s is one of\n%s.\n", c->args, c->words);
    if (c->alias != NULL)
        buf_fmt(out, "Its other name is\n.Ic %s .\n", c->alias);
    if ((c->needs & CMD_NEED_SCREEN) != 0)
        buf_str(out, "Not for\n.Fl e .\n");
    if (c->confirm != NULL || c->ask != NULL)
        buf_str(out, "Asks first, but not with\n.Fl e .\n");
}

static void
make_verbs(const struct cmd_set *cmds, struct buf *out)
{
    const struct cmd *c;
    size_t i;

    buf_str(out, ".Bl -tag -width Ds\n");
    for (i = 0; (c = cmd_at(cmds, i)) != NULL; i++)
        verb_entry(out, c);
    buf_str(out, ".El\n");
}

static void
make_keys(const struct cmd_set *cmds, struct buf *out)
{
    struct settings *set = xcalloc(1, sizeof *set);
    struct buf keys = { 0 };
    const struct cmd *c;
    size_t i, k;

    settings_default(set, cmds);
    for (k = 0; k < sizeof contexts / sizeof contexts[0]; k++) {
        buf_fmt(out, ".Ss \\&%s\n.Bl -tag -width \"F10, Ctrl\" -compact\n",
                contexts[k].title);
        for (i = 0; (c = cmd_at(cmds, i)) != NULL; i++) {
            buf_clear(&keys);
            cmd_keys_of(set, c, contexts[k].bit, &keys);
            if (keys.len == 0)
                continue;
            buf_str(out, ".It Ic");
            mdoc_words(out, buf_text(&keys), " ,");
            buf_fmt(out, "\n.Ic %s :\n%s.\n", c->name, c->help);
        }
        buf_str(out, ".El\n");
    }
    buf_free(&keys);
    free(set);
}

static char *
read_manual(const char *path)
{
    struct buf text = { 0 };
    struct err e = { 0 };

    if (fd_read_file(path, 1024 * 1024, &text, &e) < 0)
        fail_msg("%s", e.msg);
    return buf_take(&text);
}

/* The text between the marks of a name, both found or the test ends. */
static char *
region(char *manual, const char *name, char **end_out)
{
    char mark[64];
    char *begin;

    text_fmt(mark, sizeof mark, ".\\\" %s begin\n", name);
    begin = strstr(manual, mark);
    assert_non_null(begin);
    begin += strlen(mark);
    text_fmt(mark, sizeof mark, ".\\\" %s end\n", name);
    *end_out = strstr(begin, mark);
    assert_non_null(*end_out);
    return begin;
}

static void
rewrite(const char *manual, const char *begin, const char *end,
        const char *text)
{
    FILE *f = fopen(MANUAL, "we");

    assert_non_null(f);
    fprintf(f, "%.*s%s%s", (int)(begin - manual), manual, text, end);
    assert_int_equal(fclose(f), 0);
}

static void
check_region(const char *name, const struct buf *want)
{
    char *manual = read_manual(MANUAL), *end;
    char *begin = region(manual, name, &end);

    if (getenv("UPDATE_MANUAL") != NULL) {
        rewrite(manual, begin, end, buf_text(want));
    } else {
        *end = '\0';
        assert_string_equal(begin, buf_text(want));
    }
    free(manual);
}

static void
test_manual_has_the_verbs_of_the_table(void **state)
{
    struct test_session ts = { 0 };
    struct buf want = { 0 };

    (void)state;
    test_session_open(&ts, NULL, NULL);
    make_verbs(&ts.cmds, &want);
    check_region("verbs", &want);
    buf_free(&want);
}

static void
test_manual_has_the_keys_of_the_table(void **state)
{
    struct test_session ts = { 0 };
    struct buf want = { 0 };

    (void)state;
    test_session_open(&ts, NULL, NULL);
    make_keys(&ts.cmds, &want);
    check_region("keys", &want);
    buf_free(&want);
}

static void
test_help_has_one_verb_a_line(void **state)
{
    struct buf out = { 0 };
    struct err e = { 0 };
    struct test_session ts = { 0 };
    struct cmd_ctx ctx = { .ses = &ts.ses, .out = &out, .e = &e };
    const char *line;
    size_t i;

    (void)state;
    test_session_open(&ts, NULL, NULL);
    assert_int_equal(test_run_line(&ctx, "help"), CMD_OK);
    line = buf_text(&out);
    for (i = 0; i < cmd_count(&ts.cmds); i++) {
        size_t n = strlen(cmd_at(&ts.cmds, i)->name);

        assert_memory_equal(line, cmd_at(&ts.cmds, i)->name, n);
        assert_int_equal(line[n], ' ');
        assert_non_null(strstr(line, cmd_at(&ts.cmds, i)->help));
        line = strchr(line, '\n') + 1;
    }
    assert_string_equal(line, "");
    buf_free(&out);
}

/* Each "--option" of -h stands in the manual as "Fl -option", and is
 * completed. */
static void
test_manual_has_the_options_of_help(void **state)
{
    char *manual = read_manual(MANUAL), *shell = read_manual(COMPLETION);
    struct buf help = { 0 };
    const char *p;
    int n = 0;

    (void)state;
    options_help(&help);
    for (p = buf_text(&help); (p = strstr(p, " --")) != NULL; p += 3) {
        char want[64];

        if (p[-1] != ' ' && p[-1] != ',')
            continue; /* an example */
        text_fmt(want, sizeof want, "Fl -%.*s",
                 (int)strspn(p + 3, "abcdefghijklmnopqrstuvwxyz-"), p + 3);
        if (strstr(manual, want) == NULL)
            fail_msg("%s: no '%s'", MANUAL, want);
        if (strstr(shell, want + 3) == NULL)
            fail_msg("%s: no '-%s'", COMPLETION, want + 3);
        n++;
    }
    assert_int_equal(n, 19);
    buf_free(&help);
    free(manual);
    free(shell);
}

static void
test_conf_manual_has_all_roles(void **state)
{
    char *manual = read_manual(CONF_MANUAL), *end;
    char *begin = region(manual, "roles", &end);
    size_t r;

    (void)state;
    *end = '\0';
    for (r = 0; r < ROLE_COUNT; r++)
        assert_non_null(strstr(begin, role_name((enum role)r)));
    free(manual);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manual_has_the_verbs_of_the_table),
        cmocka_unit_test(test_manual_has_the_keys_of_the_table),
        cmocka_unit_test(test_help_has_one_verb_a_line),
        cmocka_unit_test(test_manual_has_the_options_of_help),
        cmocka_unit_test(test_conf_manual_has_all_roles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
