/*
 * conn.c - see conn.h.
 * Invariant: queue is empty unless the socket was full when last tried.
 */
#include "src/attach/conn.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/sys/fd_park.h"
#include "src/base/xalloc.h"

#define JSON_DEPTH 6
#define TEXT_PART  7168 /* a byte takes up to six in JSON */
#define TOO_LONG   "a message to the other end was longer than a packet"

struct waiting {
    struct list_node node;
    enum wire_kind kind;
    size_t n;
    char data[];
};

static void
conn_tell_gone(struct loop_timer *lt)
{
    struct conn *c = container_of(lt, struct conn, tell);

    c->gone(c, c->why);
}

/* Later: whoever sends need not expect to lose its connection in the call. */
static void
break_off(struct conn *c, const char *why)
{
    if (c->broken || c->lp == NULL)
        return;
    c->broken = true;
    loop_fd_del(&c->lf);
    text_fmt(c->why, sizeof(c->why), "%s", why);
    loop_timer_arm(c->lp, &c->tell, 0, conn_tell_gone);
}

static void
drop_queue(struct conn *c)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &c->queue) {
        list_del(it);
        free(list_entry(it, struct waiting, node));
    }
    c->queued = 0;
}

/* The other end has closed; what it said before is still to be read. */
static void
turn_deaf(struct conn *c)
{
    c->deaf = true;
    drop_queue(c);
    (void)loop_fd_want(&c->lf, LOOP_READ);
}

static void
push_queue(struct conn *c)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &c->queue) {
        struct waiting *w = list_entry(it, struct waiting, node);
        enum wire_rc rc = wire_send(c->fd, w->kind, w->data, w->n, NULL, 0);

        if (rc == WIRE_AGAIN)
            return;
        if (rc != WIRE_OK) {
            turn_deaf(c);
            return;
        }
        list_del(it);
        c->queued -= w->n;
        free(w);
    }
    (void)loop_fd_want(&c->lf, LOOP_READ);
    if (c->drained != NULL)
        c->drained(c);
}

static void
conn_enqueue(struct conn *c, enum wire_kind kind, const void *data, size_t n)
{
    struct waiting *w;

    if (n > WIRE_PAYLOAD_MAX) {
        break_off(c, TOO_LONG);
        return;
    }
    if (c->queued + n > c->queued_max) {
        break_off(c, "the other end does not take what is sent");
        return;
    }
    w = xcalloc(1, sizeof(*w) + n);
    w->kind = kind;
    w->n = n;
    memcpy(w->data, data, n);
    list_append(&c->queue, &w->node);
    c->queued += n;
    (void)loop_fd_want(&c->lf, LOOP_READ | LOOP_WRITE);
}

static void
send_packet(struct conn *c, enum wire_kind kind, const void *data, size_t n)
{
    enum wire_rc rc = WIRE_AGAIN;

    if (c->lp == NULL || c->broken || c->deaf)
        return;
    if (list_empty(&c->queue))
        rc = wire_send(c->fd, kind, data, n, NULL, 0);
    if (rc == WIRE_AGAIN)
        conn_enqueue(c, kind, data, n);
    else if (rc == WIRE_BAD) /* a fault of ours: nobody is to wait for it */
        break_off(c, TOO_LONG);
    else if (rc != WIRE_OK)
        turn_deaf(c);
}

/* An empty object of two bytes costs the parser a thousand, and time. */
static bool
is_bounded(const struct conn *c, const char *text, size_t n)
{
    return c->values_max == 0 || text_json_values(text, n) <= c->values_max;
}

static struct json_object *
conn_parse(struct conn *c, const char *text, size_t n)
{
    struct json_tokener *tok;
    struct json_object *msg = NULL;

    c->parsed += n;
    if (!is_bounded(c, text, n))
        return NULL;
    tok = json_tokener_new_ex(JSON_DEPTH);
    if (tok != NULL && n <= INT_MAX)
        msg = json_tokener_parse_ex(tok, text, (int)n);
    json_tokener_free(tok);
    if (json_object_is_type(msg, json_type_object))
        return msg;
    json_object_put(msg);
    return NULL;
}

/* The message that the last descriptor holds, in place of the packet's. NULL:
 * it is none, or a longer one than may come. */
