/*
 * seat_terminal.c - a session on a terminal that its client has handed over: a
 * front end of its own. What only the client can do (stop as a job, run an
 * editor as its user) is asked of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/api/engine.h"
#include "engine/config/core/uuid.h"
#include "src/attach/server_int.h"
#include "src/base/fdio.h"
#include "ui/app/front.h"
#include "ui/ui.h"

#define QUIET_MS 2500 /* a client pings each second */

static void
on_detach(struct ui *ui, void *arg)
{
    (void)ui;
    seat_leave(arg, "detached", NULL);
}

static void
on_suspend(struct ui *ui, void *arg)
{
    struct seat *s = arg;

    if (s->retake)
        ui_resume(ui);
    else if (!s->stopped) /* it stands still already */
        conn_send(&s->conn, msg_new("suspend"));
    s->retake = false;
}

static void
on_end(struct ui *ui, void *arg)
{
    (void)ui;
    seat_leave(arg, "hangup", NULL);
}

static int
on_run_program(struct ui *ui, const char *const *argv, void *arg, struct err *e)
{
    struct seat *s = arg;
    struct json_object *msg, *list;

    (void)ui;
    if (!conn_is_open(&s->conn))
        return err_set(e, ERR_LOST, "%s: the client is gone", argv[0]);
    msg = msg_new("run");
    list = json_object_new_array();
    for (; *argv != NULL; argv++)
        json_object_array_add(list, json_object_new_string(*argv));
    json_object_object_add(msg, "argv", list);
    conn_send(&s->conn, msg);
    return 0;
}

static const struct ui_owner owner = { .detach = on_detach,
                                       .suspend = on_suspend,
                                       .end = on_end,
                                       .run_program = on_run_program };

/* What the client writes should the engine vanish. */
static void
send_restore(struct seat *s)
{
    struct json_object *msg = msg_new("restore");
    size_t n;
    const char *text = ui_restore_text(s->ui, &n);

    json_object_object_add(msg, "text",
                           json_object_new_string_len(text, (int)n));
    conn_send(&s->conn, msg);
}

/* Consoles that an earlier engine showed here are opened again. */
static void
find_panes_again(struct seat *s)
{
    char *save = NULL, *line, token[HELLO_TOKEN_MAX];

    memcpy(token, s->hello.token, sizeof(token));
    for (line = strtok_r(token, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save))
        if (strncmp(line, "console ", 8) == 0)
            ui_run(s->ui, line);
}

void
seat_terminal_start(struct seat *s, struct wire_packet *p, const char *notice)
{
    struct ui_opts uo = { .lp = s->as->o.lp,
                          .en = s->as->o.en,
                          .set = s->set,
                          .notice = *notice != '\0' ? notice : NULL,
                          .term = s->ses.term,
                          .utf8 = s->hello.utf8,
                          .session = &s->ses,
                          .owner = &owner,
                          .arg = s };
    struct err e = { 0 };

    if (p->n_fds < 2 || !isatty(p->fds[0]) || !isatty(p->fds[1])) {
        seat_refuse(s, 2, "a terminal session needs a terminal");
        return;
    }
    s->in_fd = p->fds[0];
    s->out_fd = p->fds[1];
    p->fds[0] = p->fds[1] = -1;
    uo.in_fd = s->in_fd;
    uo.out_fd = s->out_fd;
    s->ui = ui_open(&uo, &e);
    if (s->ui == NULL) {
        seat_refuse(s, 1, e.msg);
        return;
    }
    s->state = SEAT_TERMINAL;
    seat_welcome(s, "");
    send_restore(s);
    find_panes_again(s);
}

void
seat_terminal_end(struct seat *s)
{
    struct ui *ui = s->ui;

    s->ui = NULL;
    ui_close(ui);
}

/* The client has given the terminal back itself while we did not answer: it is
 * as if we had done so. */
static void
take_again(struct seat *s)
{
    s->retake = true;
    ui_suspend(s->ui);
}

