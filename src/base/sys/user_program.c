/*
 * user_program.c - see user_program.h.
 * Invariant: while the program runs path names its file.
 */
#include "src/base/sys/user_program.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/list.h"

#define STATUS_DENIED  126 /* of sh: it could not be run */
#define STATUS_MISSING 127
#define STATUS_SIGNAL  128 /* and more */

static const struct {
    const char *word, *first, *second, *fallback, *suffix;
    size_t max;
} kinds[] = {
    [USER_EDITOR] = { "editor", "VISUAL", "EDITOR", "vi", ".conf",
                      USER_EDIT_MAX },
    [USER_PAGER] = { "pager", "PAGER", NULL, "less", ".txt", USER_PAGE_MAX },
};

const char *
user_program_word(enum user_program_kind kind)
{
    return kinds[kind].word;
}

/* NULL: it is not set, or empty. */
static const char *
user_program_env(const char *name)
{
    const char *value = name != NULL ? getenv(name) : NULL;

    return value != NULL && *value != '\0' ? value : NULL;
}

/* A line of the shell: the variables hold arguments, too. */
static const char *
user_program_line(enum user_program_kind kind)
{
    const char *line = user_program_env(kinds[kind].first);

    if (line == NULL)
        line = user_program_env(kinds[kind].second);
    return line != NULL ? line : kinds[kind].fallback;
}

/* --- the file --- */

/* What it is named after comes from elsewhere. */
static void
user_program_name(char *dst, const char *name)
{
    size_t n = 0;

    for (; *name != '\0' && n < USER_NAME_MAX - 1; name++)
        if (isalnum((unsigned char)*name) || strchr("+_-", *name) != NULL ||
            (*name == '.' && n > 0))
            dst[n++] = *name;
    dst[n] = '\0';
}

static int
user_program_write(struct user_program *up, const struct user_text *t,
                   struct err *e)
{
    const char *dir = user_program_env("TMPDIR");
    const char *suffix = kinds[t->kind].suffix;
    char name[USER_NAME_MAX];
    int r, fd;

    dir = dir != NULL ? dir : "/tmp";
    user_program_name(name, t->name);
    r = snprintf(up->path, sizeof(up->path), "%s/xendeck-%s-XXXXXX%s", dir,
                 name, suffix);
    if (r < 0 || (size_t)r >= sizeof(up->path))
        fd = -1, errno = ENAMETOOLONG;
    else
        fd = mkostemps(up->path, (int)strlen(suffix), O_CLOEXEC);
    if (fd < 0) {
        up->path[0] = '\0';
        return err_sys(e, errno, "a file in %s for the %s", dir,
                       kinds[t->kind].word);
    }
    r = fd_write_all(fd, t->text, t->n) < 0 ? errno : 0;
    if (close(fd) < 0 && r == 0)
        r = errno;
    return r == 0 ? 0 : err_sys(e, r, "%s", up->path);
}

void
user_program_discard(struct user_program *up)
{
    if (up->path[0] != '\0')
        (void)unlink(up->path);
    up->path[0] = '\0';
}

/* --- its end --- */

/* The sentence on a status that is none of success; kept: the file holds what
 * the user wrote. */
static void
user_program_explain(const struct user_program *up, int status, struct err *e,
                     bool *kept_out)
{
    const char *word = kinds[up->kind].word;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

    *kept_out = false;
    if (code == STATUS_DENIED || code == STATUS_MISSING) {
        err_set(e, ERR_NOENT, "the %s '%s' cannot be run: set %s", word,
                user_program_line(up->kind), kinds[up->kind].first);
    } else if (up->kind == USER_PAGER) {
        err_clear(e); /* whatever it says, the text was read */
    } else if (code < 0 || code > STATUS_SIGNAL) {
        *kept_out = true;
        err_set(e, ERR_LOST,
                "the editor was ended by a signal; its text is kept in %s",
                up->path);
    } else {
        err_set(e, ERR_CANCELLED,
                "the editor ended with status %d: nothing is changed", code);
    }
}

/* What cannot be taken is not lost. */
static int
user_program_read(const struct user_program *up, struct buf *text,
                  struct err *e)
{
    if (fd_read_file(up->path, USER_EDIT_MAX, text, e) < 0)
        return err_wrap(e, "the edited text stays where it is");
    if (text->len > 0 && memchr(text->data, '\0', text->len) != NULL)
        return err_set(e, ERR_INVALID,
                       "a byte of value 0 is in %s, where it "
                       "is kept",
                       up->path);
    return 0;
}

