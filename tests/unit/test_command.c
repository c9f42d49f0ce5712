/*
 * test_command.c - the table of verbs, its keys, and verbs run on a simulated
 * host: what they print, refuse and ask.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "engine/api/toolstack.h"
#include "engine/host/rates.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"
#include "src/command/batch.h"
#include "src/command/session_fd.h"
#include "src/command/settings.h"
#include "tests/unit/run_line.h"

struct fixture {
    struct loop *lp;
    struct log *log;
    struct engine *en;
    struct settings set;
    struct buf out;
    struct err e;
    struct test_session ts;
    struct cmd_ctx ctx;
};

static int
setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    struct engine_opts eo = { .host = ENGINE_SIM,
                              .sim_domains = 3,
                              .one_shot = true };

    f->lp = loop_new(LOOP_CLOCK_VIRTUAL);
    f->log = log_new(&(struct log_opts){ .level = LOGL_INFO }, &f->e);
    eo.lp = f->lp;
    eo.log = f->log;
    f->en = engine_open(&eo, &f->e);
    if (f->en == NULL)
        return -1;
    test_session_open(&f->ts, f->en, f->lp);
    settings_default(&f->set, &f->ts.cmds);
    text_fmt(f->set.theme_dirs, sizeof f->set.theme_dirs, "themes");
    f->ts.ses.set = &f->set;
    f->ctx.ses = &f->ts.ses;
    f->ctx.out = &f->out;
    f->ctx.e = &f->e;
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    test_session_close(&f->ts);
    engine_close(f->en);
    loop_free(f->lp);
    log_free(f->log);
    buf_free(&f->out);
    free(f);
    return 0;
}

static enum cmd_rc
run(struct fixture *f, const char *line)
{
    buf_clear(&f->out);
    err_clear(&f->e);
    return test_run_line(&f->ctx, line);
}

static const unsigned contexts[] = { CMD_IN_LIST, CMD_IN_DETAIL, CMD_IN_CONSOLE,
                                     CMD_IN_LOG, CMD_IN_HELP };

#define N_CONTEXTS (sizeof contexts / sizeof contexts[0])

/* The keys of a verb in a context, from the table alone. */
static char *
keys_in(const struct fixture *f, const struct cmd *c, unsigned context)
{
    struct buf keys = { 0 };

    cmd_keys_of(&f->set, c, context, &keys);
    return buf_take(&keys);
}

/* Verbs that change a domain are not for dom0, but for those that tune it. */
static bool
may_change_dom0(const struct cmd *c)
{
    static const char *const names[] = { "mem-set", "vcpu-set", "vcpu-pin",
                                         "tag" };
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(c->name, names[i]) == 0)
            return true;
    return false;
}

static void
test_entries_are_whole(void **state)
{
    struct fixture *f = *state;
    const struct cmd *c;
    size_t i;

    for (i = 0; (c = cmd_at(&f->ts.cmds, i)) != NULL; i++) {
        assert_non_null(c->name);
        assert_non_null(c->help);
        assert_true(c->exec != NULL);
        assert_true(strlen(c->help) < 70);
        assert_true(c->help[strlen(c->help) - 1] != '.');
        assert_true(c->min_args <= c->max_args);
        assert_int_equal(c->keys != NULL, c->in != 0);
        assert_ptr_equal(cmd_find(&f->ts.cmds, c->name, NULL), c);
        if (c->arg == CMD_ARG_DOMAIN && strstr(c->args, "NAME...") == NULL)
            assert_true((c->needs & CMD_NEED_DOMAIN) != 0);
        assert_true(c->right != RIGHT_NONE);
        if (c->right > RIGHT_VIEW && (c->needs & CMD_NEED_DOMAIN) != 0 &&
            !may_change_dom0(c))
            assert_true((c->needs & CMD_NEED_NOT_DOM0) != 0);
    }
    assert_int_equal(i, cmd_count(&f->ts.cmds));
}

