/*
 * server_int.h - what the files of the engine's side share: the server and its
 * seats. A seat is a connection with what runs for it.
 */
#ifndef XENDECK_ATTACH_SERVER_INT_H
#define XENDECK_ATTACH_SERVER_INT_H

#include "src/attach/conn.h"
#include "src/attach/hello.h"
#include "src/attach/peer.h"
#include "src/attach/server.h"
#include "src/base/sys/fd_park.h"
#include "src/base/sys/user_budget.h"
#include "src/command/batch.h"
#include "src/command/session.h"
#include "src/command/settings.h"

struct ui;

enum seat_state {
    SEAT_NEW, /* has not said what it is */
    SEAT_BATCH,
    SEAT_TERMINAL,
    SEAT_LEAVING /* its last message is on its way */
};

struct seat {
    struct attach_server *as;
    struct list_node node;
    struct conn conn;
    struct peer peer;
    enum seat_state state;
    struct hello hello;
    struct session ses;
    struct settings *set;    /* its own */
    struct loop_timer limit; /* of SEAT_NEW and SEAT_LEAVING */
    struct loop_timer turn;  /* to look whether its hello may be read now */
    struct loop_timer detach;
    char detach_text[96];
    unsigned long long turn_s; /* second in which `messages' were counted */
    unsigned messages;
    struct batch *batch;
    int in_fd, out_fd; /* of a terminal, or the batch's own; -1: none */
    /* of a terminal */
    struct ui *ui;
    char tty[32];      /* "pts/3", by the kernel; "": none, or of elsewhere */
    int cells;         /* of the terminal, that may be drawn on */
    bool program;      /* its client runs one on the terminal */
    struct buf edited; /* what came back of it so far */
    int state_fd;      /* of its client, for proc_state_stopped */
    bool stopped;      /* its client stood still, and has not said that it goes
                          on: the shell has the terminal */
    char token[HELLO_TOKEN_MAX]; /* that was sent last */
};

struct attach_server {
    struct attach_server_opts o;
    char sock[108];
    int fd;
    bool ours; /* the socket's file: made, and removed, here */
    unsigned long long dev, ino;
    struct peer_groups groups;
    struct loop_fd lf;
    struct loop_timer tick, rest, ending;
    struct list_node seats;
    size_t n_seats;
    unsigned long long next_id;
    unsigned long long idle_since_ms; /* nothing to do since; 0: something is */
    bool ended;
    struct user_budget hellos; /* of those who are no admins */
    struct fd_park park; /* of descriptors that clients had no reason to send */
};

/* --- seat.c */
/* Takes fd. */
void seat_new(struct attach_server *as, int fd, const struct peer *p);
void seat_free(struct seat *s);
/* The last message: {"do":"bye","why":...}. The client has a moment to take
 * it. */
void seat_leave(struct seat *s, const char *why, const char *text);
/* The same from the loop: legal for a session that asks for its own end. */
void seat_leave_soon(struct seat *s, const char *text);
/* Nothing more is said: the client has a moment to take what is on its way. */
void seat_linger(struct seat *s);
/* Ends the session with a sentence and an exit status; before it has begun. */
void seat_refuse(struct seat *s, int status, const char *sentence);
void seat_tick(struct seat *s);
/* The answer to a hello. notice: shown by the client, "" for none. */
void seat_welcome(struct seat *s, const char *notice);

/* --- seat_batch.c */
/* p: that of the hello. */
void seat_batch_start(struct seat *s, struct wire_packet *p);
bool seat_batch_message(struct seat *s, struct json_object *msg);

#endif
