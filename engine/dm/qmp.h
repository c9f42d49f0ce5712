/*
 * qmp.h - a client of a device model's control socket, on the loop. It
 * connects when there is a command to give, negotiates, gives one command at a
 * time and matches answers by their ids; events are told as they come. A
 * socket that others use too is left when the last command is answered: a
 * model serves one client at a time.
 *
 * What the model says is hostile: a guest may have taken it over. A message is
 * at most QMP_LINE_MAX bytes, QMP_VALUES_MAX values and QMP_DEPTH deep; more
 * than QMP_RATE_BYTES or QMP_RATE_MESSAGES a second are left in the socket.
 * Texts that a caller shows are to be made safe by it.
 */
#ifndef XENDECK_ENGINE_QMP_H
#define XENDECK_ENGINE_QMP_H

#include <json-c/json_object.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/loop.h"

#define QMP_LINE_MAX      (1U << 20)
#define QMP_DEPTH         32
#define QMP_VALUES_MAX    32768U /* the longest answer, the schema, has half */
#define QMP_RATE_BYTES    (4U << 20)
#define QMP_RATE_MESSAGES 1000U
#define QMP_LIMIT_MS      10000U /* libxl's, of an ordinary command */

struct qmp;
struct qmp_cmd;

/* ret: what the model returned, borrowed; NULL: it failed, and *e says how:
 * ERR_TIMEOUT no answer within the limit, ERR_LOST the model closed the
 * connection or there is none, else what the model refused. The command is
 * idle again. Legal in it: anything but qmp_fini. */
typedef void (*qmp_done_cb)(struct qmp_cmd *c, struct json_object *ret,
                            const struct err *e);

/* Embedded in its owner; zeroed: idle. */
struct qmp_cmd {
    struct qmp *q; /* NULL: idle */
    qmp_done_cb done;
    uint64_t id;
    int fd; /* goes along, then it is closed; -1: none */
    bool sent;
    char name[48];
    struct buf text; /* wiped when it is sent: there may be a password in it */
    struct loop_timer limit;
    struct list_node node;
};

struct qmp_ops {
    /* A new connection that never blocks. *shared_out: other programs use the
     * socket too. ERR_AGAIN: it is busy, it is tried again. */
    int (*connect)(struct qmp *q, int *fd_out, bool *shared_out, struct err *e);
    /* name and data are borrowed; data is NULL or an object. May be NULL. */
    void (*event)(struct qmp *q, const char *name, struct json_object *data);
};

enum qmp_state {
    QMP_CLOSED,
    QMP_GREETING,    /* connected, not greeted yet */
    QMP_NEGOTIATING, /* qmp_capabilities is sent */
    QMP_READY
};

/* Embedded in its owner. */
struct qmp {
    const struct qmp_ops *ops;
    struct loop *lp;
    enum qmp_state state;
    bool shared;
    int fd;
    struct loop_fd lf;
    struct loop_timer retry, window;
    size_t window_bytes, window_messages;
    struct buf in, out;
    int out_fd;            /* goes with the first byte of out; -1: none */
    struct list_node cmds; /* in the order given; the first may be sent */
    uint64_t last_id;
};

void qmp_init(struct qmp *q, struct loop *lp, const struct qmp_ops *ops);
/* Fails what waits with ERR_LOST. Not legal in its callbacks. */
void qmp_fini(struct qmp *q);
/* args: taken, NULL for none. The limit counts from now, with the connecting;
 * done is called from the loop, never from here. */
void qmp_send(struct qmp *q, struct qmp_cmd *c, const char *name,
              struct json_object *args, unsigned limit_ms, qmp_done_cb done);
/* Hands over fd with a command that qmp_send was called for in this turn of the
 * loop. fd: taken. */
void qmp_add_fd(struct qmp_cmd *c, int fd);
/* Nobody waits for the answer any more. Idle commands are legal. */
void qmp_cancel(struct qmp_cmd *c);
/* Has it any command to give or to hear the answer of? */
bool qmp_busy(const struct qmp *q);

/* Members of a message: borrowed, NULL if there is none of this type. */
const char *qmp_text(struct json_object *o, const char *key);
struct json_object *qmp_member(struct json_object *o, const char *key,
                               enum json_type type);

#endif