bool
seat_terminal_message(struct seat *s, struct json_object *msg)
{
    if (msg_is(msg, "winch"))
        ui_winch(s->ui);
    else if (msg_is(msg, "resume"))
        ui_resume(s->ui);
    else if (msg_is(msg, "retake"))
        take_again(s);
    else if (msg_is(msg, "tstp"))
        ui_suspend(s->ui);
    else if (msg_is(msg, "hangup"))
        ui_hangup(s->ui);
    else if (msg_is(msg, "ran"))
        ui_program_done(s->ui, (int)msg_int(msg, "status", 0, 0xffff, 0));
    else
        return false;
    return true;
}

/* --- once a second --- */

/* Stopped by a signal that it could not see: its shell has the terminal. */
static bool
client_stands_still(const struct seat *s)
{
    struct buf b = { 0 };
    char path[64], *end;
    bool yes;

    text_fmt(path, sizeof(path), "/proc/%ld/stat", (long)s->peer.pid);
    yes = fd_read_file(path, 4096, &b, NULL) == 0 && b.data != NULL &&
          (end = strrchr(b.data, ')')) != NULL && end[1] == ' ' &&
          end[2] == 'T';
    buf_free(&b);
    return yes;
}

static void
check_client(struct seat *s)
{
    bool quiet = loop_now_ms(s->as->o.lp) - s->heard_ms > QUIET_MS;

    if (!quiet && s->stopped) {
        s->stopped = false; /* it says "resume" itself */
    } else if (quiet && !s->stopped && client_stands_still(s)) {
        s->stopped = true;
        ui_suspend(s->ui);
    }
}

/* Consoles that are open, by what outlives an engine. */
static void
make_token(struct seat *s, struct buf *out)
{
    const struct dom *d;
    char uuid[37];
    size_t i;

    for (i = 0; (d = engine_dom_at(s->as->o.en, i)) != NULL; i++) {
        if (d->off || ui_pane_find(s->ui, PANE_CONSOLE, d->id) == NULL)
            continue;
        uuid_print_text(d->uuid, uuid);
        if (out->len + 64 < HELLO_TOKEN_MAX)
            buf_fmt(out, "console %s\n", uuid);
    }
}

static void
send_token(struct seat *s)
{
    struct buf token = { 0 };
    struct json_object *msg;

    make_token(s, &token);
    if (strcmp(buf_text(&token), s->token) != 0) {
        text_fmt(s->token, sizeof(s->token), "%s", buf_text(&token));
        msg = msg_new("token");
        msg_add_text(msg, "text", s->token);
        conn_send(&s->conn, msg);
    }
    buf_free(&token);
}

void
seat_terminal_tick(struct seat *s)
{
    check_client(s);
    send_token(s);
}

void
seat_terminal_view(struct seat *s, struct attach_view *out)
{
    const struct pane *p = s->ui != NULL ? ui_focused(s->ui) : NULL;
    const struct dom *d;
    struct winsize ws = { 0 };
    struct stat sb;
    double now = loop_wall_s(s->as->o.lp);

    /* The kernel notes when a terminal was read last, to some seconds. */
    if (s->in_fd >= 0 && fstat(s->in_fd, &sb) == 0 &&
        now > (double)sb.st_atim.tv_sec)
        out->idle_s = (unsigned long long)(now - (double)sb.st_atim.tv_sec);
    if (s->out_fd >= 0 && ioctl(s->out_fd, TIOCGWINSZ, &ws) == 0) {
        out->rows = ws.ws_row;
        out->cols = ws.ws_col;
    }
    if (p == NULL)
        return;
    d = p->dom_id != 0 ? engine_dom_by_id(s->as->o.en, p->dom_id) : NULL;
    text_fmt(out->looks_at, sizeof(out->looks_at), "%s%s%s", p->ops->name,
             d != NULL ? " of " : "", d != NULL ? d->name : "");
}
