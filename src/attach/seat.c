/*
 * seat.c - one connection of the engine's side: its hello, its settings and
 * rights, its messages within bounds, and its end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/api/toolstack.h"
#include "engine/core/engine.h"
#include "engine/dom0/dom0.h"
#include "src/attach/seat_terminal.h"
#include "src/attach/server_int.h"
#include "src/base/sys/fd_kind.h"
#include "src/base/sys/terminal_path.h"
#include "src/base/xalloc.h"
#include "ui/draw/theme.h"

#define HELLO_MS      5000 /* to say what it is */
#define TURN_MS       50   /* to look for a turn again */
#define HELLO_COST    2048 /* of any hello, in bytes of a long one */
#define LEAVE_MS      5000 /* to take the last message */
#define QUEUED_MAX    (16UL * 1024 * 1024)
#define MESSAGE_MAX   4096 /* after the hello, but what an editor gave back */
#define VALUES_MAX    64   /* of JSON in one of those */
#define MESSAGES_TURN 200  /* a second */
#define NOTICE_MAX    4096 /* a byte takes up to six in JSON */

/* --- whose turn it is: parsing keeps the loop from all others */

static bool
pays_for_hello(const struct seat *s)
{
    return s->state == SEAT_NEW && s->peer.rights != RIGHT_ADMIN;
}

static void
turn_due(struct loop_timer *lt)
{
    conn_go_on(&container_of(lt, struct seat, turn)->conn);
}

static bool
seat_admits(struct conn *c)
{
    struct seat *s = container_of(c, struct seat, conn);
    struct loop *lp = s->as->o.lp;

    if (!pays_for_hello(s) ||
        user_budget_left(&s->as->hellos, s->peer.uid, loop_now_ms(lp)))
        return true;
    loop_timer_arm(lp, &s->turn, TURN_MS, turn_due);
    return false;
}

static void
pay_for_hello(struct seat *s)
{
    if (pays_for_hello(s))
        user_budget_spend(&s->as->hellos, s->peer.uid,
                          HELLO_COST + s->conn.parsed,
                          loop_now_ms(s->as->o.lp));
}

static void
seat_limit_due(struct loop_timer *lt)
{
    struct seat *s = container_of(lt, struct seat, limit);
    char sentence[160];

    if (!s->conn.held || s->state != SEAT_NEW) {
        seat_free(s);
        return;
    }
    text_fmt(sentence, sizeof(sentence),
             "%s begins more sessions than the engine takes at a time: try "
             "again",
             s->peer.user);
    seat_refuse(s, BATCH_FAILED, sentence);
}

static void
seat_gone(struct conn *c, const char *why)
{
    struct seat *s = container_of(c, struct seat, conn);

    (void)why;
    pay_for_hello(s);
    seat_free(s);
}

void
seat_linger(struct seat *s)
{
    s->state = SEAT_LEAVING;
    loop_timer_arm(s->as->o.lp, &s->limit, LEAVE_MS, seat_limit_due);
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
    seat_terminal_token(s);
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
    s->read_only = s->read_only || base->read_only;
    s->tick_ms = base->tick_ms;
    s->restart_min_s = base->restart_min_s;
    s->model_death = base->model_death;
    s->model_beat_s = base->model_beat_s;
    s->model_hang_s = base->model_hang_s;
    s->model_logs = base->model_logs;
    s->postmortems = base->postmortems;
    s->postmortem_bytes = base->postmortem_bytes;
    s->helper_limit_s = base->helper_limit_s;
    s->host_stop = base->host_stop;
    s->host_stop_else = base->host_stop_else;
    s->host_stop_moves = base->host_stop_moves;
    memcpy(s->host_stop_to, base->host_stop_to, sizeof(s->host_stop_to));
    s->autoballoon = base->autoballoon;
    s->dom0_min_kib = base->dom0_min_kib;
    s->vif_without_scripts = base->vif_without_scripts;
    s->kernel_cache_kib = base->kernel_cache_kib;
    s->scroll_disk_bytes = base->scroll_disk_bytes;
    if (s->scrollback_bytes > base->scrollback_bytes)
        s->scrollback_bytes = base->scrollback_bytes;
    if (s->scrollback_all_bytes > base->scrollback_all_bytes)
        s->scrollback_all_bytes = base->scrollback_all_bytes;
    memcpy(s->log_file, base->log_file, sizeof(s->log_file));
    memcpy(s->hook_dir, base->hook_dir, sizeof(s->hook_dir));
    memcpy(s->theme_dirs, base->theme_dirs, sizeof(s->theme_dirs));
}

