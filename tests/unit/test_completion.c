/*
 * test_completion.c - the completion of bash, with a stand-in for the program
 * that tells names which other tools may give: none is ever executed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/fdio.h"

#define COMPLETION "contrib/completion/xendeck.bash"

struct fixture {
    char dir[64];
    char *answer; /* of the last completion, a candidate a line */
};

static void
write_file(const struct fixture *f, const char *name, const char *text)
{
    char path[128];
    FILE *file;

    text_fmt(path, sizeof(path), "%s/%s", f->dir, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0700), 0);
}

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    text_fmt(f->dir, sizeof(f->dir), "/tmp/xendeck-test.XXXXXX");
    if (mkdtemp(f->dir) == NULL)
        return -1;
    write_file(f, "xendeck",
               "#!/bin/sh\n"
               "case $* in\n"
               "*complete*) [ \"$1\" = --running ] || exit 1\n"
               "printf '%s\\n' \"$3\" >asked; cut='s/ .*//' ;;\n"
               "esac\n"
               "sed \"$cut\" <<'END'\n"
               "NAME ID\n"
               "web1 3\n"
               "web-2 4\n"
               "$(touch${IFS}executed) 5\n"
               "`touch${IFS}executed` 6\n"
               "we;touch${IFS}executed 7\n"
               "we$(touch${IFS}executed) 8\n"
               "w'e 9\n"
               "END\n");
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    static const char *const names[] = { "xendeck", "executed", "answer",
                                         "asked" };
    struct fixture *f = *state;
    char path[128];
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        text_fmt(path, sizeof(path), "%s/%s", f->dir, names[i]);
        unlink(path);
    }
    rmdir(f->dir);
    free(f->answer);
    free(f);
    return 0;
}

/* Completes the word behind "xendeck -e". */
static void
complete(struct fixture *f, const char *word)
{
    struct buf line = { 0 }, answer = { 0 };
    char cwd[512], path[128];

    assert_non_null(getcwd(cwd, sizeof(cwd)));
    buf_fmt(&line,
            "cd %s && PATH=%s:$PATH bash -c '. %s/" COMPLETION "; "
            "COMP_WORDS=(xendeck -e \"%s\"); COMP_CWORD=2; _xendeck; "
            "printf \"%%s\\n\" \"${COMPREPLY[@]}\"' >answer 2>&1",
            f->dir, f->dir, cwd, word);
    assert_int_equal(system(buf_text(&line)), 0); /* words of this test */
    text_fmt(path, sizeof(path), "%s/answer", f->dir);
    assert_int_equal(fd_read_file(path, 1 << 16, &answer, NULL), 0);
    free(f->answer);
    f->answer = buf_take(&answer);
    buf_free(&line);
}

static void
assert_not_executed(const struct fixture *f)
{
    char path[128];

    text_fmt(path, sizeof(path), "%s/executed", f->dir);
    assert_int_equal(access(path, F_OK), -1);
}

/* Bash closes a quote behind the only candidate: of a verb there are two. */
static void
test_quote_stays_open(void **state)
{
    struct fixture *f = *state;

    complete(f, "\\\"we;");
    assert_string_equal(f->answer, "\n");
    complete(f, "\\\"web-");
    assert_string_equal(f->answer, "web-2 \nweb-2  \n");
    complete(f, "web-");
    assert_string_equal(f->answer, "web-2\n");
}

static void
test_names_are_offered(void **state)
{
    struct fixture *f = *state;

    complete(f, "show we");
    assert_string_equal(f->answer, "show web1\nshow web-2\n");
}

/* The whole line is asked about, so that each word of it is completed; a quote
 * in it stays a letter. */
static void
test_the_program_is_asked_for_the_line(void **state)
{
    struct fixture *f = *state;
    struct buf asked = { 0 };
    char path[128];

    complete(f, "\\\"detach we'\\''b vbd we");
    assert_string_equal(f->answer,
                        "detach we'b vbd web1\ndetach we'b vbd web-2\n");
    text_fmt(path, sizeof(path), "%s/asked", f->dir);
    assert_int_equal(fd_read_file(path, 1 << 16, &asked, NULL), 0);
    assert_string_equal(buf_text(&asked),
                        "complete 'detach we'\\''b vbd we'\n");
    buf_free(&asked);
}

/* A folder is gone into: its quote stays open. */
static void
test_folder_goes_on(void **state)
{
    struct fixture *f = *state;
    char path[128];

    text_fmt(path, sizeof(path), "%s/folder", f->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    complete(f, "\\\"create fol");
    assert_string_equal(f->answer, "create folder/\ncreate folder/ \n");
    complete(f, "\\\"create ans");
    assert_string_equal(f->answer, "create answer\n");
    assert_int_equal(rmdir(path), 0);
}

static void
test_names_are_never_executed(void **state)
{
    static const char *const words[] = { "show ",    "destroy we", "start w",
                                         "help we",  "sho",        "$",
                                         "destroy $" };
    struct fixture *f = *state;
    size_t i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        complete(f, words[i]);
        assert_not_executed(f);
        assert_null(strstr(f->answer, "touch"));
        assert_null(strchr(f->answer, '\''));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_quote_stays_open, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_are_offered, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_the_program_is_asked_for_the_line,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_folder_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_are_never_executed, setup,
                                        teardown),
    };

    return cmocka_run_group_tests_name("completion", tests, NULL, NULL);
}
