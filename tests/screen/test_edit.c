/*
 * test_edit.c - the user's own editor and pager: run by the client, with its
 * environment and directory, on a text of the engine. What an editor gives back
 * is defined or is not lost.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/fdio.h"
#include "tests/screen/act.h"
#include "tests/screen/home.h"

#define CONF                                                                   \
    "name = \"web9\";\nmemory = 64;\n"                                         \
    "image = { type = \"linux\"; kernel = \"/boot/vmlinuz\"; };\n"             \
    "devices = ({ type = \"vfb\"; vncpasswd = \"secret77\"; });\n"

/* What `edit' is to do is in FILE cmd of the home; the program notes where and
 * how it was called in FILE ran. */
static void
make_program(const struct home *h, const char *name)
{
    char path[128], text[512];

    snprintf(path, sizeof path, "%s/%s", h->dir, name);
    snprintf(text, sizeof text,
             "#!/bin/sh\n"
             "{ echo \"%s in $PWD mark $MARK mode $(stat -c %%a \"$1\") args "
             "$#\"; echo \"file $1\"; } >>%s/ran\n"
             "cat \"$1\" >%s/seen\n"
             ". %s/cmd\n",
             name, h->dir, h->dir, h->dir);
    act_write(path, text);
    chmod(path, 0755);
}

static void
command(const struct home *h, const char *text)
{
    char path[128];

    snprintf(path, sizeof path, "%s/cmd", h->dir);
    act_write(path, text);
}

/* A terminal whose programs are those of the test, with web9 under the cursor;
 * more: an option. */
static struct scr *
edit_terminal(struct home *h, const char *more)
{
    char env[400], args[300], path[128], line[160];
    struct scr_opts o = { .rows = 24, .cols = 80, .args = args, .env = env };
    struct scr *s;

    make_program(h, "ed.sh");
    make_program(h, "page.sh");
    command(h, "");
    snprintf(path, sizeof path, "%s/web9.conf", h->dir);
    act_write(path, CONF);
    snprintf(line, sizeof line, "define %s", path);
    if (strstr(more, "--foreground") == NULL)
        assert_int_equal(home_verb(h, line), 0);
    snprintf(env, sizeof env,
             "TMPDIR=%s MARK=of-the-client EDITOR=%s/ed.sh PAGER=%s/page.sh",
             h->dir, h->dir, h->dir);
    snprintf(args, sizeof args, "%s %s", h->args, more);
    s = scr_open(&o);
    SEE(s, "Domain-0");
    if (strstr(more, "--foreground") != NULL)
        act_verb(s, line);
    SEE(s, "web9");
    return s;
}

static bool
has(const struct home *h, const char *name, const char *text)
{
    struct buf b = { 0 };
    char path[128];
    bool found;

    snprintf(path, sizeof path, "%s/%s", h->dir, name);
    if (access(path, F_OK) == 0)
        act_read(path, &b);
    found = strstr(buf_text(&b), text) != NULL;
    buf_free(&b);
    return found;
}

/* At once: its program is over. */
static void
must_have(const struct home *h, const char *name, const char *text)
{
    if (!has(h, name, text))
        fail_msg("'%s' is not in %s", text, name);
}

static bool
exists(const struct home *h, const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", h->dir, name);
    return access(path, F_OK) == 0;
}

static void
wait_file(struct scr *s, const struct home *h, const char *name)
{
    UNTIL(s, exists(h, name));
}

/* The file that the last program was given; *out is to be freed. */
static char *
last_file(const struct home *h)
{
    struct buf b = { 0 };
    char path[128], *at, *found = NULL;

    snprintf(path, sizeof path, "%s/ran", h->dir);
    act_read(path, &b);
    for (at = buf_text(&b) != NULL ? b.data : NULL;
         at != NULL && (at = strstr(at, "file ")) != NULL; at += 5)
        found = at + 5;
    if (found != NULL)
        found = strndup(found, strcspn(found, "\n"));
    assert_non_null(found);
    buf_free(&b);
    return found;
}

/* A question that came by itself listens after a pause. */
static void
answer(struct scr *s, const char *key)
{
    scr_settle(s, 300);
    home_pause(800);
    scr_send(s, key);
}