static void
test_destructive_verbs_ask(void **state)
{
    static const char *const verbs[] = { "shutdown", "reboot", "suspend",
                                         "destroy" };
    struct fixture *f = *state;
    struct screen screen = { 0 };
    size_t i;

    f->ts.ses.screen = &screen;
    for (i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        char line[32];

        text_fmt(line, sizeof line, "%s web1", verbs[i]);
        assert_int_equal(run(f, line), CMD_ASK);
        assert_int_equal(f->ctx.op, 0);
        if (f->ctx.question == NULL || strstr(f->ctx.question, "web1") == NULL)
            fail_msg("%s does not ask of web1", verbs[i]);
        assert_true(f->ctx.dom_id != 0);
        free(f->ctx.question);
    }
    assert_int_equal(engine_op_count(f->en), 0);
}

static void
test_no_two_verbs_share_a_key(void **state)
{
    struct fixture *f = *state;
    const struct cmd *c;
    size_t i, k;

    for (k = 0; k < N_CONTEXTS; k++)
        for (i = 0; (c = cmd_at(&f->ts.cmds, i)) != NULL; i++) {
            char *keys = keys_in(f, c, contexts[k]), *key, *save = NULL;

            for (key = strtok_r(keys, " ", &save); key != NULL;
                 key = strtok_r(NULL, " ", &save)) {
                struct key one;
                const char *line;

                assert_true(key_parse(key, &one));
                line = cmd_of_key(&f->set, contexts[k], &one);
                if (line == NULL || strcmp(line, c->name) != 0)
                    fail_msg("%s of %s runs %s", key, c->name, line);
            }
            free(keys);
        }
}

/* As written, each key parses: cmd_keys_of would stop at a bad one. */
static void
test_keys_are_canonical(void **state)
{
    struct fixture *f = *state;
    const struct cmd *c;
    size_t i;

    for (i = 0; (c = cmd_at(&f->ts.cmds, i)) != NULL; i++) {
        char *keys;

        if (c->keys == NULL)
            continue;
        keys = keys_in(f, c, c->in & (unsigned)-(int)c->in);
        assert_memory_equal(keys, c->keys, strlen(c->keys));
        free(keys);
    }
}

static void
test_function_keys_have_letters_and_labels(void **state)
{
    struct fixture *f = *state;
    const struct cmd *c;
    unsigned seen = 0;
    size_t i;

    for (i = 0; (c = cmd_at(&f->ts.cmds, i)) != NULL; i++) {
        char both[64];
        const char *at;

        text_fmt(both, sizeof both, "%s %s", c->keys != NULL ? c->keys : "",
                 c->more_keys != NULL ? c->more_keys : "");
        at = strchr(both, 'F');
        if (at == NULL || at[1] < '0' || at[1] > '9') {
            assert_null(c->bar);
            continue;
        }
        assert_non_null(c->bar);
        assert_true(both[0] != 'F');
        seen |= 1U << strtoul(at + 1, NULL, 10);
    }
    assert_int_equal(seen, 0x7fe); /* F1 to F10 */
}

static void
bind(struct fixture *f, unsigned context, const char *key, const char *command)
{
    struct binding *b = &f->set.bindings[f->set.n_bindings++];

    b->context = context;
    assert_true(key_parse(key, &b->key));
    text_fmt(b->command, sizeof b->command, "%s", command);
}

static void
test_bindings_win_over_the_table(void **state)
{
    struct fixture *f = *state;
    struct key k, prefix = f->set.prefix;
    char *keys;

    bind(f, CMD_IN_LIST, "p", "destroy");
    bind(f, CMD_IN_LIST, "D", "");
    bind(f, CMD_IN_ALL, "C-k", "sort cpu");
    assert_true(key_parse("p", &k));
    assert_string_equal(cmd_of_key(&f->set, CMD_IN_LIST, &k), "destroy");
    assert_string_equal(cmd_of_key(&f->set, CMD_IN_DETAIL, &k), "pause");
    assert_true(key_parse("D", &k));
    assert_null(cmd_of_key(&f->set, CMD_IN_LIST, &k));
    keys = keys_in(f, cmd_find(&f->ts.cmds, "destroy", NULL), CMD_IN_LIST);
    assert_string_equal(keys, "F9 p");
    free(keys);
    keys = keys_in(f, cmd_find(&f->ts.cmds, "sort", NULL), CMD_IN_LIST);
    assert_string_equal(keys, "o F6 C-k");
    free(keys);
    assert_string_equal(cmd_of_key(&f->set, CMD_IN_CONSOLE, &prefix),
                        "send-prefix");
    assert_null(cmd_of_key(&f->set, CMD_IN_LIST, &prefix));
}

