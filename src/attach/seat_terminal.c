/*
 * seat_terminal.c - a session on a terminal that its client has handed over: a
 * front end of its own. What only the client can do (stop as a job, run an
 * editor as its user) is asked of it.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/api/toolstack.h"
#include "src/attach/seat_terminal.h"
#include "src/attach/server_int.h"
#include "src/base/fdio.h"
#include "src/base/sys/fd_kind.h"
#include "src/base/sys/proc_state.h"
#include "ui/app/front.h"
#include "ui/screen/tty.h"
#include "ui/ui.h"

#define TYPES_KEPT  16     /* types of terminals, for who is no admin */
#define CELLS_USER  400000 /* on all terminals of a user */
#define CELLS_LEAST 2000   /* on each, whatever others have */

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

    (void)ui;
    if (!s->stopped) /* it stands still already */
        conn_send(&s->conn, msg_new("suspend"));
}

static void
on_end(struct ui *ui, void *arg)
{
    (void)ui;
    seat_leave(arg, "hangup", NULL);
}

/* A client that is stopped by a signal that it cannot see has said nothing: its
 * shell has the terminal. It is looked at each time: a key that comes within a
 * millisecond of the signal is the shell's as well. */
static bool
on_holds(void *arg)
{
    struct seat *s = arg;

    if (!s->stopped)
        s->stopped = proc_state_stopped(s->state_fd);
    return !s->stopped;
}

/* Which program that is says the client's environment. */
static int
on_run_program(struct ui *ui, const struct user_text *t, void *arg,
               struct err *e)
{
    struct seat *s = arg;
    struct json_object *msg;

    (void)ui;
    if (!conn_is_open(&s->conn))
        return err_set(e, ERR_LOST, "the client is gone");
    conn_send_text(&s->conn, "page", t->text, t->n);
    msg = msg_new("run");
    msg_add_text(msg, "what", user_program_word(t->kind));
    msg_add_text(msg, "name", t->name);
    conn_send(&s->conn, msg);
    s->program = true;
    buf_clear(&s->edited);
    return 0;
}

/* Each cell costs memory, and time when it is drawn: one who is no admin has a
 * budget of them. */
static int
on_cells(void *arg)
{
    struct seat *s = arg;
    struct winsize ws = { .ws_row = 24, .ws_col = 80 };
    const struct list_node *it;
    long want, left = CELLS_USER;

    if (s->peer.rights == RIGHT_ADMIN)
        return 0;
    list_foreach (it, &s->as->seats) {
        const struct seat *other = list_entry(it, struct seat, node);

        if (other != s && other->peer.uid == s->peer.uid)
            left -= other->cells;
    }
    (void)ioctl(s->out_fd, TIOCGWINSZ, &ws);
    want = (long)ws.ws_row * ws.ws_col;
    want = want > TTY_CELLS_MAX ? TTY_CELLS_MAX : want;
    want = want > left ? left : want;
    s->cells = want < CELLS_LEAST ? CELLS_LEAST : (int)want;
    return s->cells;
}

/* The client keeps its file until it hears that the text is here. */
static void
on_ran(struct seat *s, struct json_object *msg)
{
    struct user_program_end end = { 0 };
    struct buf text = s->edited;
    char why[ERR_MSG_MAX];

    if (!s->program)
        return;
    s->program = false;
    s->edited = (struct buf){ 0 };
    if (msg_int(msg, "edited", 0, 1, 0) != 0) {
        end.text = buf_text(&text);
        end.n = text.len;
        conn_send(&s->conn, msg_new("took"));
    }
    text_fmt(why, sizeof(why), "%s", msg_text(msg, "text", sizeof(why) - 1));
    text_safe(why, sizeof(why), why, strlen(why));
    end.why = why;
    ui_program_done(s->ui, &end);
    buf_free(&text);
}

static void
on_kept(struct seat *s, struct json_object *msg)
{
    char path[PATH_MAX], text[PATH_MAX + 80];

    text_fmt(path, sizeof(path), "%s", msg_text(msg, "text", PATH_MAX - 1));
    text_safe(path, sizeof(path), path, strlen(path));
    text_fmt(text, sizeof(text),
             "the engine ended: the edited text is kept in "
             "%s",
             path);
    ui_tell(s->ui, text);
}

/* Not at the next tick: an engine that dies before it would give back panes
 * that its user has closed. */
static void
on_places(struct ui *ui, void *arg)
{
    (void)ui;
    seat_terminal_token(arg);
}

static const struct ui_owner owner = { .detach = on_detach,
                                       .suspend = on_suspend,
                                       .end = on_end,
                                       .holds = on_holds,
                                       .run_program = on_run_program,
                                       .cells = on_cells,
                                       .places = on_places };

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

