/*
 * seat.c - one connection of the engine's side: its hello, its settings and
 * rights, its messages within bounds, and its end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/api/engine.h"
#include "src/attach/server_int.h"
#include "src/base/xalloc.h"
#include "ui/draw/theme.h"

#define HELLO_MS      5000 /* to say what it is */
#define LEAVE_MS      5000 /* to take the last message */
#define QUEUED_MAX    (16UL * 1024 * 1024)
#define MESSAGE_MAX   4096 /* after the hello */
#define MESSAGES_TURN 200  /* a second */

static void
limit_due(struct loop_timer *lt)
{
    seat_free(container_of(lt, struct seat, limit));
}

static void
seat_gone(struct conn *c, const char *why)
{
    (void)why;
    seat_free(container_of(c, struct seat, conn));
}

void
seat_linger(struct seat *s)
{
    s->state = SEAT_LEAVING;
    loop_timer_arm(s->as->o.lp, &s->limit, LEAVE_MS, limit_due);
}

static void
detach_due(struct loop_timer *lt)
{
    struct seat *s = container_of(lt, struct seat, detach);

    seat_leave(s, "detached", s->detach_text);
}

void
seat_leave_soon(struct seat *s, const char *text)
{
    text_fmt(s->detach_text, sizeof(s->detach_text), "%s", text);
    loop_timer_arm(s->as->o.lp, &s->detach, 0, detach_due);
}

void
seat_leave(struct seat *s, const char *why, const char *text)
{
    struct json_object *msg;

    if (s->state == SEAT_LEAVING)
        return;
    seat_terminal_end(s);
    msg = msg_new("bye");
    msg_add_text(msg, "why", why);
    if (text != NULL)
        msg_add_text(msg, "text", text);
    conn_send(&s->conn, msg);
    seat_linger(s);
}

void
seat_refuse(struct seat *s, int status, const char *sentence)
{
    struct json_object *msg = msg_new("refuse");

    msg_add_int(msg, "status", status);
    msg_add_text(msg, "text", sentence);
    conn_send(&s->conn, msg);
    seat_linger(s);
}

/* --- the hello --- */

/* What concerns the engine as a whole, and files that it would open, are not
 * for a session to set. */
static void
keep_engine_settings(struct settings *s, const struct settings *base)
{
    s->tick_ms = base->tick_ms;
    s->restart_min_s = base->restart_min_s;
    memcpy(s->log_file, base->log_file, sizeof(s->log_file));
    memcpy(s->hook_dir, base->hook_dir, sizeof(s->hook_dir));
    memcpy(s->theme_dirs, base->theme_dirs, sizeof(s->theme_dirs));
}

/* False: refused. Faults of the usual files are told in notice. */
static bool
apply_settings(struct seat *s, struct buf *notice)
{
    const struct hello *h = &s->hello;
    const struct settings *base = s->as->o.set;
    struct buf warn = { 0 };
    struct theme th;
    struct err e = { 0 };

    s->set = xcalloc(1, sizeof(*s->set));
    *s->set = *base;
    if (h->only_config)
        settings_default(s->set, s->as->o.cmds);
    if (h->config_text != NULL &&
        settings_take(s->set, h->config_text, h->config_name, &warn, &e) < 0) {
        if (h->only_config) {
            seat_refuse(s, BATCH_USAGE, e.msg);
            buf_free(&warn);
            return false;
        }
        buf_fmt(notice, "%s\n", e.msg);
    }
    buf_str(notice, buf_text(&warn));
    buf_free(&warn);
    keep_engine_settings(s->set, base);
    if (s->peer.rights == RIGHT_ADMIN && h->theme_dirs[0] != '\0')
        text_fmt(s->set->theme_dirs, sizeof(s->set->theme_dirs), "%s:%s",
                 h->theme_dirs, base->theme_dirs);
    if (h->theme[0] != '\0' &&
        theme_load(s->set->theme_dirs, h->theme, &th, &e) < 0) {
        seat_refuse(s, BATCH_USAGE, e.msg);
        return false;
    }
    if (h->theme[0] != '\0')
        text_fmt(s->set->theme, sizeof(s->set->theme), "%s", h->theme);
    s->set->color = s->set->color && !h->no_color;
    s->set->unicode = s->set->unicode && !h->no_unicode;
    s->set->read_only = s->set->read_only || h->read_only;
    return true;
}

