/*
 * dom0_transport.h - a program that carries bytes to another host and back, as
 * ssh does: what is written to its standard input arrives there.
 */
#ifndef XENDECK_ENGINE_DOM0_TRANSPORT_H
#define XENDECK_ENGINE_DOM0_TRANSPORT_H

#include <stdbool.h>
#include <sys/types.h>

#include "src/base/err.h"

struct dom0;

/* Embedded in its owner, who takes the descriptors by setting them to -1. */
struct dom0_transport {
    int fd;     /* its standard input and output, a stream socket; blocking */
    int err_fd; /* its standard error; -1: none */
    pid_t pid;  /* 0: no process of ours */
};

/* line: for a shell. Its first word is executed, whatever follows a '#' is
 * not. */
int dom0_transport_open(struct dom0 *d, const char *line,
                        struct dom0_transport *t, struct err *e);
/* A program of ours that does the same, without a shell. */
struct dom0_carrier {
    const char *program;
    char *const *argv;
    int fd; /* becomes its descriptor 3, and stays the caller's; -1: none */
};
int dom0_transport_run(struct dom0 *d, const struct dom0_carrier *c,
                       struct dom0_transport *t, struct err *e);
/* Ends the program, closes what was not taken; waits for nothing. */
void dom0_transport_close(struct dom0 *d, struct dom0_transport *t);

/* Does any process of xl on this host receive a domain, or wait for the
 * permission to start it? -1: not all processes could be looked at. */
int dom0_receivers(struct dom0 *d, bool *any_out, struct err *e);

#endif
