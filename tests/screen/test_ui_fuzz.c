/*
 * test_ui_fuzz.c - several terminals of one engine get whatever users, mice,
 * other terminals and guests may send, and are resized and torn off meanwhile.
 * Nothing may end by a signal or, under a sanitizer, by its verdict; nothing of
 * a guest's escapes may reach a terminal. The same each time, and short; at
 * length:
 *
 *   XENDECK_FUZZ_SECONDS=600 XENDECK_FUZZ_SEED=7 test_ui_fuzz
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/screen/act.h"
#include "tests/screen/home.h"

#define TERMINALS 3
#define STEPS     500U /* without a time */
#define SEED      20261201U
#define LAST_KEPT 16U
#define END_MS    60000U
/* Of curses, as it ends on an xterm. */
#define COLORS_BACK "\\x1b]104\\x07"

struct fuzz {
    struct home *h;
    struct scr *s[TERMINALS];
    pid_t engine;
    uint32_t seed;
    unsigned steps, engines;
    char env[200];
    struct buf last[LAST_KEPT]; /* what was sent last, to be told */
};

/* Of what a user types; the rest is bytes by chance. */
static const char *const keys[] = {
    "\033[A",    "\033[B",
    "\033[C",    "\033[D",
    "\033OA",    "\033OB",
    "\033[H",    "\033[F",
    "\033[5~",   "\033[6~",
    "\033[2~",   "\033[3~",
    "\033OP",    "\033OQ",
    "\033OR",    "\033OS",
    "\033[15~",  "\033[17~",
    "\033[18~",  "\033[19~",
    "\033[20~",  "\033[21~",
    "\t",        "\033[Z",
    "\r",        "\033",
    "\177",      "\b",
    " ",         "j",
    "k",         "g",
    "G",         "n",
    "N",         "/",
    "?",         ":",
    "y",         "\033[1;5C",
    "\033[1;2A", "\033\033",
    "\033x",     "\005",
    "\025",      "\027",
    "\014",      "\003",
    "\004",      "v",
    "V",         "\026",
    "w",         "b",
    "e",         "0",
    "$",         "9",
    "h",         "l",
    "q",         "+",
    "-",         "c",
    "\xc3\xa4",  "\xe6\xbc\xa2",
    "\xff",      "\033[200~pasted\nlines\033[201~",
    "\033[200~", "\033[201~",
    "\033[<",    "\033[1;",
    "\033O",     "\033[M !!",
};

static const char *const verbs[] = {
    "console web1",
    "console web2",
    "console db1",
    "detail",
    "detail tune",
    "log",
    "help",
    "filter web",
    "filter",
    "sort mem",
    "reverse",
    "sessions",
    "close",
    "zoom",
    "next-pane",
    "copy-mode",
    "buffers",
    "paste-buffer",
    "search the",
    "search-next",
    "pause db1",
    "unpause db1",
    "reboot web2",
    "mem-set web2 200",
    "mem-set",
    "vcpu-set web1 1",
    "cancel",
    "rename db1",
    "rename db1 \xe6\xbc\xa2",
    "save web2 saved",
    "restore saved",
    "create",
    "create missing.conf",
    "destroy web2",
    "start web2",
    "events 20",
    "info",
    "reset-terminal",
    "console-save text",
    "sysrq web1 h",
    "history web1",
    "block-list web1",
    "nosuch",
    "\"open quote",
    "",
    "show web1",
    "top",
    "tab-next",
    "detach-session 99",
    "mem-max web1 1G",
    "edit web1",
};