static void
fill_session(struct seat *s)
{
    const struct hello *h = &s->hello;
    struct attach_server *as = s->as;
    struct session_info *info = &s->ses.info;

    info->id = ++as->next_id;
    info->kind = h->kind == HELLO_BATCH ? SESSION_BATCH : SESSION_TERMINAL;
    text_fmt(info->who, sizeof(info->who), "%s%s%s", s->peer.user,
             h->tty[0] != '\0' ? "@" : "", h->tty);
    info->uid = s->peer.uid;
    info->rights = s->set->read_only ? RIGHT_VIEW : s->peer.rights;
    info->start_wall_s = loop_wall_s(as->o.lp);
    s->ses.granted = s->peer.rights;
    s->ses.cwd = h->cwd;
    s->ses.term = h->term[0] != '\0' ? h->term : NULL;
    s->ses.utf8 = h->utf8;
    s->ses.from_hook = h->from_hook;
    s->ses.en = as->o.en;
    s->ses.lp = as->o.lp;
    s->ses.cmds = as->o.cmds;
    s->ses.set = s->set;
    s->ses.server = as;
}

void
seat_welcome(struct seat *s, const char *notice)
{
    struct json_object *msg = msg_new("welcome");

    msg_add_int(msg, "v", WIRE_VERSION);
    msg_add_int(msg, "pid", getpid());
    msg_add_int(msg, "id", (long long)s->ses.info.id);
    msg_add_text(msg, "rights", session_right_name(s->ses.info.rights));
    msg_add_int(msg, "started", s->as->o.started_by_client);
    if (*notice != '\0')
        msg_add_text(msg, "notice", notice);
    conn_send(&s->conn, msg);
}

static void
say_hello(struct seat *s, struct wire_packet *p, struct json_object *msg)
{
    struct buf notice = { 0 };
    struct err e = { 0 };

    s->conn.takes_bulk = false;
    loop_timer_del(&s->limit);
    if (hello_decode(msg, &s->hello, &e) < 0) {
        seat_refuse(s, BATCH_FAILED, e.msg);
        return;
    }
    if (apply_settings(s, &notice)) {
        fill_session(s);
        if (s->hello.kind == HELLO_BATCH) {
            seat_welcome(s, buf_text(&notice));
            seat_batch_start(s);
        } else {
            seat_terminal_start(s, p, buf_text(&notice));
        }
    }
    buf_free(&notice);
}

/* --- messages --- */

/* Nobody has reason to say so much. */
static bool
floods(struct seat *s, const struct wire_packet *p)
{
    unsigned long long now_s = loop_now_ms(s->as->o.lp) / 1000;

    if (now_s != s->turn_s)
        s->messages = 0;
    s->turn_s = now_s;
    return ++s->messages > MESSAGES_TURN || p->kind != WIRE_MSG ||
           (s->state != SEAT_NEW && p->n > MESSAGE_MAX);
}

static void
seat_packet(struct conn *c, struct wire_packet *p, struct json_object *msg)
{
    struct seat *s = container_of(c, struct seat, conn);

    s->heard_ms = loop_now_ms(s->as->o.lp);
    if (s->state == SEAT_LEAVING)
        return;
    if (floods(s, p)) {
        seat_free(s);
        return;
    }
    if (s->state == SEAT_NEW) {
        say_hello(s, p, msg);
    } else if (msg_is(msg, "ping")) {
        conn_send(c, msg_new("pong"));
    } else if (s->state == SEAT_BATCH ? !seat_batch_message(s, msg)
                                      : !seat_terminal_message(s, msg)) {
        seat_free(s);
    }
}

static void
seat_drained(struct conn *c)
{
    struct seat *s = container_of(c, struct seat, conn);

    if (s->state == SEAT_BATCH)
        session_drained(&s->ses);
}

void
seat_new(struct attach_server *as, int fd, const struct peer *p)
{
    struct seat *s = xcalloc(1, sizeof(*s));

    s->as = as;
    s->peer = *p;
    s->in_fd = s->out_fd = -1;
    s->heard_ms = loop_now_ms(as->o.lp);
    s->conn.packet = seat_packet;
    s->conn.gone = seat_gone;
    s->conn.drained = seat_drained;
    s->conn.queued_max = QUEUED_MAX;
    s->conn.takes_bulk = true;
    if (conn_open(&s->conn, as->o.lp, fd) < 0) {
        free(s);
        return;
    }
    list_append(&as->seats, &s->node);
    as->n_seats++;
    loop_timer_arm(as->o.lp, &s->limit, HELLO_MS, limit_due);
}

void
seat_tick(struct seat *s)
{
    if (s->state == SEAT_TERMINAL)
        seat_terminal_tick(s);
}

void
seat_free(struct seat *s)
{
    s->state = SEAT_LEAVING;
    batch_detach(s->batch);
    seat_terminal_end(s);
    loop_timer_del(&s->limit);
    loop_timer_del(&s->detach);
    conn_close(&s->conn);
    list_del(&s->node);
    s->as->n_seats--;
    if (s->in_fd >= 0)
        close(s->in_fd);
    if (s->out_fd >= 0)
        close(s->out_fd);
    hello_fini(&s->hello);
    free(s->set);
    free(s);
}