static void
edit_of_web9(const struct home *h)
{
    char cwd[1024], text[1200];
    char *file = last_file(h);

    assert_non_null(getcwd(cwd, sizeof cwd));
    snprintf(text, sizeof text,
             "ed.sh in %s mark of-the-client mode 600 args 1", cwd);
    must_have(h, "ran", text);
    assert_non_null(strstr(file, "xendeck-web9-"));
    AWAIT(access(file, F_OK) <
          0); /* by the client, which is the last to hear of it */
    must_have(h, "seen", "secret77");
    free(file);
}

static void
test_editor_runs_as_the_client(void **state)
{
    struct home *h = *state;
    struct scr *s = edit_terminal(h, "");

    command(h, "sed -i 's/memory = 64/memory = 48/' \"$1\"");
    act_verb(s, "edit web9");
    SEE(s, "edit web9: done");
    CHECK(s, !scr_has(s, "next start"));
    edit_of_web9(h);
    assert_int_equal(home_verb(h, "export web9"), 0);
    home_must_say(h, "memory = 48;");
    act_verb(s, "edit web9"); /* the file again, with what is in it */
    SEE(s, "edit web9: done");
    SEE(s, "edit web9: nothing was changed");
    must_have(h, "seen", "memory = 48");
    must_have(h, "seen", "secret77");
    scr_close(s);
}

static void
test_running_domain_takes_it_later(void **state)
{
    struct home *h = *state;
    struct scr *s = edit_terminal(h, "");

    act_create(s, "web7");
    scr_send(s, PREFIX "d");
    LOSE(s, "web7:~#");
    SEE(s, "web7");
    command(h, "sed -i 's/memory = 64/memory = 48/' \"$1\"");
    act_verb(s, "edit web7");
    SEE(s, "edit web7: done; it holds from the next start of the domain");
    assert_int_equal(home_verb(h, "export web7"), 0);
    home_must_say(h, "memory = 48;");
    scr_close(s);
}

static void
test_editor_in_the_foreground(void **state)
{
    struct home *h = *state;
    struct scr *s;

    snprintf(h->args, sizeof h->args, "--sim=3");
    s = edit_terminal(h, "--foreground");
    command(h, "sed -i 's/memory = 64/memory = 48/' \"$1\"");
    act_verb(s, "edit web9");
    SEE(s, "edit web9: done");
    edit_of_web9(h);
    act_verb(s, "export web9");
    SEE(s, "memory = 48;");
    command(h, "");
    scr_send(s, "|");
    UNTIL(s, has(h, "ran", "page.sh in "));
    SEE(s, "q closes");
    scr_close(s);
}

static void
test_error_is_edited_again(void **state)
{
    struct home *h = *state;
    struct scr *s = edit_terminal(h, "");

    command(h, "sed -i 's/memory = 64/memory = 48 MiB/' \"$1\"");
    act_verb(s, "edit web9");
    SEE(s, "web9.conf:");
    SEE(s, "Edit it again?");
    command(h, "sed -i 's/48 MiB/48/; s/\"web9\"/\"web8\"/' \"$1\"");
    answer(s, "y");
    SEE(s, "found \"web8\", allowed \"web9\"");
    must_have(h, "seen", "48 MiB"); /* what was edited, not the old text */
    command(h, "sed -i 's/web8/web9/' \"$1\"");
    answer(s, "y");
    SEE(s, "edit web9: done");
    assert_int_equal(home_verb(h, "export web9"), 0);
    home_must_say(h, "memory = 48;");
    command(h, "echo 'memory = ;' >\"$1\"");
    act_verb(s, "edit web9");
    SEE(s, "Edit it again?");
    answer(s, "n");
    LOSE(s, "Edit it again?");
    assert_int_equal(home_verb(h, "export web9"), 0);
    home_must_say(h, "memory = 48;");
    scr_close(s);
}

static void
test_editor_that_gives_nothing_back(void **state)
{
    struct home *h = *state;
    struct scr *s = edit_terminal(h, "");
    char *file;

    command(h, "echo nonsense >\"$1\"; exit 1");
    act_verb(s, "edit web9");
    SEE(s, "the editor ended with status 1: nothing is changed");
    file = last_file(h);
    assert_int_equal(access(file, F_OK), -1);
    free(file);
    command(h, "echo kept >\"$1\"; kill -TERM $$");
    act_verb(s, "edit web9");
    SEE(s, "its text is kept in");
    file = last_file(h);
    assert_int_equal(access(file, F_OK), 0);
    free(file);
    command(h, "head -c 300000 /dev/zero >\"$1\"");
    act_verb(s, "edit web9");
    SEE(s, "the edited text stays where it is");
    act_verb(s, "edit web9");
    scr_close(s);
}

