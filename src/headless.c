/*
 * headless.c - see headless.h. Speaks to systemd by hand: readiness through
 * the socket it names, priorities as the journal reads them.
 */
#include "src/headless.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct headless {
    struct engine *en;
    struct loop *lp;
    struct engine_listener l;
    struct loop_signal term, intr, hup;
    uint64_t told; /* seq of the last event that was printed */
    bool journal;  /* standard error is systemd's journal */
};

/* NOTIFY_SOCKET: a path, or "@NAME" in the abstract name space. */
static void
notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    size_t n = path != NULL ? strlen(path) : 0;
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    int fd;

    if (n < 2 || n >= sizeof sa.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(sa.sun_path, path, n);
    if (path[0] == '@')
        sa.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
                 (const struct sockaddr *)&sa, len);
    close(fd);
}

/* JOURNAL_STREAM is "DEVICE:INODE" of the journal's socket, and is inherited
 * by what has its standard error elsewhere. */
static bool
stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long dev, ino;
    struct stat sb;
    char *end;

    if (stream == NULL || fstat(STDERR_FILENO, &sb) < 0)
        return false;
    dev = strtoull(stream, &end, 10);
    if (*end != ':')
        return false;
    ino = strtoull(end + 1, &end, 10);
    return *end == '\0' && dev == sb.st_dev && ino == sb.st_ino;
}

static void
print_event(const struct headless *h, const struct event *ev)
{
    static const char *const priority[] = { "<6>", "<4>", "<3>" };

    fprintf(stderr, "%s", h->journal ? priority[ev->level] : "");
    if (ev->name[0] != '\0' && ev->domid == DOM_NO_DOMID)
        fprintf(stderr, "%s: ", ev->name);
    else if (ev->name[0] != '\0')
        fprintf(stderr, "%s (%u): ", ev->name, ev->domid);
    fprintf(stderr, "%s\n", ev->text);
}

/* foreign: those of other processes, too. */
static void
print_new(struct headless *h, bool foreign)
{
    size_t i;

    for (i = 0; i < engine_event_count(h->en); i++) {
        const struct event *ev = engine_event_at(h->en, i);

        if (ev->seq <= h->told)
            continue;
        h->told = ev->seq;
        if (foreign || !ev->foreign)
            print_event(h, ev);
    }
}

static void
headless_changed(struct engine_listener *l, unsigned what)
{
    if ((what & ENGINE_CH_EVENTS) != 0)
        print_new(container_of(l, struct headless, l), true);
}

static void
headless_on_term(struct loop_signal *ls)
{
    loop_stop(container_of(ls, struct headless, term)->lp);
}

static void
headless_on_int(struct loop_signal *ls)
{
    loop_stop(container_of(ls, struct headless, intr)->lp);
}

static void
headless_on_hup(struct loop_signal *ls)
{
    log_reopen(engine_log(container_of(ls, struct headless, hup)->en));
}

void
headless_run(struct loop *lp, struct engine *en)
{
    struct headless h = { .en = en,
                          .lp = lp,
                          .l = { .changed = headless_changed },
                          .journal = stderr_is_journal() };

    loop_signal_add(lp, &h.term, SIGTERM, headless_on_term);
    loop_signal_add(lp, &h.intr, SIGINT, headless_on_int);
    loop_signal_add(lp, &h.hup, SIGHUP, headless_on_hup);
    engine_listen(en, &h.l);
    print_new(&h, false); /* what opening it brought, not its history */
    notify("READY=1\nSTATUS=at work\n");
    loop_run(lp);
    notify("STOPPING=1\n");
    engine_unlisten(&h.l);
    loop_signal_del(&h.term);
    loop_signal_del(&h.intr);
    loop_signal_del(&h.hup);
}