static const struct {
    const char *line;
    int n; /* -1: refused */
    const char *words[4];
} splits[] = {
    { "", 0, { NULL } },
    { "  # x", 0, { NULL } },
    { "a  b\tc", 3, { "a", "b", "c" } },
    { "a#b # c", 1, { "a#b" } },
    { "'a b' \"c d\"", 2, { "a b", "c d" } },
    { "a'b'\"c\"d", 1, { "abcd" } },
    { "a\\ b \\'", 2, { "a b", "'" } },
    { "'a\\b' \"a\\\"b\"", 2, { "a\\b", "a\"b" } },
    { "'' x", 2, { "", "x" } },
    { "'a", -1, { NULL } },
    { "\"a\\\"", -1, { NULL } },
    { "a\\", -1, { NULL } },
    { "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7", -1, { NULL } },
};

static void
test_split_as_a_shell(void **state)
{
    struct err e;
    char **words;
    size_t i;
    int n, k;

    (void)state;
    for (i = 0; i < sizeof splits / sizeof splits[0]; i++) {
        if (cmd_split(splits[i].line, &words, &n, &e) < 0) {
            assert_int_equal(splits[i].n, -1);
            continue;
        }
        assert_int_equal(n, splits[i].n);
        for (k = 0; k < n; k++)
            assert_string_equal(words[k], splits[i].words[k]);
        cmd_words_free(words, n);
    }
}

static const struct {
    const char *line;
    enum cmd_rc rc;
    const char *sentence;
} refused[] = {
    { "nosuch", CMD_USAGE, "no verb 'nosuch'; `help' lists all" },
    { "paus", CMD_USAGE, "no verb 'paus', the nearest is 'pause'" },
    { "pause", CMD_USAGE, "pause: found no domain, allowed: pause [NAME]" },
    { "pause a b", CMD_USAGE, "pause: found 2 arguments, allowed: " },
    { "pause nobody", CMD_ERROR, "" },
    { "pause --json", CMD_ERROR, "" },
    { "convert a.cfg --format", CMD_USAGE, "convert: found no format" },
    { "convert a.cfg --format yaml", CMD_USAGE,
      "convert: found yaml, allowed" },
    { "convert a.cfg b.cfg", CMD_USAGE, "convert: found b.cfg" },
    { "export web1 --format=toml", CMD_USAGE, "export: found toml, allowed" },
    { "export web1 x", CMD_USAGE, "export: found x" },
    { "destroy 0", CMD_ERROR, "destroy: refused for Domain-0" },
    { "shutdown Domain-0", CMD_ERROR, "shutdown: refused for Domain-0" },
    { "zoom", CMD_USAGE, "zoom: needs the console" },
    { "create a.cfg --console", CMD_USAGE,
      "create: --console attaches the terminal: it must be the only verb" },
    { "create", CMD_USAGE, "create: found no argument, allowed: create FILE" },
    { "create --paused", CMD_USAGE, "create: found no file" },
    { "create a b", CMD_USAGE, "create: found two files" },
    { "create /nonexistent.conf", CMD_ERROR, "" },
    { "check /", CMD_ERROR, "" },
    { "cancel ''", CMD_USAGE, "cancel: found ''" },
    { "list -x", CMD_USAGE,
      "list: found -x, allowed: list [NAME...] [--where CONDITIONS] [--rates] "
      "[--json]" },
    { "list web1 nobody", CMD_ERROR, "there is no domain 'nobody'" },
    { "events -3", CMD_USAGE, "events: found -3, allowed: events [N]" },
    { "foo", CMD_USAGE, "no verb 'foo'; `help' lists all" },
    { "undo", CMD_ERROR, "undo: no domain is about to be destroyed" },
    { "kill web1", CMD_USAGE, "no verb 'kill' here: it is `destroy NAME'" },
    { "cpupool-create", CMD_USAGE,
      "no verb 'cpupool-create' here: cpu pools are made by xl alone" },
    { "lsit", CMD_USAGE, "no verb 'lsit', the nearest is 'list'" },
    { "help nosuch", CMD_USAGE, "no verb" },
    { "cancel", CMD_ERROR, "cancel: no operation" },
    { "cancel x", CMD_USAGE, "cancel: found x" },
    { "wait web1 x", CMD_USAGE, "wait: found x" },
    { "wait web1 1", CMD_ERROR, "wait: web1 is still there after 1 s" },
    { "list 'x", CMD_USAGE, "found a quote" },
};