/* The directories of an administrator's own themes, but for those that another
 * host serves: its server may be dead, and themes are read in the loop. */
static void
seat_add_themes(struct seat *s)
{
    const char *p = s->hello.theme_dirs;
    struct buf dirs = { 0 };
    char dir[sizeof(s->hello.theme_dirs)];
    size_t n;

    for (; *p != '\0'; p += n + (p[n] == ':')) {
        n = strcspn(p, ":");
        text_fmt(dir, sizeof(dir), "%.*s", (int)n, p);
        if (dir[0] == '/' &&
            !dom0_file_is_remote(engine_dom0(s->as->o.en), dir))
            buf_fmt(&dirs, "%s:", dir);
    }
    buf_str(&dirs, s->as->o.set->theme_dirs);
    text_fmt(s->set->theme_dirs, sizeof(s->set->theme_dirs), "%s",
             buf_text(&dirs));
    buf_free(&dirs);
}

/* Settings may have more faults than one packet holds: the first are told, and
 * how many more there are. */
static void
bound_notice(struct buf *notice)
{
    size_t keep = 0, more = 0, i;

    if (notice->len <= NOTICE_MAX)
        return;
    for (i = 0; i < notice->len; i++)
        if (notice->data[i] == '\n' && i >= NOTICE_MAX)
            more++;
        else if (notice->data[i] == '\n')
            keep = i + 1;
    notice->len = keep;
    notice->data[keep] = '\0';
    buf_fmt(notice, "and %zu more faults of the settings\n", more);
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
    bound_notice(notice);
    buf_free(&warn);
    keep_engine_settings(s->set, base);
    if (s->peer.rights == RIGHT_ADMIN)
        seat_add_themes(s);
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

/* A batch has no terminal that it would show. */
static void
fill_who(struct seat *s, const struct wire_packet *p)
{
    if (s->hello.kind == HELLO_TERMINAL && p->n_fds > 0 &&
        fd_is_terminal(p->fds[0]))
        terminal_name(p->fds[0], s->tty, sizeof(s->tty));
    text_fmt(s->ses.info.who, sizeof(s->ses.info.who), "%s%s%s", s->peer.user,
             s->tty[0] != '\0' ? "@" : "", s->tty);
}

static void
fill_session(struct seat *s, const struct wire_packet *p)
{
    const struct hello *h = &s->hello;
    struct attach_server *as = s->as;
    struct session_info *info = &s->ses.info;

    info->id = ++as->next_id;
    info->kind = h->kind == HELLO_BATCH ? SESSION_BATCH : SESSION_TERMINAL;
    fill_who(s, p);
    info->uid = s->peer.uid;
    s->ses.host_read_only = as->o.set->read_only;
    s->ses.granted = s->ses.host_read_only ? RIGHT_VIEW : s->peer.rights;
    info->rights = s->set->read_only ? RIGHT_VIEW : s->ses.granted;
    info->start_wall_s = loop_wall_s(as->o.lp);
    s->ses.cwd = h->cwd;
    s->ses.term = h->term[0] != '\0' ? h->term : NULL;
    s->ses.utf8 = h->utf8;
    /* Hooks run as the engine's own user, and know a secret of its. */
    s->ses.from_hook =
        s->peer.uid == geteuid() && engine_hook_has(as->o.en, h->hook);
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

/* A notice on a screen has no lines of its own. */
static const char *
one_line(struct buf *text)
{
    struct buf joined = { 0 };
    char *line, *save = NULL;

    if (text->len == 0)
        return "";
    for (line = strtok_r(text->data, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save))
        buf_fmt(&joined, "%s%s", joined.len > 0 ? "; " : "", line);
    buf_free(text);
    *text = joined;
    return buf_text(text);
}

static int
take_hello(struct seat *s, struct json_object *msg, struct err *e)
{
    if (msg == NULL)
        return err_set(e, ERR_RANGE,
                       "found more than %zu KiB of settings and lines, which "
                       "is what a session may bring",
                       s->conn.bulk_max / 1024);
    if (hello_decode(msg, &s->hello, e) < 0)
        return -1;
    return s->peer.rights == RIGHT_ADMIN ? 0 : hello_check_others(&s->hello, e);
}

static void
say_hello(struct seat *s, struct wire_packet *p, struct json_object *msg)
{
    struct buf notice = { 0 };
    struct err e = { 0 };

    pay_for_hello(s);
    s->conn.takes_fds = false;
    s->conn.values_max = VALUES_MAX;
    loop_timer_del(&s->limit);
    if (attach_server_ended(s->as)) {
        seat_leave(s, "ended", NULL);
        return;
    }
    if (take_hello(s, msg, &e) < 0) {
        seat_refuse(s, BATCH_FAILED, e.msg);
        return;
    }
    if (apply_settings(s, &notice)) {
        fill_session(s, p);
        if (s->hello.kind == HELLO_BATCH) {
            seat_welcome(s, buf_text(&notice));
            seat_batch_start(s, p);
        } else {
            seat_terminal_start(s, p, one_line(&notice));
        }
    }
    buf_free(&notice);
}

/* --- messages --- */

/* Whether the client sends more than any client of ours: too many messages a
 * second, a long one after its hello, or one of another kind. */
static bool
floods(struct seat *s, const struct wire_packet *p)
{
    unsigned long long now_s = loop_now_ms(s->as->o.lp) / 1000;

    if (now_s != s->turn_s)
        s->messages = 0;
    s->turn_s = now_s;
    return ++s->messages > MESSAGES_TURN || p->kind != WIRE_MSG ||
           (s->state != SEAT_NEW && !s->program && p->n > MESSAGE_MAX);
}

static void
seat_packet(struct conn *c, struct wire_packet *p, struct json_object *msg)
{
    struct seat *s = container_of(c, struct seat, conn);

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
    s->in_fd = s->out_fd = s->state_fd = -1;
    s->conn.admits = seat_admits;
    s->conn.packet = seat_packet;
    s->conn.gone = seat_gone;
    s->conn.drained = seat_drained;
    s->conn.queued_max = QUEUED_MAX;
    s->conn.takes_fds = true;
    s->conn.bulk_max =
        p->rights == RIGHT_ADMIN ? WIRE_BULK_MAX : HELLO_BULK_OTHERS;
    s->conn.values_max = HELLO_VALUES_MAX;
    s->conn.park = &as->park;
    s->conn.park_uid = p->uid;
    if (conn_open(&s->conn, as->o.lp, fd) < 0) {
        free(s);
        return;
    }
    list_append(&as->seats, &s->node);
    as->n_seats++;
    loop_timer_arm(as->o.lp, &s->limit, HELLO_MS, seat_limit_due);
}

void
seat_tick(struct seat *s)
{
    if (s->state == SEAT_TERMINAL)
        seat_terminal_tick(s);
}

/* Only a terminal is known to be one; what a batch has may be a file whose
 * close waits. */
static void
close_stdio(const struct seat *s, int fd)
{
    if (fd >= 0 && s->hello.kind == HELLO_TERMINAL)
        fd_park_close(&s->as->park, fd);
    else if (fd >= 0)
        fd_park_take(&s->as->park, s->peer.uid, fd);
}

void
seat_free(struct seat *s)
{
    s->state = SEAT_LEAVING;
    batch_detach(s->batch);
    seat_terminal_end(s);
    loop_timer_del(&s->limit);
    loop_timer_del(&s->turn);
    loop_timer_del(&s->detach);
    conn_close(&s->conn);
    list_del(&s->node);
    s->as->n_seats--;
    close_stdio(s, s->in_fd);
    close_stdio(s, s->out_fd);
    hello_fini(&s->hello);
    buf_free(&s->edited);
    free(s->set);
    free(s);
}