static struct json_object *
parse_bulk(struct conn *c, struct wire_packet *p, bool *too_long_out)
{
    size_t max = c->bulk_max > 0 ? c->bulk_max : WIRE_BULK_MAX, size;
    struct buf text = { 0 };
    struct json_object *msg = NULL;
    int fd;

    if (!c->takes_fds || p->n_fds == 0)
        return NULL;
    fd = p->fds[p->n_fds - 1];
    if (!wire_bulk_size(fd, &size))
        return NULL;
    *too_long_out = size > max;
    if (size <= max && wire_bulk_read(fd, &text) && text.len > 0)
        msg = conn_parse(c, text.data, text.len);
    buf_free(&text);
    return msg;
}

static void
conn_dispatch(struct conn *c, struct wire_packet *p)
{
    struct json_object *msg = NULL, *bulk;
    bool too_long = false;

    if (p->kind == WIRE_MSG) {
        msg = conn_parse(c, p->data, p->n);
        if (msg != NULL && msg_is(msg, "bulk")) {
            bulk = parse_bulk(c, p, &too_long);
            json_object_put(msg);
            msg = bulk;
        }
        if (msg == NULL && !too_long) {
            break_off(c, "a message is no JSON object, or too large a one");
            return;
        }
    }
    c->packet(c, p, msg);
    json_object_put(msg);
}

/* park: NULL if no descriptors were to come. */
static void
end_packet(struct wire_packet *p, struct fd_park *park, unsigned uid)
{
    size_t i;

    for (i = 0; park != NULL && i < p->n_fds; i++) {
        if (p->fds[i] >= 0)
            fd_park_take(park, uid, p->fds[i]);
        p->fds[i] = -1;
    }
    wire_packet_fini(p);
}

/* Out of the loop: that the other end has closed would be told in each turn. */
static void
conn_hold_up(struct conn *c)
{
    loop_fd_del(&c->lf);
    c->held = true;
}

/* One packet a turn: no connection starves another. */
static void
conn_ready(struct loop_fd *lf, unsigned ready)
{
    struct conn *c = container_of(lf, struct conn, lf);
    struct fd_park *park = c->park; /* c may be gone in the end */
    unsigned uid = c->park_uid;
    struct wire_packet p;
    enum wire_rc rc;

    if ((ready & LOOP_WRITE) != 0)
        push_queue(c);
    if (c->lp == NULL || c->broken || (ready & (LOOP_READ | LOOP_HUP)) == 0)
        return;
    if (c->admits != NULL && !c->admits(c)) {
        conn_hold_up(c);
        return;
    }
    rc = wire_recv(c->fd, c->takes_fds, &p);
    if (rc == WIRE_OK) {
        conn_dispatch(c, &p);
    } else if (rc == WIRE_GONE) {
        break_off(c, "the other end has closed");
    } else if (rc == WIRE_BAD) {
        break_off(c, "the other end sent what is no message");
    }
    end_packet(&p, park, uid);
}

int
conn_open(struct conn *c, struct loop *lp, int fd)
{
    int errnum;

    list_init(&c->queue);
    c->queued = 0;
    c->broken = c->deaf = c->held = false;
    c->fd = fd;
    if (loop_fd_add(lp, &c->lf, fd, LOOP_READ, conn_ready) < 0) {
        errnum = errno;
        if (c->park != NULL)
            fd_park_close(c->park, fd);
        else
            close(fd);
        errno = errnum;
        return -1;
    }
    c->lp = lp;
    return 0;
}

void
conn_close(struct conn *c)
{
    if (c->lp == NULL)
        return;
    loop_timer_del(&c->tell);
    loop_fd_del(&c->lf);
    drop_queue(c);
    if (c->park != NULL)
        fd_park_close(c->park, c->fd);
    else
        close(c->fd);
    c->lp = NULL;
    c->fd = -1;
}

void
conn_go_on(struct conn *c)
{
    unsigned want = LOOP_READ;

    if (!c->held || c->lp == NULL || c->broken)
        return;
    c->held = false;
    if (!list_empty(&c->queue))
        want |= LOOP_WRITE;
    if (loop_fd_add(c->lp, &c->lf, c->fd, want, conn_ready) < 0)
        break_off(c, "it cannot be listened to");
}