static void
test_removed_meanwhile(void **state)
{
    struct home *h = *state;
    struct scr *s = edit_terminal(h, "");
    char text[200];

    snprintf(text, sizeof text,
             "sed -i 's/memory = 64/memory = 48/' \"$1\"\n"
             "while [ ! -e %s/go ]; do sleep 0.05; done\n",
             h->dir);
    command(h, text);
    act_verb(s, "edit web9");
    wait_file(s, h, "seen");
    assert_int_equal(home_verb(h, "undefine web9"), 0);
    snprintf(text, sizeof text, "%s/go", h->dir);
    act_write(text, "");
    SEE(s, "'web9' was removed meanwhile");
    answer(s, "n");
    assert_int_equal(home_verb(h, "export web9"), 1);
    scr_close(s);
}

/* The large text of an editor goes through in one piece. */
static void
test_long_text(void **state)
{
    struct home *h = *state;
    struct scr *s = edit_terminal(h, "");

    command(h, "i=0; while [ $i -lt 2500 ]; do echo \"# line $i of a long "
               "comment, with \\\"quotes\\\" and a tab\t.............\"; "
               "i=$((i+1)); done >>\"$1\"\necho 'memory = ;' >>\"$1\"");
    act_verb(s, "edit web9");
    SEE(s, "Edit it again?");
    command(h, "sed -i '/^memory = ;/d; s/memory = 64/memory = 48/' \"$1\"");
    answer(s, "y");
    SEE(s, "edit web9: done");
    must_have(h, "seen", "# line 2499 of a long");
    assert_int_equal(home_verb(h, "export web9"), 0);
    home_must_say(h, "memory = 48;");
    scr_close(s);
}

static void
test_engine_killed_while_editing(void **state)
{
    struct home *h = *state;
    struct scr *s = edit_terminal(h, "");
    pid_t engine = home_engine(h);
    char text[200], *file;
    size_t sent;

    snprintf(text, sizeof text,
             "echo edited >\"$1\"\n"
             "while [ ! -e %s/go ]; do sleep 0.05; done\n",
             h->dir);
    command(h, text);
    act_verb(s, "edit web9");
    wait_file(s, h, "seen");
    scr_settle(s, 100);
    sent = scr_sent(s);
    kill(engine, SIGKILL);
    home_pause(6000); /* longer than an engine may hang */
    scr_pump(s, 10);
    assert_int_equal(scr_sent(s), sent); /* the terminal is the editor's */
    snprintf(text, sizeof text, "%s/go", h->dir);
    act_write(text, "");
    SAID(s, sent, "the edited text is kept in");
    SEE(s, "Domain-0"); /* of the next engine */
    file = last_file(h);
    assert_int_equal(access(file, F_OK), 0);
    free(file);
    CHECK(s, home_engine(h) != engine);
    scr_close(s);
}

static void
test_resized_and_interrupted_while_editing(void **state)
{
    struct home *h = *state;
    struct scr *s = edit_terminal(h, "");
    char text[200];

    snprintf(text, sizeof text,
             "trap : INT\n"
             "echo >%s/ready\n"
             "while [ ! -e %s/go ]; do sleep 0.05; done\n",
             h->dir, h->dir);
    command(h, text);
    act_verb(s, "edit web9");
    wait_file(s, h, "ready");
    CHECK_RESTORED(s);
    scr_resize(s, 40, 132);
    scr_signal(s, SIGWINCH);
    scr_send(s, "\003");
    scr_settle(s, 300);
    CHECK(s, !scr_has(s, "Domain-0"));
    scr_send(s, "\x1a");
    CHECK(s, scr_wait_stopped(s, SCR_MS));
    scr_continue(s);
    snprintf(text, sizeof text, "%s/go", h->dir);
    act_write(text, "");
    SEE(s, "RX/s"); /* a column of wide lists */
    SEE(s, "nothing was changed");
    scr_send(s, "q");
    EXITS(s, 0);
    scr_close(s);
}