static void
user_program_child_ended(struct loop_child *lc, int status)
{
    struct user_program *up = container_of(lc, struct user_program, child);
    struct user_program_end end = { .why = "" };
    struct buf text = { 0 };
    struct err e = { 0 };
    bool kept = false, good = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    if (!good)
        user_program_explain(up, status, &e, &kept);
    else if (up->kind == USER_EDITOR)
        kept = user_program_read(up, &text, &e) < 0;
    if (good && up->kind == USER_EDITOR && !kept) {
        end.text = buf_text(&text);
        end.n = text.len;
    }
    end.why = e.msg;
    if (end.text == NULL && !kept)
        user_program_discard(up);
    if (up->ended(up, &end) && end.text != NULL)
        user_program_discard(up);
    buf_free(&text);
}

/* --- its start --- */

/* Whether the shell may become the program: it then gets all signals. */
static bool
user_program_is_plain(const char *line)
{
    size_t word = strcspn(line, " ");

    for (; *line != '\0'; line++, word -= word > 0)
        if (!isalnum((unsigned char)*line) &&
            (strchr(" _./+:,@%=-", *line) == NULL ||
             (*line == '=' && word > 0)))
            return false;
    return true;
}

static int
user_program_spawn(const char *line, const char *path, pid_t *pid_out)
{
    char script[4096 + 32];
    const char *argv[] = { "sh", "-c", script, "sh", path, NULL };
    posix_spawnattr_t at;
    sigset_t none, all;
    int r;

    /* A shell that stays must outlive ^C, which is the program's. */
    r = snprintf(script, sizeof(script), "%s %s \"$@\"",
                 user_program_is_plain(line) ? "exec" : "trap : INT QUIT;",
                 line);
    if (r < 0 || (size_t)r >= sizeof(script))
        return E2BIG;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&at);
    posix_spawnattr_setflags(&at,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&at, &none);
    posix_spawnattr_setsigdefault(&at, &all);
    r = posix_spawn(pid_out, "/bin/sh", NULL, &at,
                    (char *const *)(uintptr_t)argv, environ);
    posix_spawnattr_destroy(&at);
    return r;
}

static int
user_program_run(struct user_program *up, struct loop *lp, struct err *e)
{
    const char *line = user_program_line(up->kind);
    pid_t pid;
    int r = user_program_spawn(line, up->path, &pid);

    if (r != 0)
        return err_sys(e, r, "%s '%s'", kinds[up->kind].word, line);
    if (loop_child_add(lp, &up->child, pid, user_program_child_ended) == 0)
        return 0;
    err_sys(e, errno, "%s '%s'", kinds[up->kind].word, line);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return -1;
}

void
user_text_fit(struct buf *text, enum user_program_kind kind)
{
    size_t max = kind == USER_EDITOR ? USER_EDIT_MAX : USER_PAGE_MAX;
    const char *from, *nl;

    if (text->len <= max)
        return;
    from = text->data + (text->len - max);
    nl = from[-1] == '\n' ? NULL : memchr(from, '\n', max);
    if (nl != NULL && nl + 1 < text->data + text->len)
        from = nl + 1;
    buf_consume(text, (size_t)(from - text->data));
}

int
user_program_check(const struct user_text *t, struct err *e)
{
    if (t->n <= kinds[t->kind].max)
        return 0;
    return err_set(e, ERR_RANGE,
                   "the text is too long for the %s: found %zu bytes, allowed "
                   "%zu",
                   kinds[t->kind].word, t->n, kinds[t->kind].max);
}

int
user_program_start(struct user_program *up, struct loop *lp,
                   const struct user_text *t, struct err *e)
{
    if (user_program_runs(up))
        return err_set(e, ERR_BUSY, "a program runs on this terminal already");
    if (user_program_check(t, e) < 0)
        return -1;
    up->kind = t->kind;
    if (user_program_write(up, t, e) == 0 && user_program_run(up, lp, e) == 0)
        return 0;
    user_program_discard(up);
    return -1;
}

bool
user_program_runs(const struct user_program *up)
{
    return up->child.lp != NULL;
}

void
user_program_hangup(const struct user_program *up)
{
    if (user_program_runs(up))
        kill(up->child.pid, SIGHUP);
}

bool
user_program_drop(struct user_program *up)
{
    if (!user_program_runs(up))
        return false;
    user_program_hangup(up);
    loop_child_del(&up->child);
    if (up->kind == USER_EDITOR)
        return true;
    user_program_discard(up);
    return false;
}
