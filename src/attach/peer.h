/*
 * peer.h - who is at the other end of a connection, and what that one may do:
 * from the kernel's credentials, never from what the client says.
 */
#ifndef XENDECK_ATTACH_PEER_H
#define XENDECK_ATTACH_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "engine/model/session_info.h"
#include "src/base/err.h"

/* Group ids that give rights; (gid_t)-1: no group. */
struct peer_groups {
    gid_t view, operate, admin;
};

struct peer {
    pid_t pid;
    uid_t uid;
    char user[32]; /* "root"; "uid 1000" of one that passwd.h does not know */
    enum session_right rights;
};

/* Looks up the names ("" gives none), which may wait for a name service: for
 * the start of an engine, not for its loop. An unknown name is told in *e with
 * -1, and gives nobody anything. */
int peer_groups_find(const char *view, const char *operate, const char *admin,
                     struct peer_groups *out, struct err *e);
bool peer_groups_any(const struct peer_groups *g);

/* -1 with errno if the kernel does not say. Root and the user that the engine
 * runs as are admin; others by their groups, as the process had them when it
 * connected. */
int peer_of(int sock, const struct peer_groups *g, struct peer *out);

#endif