void
seat_terminal_start(struct seat *s, struct wire_packet *p, const char *notice)
{
    struct ui_opts uo = {
        .lp = s->as->o.lp,
        .en = s->as->o.en,
        .set = s->set,
        .notice = *notice != '\0' ? notice : NULL,
        .run = s->hello.n_lines > 0 ? s->hello.lines[0].text : NULL,
        .term = s->ses.term,
        .lent = true,
        .kept_max = s->peer.rights == RIGHT_ADMIN ? 0 : TYPES_KEPT,
        .utf8 = s->hello.utf8,
        .session = &s->ses,
        .owner = &owner,
        .arg = s
    };
    struct err e = { 0 };

    if (p->n_fds < 2 || !fd_is_terminal(p->fds[0]) ||
        !fd_is_terminal(p->fds[1])) {
        seat_refuse(s, 2, "a terminal session needs a terminal");
        return;
    }
    s->in_fd = p->fds[0];
    s->out_fd = p->fds[1];
    p->fds[0] = p->fds[1] = -1;
    s->state_fd = proc_state_open(s->peer.pid);
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
    /* What it had in an engine that is gone. Nothing else is taken up: the
     * next session at a terminal may be another person's. */
    ui_take_places(s->ui, s->hello.token);
}

void
seat_terminal_end(struct seat *s)
{
    struct ui *ui = s->ui;

    s->ui = NULL;
    s->cells = 0;
    ui_close(ui); /* it may ask on_holds */
    if (s->state_fd >= 0)
        close(s->state_fd);
    s->state_fd = -1;
}

static void
on_resume(struct seat *s)
{
    s->stopped = false;
    ui_resume(s->ui);
}

bool
seat_terminal_message(struct seat *s, struct json_object *msg)
{
    if (msg_is(msg, "winch"))
        ui_winch(s->ui);
    else if (msg_is(msg, "resume") || msg_is(msg, "retake"))
        on_resume(s);
    else if (msg_is(msg, "given-back")) /* by the client: we did not answer */
        ui_given_back(s->ui);
    else if (msg_is(msg, "tstp"))
        ui_suspend(s->ui);
    else if (msg_is(msg, "hangup"))
        ui_hangup(s->ui);
    else if (msg_is(msg, "edited"))
        return s->program && msg_take_text(msg, &s->edited, USER_EDIT_MAX);
    else if (msg_is(msg, "ran"))
        on_ran(s, msg);
    else if (msg_is(msg, "kept"))
        on_kept(s, msg);
    else
        return false;
    return true;
}

/* --- once a second --- */

void
seat_terminal_token(struct seat *s)
{
    struct buf token = { 0 };
    struct json_object *msg;

    if (s->ui == NULL)
        return;
    ui_places(s->ui, &token);
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
    if (!on_holds(s)) /* and nothing was to be drawn */
        ui_suspend(s->ui);
    seat_terminal_token(s);
}

/* --- what is shown of it --- */

static void
view_terminal(const struct attach_server *as, int in_fd, int out_fd,
              struct attach_view *out)
{
    double now = loop_wall_s(as->o.lp);
    struct winsize ws = { 0 };
    struct stat sb;

    /* The kernel notes when a terminal was read last, to some seconds. */
    if (in_fd >= 0 && fstat(in_fd, &sb) == 0 && now > (double)sb.st_atim.tv_sec)
        out->idle_s = (unsigned long long)(now - (double)sb.st_atim.tv_sec);
    if (out_fd >= 0 && ioctl(out_fd, TIOCGWINSZ, &ws) == 0) {
        out->rows = ws.ws_row;
        out->cols = ws.ws_col;
    }
}

static void
view_pane(const struct attach_server *as, struct ui *ui,
          struct attach_view *out)
{
    const struct pane *p = ui != NULL ? ui_focused(ui) : NULL;
    const struct dom *d;

    if (p == NULL)
        return;
    d = p->dom_id != 0 ? engine_dom_by_id(as->o.en, p->dom_id) : NULL;
    text_fmt(out->looks_at, sizeof(out->looks_at), "%s%s%s", p->ops->name,
             d == NULL                        ? ""
             : p->ops->context == CMD_IN_LIST ? ", at "
                                              : " of ",
             d != NULL ? d->name : "");
}

void
seat_terminal_view(struct seat *s, struct attach_view *out)
{
    view_terminal(s->as, s->in_fd, s->out_fd, out);
    view_pane(s->as, s->ui, out);
}

void
seat_terminal_view_own(const struct attach_server *as, struct attach_view *out)
{
    view_terminal(as, STDIN_FILENO, STDOUT_FILENO, out);
    view_pane(as, ui_of_screen(as->o.own->screen), out);
}
