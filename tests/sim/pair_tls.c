/*
 * pair_tls.c - see pair_tls.h.
 */
#include "tests/sim/pair_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/tls/tls_carrier.h"
#include "src/base/fdio.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void
pair_tls_init(struct pair_tls *pt)
{
    static const struct certs_host hosts[] = {
        { .name = "alpha" },
        { .name = "localhost" },
        { .name = "gamma" },
        { .name = "alpha", .file = "alpha-other", .by_other = true },
        { .name = "localhost", .file = "localhost-other", .by_other = true },
        { .name = "alpha", .file = "alpha-old", .from_h = -3, .until_h = -2 },
        { .name = "alpha", .file = "alpha-early", .from_h = 2, .until_h = 3 },
        { .name = "localhost",
          .file = "localhost-old",
          .from_h = -3,
          .until_h = -2 },
        { .name = "alpha", .file = "alpha-serves", .serves_only = true },
        { .name = "*.example.org", .file = "wild" },
    };
    size_t i;

    memset(pt, 0, sizeof(*pt));
    pt->door = -1;
    text_fmt(pt->dir, sizeof(pt->dir), "/tmp/xendeck-certs.XXXXXX");
    assert_non_null(mkdtemp(pt->dir));
    certs_open(&pt->certs, pt->dir);
    for (i = 0; i < COUNT(hosts); i++)
        certs_make(&pt->certs, &hosts[i], NULL);
}

void
pair_tls_fini(struct pair_tls *pt)
{
    certs_close(&pt->certs);
    fd_remove_tree(pt->dir);
}

/* --- the wire --- */

static int
door_socket(unsigned *port_out)
{
    struct sockaddr_in sa = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof(sa);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &n), 0);
    *port_out = ntohs(sa.sin_port);
    return fd;
}

/* A new connection of a's; -1: b listens no more. */
static int
door_reach(const struct pair_tls *pt)
{
    const struct sockaddr_in sa = { .sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)pt->port),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0)
        return fd;
    close(fd);
    return -1;
}

static void
door_called(struct loop_fd *lf, unsigned ready)
{
    struct pair_tls *pt = container_of(lf, struct pair_tls, lf);
    int near = accept4(lf->fd, NULL, NULL, SOCK_CLOEXEC), far;

    (void)ready;
    assert_true(near >= 0);
    far = pt->p->no_route ? -1 : door_reach(pt);
    if (far >= 0)
        pair_wire_add(pt->p, near, far);
    else
        close(near);
}

/* --- */

static void
files_set(const struct pair_tls *pt, char files[4][256], const char *host,
          const char *ca, const char *crl)
{
    static const char *const ends[] = { "pem", "key" };
    int i;

    for (i = 0; i < 2; i++)
        text_fmt(files[i], 256, "%s/%s.%s", pt->dir, host, ends[i]);
    text_fmt(files[2], 256, "%s/%s.pem", pt->dir, ca);
    files[3][0] = '\0';
    if (crl != NULL)
        text_fmt(files[3], 256, "%s/%s.crl", pt->dir, crl);
}

static void
restart_with(struct world *w, char files[4][256])
{
    w->tls_certificate = files[0];
    w->tls_key = files[1];
    w->tls_ca = files[2];
    w->tls_crl = files[3];
    world_kill(w);
    world_start(w, false);
}

static const char *
otherwise(const char *given, const char *usual)
{
    return given != NULL ? given : usual;
}

static bool
carriers_at_work(void)
{
    return pair_tls_carriers() > 0;
}

void
pair_tls_open(struct pair_tls *pt, struct pair *p, const char *more,
              const struct pair_tls_opts *o)
{
    static const struct pair_tls_opts usual = { 0 };
    unsigned door = 0;

    o = o != NULL ? o : &usual;
    pair_open(p, more);
    sim_join(p->a.sim, NULL, NULL); /* what is called is a real process */
    pt->p = p;
    p->underway = carriers_at_work;
    close(door_socket(&pt->port));
    pt->door = door_socket(&door);
    assert_int_equal(listen(pt->door, 16), 0);
    assert_int_equal(
        loop_fd_add(p->a.lp, &pt->lf, pt->door, LOOP_READ, door_called), 0);
    text_fmt(pt->way, sizeof(pt->way), "tls://localhost:%u", door);
    text_fmt(pt->listen, sizeof(pt->listen), "%u", pt->port);
    text_fmt(pt->allow, sizeof(pt->allow), "%s", otherwise(o->allow, "alpha"));
    files_set(pt, pt->a_files, otherwise(o->a, "alpha"),
              otherwise(o->a_ca, "ca"), o->a_crl);
    files_set(pt, pt->b_files, otherwise(o->b, "localhost"),
              otherwise(o->b_ca, "ca"), o->b_crl);
    p->b.migrate_listen = pt->listen;
    p->b.migrate_allow = pt->allow;
    restart_with(&p->b, pt->b_files);
    restart_with(&p->a, pt->a_files);
    p->id = world_dom(&p->a, "web9")->id;
    loop_hold(p->a.lp);
    pair_pass(p, 2000);
}

void
pair_tls_close(struct pair_tls *pt)
{
    loop_release(pt->p->a.lp);
    loop_fd_del(&pt->lf);
    close(pt->door);
    pair_close(pt->p);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ; /* those whom no loop reaps any more */
}

/* --- processes --- */

/* Of our children: what they were started with. */
static bool
child_is_carrier(long pid, bool *calls)
{
    char path[64], words[256] = "";
    const char *role;
    ssize_t n;
    int fd;

    text_fmt(path, sizeof(path), "/proc/%ld/cmdline", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd >= 0 ? read(fd, words, sizeof(words) - 1) : -1;
    if (fd >= 0)
        close(fd);
    if (n <= 0 || strcmp(words, TLS_CARRIER_NAME) != 0)
        return false;
    role = words + sizeof(TLS_CARRIER_NAME) + sizeof("--helper") +
           sizeof(TLS_CARRIER_DRIVER);
    *calls = strcmp(role, "call") == 0;
    return true;
}

static unsigned
each_carrier(bool kill_them, bool kill_calls)
{
    char path[64];
    unsigned n = 0;
    bool calls;
    long pid;
    FILE *f;

    text_fmt(path, sizeof(path), "/proc/self/task/%ld/children",
             (long)getpid());
    f = fopen(path, "re");
    assert_non_null(f);
    while (fscanf(f, "%ld", &pid) == 1) {
        if (!child_is_carrier(pid, &calls) ||
            (kill_them && calls != kill_calls))
            continue;
        n++;
        if (kill_them)
            (void)kill((pid_t)pid, SIGKILL);
    }
    fclose(f);
    return n;
}

unsigned
pair_tls_carriers(void)
{
    return each_carrier(false, false);
}

unsigned
pair_tls_kill_carriers(bool calls)
{
    return each_carrier(true, calls);
}
