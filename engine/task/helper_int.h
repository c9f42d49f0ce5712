/*
 * helper_int.h - what the files of the engine's side of a helper share, and
 * the limits of the lines that both sides keep to.
 */
#ifndef XENDECK_ENGINE_HELPER_INT_H
#define XENDECK_ENGINE_HELPER_INT_H

#include "engine/task/helper.h"

#define HELPER_LINE_MAX      4096 /* of a line from the helper */
#define HELPER_QUESTIONS_MAX 1000 /* that one job may ask */

struct helper {
    struct helper_pool *pool;
    struct helper_job job; /* job.text NULL: a spare, still waiting */
    int fd;                /* our end of its socket; -1: closed */
    struct loop_fd lf;
    struct loop_child child;
    pid_t pid;
    bool exited;
    bool counted;          /* in pool->busy */
    struct list_node node; /* in pool->waiting: text and descriptors are ours */
    struct list_node unowned; /* in pool->unowned */
    int status;
    struct loop_timer quiet; /* while it works on a job */
    uint64_t heard_ms;       /* when it last said something */
    struct buf line;
    bool line_cut; /* the line at hand is longer than HELPER_LINE_MAX */
    /* The question at hand. While there is one the helper waits for us: its
     * silence is not counted, and a virtual clock runs. */
    bool asking;
    char asked[HELPER_NAME_MAX];
    uint64_t ask_id; /* by which the helper knows its answer */
    unsigned n_asked;
    bool reading;   /* its lines are being taken: it is not freed meanwhile */
    bool cancelled; /* by a callback, meanwhile */
    char *result;
    struct err err;
};

/* helper_spawn.c: a process on the other end of a socket, h->fd and h->pid. */
int helper_spawn(struct helper *h, struct err *e);

/* helper_talk.c */
/* It has said something, or was answered. */
void helper_hear(struct helper *h);
void helper_take_bytes(struct helper *h, const char *p, size_t n);
/* The question at hand stays without an answer. Idempotent. */
void helper_drop_question(struct helper *h);

#endif
