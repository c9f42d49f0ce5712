/*
 * role_client.c - what a user starts: a session on the engine of this host,
 * which is started if there is none. Nothing is loaded before the connection
 * stands that an engine does not need to be told.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/attach/client.h"
#include "src/attach/launch.h"
#include "src/base/fdio.h"
#include "src/launch_args.h"
#include "src/program.h"

/* --- what the engine is told */

static int
read_config(const struct front *fr, struct hello *h, struct err *e)
{
    struct buf path = { 0 }, text = { 0 };
    int rc = 0;

    h->only_config = fr->opt.config != NULL;
    if (h->only_config)
        buf_str(&path, fr->opt.config);
    else if (!front_user_config(&path))
        return 0;
    rc = settings_read(buf_text(&path), !h->only_config, &text, e);
    if (rc < 0 && !h->only_config) {
        front_fail(STATUS_DONE, e->msg);
        rc = 0;
    } else if (rc == 0 && text.len > 0) {
        text_fmt(h->config_name, sizeof h->config_name, "%s", buf_text(&path));
        h->config_text = buf_take(&text);
    }
    buf_free(&path);
    buf_free(&text);
    return rc;
}

static int
fill_hello(struct front *fr, struct hello *h, struct err *e)
{
    const struct options *o = &fr->opt;
    const char *no_color = getenv("NO_COLOR");
    struct buf dirs = { 0 };

    client_fill_hello(h);
    h->kind = o->batch ? HELLO_BATCH : HELLO_TERMINAL;
    h->read_only = o->read_only;
    h->no_color = o->no_color || (no_color != NULL && no_color[0] != '\0');
    h->no_unicode = o->no_unicode;
    text_fmt(h->version, sizeof h->version, "%s", XENDECK_VERSION);
    if (o->theme != NULL)
        text_fmt(h->theme, sizeof h->theme, "%s", o->theme);
    if (!o->batch) {
        front_user_themes(&dirs);
        text_fmt(h->theme_dirs, sizeof h->theme_dirs, "%s", buf_text(&dirs));
        buf_free(&dirs);
    }
    h->lines = o->lines; /* lent */
    h->n_lines = o->n_lines;
    h->stdio = batch_takes_stdio(&fr->cmds, o->lines, o->n_lines);
    return read_config(fr, h, e);
}

/* --- the way there */

static const char *
remedy(const struct err *e)
{
    return e->code == ERR_DENIED
               ? ": only root and the groups of its settings may use it "
                 "(xendeck.conf(5))"
               : "";
}

/* None is started to be ended at once. */
static bool
only_ends_engine(const struct front *fr)
{
    const struct options *o = &fr->opt;
    const struct cmd *c =
        o->n_lines == 1 ? cmd_of_line(&fr->cmds, o->lines[0].text) : NULL;

    return c != NULL && strcmp(c->name, "kill-engine") == 0;
}

/* A connection, -1 with *status_out, or -1 with *foreground_out set. */
static int
reach(struct front *fr, struct reach *r, int *status_out, bool *foreground_out)
{
    struct err e = { 0 };
    char sentence[640];
    int fd;

    *status_out = STATUS_FAILED;
    if (fr->opt.replace && reach_end_engine(r, &e) < 0) {
        front_fail(STATUS_FAILED, e.msg);
        return -1;
    }
    fd = reach_running(r, &e);
    if (fd < 0 && e.code == ERR_NOENT &&
        (fr->opt.running || only_ends_engine(fr))) {
        front_fail(STATUS_FAILED, "no engine runs");
        return -1;
    }
    if (fd < 0 && e.code == ERR_NOENT && !fr->opt.sim) {
        err_clear(&e);
        *status_out = front_check(fr, &e);
        *foreground_out = *status_out == STATUS_DONE && fr->opt.sim;
        if (e.code != ERR_NONE)
            front_fail(*status_out, e.msg);
        if (*status_out != STATUS_DONE || *foreground_out)
            return -1;
        err_set(&e, ERR_NOENT, "no engine runs");
    }
    if (fd < 0 && (e.code == ERR_NOENT || e.code == ERR_AGAIN)) {
        err_clear(&e);
        fd = reach_engine(r, &e);
    }
    if (fd < 0) {
        text_fmt(sentence, sizeof sentence, "%s%s", e.msg, remedy(&e));
        *status_out = front_fail(STATUS_FAILED, sentence);
    }
    return fd;
}

bool
role_client_is_served(const struct front *fr)
{
    struct reach r = { .launch = NULL };
    struct err e = { 0 };
    int fd;

    if ((!fr->opt.sim && geteuid() != 0) ||
        place_init(&r.place, fr->opt.sim, fr->opt.socket, &e) < 0)
        return false;
    fd = reach_running(&r, &e);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

int
role_client(struct front *fr, bool *foreground_out)
{
    struct client_opts co = { .fd = -1 };
    struct launch_args l = { .n = 0 };
    struct err e = { 0 };
    int status = STATUS_FAILED;

    *foreground_out = false;
    if (!fr->opt.batch && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
        return front_fail(STATUS_FAILED,
                          "standard input and output must be a terminal (use "
                          "-e 'COMMAND' without one)");
    if (place_init(&co.reach.place, fr->opt.sim, fr->opt.socket, &e) < 0)
        return front_fail(STATUS_USAGE, e.msg);
    launch_args_fill(&l, &fr->opt);
    co.reach.launch = l.argv;
    if (!fr->opt.sim && fr->opt.socket == NULL)
        co.reach.unit = launch_unit;
    co.fd = reach(fr, &co.reach, &status, foreground_out);
    if (co.fd >= 0 && fill_hello(fr, &co.hello, &e) < 0)
        status = front_fail(STATUS_USAGE, e.msg);
    else if (co.fd >= 0)
        status = client_run(&co);
    co.hello.lines = NULL;
    co.hello.n_lines = 0;
    hello_fini(&co.hello);
    launch_args_fini(&l);
    return status;
}
