/*
 * move_link.h - a connection to another host, for one step of a task: bytes
 * are queued and written, and read up to a number that the step names, never
 * more: what follows is a helper's to read.
 *
 * Nothing here waits, and the descriptors stay blocking, as helpers need them:
 * they are read and written when the loop says that they are ready.
 */
#ifndef XENDECK_ENGINE_MOVE_LINK_H
#define XENDECK_ENGINE_MOVE_LINK_H

#include "engine/dom0/dom0_transport.h"
#include "engine/task/task.h"
#include "src/base/buf.h"

#define MOVE_LINK_SAID 512

/* Embedded in its owner; move_link_init makes it idle. */
struct move_link {
    struct task *task; /* woken by what happens; borrowed */
    int in, out;       /* -1: none */
    bool tls;          /* what the program says is why the connection ended */
    struct dom0_transport program;
    struct loop_fd in_lf, out_lf, err_lf;
    struct buf got, put;
    size_t want;               /* how much got is to have */
    bool ended;                /* the other end has closed it */
    int errnum;                /* why nothing can be read or written, 0 */
    uint64_t lost_ms;          /* since when it is lost, 0: it is not */
    char said[MOVE_LINK_SAID]; /* the last line of the program's complaints */
    struct buf line;           /* of them, as it comes */
};

void move_link_init(struct move_link *l, struct task *t);
/* Starts the program of a line (dom0_transport.h), or calls a place under TLS
 * (tls_place.h). */
int move_link_open(struct move_link *l, const char *line, struct err *e);
/* Takes both, which may be one. */
int move_link_take(struct move_link *l, int in, int out, struct err *e);
/* Closes all; idempotent. */
void move_link_close(struct move_link *l);

void move_link_put(struct move_link *l, const void *bytes, size_t n);
/* STEP_DONE: all that was put is written. */
enum step_rc move_link_flush(struct move_link *l, struct err *e);
/* STEP_DONE: got has n bytes. At the end of the connection STEP_FAIL. */
enum step_rc move_link_read(struct move_link *l, size_t n, struct err *e);
/* STEP_DONE: it has ended, got has all that came, n bytes at most. */
enum step_rc move_link_read_end(struct move_link *l, size_t n, struct err *e);
/* What was read is used up. */
void move_link_used(struct move_link *l);
/* Writes what is put as far as that goes at once: the last of a connection. */
void move_link_last(struct move_link *l);
/* A failure of the connection, or of what uses it: with what the program has
 * complained of, if it has. */
void move_link_explain(struct move_link *l, struct err *e);

#endif
