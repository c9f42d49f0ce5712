/*
 * server.c - see server.h: the socket, who comes in, how long the engine stays.
 * Invariant: between two turns every seat in the list has an open connection.
 */
#include "src/attach/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/api/toolstack.h"
#include "engine/core/duties.h"
#include "engine/dom0/places.h"
#include "src/attach/seat_terminal.h"
#include "src/attach/server_int.h"
#include "src/base/maker.h"
#include "src/base/xalloc.h"

#define SEATS_MAX    256 /* of all users; a quarter is kept for admins */
#define SEATS_OTHERS 192
#define SEATS_USER   32 /* of one user who is no admin */
#define PARKED_USER  8  /* descriptors that cannot be closed, of such a one */
#define BACKLOG      128
#define ACCEPT_TURN  8  /* connections taken a turn */
#define CLOSING_MAX  64 /* connections that are still to be closed */
#define REST_MS      20
#define TICK_MS      1000
#define GRACE_MS     60000
#define ENDING_MS    50 /* for whoever asked for it to hear so */

/* --- the socket --- */

static int
wrong_socket(const char *path, struct err *e)
{
    return err_sys(e, errno, "the socket %s", path);
}

/* Takes the place of a socket that nobody serves, and of nothing else: another
 * may be served by systemd. */
static int
move_there(const char *temporary, const char *path)
{
    struct stat sb;

    if (lstat(path, &sb) == 0 && S_ISSOCK(sb.st_mode) && !wire_is_served(path))
        (void)unlink(path);
    return renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE);
}

/* What lies there may be somebody's file: only a socket is taken away. */
static int
is_free_for_socket(const char *path, struct err *e)
{
    struct stat sb;

    if (lstat(path, &sb) < 0)
        return errno == ENOENT ? 0 : wrong_socket(path, e);
    if (S_ISSOCK(sb.st_mode))
        return 0;
    return err_set(e, ERR_EXISTS,
                   "%s: found a file that is no socket: the engine leaves it; "
                   "move it away, or choose another place with --socket",
                   path);
}

/* Under another name first: who finds the path is answered. */
static int
bind_there(const char *path, struct err *e)
{
    char temporary[120];
    struct sockaddr_un sa;
    int fd;

    text_fmt(temporary, sizeof(temporary), "%s.new", path);
    if (!wire_address(temporary, &sa))
        return err_set(e, ERR_RANGE,
                       "the socket's path %s is longer than %zu bytes: choose "
                       "another with --socket, or a shorter TMPDIR",
                       path, sizeof(sa.sun_path) - 5);
    if (is_free_for_socket(path, e) < 0 || is_free_for_socket(temporary, e) < 0)
        return -1;
    fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return wrong_socket(path, e);
    (void)unlink(temporary);
    if (bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0 &&
        chmod(temporary, 0600) == 0 && listen(fd, BACKLOG) == 0 &&
        move_there(temporary, path) == 0)
        return fd;
    if (errno == EEXIST)
        err_set(e, ERR_BUSY,
                "the socket %s: another process listens there, or it is no "
                "socket",
                path);
    else
        wrong_socket(path, e);
    (void)unlink(temporary);
    close(fd);
    return -1;
}

/* Those whom the settings name must reach it; who they are is asked of the
 * kernel at each connection. */
static void
set_mode(const struct attach_server *as)
{
    char dir[108], *slash;

    if (!peer_groups_any(&as->groups))
        return;
    text_fmt(dir, sizeof(dir), "%s", as->sock);
    slash = strrchr(dir, '/');
    if (chmod(as->sock, 0666) < 0 || slash == NULL || slash == dir)
        return;
    *slash = '\0';
    if (strcmp(dir, PLACES_RUN_DIR) == 0)
        (void)!chmod(dir, 0711); /* it can be passed, not listed */
}

static void
remember_file(struct attach_server *as)
{
    struct stat sb;

    if (lstat(as->sock, &sb) < 0)
        return;
    as->dev = sb.st_dev;
    as->ino = sb.st_ino;
}

enum file_at { FILE_OURS, FILE_MISSING, FILE_FOREIGN, FILE_UNKNOWN };