static void
test_refusals_are_one_sentence(void **state)
{
    struct fixture *f = *state;
    size_t i;

    for (i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        enum cmd_rc rc = run(f, refused[i].line);

        if (rc != refused[i].rc || f->e.code == ERR_NONE ||
            strncmp(f->e.msg, refused[i].sentence,
                    strlen(refused[i].sentence)) != 0)
            fail_msg("%s: %d, '%s'", refused[i].line, (int)rc, f->e.msg);
        assert_int_equal(f->out.len, 0);
    }
}

static void
test_read_only_refuses_changes(void **state)
{
    struct fixture *f = *state;

    f->ts.ses.info.rights = RIGHT_VIEW;
    assert_int_equal(run(f, "destroy web1"), CMD_ERROR);
    assert_int_equal(f->e.code, ERR_DENIED);
    assert_int_equal(run(f, "create x.conf"), CMD_ERROR);
    assert_int_equal(run(f, "list"), CMD_OK);
}

static void
test_list_json_is_json(void **state)
{
    struct fixture *f = *state;
    struct json_object *js, *one, *name;

    assert_int_equal(run(f, "list --json"), CMD_OK);
    js = json_tokener_parse(buf_text(&f->out));
    assert_non_null(js);
    assert_int_equal(json_object_array_length(js), 4);
    one = json_object_array_get_idx(js, 1);
    assert_true(json_object_object_get_ex(one, "name", &name));
    assert_string_equal(json_object_get_string(name), "web1");
    json_object_put(js);
}

static void
test_list_of_some(void **state)
{
    struct fixture *f = *state;
    const char *web1, *web2;

    assert_int_equal(run(f, "list web2 web1"), CMD_OK);
    web1 = strstr(buf_text(&f->out), "web1 ");
    web2 = strstr(buf_text(&f->out), "web2 ");
    assert_true(web2 != NULL && web1 != NULL && web2 < web1);
    assert_null(strstr(buf_text(&f->out), "Domain-0"));
    assert_int_equal(run(f, "list --rates web1 --json"), CMD_OK);
    assert_non_null(strstr(buf_text(&f->out), "\"wr_bytes_s\""));
    assert_non_null(strstr(buf_text(&f->out), "\"web1\""));
    assert_null(strstr(buf_text(&f->out), "\"web2\""));
}

/* With -e there is no tick: the verb takes its two samples itself. */
static void
test_list_takes_rates(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(run(f, "list --rates"), CMD_OK);
    assert_non_null(strstr(buf_text(&f->out), "RX/s    TX/s    RD/s    WR/s"));
    assert_int_equal(rates_wanted(f->en), 0); /* it is over */
    assert_int_equal(run(f, "list --rates --json"), CMD_OK);
    assert_non_null(strstr(buf_text(&f->out), "\"wr_bytes_s\""));
    assert_int_equal(run(f, "list"), CMD_OK);
    assert_null(strstr(buf_text(&f->out), "RX/s"));
}

static void
test_show_has_vcpus(void **state)
{
    struct fixture *f = *state;
    struct json_object *js, *vcpus;

    assert_int_equal(run(f, "show web1 --json"), CMD_OK);
    js = json_tokener_parse(buf_text(&f->out));
    assert_non_null(js);
    assert_true(json_object_object_get_ex(js, "vcpu_list", &vcpus));
    assert_true(json_object_array_length(vcpus) > 0);
    json_object_put(js);
    assert_int_equal(run(f, "show 1"), CMD_OK);
    assert_non_null(strstr(buf_text(&f->out), "name:     web1\n"));
}