bool
conn_is_open(const struct conn *c)
{
    return c->lp != NULL && !c->broken;
}

void
conn_send(struct conn *c, struct json_object *msg)
{
    size_t n = 0;
    const char *text =
        json_object_to_json_string_length(msg, JSON_C_TO_STRING_PLAIN, &n);

    send_packet(c, WIRE_MSG, text, n);
    json_object_put(msg);
}

void
conn_send_first(struct conn *c, struct json_object *msg, const int *fds,
                size_t n_fds)
{
    size_t n = 0;
    const char *text =
        json_object_to_json_string_length(msg, JSON_C_TO_STRING_PLAIN, &n);
    int all[WIRE_FDS_MAX], bulk = -1;
    enum wire_rc rc;

    if (n_fds > 0)
        memcpy(all, fds, n_fds * sizeof(all[0]));
    if (n > WIRE_PAYLOAD_MAX && n_fds < WIRE_FDS_MAX) {
        bulk = wire_bulk_make(text, n);
        all[n_fds++] = bulk;
        text = "{\"do\":\"bulk\"}";
        n = strlen(text);
    }
    rc = wire_send(c->fd, WIRE_MSG, text, n, all, n_fds);
    if (rc == WIRE_BAD)
        break_off(c, TOO_LONG);
    else if (rc != WIRE_OK)
        turn_deaf(c);
    if (bulk >= 0)
        close(bulk);
    json_object_put(msg);
}

void
conn_send_bytes(struct conn *c, enum wire_kind kind, const void *data, size_t n)
{
    const char *at = data;

    while (n > 0) {
        size_t now = n < WIRE_PAYLOAD_MAX ? n : WIRE_PAYLOAD_MAX;

        send_packet(c, kind, at, now);
        at += now;
        n -= now;
    }
}

void
conn_send_text(struct conn *c, const char *name, const char *text, size_t n)
{
    while (n > 0) {
        struct json_object *msg = msg_new(name);
        size_t now = n < TEXT_PART ? n : text_cut(text, TEXT_PART);

        if (now == 0)
            now = TEXT_PART;
        json_object_object_add(msg, "text",
                               json_object_new_string_len(text, (int)now));
        conn_send(c, msg);
        text += now;
        n -= now;
    }
}

/* --- messages --- */

struct json_object *
msg_new(const char *name)
{
    struct json_object *msg = json_object_new_object();

    msg_add_text(msg, "do", name);
    return msg;
}

void
msg_add_text(struct json_object *msg, const char *key, const char *text)
{
    json_object_object_add(msg, key, json_object_new_string(text));
}

void
msg_add_int(struct json_object *msg, const char *key, long long n)
{
    json_object_object_add(msg, key, json_object_new_int64(n));
}

const char *
msg_text(struct json_object *msg, const char *key, size_t max)
{
    struct json_object *v = NULL;
    const char *text;

    if (!json_object_object_get_ex(msg, key, &v) ||
        !json_object_is_type(v, json_type_string) ||
        json_object_get_string_len(v) > (int)max)
        return "";
    text = json_object_get_string(v);
    return strlen(text) == (size_t)json_object_get_string_len(v) ? text : "";
}

long long
msg_int(struct json_object *msg, const char *key, long long min, long long max,
        long long fallback)
{
    struct json_object *v = NULL;
    long long n;

    if (!json_object_object_get_ex(msg, key, &v) ||
        !json_object_is_type(v, json_type_int))
        return fallback;
    n = json_object_get_int64(v);
    return n >= min && n <= max ? n : fallback;
}

bool
msg_take_text(struct json_object *msg, struct buf *to, size_t max)
{
    struct json_object *v = NULL;
    size_t n;

    if (!json_object_object_get_ex(msg, "text", &v) ||
        !json_object_is_type(v, json_type_string))
        return false;
    n = (size_t)json_object_get_string_len(v);
    if (n > max || to->len > max - n ||
        memchr(json_object_get_string(v), '\0', n) != NULL)
        return false;
    buf_add(to, json_object_get_string(v), n);
    return true;
}

bool
msg_is(struct json_object *msg, const char *name)
{
    return strcmp(msg_text(msg, "do", 32), name) == 0;
}
