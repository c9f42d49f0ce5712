/*
 * qmp_int.h - one message of QMP, read and written: qmp.c's other half.
 */
#ifndef XENDECK_ENGINE_QMP_INT_H
#define XENDECK_ENGINE_QMP_INT_H

#include "engine/dm/qmp.h"

enum qmp_kind {
    QMP_MSG_GREETING,
    QMP_MSG_RETURN,
    QMP_MSG_ERROR,
    QMP_MSG_EVENT,
    QMP_MSG_OTHER /* of a later version: passed over */
};

struct qmp_msg {
    struct json_object *all; /* owned */
    enum qmp_kind kind;
    struct json_object *body; /* what is returned, or an event's data */
    const char *event;
    bool has_id;
    uint64_t id;
    struct err error;
};

/* A line without its end. 0, or -1 with *e: it is no JSON object. */
int qmp_msg_read(struct qmp_msg *m, const char *line, size_t n, struct err *e);
void qmp_msg_fini(struct qmp_msg *m);
/* args: taken, may be NULL. */
void qmp_msg_write(struct buf *out, const char *name, uint64_t id,
                   struct json_object *args);

#endif
