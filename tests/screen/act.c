/*
 * act.c - what several screen tests do.
 */
#include "tests/screen/act.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define FILE_MAX (16U << 20)

struct scr *
act_start_env(int rows, int cols, const char *args, const char *env)
{
    struct scr_opts o = {
        .rows = rows, .cols = cols, .args = args, .env = env
    };
    struct scr *s = scr_open(&o);

    SEE(s, "Domain-0");
    return s;
}

struct scr *
act_start(int rows, int cols, const char *args)
{
    return act_start_env(rows, cols, args, NULL);
}

int
act_setup(void **state)
{
    *state = act_start(24, 80, "--sim=3");
    return 0;
}

int
act_teardown(void **state)
{
    scr_close(*state);
    return 0;
}

void
act_write(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");

    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
        fail_msg("%s cannot be written", path);
}

void
act_read(const char *path, struct buf *out)
{
    struct err e = { 0 };

    if (fd_read_file(path, FILE_MAX, out, &e) < 0)
        fail_msg("%s", e.msg);
}

char *
act_conf(struct scr *s, const char *name)
{
    return act_conf_in(scr_home(s), name);
}

char *
act_conf_in(const char *home, const char *name)
{
    const char *build = getenv("BUILD");
    char *path = xasprintf("%s/%s.conf", home, name), *text;
    char dir[1024];

    if (build == NULL || build[0] != '/') {
        if (getcwd(dir, sizeof dir) == NULL)
            fail_msg("no working directory");
        text = xasprintf("%s/%s", dir, build != NULL ? build : "build");
    } else {
        text = xstrdup(build);
    }
    build = text;
    text = xasprintf("name = \"%s\";\nmemory = 64;\nvcpus = 1;\n"
                     "image = { type = \"linux\"; args = \"console=hvc0\";\n"
                     "  kernel = \"%s/tests/minikernel\"; };\n",
                     name, build);
    act_write(path, text);
    free((char *)(uintptr_t)build);
    free(text);
    return path;
}

void
act_verb(struct scr *s, const char *line)
{
    scr_send(s, ":");
    scr_send(s, line);
    scr_send(s, "\r");
}

void
act_create(struct scr *s, const char *name)
{
    char *path = act_conf(s, name);
    char *line = xasprintf("create %s", path);
    char *prompt = xasprintf("%s:~#", name);

    act_verb(s, line);
    SEE(s, prompt);
    free(prompt);
    free(line);
    free(path);
}

static bool
has_row(struct scr *s, const char *text)
{
    struct buf b = { 0 };
    int rows, cols, row;
    bool found = false;

    scr_size(s, &rows, &cols);
    for (row = 0; row < rows && !found; row++) {
        scr_row(s, row, &b);
        found = strncmp(buf_text(&b), text, strlen(text)) == 0;
    }
    buf_free(&b);
    return found;
}

void
act_see_row(struct scr *s, const char *text)
{
    UNTIL(s, has_row(s, text));
}

void
act_shell(struct scr *s, const char *line, const char *answer)
{
    scr_send(s, line);
    scr_send(s, "\r");
    act_see_row(s, answer);
}

bool
act_selected(struct scr *s, const char *text)
{
    struct scr_cell here, plain;
    int rows, cols, row = scr_find(s, text), col;

    scr_size(s, &rows, &cols);
    if (row < 0 || (col = scr_find_col(s, row, text)) < 0)
        return false;
    scr_cell_at(s, row, col, &here);
    scr_cell_at(s, rows - 2, cols - 1, &plain); /* the empty status line */
    return here.reverse || here.bg != plain.bg || here.underline;
}

void
act_see_selected(struct scr *s, const char *text)
{
    UNTIL(s, act_selected(s, text));
}

void
act_quit(struct scr *s)
{
    scr_send(s, "q");
    if (scr_exit_status(s, AFTER_LEAVING_MS) < 0)
        scr_send(s, "q"); /* the first came too soon after a view was left */
    EXITS(s, 0);
    CHECK_RESTORED(s);
}

unsigned
act_fds(void)
{
    unsigned n = 0;
    int fd;

    for (fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}