static void
test_every_reading_verb_prints(void **state)
{
    static const char *const lines[] = { "list",         "config web1",
                                         "store web1",   "dmesg",
                                         "info",         "help",
                                         "help destroy", "events 5 --json" };
    struct fixture *f = *state;
    size_t i;

    assert_int_equal(run(f, "event inject note for the list"), CMD_OK);
    for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (run(f, lines[i]) != CMD_OK)
            fail_msg("%s: %s", lines[i], f->e.msg);
        assert_true(f->out.len > 0);
    }
}

static void
test_completion(void **state)
{
    static const struct {
        const char *line, *want;
        size_t at;
    } cases[] = {
        { "unp", "unpause\n", 0 },
        { "pause w", "web1\nweb2\n", 6 },
        { "pause D", "", 6 },
        { "mmst", "mem-set\n", 0 }, /* by its letters */
        { "pause B2", "web2\n", 6 },
        { "show D", "Domain-0\n", 5 },
        { "list web1 w", "web1\nweb2\n", 10 },
        { "list --", "--json\n--rates\n--where\n", 5 },
        { "create --", "--console\n--paused\n", 7 },
        { "convert x --", "--format\n", 10 },
        { "convert x --format ", "conf\njson\nsxp\nxl\n", 19 },
        { "export --format x", "xl\n", 16 },
        { "export web1 --format s", "sxp\n", 21 },
        { "sort c", "cpu\n", 5 },
        { "mouse ", "off\non\n", 6 },
        { "theme li", "light\n", 6 },
        { "help dest", "destroy\n", 5 },
        { "create themes/mo", "themes/mono.theme\n", 7 },
        { "create them", "themes/\n", 7 },
        { "nosuch x", "", 7 },
        { "check 'a", "", 6 },
    };
    struct fixture *f = *state;
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        buf_clear(&f->out);
        assert_int_equal(cmd_complete(&f->ts.ses, cases[i].line, &f->out),
                         cases[i].at);
        if (strcmp(buf_text(&f->out), cases[i].want) != 0)
            fail_msg("'%s': '%s'", cases[i].line, buf_text(&f->out));
    }
}

static void
batch_done(struct batch *b, int status, void *arg)
{
    (void)b;
    *(int *)arg = status;
}

static bool
is_done(void *arg)
{
    return *(int *)arg >= 0;
}

static int
batch_wait(struct session *ses, const struct cmd_line *lines, size_t n)
{
    int status = -1;
    struct batch *b = batch_start(ses, lines, n, batch_done, &status);

    loop_until(ses->lp, is_done, &status, RUN_LINE_MAX_MS);
    batch_detach(b);
    return status;
}

static void
lost_reader_ended(struct batch *b, int status, void *arg)
{
    (void)b;
    *(int *)arg = status;
}

/* A batch whose complaint nobody takes waits, until nobody is there to. */
static void
test_the_reader_of_errors_goes(void **state)
{
    struct fixture *f = *state;
    struct session_fd sf = { .ses = f->ts.ses };
    const struct cmd_line line = { "pause nobody", NULL };
    char full[4096] = { 0 };
    int status = -1, err[2], i;
    struct batch *b;

    assert_int_equal(pipe2(err, O_CLOEXEC | O_NONBLOCK), 0);
    while (write(err[1], full, sizeof full) > 0)
        ;
    session_fd_open(&sf, 1, err[1]);
    b = batch_start(&sf.ses, &line, 1, lost_reader_ended, &status);
    for (i = 0; i < 20; i++)
        (void)loop_turn(sf.ses.lp, 10);
    assert_int_equal(status, -1);
    close(err[0]);
    for (i = 0; i < 20 && status == -1; i++)
        (void)loop_turn(sf.ses.lp, 10);
    assert_int_equal(status, BATCH_FAILED);
    batch_detach(b);
    session_fd_close(&sf);
    close(err[1]);
}

