/*
 * client_int.h - what the files of the client's side share.
 */
#ifndef XENDECK_ATTACH_CLIENT_INT_H
#define XENDECK_ATTACH_CLIENT_INT_H

#include <termios.h>

#include "src/attach/client.h"
#include "src/attach/conn.h"
#include "src/base/sys/user_program.h"

enum client_state {
    CLIENT_ASKING,  /* hello said, no answer yet */
    CLIENT_LIVE,    /* welcome */
    CLIENT_WAITING, /* the engine is gone: for another one */
    CLIENT_OVER
};

struct client {
    struct client_opts *o;
    struct loop *lp;
    struct conn conn;
    enum client_state state;
    int status; /* of the process, once over */
    int pid;    /* the engine's */
    bool hung;  /* it does not answer, and the user was told */
    bool
        delayed; /* no engine has taken the connection yet; the user was told */
    int unread; /* why standard output is lost, as errno; the engine was told */
    struct loop_fd out_lf; /* standard output of a batch: is it read? */
    unsigned tries;
    unsigned long long heard_ms, since_ms;
    struct loop_timer ping, again;
    struct loop_signal sig_int, sig_term, sig_hup, sig_winch, sig_cont,
        sig_tstp;
    bool signals;

    bool terminal;
    bool taken; /* the engine has the terminal */
    bool saved_ok;
    struct termios saved;
    struct buf restore;
    struct user_program program;
    struct buf page; /* the text that a program is to get */
    /* While a program has the terminal, what the engine's end means waits. */
    struct json_object *late_bye; /* or NULL */
    bool late_gone;
};

void client_over(struct client *cl, int status);
void client_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Opens the session on a connection. */
int client_open_session(struct client *cl, int fd);

/* What waited for the end of a program happens now. */
void client_late(struct client *cl);

/* --- client_terminal.c */
void client_terminal_init(struct client *cl);
/* Puts the terminal back as it was found. screen: what the engine has drawn
 * is left, too: it did not do it itself. */
void client_terminal_back(struct client *cl, bool screen);
void client_add_signals(struct client *cl);
void client_del_signals(struct client *cl);
/* Says where the text is that was edited and that no engine has taken. */
void client_terminal_kept(struct client *cl);
/* Tells the next engine, for the user to be told on the screen. */
void client_terminal_tell_kept(struct client *cl);
/* False: not a message of a terminal session. */
bool client_terminal_message(struct client *cl, struct json_object *msg);

/* --- client_wait.c */
/* The engine is gone: says so, and looks for another until there is one. */
void client_wait(struct client *cl, const char *why);
/* The engine has ended before it began anything: another one is asked. False:
 * it had begun, or this has been tried often. */
bool client_try_again(struct client *cl);
void client_watch(struct client *cl); /* pings each second */
void client_unwatch(struct client *cl);

#endif