/* Lines for the shell of a guest, which prints what they say. */
static const char *const said[] = {
    "\\e]52;c;QUJDRA==\\a",
    "\\e]0;title of a guest\\a",
    "\\e]2;x\\e\\\\",
    "\\eP$qm\\e\\\\",
    "\\eP+q544e\\e\\\\",
    "\\e_apc\\e\\\\",
    "\\e^pm\\e\\\\",
    "\\e[21t\\e[18t\\e[6n\\e[c\\e[>c\\e[5n",
    "\\e[?1000h\\e[?1002h\\e[?1006h",
    "\\e[?1049h\\e[2J\\e[5;5Halternate",
    "\\e[?1049l",
    "\\e[31;44;1mcolour",
    "\\e[999;999H\\e[1000b",
    "\\e[2;3r\\e[?6h",
    "\\e[r\\e[?6l",
    "\\ec",
    "\\e[4h\\e[20h",
    "\\e[4l\\e[20l",
    "\\e(0lqqk\\e(B",
    "\\e#8",
    "\\e#6",
    "\\e[?2004h",
    "\\e[?1h\\e=",
    "\\e[?5h",
    "\\e[?25l",
    "\\e]4;1;?\\a",
    "\\e]10;?\\a",
    "\\e[8;1;1t",
    "\\e]8;;http://x\\e\\\\link",
    "\\e[?3h",
    "\xe6\xbc\xa2\xe5\xad\x97 e\xcc\x81 \xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f",
    "\342\200\256\302\23331m",
    "\\e[",
    "\\e]52;c;",
    "\\a\\a\\a",
};

static const char *const commands[] = {
    "colors", "utf8",   "top",      "flood 1", "dmesg", "clear",
    "crash",  "reboot", "poweroff", "ps",      "help",  "exit",
};

static const char *const types[] = {
    "xterm-256color",
    "vt100",
    "xterm",
    "screen-256color",
};

#define ONE_OF(f, table) (table)[below(f, sizeof(table) / sizeof((table)[0]))]

/* xorshift: the same numbers everywhere. */
static unsigned
below(struct fuzz *f, size_t n)
{
    f->seed ^= f->seed << 13;
    f->seed ^= f->seed >> 17;
    f->seed ^= f->seed << 5;
    return (unsigned)((f->seed >> 5) % n);
}

/* --- the engine --- */

static void
start_engine(struct fuzz *f)
{
    f->engines++;
    f->engine = fork();
    if (f->engine == 0) {
        setenv("TMPDIR", f->h->dir, 1);
        setenv("HOME", f->h->dir, 1);
        putenv(strchr(f->env, ' ') + 1);
        dup2(open("/dev/null", O_RDWR), STDERR_FILENO);
        execl(home_program(), "xendeck", "--headless", "--sim=3", "--socket",
              f->h->sock, (char *)NULL);
        _exit(127);
    }
    AWAIT(home_engine(f->h) > 0 && access(f->h->sock, F_OK) == 0);
}

static void
tell_last(struct fuzz *f)
{
    size_t i, k;

    for (i = 0; i < LAST_KEPT; i++) {
        const struct buf *b = &f->last[(f->steps + 1 + i) % LAST_KEPT];

        for (k = 0; k < b->len; k++)
            fprintf(stderr,
                    b->data[k] >= ' ' && b->data[k] < 127 ? "%c" : "\\x%02x",
                    (unsigned char)b->data[k]);
        fprintf(stderr, "\n");
    }
}

static void
ended_well(struct fuzz *f, const char *what, int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    tell_last(f);
    fail_msg("%s ended with status %#x in step %u", what, status, f->steps);
}

/* An operator may end it, and then it is another one's turn. */
static void
watch_engine(struct fuzz *f)
{
    int status;

    if (waitpid(f->engine, &status, WNOHANG) != f->engine)
        return;
    ended_well(f, "the engine", status);
    start_engine(f);
}

static void
end_engine(struct fuzz *f)
{
    uint64_t until = scr_now_ms() + END_MS;
    int status = 0;
    pid_t r;

    kill(f->engine, SIGTERM);
    while ((r = waitpid(f->engine, &status, WNOHANG)) == 0 &&
           scr_now_ms() < until)
        home_pause(20);
    assert_int_equal(r, f->engine);
    ended_well(f, "the engine", status);
}

