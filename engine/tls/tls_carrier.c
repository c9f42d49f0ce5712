/*
 * tls_carrier.c - see tls_carrier.h: the way to the other host, and what the
 * process gives up before it reads a byte of it.
 */
#include "engine/tls/tls_carrier.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/tls/tls_pump.h"
#include "engine/tls/tls_verify.h"
#include "src/base/fdio.h"
#include "src/base/sys/clock.h"
#include "src/base/text.h"

#define CALL_MS   20000 /* for all addresses of a name */
#define ANSWER_MS 15000
#define NOBODY    65534U
#define FILES_MAX 64 /* of descriptors: sockets, and what resolvers open */

/* A host that is gone is found out as by ssh. */
#define ALIVE_IDLE_S  10
#define ALIVE_EVERY_S 5
#define ALIVE_TIMES   4
#define ALIVE_MS      30000

/* Words of the process's arguments: after --helper and the driver. */
enum { ARG_ROLE = 3, ARG_CERT, ARG_KEY, ARG_CA, ARG_CRL, ARG_MORE };

#define ROLE_CALL  "call"
#define ROLE_SERVE "serve"

/* --- arguments --- */

static char *
word(const char *text)
{
    return (char *)(uintptr_t)text;
}

static int
args_begin(struct tls_args *a, const struct tls_files *f, const char *role)
{
    static const char *const begin[] = { TLS_CARRIER_NAME, "--helper",
                                         TLS_CARRIER_DRIVER };
    int i;

    memset(a, 0, sizeof(*a));
    for (i = 0; i < ARG_ROLE; i++)
        a->argv[i] = word(begin[i]);
    a->argv[ARG_ROLE] = word(role);
    a->argv[ARG_CERT] = word(f->certificate);
    a->argv[ARG_KEY] = word(f->key);
    a->argv[ARG_CA] = word(f->ca);
    a->argv[ARG_CRL] = word(f->crl != NULL ? f->crl : "");
    return ARG_MORE;
}

void
tls_args_call(struct tls_args *a, const struct tls_files *f,
              const struct tls_place *p)
{
    int n = args_begin(a, f, ROLE_CALL);

    text_fmt(a->port, sizeof(a->port), "%u", p->port);
    a->argv[n++] = word(p->host);
    a->argv[n] = a->port;
}

void
tls_args_serve(struct tls_args *a, const struct tls_files *f,
               const char *allowed)
{
    int n = args_begin(a, f, ROLE_SERVE);
    char *one, *save = NULL;

    text_fmt(a->words, sizeof(a->words), "%s", allowed);
    for (one = strtok_r(a->words, " ", &save);
         one != NULL && n < TLS_ARGS_MAX - 1; one = strtok_r(NULL, " ", &save))
        a->argv[n++] = one;
}

/* A line for the engine, which may be gone. */
static void
carrier_say(const char *before, const char *text)
{
    char line[ERR_MSG_MAX + TLS_NAME_MAX];

    text_fmt(line, sizeof(line), "%s%s\n", before, text);
    (void)fd_write_all(STDERR_FILENO, line, strlen(line));
}

/* --- less than the engine may --- */

/* The key is in memory by now, and all that is open is a socket. A resolver is
 * still to be asked: /etc stays readable. */
static int
become_nobody(struct err *e)
{
    const struct rlimit none = { 0, 0 };
    struct rlimit files = { FILES_MAX, FILES_MAX };

    if (setrlimit(RLIMIT_CORE, &none) < 0 ||
        setrlimit(RLIMIT_FSIZE, &none) < 0 ||
        setrlimit(RLIMIT_NOFILE, &files) < 0)
        return err_sys(e, errno, "limits");
    if (geteuid() == 0 &&
        (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
         setresuid(NOBODY, NOBODY, NOBODY) < 0))
        return err_sys(e, errno, "giving up root");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_sys(e, errno, "giving up rights");
    return 0;
}

/* --- the way there --- */

static void
set_alive(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        { SOL_SOCKET, SO_KEEPALIVE, 1 },
        { IPPROTO_TCP, TCP_KEEPIDLE, ALIVE_IDLE_S },
        { IPPROTO_TCP, TCP_KEEPINTVL, ALIVE_EVERY_S },
        { IPPROTO_TCP, TCP_KEEPCNT, ALIVE_TIMES },
        { IPPROTO_TCP, TCP_USER_TIMEOUT, ALIVE_MS },
        { IPPROTO_TCP, TCP_NODELAY, 1 },
    };
    size_t i;

    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        (void)setsockopt(fd, options[i].level, options[i].name,
                         &options[i].value, sizeof(options[i].value));
}

/* 0, or an errno. */
static int
connect_one(int fd, const struct addrinfo *ai, int64_t until_ms)
{
    struct pollfd pf[] = { { fd, POLLOUT, 0 }, { STDIN_FILENO, 0, 0 } };
    int error = 0, left = (int)(until_ms - clock_now_ms());
    socklen_t n = sizeof(error);

    if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    if (left <= 0 || poll(pf, 2, left) <= 0)
        return ETIMEDOUT;
    if ((pf[1].revents & (POLLHUP | POLLERR)) != 0)
        return ECANCELED;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0 ? errno : error;
}

