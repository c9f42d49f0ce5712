/*
 * wire.h - packets between a client and the engine, over a unix socket that
 * keeps their bounds (SOCK_SEQPACKET). A packet is one byte of kind, then its
 * payload. Descriptors travel with a packet. Both ends are hostile to each
 * other: whatever is too long, of no kind or cut is refused here.
 */
#ifndef XENDECK_ATTACH_WIRE_H
#define XENDECK_ATTACH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "src/base/buf.h"
#include "src/base/err.h"

#define WIRE_VERSION     1
#define WIRE_PAYLOAD_MAX (48 * 1024)
#define WIRE_FDS_MAX     4
#define WIRE_BULK_MAX    (4 * 1024 * 1024) /* of a text in a memory file */

enum wire_kind {
    WIRE_MSG = 'm', /* an object of JSON */
    WIRE_OUT = 'o', /* bytes for the client's standard output */
    WIRE_ERR = 'e'  /* and for its standard error */
};

struct wire_packet {
    enum wire_kind kind;
    char *data; /* terminated by NUL; NULL once nothing was received */
    size_t n;
    int fds[WIRE_FDS_MAX]; /* -1 beyond n_fds. Whoever takes one sets -1 */
    size_t n_fds;
};

enum wire_rc {
    WIRE_OK,
    WIRE_AGAIN, /* nothing there, or no room */
    WIRE_GONE,  /* the other end is closed */
    WIRE_BAD    /* it broke the rules */
};

/* Sends without waiting. fds stay the caller's; the other end has got copies
 * of them if WIRE_OK is returned. */
enum wire_rc wire_send(int sock, enum wire_kind kind, const void *data,
                       size_t n, const int *fds, size_t n_fds);
/* Takes one packet without waiting. with_fds: it may bring descriptors; else
 * one that does is bad. A bad packet stays in the socket, whose owner closes it
 * where that may wait (fd_closer.h). The caller ends *p with wire_packet_fini,
 * whatever is returned: a bad packet may have brought descriptors. */
enum wire_rc wire_recv(int sock, bool with_fds, struct wire_packet *p);
/* Closes the descriptors that nobody took. close waits for the server of a
 * stranger's file: the engine looks at them first (fd_kind.h). */
void wire_packet_fini(struct wire_packet *p);

/* The address of a socket by its path; false: the path is too long. */
struct sockaddr_un;
bool wire_address(const char *path, struct sockaddr_un *out);
/* Connects without waiting to an engine of root or of this user. The
 * descriptor, or -1 with *e: ERR_NOENT when nobody listens there, ERR_DENIED
 * (another user's, too), ERR_AGAIN when its queue is full. */
int wire_connect(const char *path, struct err *e);
/* Whether a process listens at a socket that was bound by this very path, as
 * systemd's is: an engine binds its own by another name. Nobody is connected
 * to: systemd would start a service. */
bool wire_is_served(const char *path);
/* The process that listens at the other end of a connection; 0: not known. */
pid_t wire_peer_pid(int sock);

/* A text too long for a packet, in a memory file that its maker cannot change
 * any more. -1 with errno. */
int wire_bulk_make(const char *text, size_t n);
/* How long such a text is; false: fd is no such file. Does not wait, whatever
 * the descriptor is. */
bool wire_bulk_size(int fd, size_t *out);
/* Takes it out; false: it is no such file, or longer than WIRE_BULK_MAX. Does
 * not wait, whatever the descriptor is. */
bool wire_bulk_read(int fd, struct buf *out);

#endif