static enum file_at
file_at_path(const struct attach_server *as)
{
    struct stat sb;

    if (lstat(as->sock, &sb) < 0)
        return errno == ENOENT || errno == ENOTDIR ? FILE_MISSING
                                                   : FILE_UNKNOWN;
    return sb.st_dev == as->dev && sb.st_ino == as->ino ? FILE_OURS
                                                        : FILE_FOREIGN;
}

static void accept_ready(struct loop_fd *lf, unsigned ready);

/* listen_fd: systemd's, or -1. */
static int
start_listening(struct attach_server *as, int listen_fd, struct err *e)
{
    as->ours = listen_fd < 0;
    as->fd = as->ours ? bind_there(as->sock, e) : listen_fd;
    if (as->fd < 0)
        return -1;
    /* Once more on systemd's, so that clients read our pid at its end. */
    if (!as->ours && listen(as->fd, BACKLOG) < 0)
        return wrong_socket(as->sock, e);
    remember_file(as);
    set_mode(as);
    if (loop_fd_add(as->o.lp, &as->lf, as->fd, LOOP_READ, accept_ready) < 0)
        return wrong_socket(as->sock, e);
    return 0;
}

static void
stop_listening(struct attach_server *as)
{
    loop_fd_del(&as->lf);
    loop_timer_del(&as->rest);
    if (as->fd >= 0 && as->ours && file_at_path(as) == FILE_OURS)
        (void)unlink(as->sock);
    if (as->fd >= 0)
        fd_park_close(&as->park, as->fd);
    as->fd = -1;
    as->dev = as->ino = 0; /* an inode's number is used again */
}

/* --- who comes in --- */

static size_t
seats_of(const struct attach_server *as, uid_t uid)
{
    const struct list_node *it;
    size_t n = 0;

    list_foreach (it, &as->seats)
        n += list_entry(it, struct seat, node)->peer.uid == uid;
    return n;
}

static bool
is_full(const struct attach_server *as, const struct peer *p)
{
    if (p->rights == RIGHT_ADMIN)
        return as->n_seats >= SEATS_MAX;
    return as->n_seats >= SEATS_OTHERS || seats_of(as, p->uid) >= SEATS_USER;
}

/* One packet into an empty socket; then it is closed, with the descriptors that
 * may lie in it already. */
static void
turn_away(struct attach_server *as, int fd, const char *sentence)
{
    struct json_object *msg = msg_new("refuse");
    const char *text;

    msg_add_int(msg, "status", 1);
    msg_add_text(msg, "text", sentence);
    text = json_object_to_json_string_ext(msg, JSON_C_TO_STRING_PLAIN);
    (void)wire_send(fd, WIRE_MSG, text, strlen(text), NULL, 0);
    json_object_put(msg);
    fd_park_close(&as->park, fd);
}

static void
server_take_in(struct attach_server *as, int fd)
{
    struct peer p;
    char sentence[160];

    if (peer_of(fd, &as->groups, &p) < 0) {
        fd_park_close(&as->park, fd);
    } else if (p.rights == RIGHT_NONE) {
        text_fmt(sentence, sizeof(sentence),
                 "%s has no rights on this host: root's settings name the "
                 "groups that may view or operate (xendeck.conf(5))",
                 p.user);
        turn_away(as, fd, sentence);
    } else if (p.rights != RIGHT_ADMIN &&
               fd_park_count(&as->park, p.uid) >= PARKED_USER) {
        text_fmt(sentence, sizeof(sentence),
                 "%s has handed over files in place of terminals: the engine "
                 "takes this user's sessions after its next start",
                 p.user);
        turn_away(as, fd, sentence);
    } else if (is_full(as, &p)) {
        turn_away(as, fd,
                  "the engine has as many sessions as it takes: "
                  "`detach-session' ends one");
    } else {
        seat_new(as, fd, &p);
    }
}

static void
rest_over(struct loop_timer *lt)
{
    struct attach_server *as = container_of(lt, struct attach_server, rest);

    (void)loop_fd_want(&as->lf, LOOP_READ);
}