/* What a sanitizer has written; its first lines fail the test. */
static void
no_verdicts(struct fuzz *f)
{
    DIR *d = opendir(f->h->dir);
    struct dirent *de;
    char path[400];

    assert_non_null(d);
    while ((de = readdir(d)) != NULL) {
        struct buf b = { 0 };

        if (strncmp(de->d_name, "verdict", 7) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", f->h->dir, de->d_name);
        act_read(path, &b);
        tell_last(f);
        fail_msg("%.6000s", buf_text(&b));
    }
    closedir(d);
}

/* --- the terminals --- */

/* A pager or an editor of the user's would send what is its own. */
static void
open_terminal(struct fuzz *f, size_t i)
{
    char env[300];
    struct scr_opts o = { .rows = 1 + (int)below(f, 60),
                          .cols = 1 + (int)below(f, 200),
                          .args = f->h->args,
                          .env = env,
                          .no_echo = true };

    snprintf(env, sizeof env, "%s TERM=%s EDITOR=true VISUAL=true PAGER=true",
             f->env, ONE_OF(f, types));
    f->s[i] = scr_open(&o);
}

/* The one sequence that may be sent beside the drawing: a bounded text of
 * base64, which a user has copied. */
static bool
is_clipboard(const char *text)
{
    static const char begins[] = "\\x1b]52;c;";
    size_t n = sizeof begins - 1;

    if (strncmp(text, begins, n) != 0)
        return false;
    n += strspn(text + n, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                          "0123456789+/=");
    return text[n] == '\0' || strncmp(text + n, "\\x07", 4) == 0 ||
           strncmp(text + n, "\\x1b\\", 5) == 0;
}

static void
must_be_ours(struct fuzz *f, struct scr *s)
{
    struct buf b = { 0 };
    size_t from = 0;

    while (scr_foreign_next(s, &from, &b)) {
        if (strcmp(buf_text(&b), COLORS_BACK) != 0 &&
            !is_clipboard(buf_text(&b))) {
            tell_last(f);
            fail_msg("sent to a terminal: %s", buf_text(&b));
        }
        buf_clear(&b);
    }
    buf_free(&b);
}

static void
close_terminal(struct fuzz *f, size_t i)
{
    must_be_ours(f, f->s[i]);
    scr_close(f->s[i]);
    f->s[i] = NULL;
}

/* ^C ends a program that has not taken its terminal over yet. */
static bool
interrupted(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGINT;
}

/* One that was detached or refused is opened anew. */
static void
watch_terminal(struct fuzz *f, size_t i)
{
    int status = scr_exit_status(f->s[i], 0);

    if (status == -1)
        return;
    if (!interrupted(status) && (!WIFEXITED(status) || WEXITSTATUS(status) > 2))
        ended_well(f, "a terminal", status);
    close_terminal(f, i);
    open_terminal(f, i);
}

/* --- what happens --- */

static void
send(struct fuzz *f, struct scr *s, const char *bytes, size_t n)
{
    struct buf *b = &f->last[f->steps % LAST_KEPT];

    buf_add(b, bytes, n);
    scr_send_bytes(s, bytes, n);
}

static void
send_text(struct fuzz *f, struct scr *s, const char *text)
{
    send(f, s, text, strlen(text));
}

static void
send_some_keys(struct fuzz *f, struct scr *s)
{
    unsigned n = 1 + below(f, 8);
    char c;

    for (; n > 0; n--) {
        c = (char)(' ' + below(f, 95));
        if (below(f, 3) == 0)
            send(f, s, &c, 1);
        else
            send_text(f, s, ONE_OF(f, keys));
    }
}

static void
send_mouse(struct fuzz *f, struct scr *s)
{
    static const unsigned buttons[] = { 0, 1, 2, 32, 64, 65, 35, 4, 16, 99 };
    char text[64];
    int rows, cols;

    scr_size(s, &rows, &cols);
    snprintf(text, sizeof text, "\033[<%u;%u;%u%c", ONE_OF(f, buttons),
             1 + below(f, (size_t)cols + 3), 1 + below(f, (size_t)rows + 3),
             below(f, 3) == 0 ? 'm' : 'M');
    send_text(f, s, text);
}

static void
send_prefixed(struct fuzz *f, struct scr *s)
{
    char c = (char)(' ' + below(f, 95));

    send_text(f, s, PREFIX);
    send(f, s, &c, 1);
}

static void
send_verb(struct fuzz *f, struct scr *s)
{
    send_text(f, s, below(f, 2) == 0 ? PREFIX ":" : "\033\033:");
    send_text(f, s, ONE_OF(f, verbs));
    send_text(f, s, below(f, 4) == 0 ? "\t\t" : "\r");
}

/* The shell of the guest whose console has the keys, if one has. */
static void
send_to_guest(struct fuzz *f, struct scr *s)
{
    unsigned n = 1 + below(f, 4);

    send_text(f, s, "\r");
    if (below(f, 4) == 0) {
        send_text(f, s, ONE_OF(f, commands));
    } else {
        send_text(f, s, "echo -e ");
        for (; n > 0; n--)
            send_text(f, s, ONE_OF(f, said));
    }
    send_text(f, s, "\r");
}

static void
resize(struct fuzz *f, struct scr *s)
{
    int rows = 1 + (int)below(f, below(f, 3) == 0 ? 4 : 70);
    int cols = 1 + (int)below(f, below(f, 3) == 0 ? 12 : 220);

    buf_fmt(&f->last[f->steps % LAST_KEPT], "%d by %d", rows, cols);
    scr_resize(s, rows, cols);
}

static void
step(struct fuzz *f)
{
    size_t i = below(f, TERMINALS), k;
    struct scr *s = f->s[i];
    unsigned what = below(f, 64);

    buf_clear(&f->last[f->steps % LAST_KEPT]);
    if (what < 24)
        send_some_keys(f, s);
    else if (what < 32)
        send_mouse(f, s);
    else if (what < 38)
        send_prefixed(f, s);
    else if (what < 48)
        send_verb(f, s);
    else if (what < 57)
        send_to_guest(f, s);
    else if (what < 63)
        resize(f, s);
    else
        close_terminal(f, i);
    if (f->s[i] == NULL)
        open_terminal(f, i);
    for (k = 0; k < TERMINALS; k++) {
        scr_pump(f->s[k], below(f, 4) * 5);
        watch_terminal(f, k);
    }
    watch_engine(f);
    f->steps++;
}

/* The last word on a run: it is all as it was, and nothing has leaked. */
static void
finish(struct fuzz *f)
{
    size_t i;

    assert_int_equal(home_verb(f->h, "list"), 0);
    for (i = 0; i < TERMINALS; i++)
        close_terminal(f, i);
    end_engine(f);
    no_verdicts(f);
    for (i = 0; i < LAST_KEPT; i++)
        buf_free(&f->last[i]);
    print_message("%u steps, %u engines\n", f->steps, f->engines);
}

static unsigned
setting(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

/* What is saved by a name alone is saved here. */
static void
go_home(struct fuzz *f)
{
    char *path = realpath(home_program(), NULL);

    assert_non_null(path);
    setenv("XENDECK", path, 1);
    free(path);
    assert_int_equal(chdir(f->h->dir), 0);
}

static void
test_whatever_comes(void **state)
{
    struct fuzz f = { .h = *state, .seed = setting("XENDECK_FUZZ_SEED", SEED) };
    uint64_t seconds = setting("XENDECK_FUZZ_SECONDS", 0);
    uint64_t until = scr_now_ms() + seconds * 1000;
    size_t i;

    snprintf(f.env, sizeof f.env, "%s ASAN_OPTIONS=log_path=%s/verdict",
             f.h->env, f.h->dir);
    go_home(&f);
    start_engine(&f);
    for (i = 0; i < TERMINALS; i++)
        open_terminal(&f, i);
    while (seconds > 0 ? scr_now_ms() < until : f.steps < STEPS)
        step(&f);
    finish(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whatever_comes, home_setup,
                                        home_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
