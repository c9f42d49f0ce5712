/*
 * conn.h - one end of a connection between client and engine, on the loop:
 * packets as they come, a bounded queue of those that the other end cannot
 * take yet. Embedded in its owner; zeroed means closed.
 */
#ifndef XENDECK_ATTACH_CONN_H
#define XENDECK_ATTACH_CONN_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "src/attach/wire.h"
#include "src/base/list.h"
#include "src/base/loop.h"

struct fd_park;

struct conn {
    int fd; /* with lp NULL: none */
    struct loop *lp;
    struct loop_fd lf;
    struct list_node queue;
    size_t queued;     /* bytes in it */
    size_t queued_max; /* more ends the connection */
    bool deaf;         /* the other end has closed its side */
    bool broken;       /* `gone' is due */
    size_t values_max; /* of JSON in a message; 0: the other end is trusted */
    size_t bulk_max; /* bytes of a message in a memory file; 0: WIRE_BULK_MAX */
    size_t parsed;   /* bytes of all messages so far */
    bool held;       /* nothing is read before conn_go_on */
    bool takes_fds;  /* a packet may bring descriptors, and a message come as
                        a memory file */
    struct loop_timer tell;
    /* Whether a packet may be read now; NULL: always. false: the owner calls
     * conn_go_on when it may. */
    bool (*admits)(struct conn *c);
    /* A message is parsed: msg NULL for the other kinds, and for one that is
     * longer than bulk_max. The packet's descriptors may be taken. conn_close
     * is legal inside. */
    void (*packet)(struct conn *c, struct wire_packet *p,
                   struct json_object *msg);
    /* The other end closed, broke the rules or owes too much: told once, from
     * the loop, never out of conn_send. */
    void (*gone)(struct conn *c, const char *why);
    /* Everything queued has been taken; or NULL. */
    void (*drained)(struct conn *c);
    /* Where descriptors go that nobody takes, and in the end the socket; NULL:
     * takes_fds is false, and the other end is trusted. It outlives c. */
    struct fd_park *park;
    unsigned park_uid; /* the user at the other end */
    char why[80];
};

/* Takes fd; packet, gone and queued_max are set. -1 with errno: fd is closed.
 */
int conn_open(struct conn *c, struct loop *lp, int fd);
/* Idempotent. What is queued is dropped. */
void conn_close(struct conn *c);
bool conn_is_open(const struct conn *c);
/* After admits has said no. Asks it again when there is something to read. */
void conn_go_on(struct conn *c);

/* Takes msg (json_object_put). */
void conn_send(struct conn *c, struct json_object *msg);
/* The same with descriptors, which stay the caller's, and of up to
 * WIRE_BULK_MAX bytes if the other end takes_fds: for the first message of a
 * connection. */
void conn_send_first(struct conn *c, struct json_object *msg, const int *fds,
                     size_t n_fds);
/* Bytes of any length for the client's output. */
void conn_send_bytes(struct conn *c, enum wire_kind kind, const void *data,
                     size_t n);

/* A text of any length, as messages {"do": name, "text": a part of it}. */
void conn_send_text(struct conn *c, const char *name, const char *text,
                    size_t n);

/* --- messages: {"do": NAME, ...} */
struct json_object *msg_new(const char *name);
void msg_add_text(struct json_object *msg, const char *key, const char *text);
void msg_add_int(struct json_object *msg, const char *key, long long n);
/* "" if there is none, or one that is no text or longer than max. */
const char *msg_text(struct json_object *msg, const char *key, size_t max);
/* fallback if there is none within the bounds. */
long long msg_int(struct json_object *msg, const char *key, long long min,
                  long long max, long long fallback);
/* Appends the part of a text that msg has; false: there is none, it holds a
 * byte of value 0, or *to would be longer than max. */
bool msg_take_text(struct json_object *msg, struct buf *to, size_t max);
bool msg_is(struct json_object *msg, const char *name);

#endif