static void
rest_a_while(struct attach_server *as)
{
    (void)loop_fd_want(&as->lf, 0);
    loop_timer_arm(as->o.lp, &as->rest, REST_MS, rest_over);
}

/* With no descriptor left who knocks goes on knocking: the loop would do
 * nothing else. The rest is short, as each one lets in few of those who wait,
 * and the dead of a crowd are to be through before somebody gives up. */
static void
pause_listening(struct attach_server *as, int errnum)
{
    if (errnum == EMFILE || errnum == ENFILE || errnum == ENOMEM ||
        errnum == ENOBUFS)
        rest_a_while(as);
}

/* Whoever makes closing slow does not fill the table of descriptors. */
static bool
rest_listening(struct attach_server *as)
{
    if (fd_park_closing(&as->park) <= CLOSING_MAX)
        return false;
    rest_a_while(as);
    return true;
}

static void
accept_ready(struct loop_fd *lf, unsigned ready)
{
    struct attach_server *as = container_of(lf, struct attach_server, lf);
    int i, fd;

    (void)ready;
    if (rest_listening(as))
        return;
    for (i = 0; i < ACCEPT_TURN; i++) {
        fd = accept4(as->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            pause_listening(as, errno);
            return;
        }
        server_take_in(as, fd);
    }
}

/* --- how long the engine stays --- */

/* Only an engine that a client has started ends by itself. */
static void
check_life(struct attach_server *as)
{
    unsigned long long now = loop_now_ms(as->o.lp);

    if (!as->o.started_by_client || as->n_seats > 0 ||
        engine_has_duty(as->o.en)) {
        as->idle_since_ms = 0;
        return;
    }
    if (as->idle_since_ms == 0)
        as->idle_since_ms = now;
    if (now - as->idle_since_ms >= as->o.grace_ms)
        as->o.end(as->o.arg);
}

/* Another's, as of `systemctl enable --now xendeck.socket', is the one that
 * clients are to find: an engine that systemd starts there replaces us. */
static void
leave_file(struct attach_server *as)
{
    stop_listening(as);
    log_line(engine_log(as->o.en), LOGL_WARN,
             "the file %s is another process's now: this engine leaves it "
             "alone, and takes no new sessions there",
             as->sock);
}

/* Another engine may have it by now, on a new file of that name. */
static bool
has_lost_lock(const struct attach_server *as)
{
    struct stat sb;

    return as->o.lock_fd >= 0 && fstat(as->o.lock_fd, &sb) == 0 &&
           sb.st_nlink == 0;
}

/* Two would take the socket from each other for ever. The console of this
 * process itself goes on, without others. */
static void
leave_place(struct attach_server *as)
{
    if (as->fd >= 0)
        log_line(engine_log(as->o.en), LOGL_WARN,
                 "the lock of this engine was removed: it leaves %s to another",
                 as->sock);
    stop_listening(as);
    if (as->o.own == NULL)
        as->o.end(as->o.arg);
}

/* Somebody may have removed the socket, as with the directory it is in; also
 * that of systemd, which does not notice. */
static void
check_file(struct attach_server *as)
{
    enum file_at at = file_at_path(as);
    struct err e = { 0 };

    if (as->ended)
        return;
    if (at == FILE_FOREIGN && as->fd >= 0)
        leave_file(as);
    if (at != FILE_MISSING)
        return;
    stop_listening(as);
    if (start_listening(as, -1, &e) < 0)
        log_line(engine_log(as->o.en), LOGL_WARN, "%s", e.msg);
    else
        log_line(engine_log(as->o.en), LOGL_WARN,
                 "the socket %s was removed; it is there again", as->sock);
}

static void
server_tick(struct loop_timer *lt)
{
    struct attach_server *as = container_of(lt, struct attach_server, tick);
    struct list_node *it, *tmp;

    loop_timer_arm(as->o.lp, lt, TICK_MS, server_tick);
    if (has_lost_lock(as))
        leave_place(as);
    else
        check_file(as);
    list_foreach_safe (it, tmp, &as->seats)
        seat_tick(list_entry(it, struct seat, node));
    check_life(as);
}