/* Runs the lines with outputs going to files; what came is in f->out. */
static int
batch(struct fixture *f, const char *const *texts, size_t n, char *errors,
      size_t errors_size)
{
    struct cmd_line lines[8] = { { 0 } };
    struct session_fd sf = { .ses = f->ts.ses };
    int saved[2] = { dup(1), dup(2) }, fd[2], status;
    size_t i;
    ssize_t got;

    for (i = 0; i < n; i++)
        lines[i] = (struct cmd_line){ texts[i], i == 2 ? "x:3" : NULL };
    fflush(NULL);
    for (i = 0; i < 2; i++) {
        fd[i] = open("/tmp", O_TMPFILE | O_RDWR, 0600);
        dup2(fd[i], (int)i + 1);
    }
    sf.ses.alone = true;
    session_fd_open(&sf, 1, 2);
    status = batch_wait(&sf.ses, lines, n);
    session_fd_close(&sf);
    fflush(NULL);
    for (i = 0; i < 2; i++) {
        dup2(saved[i], (int)i + 1);
        close(saved[i]);
        lseek(fd[i], 0, SEEK_SET);
    }
    buf_clear(&f->out);
    errors[0] = '\0';
    got = read(fd[1], errors, errors_size - 1);
    errors[got > 0 ? got : 0] = '\0';
    close(fd[1]);
    for (;;) {
        char part[512];

        got = read(fd[0], part, sizeof part);
        if (got <= 0)
            break;
        buf_add(&f->out, part, (size_t)got);
    }
    close(fd[0]);
    return status;
}

static void
test_batch_waits_and_stops_at_the_first_error(void **state)
{
    static const char *const lines[] = { "pause web1", "destroy web2",
                                         "pause web2", "list" };
    struct fixture *f = *state;
    char errors[1024];

    assert_int_equal(batch(f, lines, 2, errors, sizeof errors), 0);
    assert_string_equal(errors, "");
    assert_int_equal(f->out.len, 0);
    assert_int_equal(batch(f, lines + 3, 1, errors, sizeof errors), 0);
    assert_non_null(strstr(buf_text(&f->out), "--p---"));
    assert_null(strstr(buf_text(&f->out), "web2"));
    assert_int_equal(batch(f, lines + 2, 2, errors, sizeof errors), 1);
    assert_int_equal(f->out.len, 0);
    assert_memory_equal(errors, "xendeck: ", 9);
}

/* What follows from a verb is told with it, and once, also when the history is
 * loaded behind it. */
static void
test_batch_tells_what_a_verb_brought(void **state)
{
    static const char *const lines[] = { "attach web1 vif model=e1000",
                                         "events", "list" };
    static const char told[] =
        "xendeck: web1: vif vif1.0: model \"e1000\" is not "
        "honoured: no card is emulated for it, the "
        "guest has the paravirtual interface\n";
    struct fixture *f = *state;
    char errors[1024];

    assert_int_equal(batch(f, lines, 3, errors, sizeof errors), 0);
    assert_string_equal(errors, told);
}

static void
test_batch_names_the_line(void **state)
{
    static const char *const lines[] = { "", "# nothing", "nosuch" };
    struct fixture *f = *state;
    char errors[1024];

    assert_int_equal(batch(f, lines, 3, errors, sizeof errors), 2);
    assert_string_equal(errors, "xendeck: x:3: no verb 'nosuch'; `help' lists "
                                "all\n");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_entries_are_whole),
        T(test_destructive_verbs_ask),
        T(test_no_two_verbs_share_a_key),
        T(test_keys_are_canonical),
        T(test_function_keys_have_letters_and_labels),
        T(test_bindings_win_over_the_table),
        T(test_split_as_a_shell),
        T(test_refusals_are_one_sentence),
        T(test_read_only_refuses_changes),
        T(test_list_json_is_json),
        T(test_the_reader_of_errors_goes),
        T(test_list_of_some),
        T(test_list_takes_rates),
        T(test_show_has_vcpus),
        T(test_every_reading_verb_prints),
        T(test_completion),
        T(test_batch_waits_and_stops_at_the_first_error),
        T(test_batch_tells_what_a_verb_brought),
        T(test_batch_names_the_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