static void
test_session_that_may_only_view(void **state)
{
    struct home *h = *state;
    struct scr *s = edit_terminal(h, "--read-only");

    act_verb(s, "edit web9");
    SEE(s, "edit: refused, this session is read-only");
    CHECK(s, !exists(h, "ran"));
    scr_send(s, "?");
    SEE(s, "Keys in");
    scr_send(s, "|");
    UNTIL(s, has(h, "seen", "Verbs, for `:'") &&
                 has(h, "seen",
                     "Change a domain's configuration in your own editor"));
    SEE(s, "Keys in");
    scr_close(s);
}

static void
test_pager_gets_the_whole_text(void **state)
{
    struct home *h = *state;
    struct scr *s = edit_terminal(h, "");
    char *file;

    act_verb(s, "export web9");
    SEE(s, "q closes");
    scr_send(s, "|");
    UNTIL(s, has(h, "seen", "image = "));
    must_have(h, "ran", "page.sh in ");
    file = last_file(h);
    UNTIL(s, access(file, F_OK) < 0); /* it was removed */
    free(file);
    SEE(s, "q closes");
    scr_send(s, "q");
    LOSE(s, "q closes");
    act_verb(s, "log");
    SEE(s, "defined");
    scr_send(s, "|");
    UNTIL(s, has(h, "seen", "defined"));
    scr_close(s);
}

/* The terminal is handed over, and taken back. */
static void
test_pager_and_editor_get_a_console(void **state)
{
    struct home *h = *state;
    struct scr *s = edit_terminal(h, "");

    act_create(s, "web7");
    act_shell(s, "echo said-by-the-guest", "said-by-the-guest");
    scr_send(s, PREFIX "P");
    UNTIL(s, has(h, "seen", "said-by-the-guest"));
    must_have(h, "seen", "Linux version");
    must_have(h, "ran", "page.sh in ");
    SEE(s, "web7:~#");
    act_shell(s, "echo said-later", "said-later");
    scr_send(s, PREFIX "E");
    UNTIL(s, has(h, "seen", "said-later"));
    must_have(h, "ran", "ed.sh in ");
    act_shell(s, "echo taken-back", "taken-back");
    scr_close(s);
}

static void
test_nothing_to_run(void **state)
{
    struct home *h = *state;
    char env[300];
    struct scr_opts o = { .rows = 24, .cols = 80, .args = h->args, .env = env };
    struct scr *s;

    snprintf(env, sizeof env, "TMPDIR=%s PAGER=no-such-pager", h->dir);
    s = scr_open(&o);
    SEE(s, "Domain-0");
    scr_send(s, "?");
    SEE(s, "Keys in");
    scr_send(s, "|");
    SEE(s, "the pager 'no-such-pager' cannot be run: set PAGER");
    scr_close(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_editor_runs_as_the_client,
                                        home_setup, home_teardown),
        cmocka_unit_test_setup_teardown(test_running_domain_takes_it_later,
                                        home_setup, home_teardown),
        cmocka_unit_test_setup_teardown(test_editor_in_the_foreground,
                                        home_setup, home_teardown),
        cmocka_unit_test_setup_teardown(test_error_is_edited_again, home_setup,
                                        home_teardown),
        cmocka_unit_test_setup_teardown(test_editor_that_gives_nothing_back,
                                        home_setup, home_teardown),
        cmocka_unit_test_setup_teardown(test_removed_meanwhile, home_setup,
                                        home_teardown),
        cmocka_unit_test_setup_teardown(test_long_text, home_setup,
                                        home_teardown),
        cmocka_unit_test_setup_teardown(test_engine_killed_while_editing,
                                        home_setup, home_teardown),
        cmocka_unit_test_setup_teardown(
            test_resized_and_interrupted_while_editing, home_setup,
            home_teardown),
        cmocka_unit_test_setup_teardown(test_session_that_may_only_view,
                                        home_setup, home_teardown),
        cmocka_unit_test_setup_teardown(test_pager_and_editor_get_a_console,
                                        home_setup, home_teardown),
        cmocka_unit_test_setup_teardown(test_pager_gets_the_whole_text,
                                        home_setup, home_teardown),
        cmocka_unit_test_setup_teardown(test_nothing_to_run, home_setup,
                                        home_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