static int
connect_any(const struct addrinfo *list, struct err *e)
{
    int64_t until_ms = clock_now_ms() + CALL_MS;
    const struct addrinfo *ai;
    int fd, error = EADDRNOTAVAIL;

    for (ai = list; ai != NULL; ai = ai->ai_next) {
        fd = socket(ai->ai_family,
                    ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    ai->ai_protocol);
        error = fd < 0 ? errno : connect_one(fd, ai, until_ms);
        if (error == 0)
            return fd;
        if (fd >= 0)
            close(fd);
    }
    return err_set(e, ERR_LOST, "%s", strerror(error));
}

/* Of "localhost" no name service is asked (RFC 6761, 6.3): a minimal Debian has
 * no /etc/hosts that would know it. */
static int
carrier_look_up(const char *host, const char *port, struct addrinfo **out)
{
    const bool here = strcmp(host, "localhost") == 0;
    const struct addrinfo want = { .ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV |
                                               (here ? 0 : AI_ADDRCONFIG) };

    return getaddrinfo(here ? NULL : host, port, &want, out);
}

static int
connect_place(const char *host, const char *port, struct err *e)
{
    struct addrinfo *list = NULL;
    int fd, rc = carrier_look_up(host, port, &list);

    if (rc != 0)
        return err_set(e, ERR_NOENT, "%s",
                       rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
    fd = connect_any(list, e);
    freeaddrinfo(list);
    if (fd >= 0)
        set_alive(fd);
    return fd;
}

/* --- the two roles --- */

static int
call_hear_verdict(struct tls_session *t, struct err *e)
{
    char line[TLS_LINE_MAX];

    if (tls_session_hear(t, line, e) < 0)
        return -1;
    if (strcmp(line, TLS_VERDICT_OK) == 0)
        return 0;
    if (strncmp(line, TLS_VERDICT_NO, sizeof(TLS_VERDICT_NO) - 1) != 0)
        return err_set(e, ERR_INVALID, "it says what is not understood");
    return err_set(e, ERR_DENIED, "it refuses this host: %s",
                   line + sizeof(TLS_VERDICT_NO) - 1);
}

static int
role_call(struct tls_session *t, const char *host, const char *port,
          struct err *e)
{
    int rc;

    t->fd = connect_place(host, port, e);
    rc = t->fd < 0 ? -1 : 0;
    t->until_ms = clock_now_ms() + ANSWER_MS;
    if (rc == 0)
        rc = tls_session_shake(t, host, e);
    if (rc == 0)
        rc = call_hear_verdict(t, e);
    if (rc == 0)
        rc = tls_pump(t, STDIN_FILENO, e);
    if (rc < 0 && e->code != ERR_CANCELLED)
        err_wrap(e, strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host,
                 port);
    return rc;
}

/* Who calls is told first: the engine is to hear it before any byte of his. */
static int
serve_verdict(struct tls_session *t, char *const *allowed, size_t n,
              struct err *e)
{
    char name[TLS_NAME_MAX], line[TLS_LINE_MAX];

    if (tls_verify_caller(t, allowed, n, name, e) == 0) {
        carrier_say(TLS_PEER_WORD, name);
        return tls_session_say(t, TLS_VERDICT_OK, e);
    }
    text_fmt(line, sizeof(line), "%s%s", TLS_VERDICT_NO, e->msg);
    (void)tls_session_say(t, line, NULL);
    (void)tls_lib.bye(t->s, GNUTLS_SHUT_WR);
    t->why = *e;
    return -1;
}

static int
role_serve(struct tls_session *t, char *const *allowed, size_t n, struct err *e)
{
    int rc;

    t->fd = TLS_CALLER_FD;
    t->until_ms = clock_now_ms() + TLS_SHAKE_MS;
    set_alive(t->fd);
    rc = fd_nonblock(t->fd) < 0 ? err_sys(e, errno, "connection") : 0;
    if (rc == 0)
        rc = tls_session_shake(t, NULL, e);
    if (rc == 0)
        rc = serve_verdict(t, allowed, n, e);
    return rc == 0 ? tls_pump(t, STDIN_FILENO, e) : rc;
}

static int
carry(struct tls_session *t, int argc, char **argv, struct err *e)
{
    const struct tls_files f = { argv[ARG_CERT], argv[ARG_KEY], argv[ARG_CA],
                                 argv[ARG_CRL] };
    bool calls = strcmp(argv[ARG_ROLE], ROLE_CALL) == 0;

    if (tls_lib_load(e) < 0)
        return -1;
    if (fd_nonblock(STDIN_FILENO) < 0)
        return err_sys(e, errno, "socket to the engine");
    if (tls_session_load(t, &f, e) < 0 || become_nobody(e) < 0)
        return -1;
    if (!calls)
        return role_serve(t, argv + ARG_MORE, (size_t)(argc - ARG_MORE), e);
    if (argc != ARG_MORE + 2)
        return err_set(e, ERR_INVALID, "no place to call");
    return role_call(t, argv[ARG_MORE], argv[ARG_MORE + 1], e);
}

/* It outlives an engine that dies for as long as it takes to send what that
 * has said: the socket ends, and says so. */
int
tls_carrier_main(int argc, char **argv)
{
    struct tls_session t = { .fd = -1, .gone_fd = STDIN_FILENO };
    struct err e = { 0 };
    int rc;

    (void)signal(SIGPIPE, SIG_IGN);
    if (argc < ARG_MORE)
        return 1;
    rc = carry(&t, argc, argv, &e);
    if (rc < 0 && e.code != ERR_CANCELLED)
        carrier_say("", e.msg);
    tls_session_fini(&t);
    return rc < 0 ? 1 : 0;
}