/* --- */

struct attach_server *
attach_server_new(const struct attach_server_opts *o, struct err *e)
{
    struct attach_server *as = xcalloc(1, sizeof(*as));
    struct err why = { 0 };

    as->o = *o;
    as->fd = -1;
    if (as->o.grace_ms == 0)
        as->o.grace_ms = GRACE_MS;
    if (o->own != NULL)
        o->own->info.id = ++as->next_id;
    list_init(&as->seats);
    text_fmt(as->sock, sizeof(as->sock), "%s", o->sock);
    if (peer_groups_find(o->set->view_group, o->set->operate_group,
                         o->set->admin_group, &as->groups, &why) < 0)
        log_line(engine_log(o->en), LOGL_WARN, "%s", why.msg);
    if (fd_park_open(&as->park, e) < 0 ||
        start_listening(as, o->listen_fd, e) < 0) {
        stop_listening(as);
        fd_park_forget(&as->park);
        user_budget_forget(&as->hellos);
        free(as);
        return NULL;
    }
    loop_timer_arm(o->lp, &as->tick, TICK_MS, server_tick);
    return as;
}

/* Before the socket goes: who finds none looks at the lock. */
static void
say_closing(const struct attach_server *as)
{
    engine_say_closing(as->o.en);
    if (as->o.lock_fd >= 0)
        maker_add_closing(as->o.lock_fd);
}

void
attach_server_free(struct attach_server *as, bool comes_back)
{
    struct list_node *it, *tmp;

    if (as == NULL)
        return;
    say_closing(as);
    loop_timer_del(&as->tick);
    loop_timer_del(&as->ending);
    list_foreach_safe (it, tmp, &as->seats) {
        struct seat *s = list_entry(it, struct seat, node);

        seat_leave(s, comes_back ? "restart" : "ended", NULL);
        seat_free(s);
    }
    stop_listening(as);
    fd_park_forget(&as->park);
    user_budget_forget(&as->hellos);
    free(as);
}

static void
ending_due(struct loop_timer *lt)
{
    const struct attach_server *as =
        container_of(lt, struct attach_server, ending);

    as->o.end(as->o.arg);
}

void
attach_server_end(struct attach_server *as, const char *who)
{
    if (as->ended)
        return;
    as->ended = true;
    say_closing(as);
    stop_listening(as); /* who comes now is the next engine's */
    log_line(engine_log(as->o.en), LOGL_INFO, "%s ends the engine", who);
    loop_timer_arm(as->o.lp, &as->ending, ENDING_MS, ending_due);
}

bool
attach_server_ended(const struct attach_server *as)
{
    return as->ended;
}

bool
attach_server_at(struct attach_server *as, size_t i, struct attach_view *out)
{
    struct list_node *it;

    memset(out, 0, sizeof(*out));
    if (as->o.own != NULL && i-- == 0) {
        out->info = &as->o.own->info;
        seat_terminal_view_own(as, out);
        return true;
    }
    list_foreach (it, &as->seats) {
        struct seat *s = list_entry(it, struct seat, node);

        if ((s->state != SEAT_BATCH && s->state != SEAT_TERMINAL) || i-- > 0)
            continue;
        out->info = &s->ses.info;
        seat_terminal_view(s, out);
        return true;
    }
    return false;
}

int
attach_server_detach(struct attach_server *as, unsigned long long id,
                     const char *who, struct err *e)
{
    struct list_node *it;
    char text[96];

    if (as->o.own != NULL && id == as->o.own->info.id)
        return err_set(e, ERR_DENIED,
                       "session %llu is the engine's own terminal: quit there",
                       id);
    text_fmt(text, sizeof(text), "%s has ended this session", who);
    list_foreach (it, &as->seats) {
        struct seat *s = list_entry(it, struct seat, node);

        if (s->ses.info.id != id || s->state == SEAT_LEAVING)
            continue;
        seat_leave_soon(s, text);
        return 0;
    }
    return err_set(e, ERR_NOENT,
                   "there is no session %llu: `sessions' lists those that are",
                   id);
}
