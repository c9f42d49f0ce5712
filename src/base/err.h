/*
 * err.h - errors: a code for the program and one sentence for the operator.
 * Functions that can fail return 0 or -1 and fill a caller's struct err where
 * the failure happened; callers only prepend what they alone know.
 */
#ifndef XENDECK_BASE_ERR_H
#define XENDECK_BASE_ERR_H

#include <stdarg.h>

enum err_code {
    ERR_NONE = 0,
    ERR_INVALID,     /* bad input: the sentence says what is allowed */
    ERR_RANGE,       /* a value outside its limits */
    ERR_NOENT,       /* the object named does not exist (any more) */
    ERR_EXISTS,      /* the object named exists already */
    ERR_DENIED,      /* not allowed: no privilege, not ours, dom0 */
    ERR_BUSY,        /* in use, or another operation holds it */
    ERR_NOMEM,       /* no memory, on the host or in this process */
    ERR_UNSUPPORTED, /* this driver, host or domain cannot do it */
    ERR_TIMEOUT,     /* the limit of a step passed */
    ERR_CANCELLED,   /* the operator cancelled it */
    ERR_LOST,        /* a daemon or helper went away */
    ERR_AGAIN,       /* a transaction lost a race: redo it with its reads */
    ERR_IO           /* any other refusal of the system */
};

#define ERR_MSG_MAX 512

struct err {
    enum err_code code;
    int sys;               /* errno behind it, or 0 */
    char msg[ERR_MSG_MAX]; /* one line, no newline, cut at the limit */
};

/* Fills *e (NULL is allowed: the caller only wants -1). Always returns -1, so
 * that `return err_set(...)` reads well. Control bytes in the result are
 * replaced by '?': parts of a sentence may come from a guest. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int err_vset(struct err *e, enum err_code code, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* As err_set, with ": " and the text of errnum appended; the code is derived
 * from errnum (ENOENT and ESRCH: ERR_NOENT, EAGAIN: ERR_AGAIN, ...). */
int err_sys(struct err *e, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Prepends "TEXT: " to the sentence; keeps the code. Returns -1. */
int err_wrap(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Back to ERR_NONE and an empty sentence. */
void err_clear(struct err *e);

/* The code err_sys would choose. */
enum err_code err_code_of_errno(int errnum);

/* Short stable word for a code ("not-found", "busy", ...): JSON, logs. */
const char *err_code_name(enum err_code code);

#endif
