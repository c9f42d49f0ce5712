/*
 * linux_model_probe.c - a device model's program is asked which options it
 * knows: by -help, as a wrapper of QEMU answers that as well. The answer is
 * kept for a minute, so that many that start together ask once: what a wrapper
 * runs may be another QEMU after an upgrade.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/dom0/dom0_model_probe.h"
#include "engine/dom0/linux/linux_int.h"
#include "engine/dom0/linux/linux_model.h"

#define SAID_MAX (1U << 20)
#define READS    64 /* of 4 KiB a turn */
#define KEPT_NS  60000000000ULL
#define LIMIT_MS 60000 /* the first run of a large program from a slow disk */

static bool
is_same(struct loop *lp, const struct model_known *k, const struct stat *st)
{
    return k->until_ns > loop_now_ns(lp) && k->dev == st->st_dev &&
           k->ino == st->st_ino && k->changed.tv_sec == st->st_ctim.tv_sec &&
           k->changed.tv_nsec == st->st_ctim.tv_nsec;
}

static void
probe_let_go(struct dom0_model_probe *p)
{
    int fd = p->lf.fd;

    if (p->lf.lp == NULL)
        return;
    loop_fd_del(&p->lf);
    close(fd);
}

/* What is too much is read all the same, or the program would wait. */
static void
probe_take(struct dom0_model_probe *p)
{
    char bytes[4096];
    ssize_t n = -1;
    int i;

    for (i = 0; i < READS; i++) {
        n = read(p->lf.fd, bytes, sizeof(bytes));
        if (n <= 0)
            break;
        if (p->said.len < SAID_MAX)
            buf_add(&p->said, bytes, (size_t)n);
    }
    if (n == 0)
        probe_let_go(p);
}

static void
probe_ready(struct loop_fd *lf, unsigned ready)
{
    (void)ready;
    probe_take(container_of(lf, struct dom0_model_probe, lf));
}

/* The line of -run-with names what may follow it. */
static bool
has_run_with(const char *said, const char *what)
{
    const char *line = strstr(said, "\n-run-with "), *end, *at;

    if (line == NULL)
        return false;
    end = strchr(line + 1, '\n');
    at = strstr(line, what);
    return at != NULL && (end == NULL || at < end);
}

static void
probe_keep(const struct dom0_model_probe *p)
{
    *linux_model_known(p->d) = (struct model_known){
        .until_ns = loop_now_ns(p->d->lp) + KEPT_NS,
        .run_with_chroot = p->run_with_chroot,
        .run_with_user = p->run_with_user,
        .dev = p->dev,
        .ino = p->ino,
        .changed = p->changed,
    };
}

static void
probe_ended(struct loop_child *lc, int status)
{
    struct dom0_model_probe *p =
        container_of(lc, struct dom0_model_probe, child);

    loop_timer_del(&p->limit);
    if (p->lf.lp != NULL)
        probe_take(p);
    probe_let_go(p);
    p->run_with_chroot = has_run_with(buf_text(&p->said), "chroot=");
    p->run_with_user = has_run_with(buf_text(&p->said), "user=");
    if (status == 0)
        probe_keep(p);
    buf_free(&p->said);
    p->asked = false;
    p->known = true;
    p->done(p);
}

static void
probe_late(struct loop_timer *lt)
{
    const struct dom0_model_probe *p =
        container_of(lt, struct dom0_model_probe, limit);

    (void)kill(p->child.pid, SIGKILL);
}

static int
probe_spawn(const char *program, int fd, pid_t *pid_out)
{
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", help[] = "-help";
    char *argv[] = { (char *)(uintptr_t)program, help, NULL };
    char *envp[] = { path, NULL };
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    int r;

    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&fa, fd, 1);
    posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&fa, 3);
    linux_model_spawn_attr(&at, 0);
    r = posix_spawn(pid_out, program, &fa, &at, argv, envp);
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&at);
    return r;
}

/* rfd is the probe's from here on. */
static int
probe_watch(struct dom0_model_probe *p, pid_t pid, int rfd, struct err *e)
{
    struct loop *lp = p->d->lp;

    if (loop_child_add(lp, &p->child, pid, probe_ended) < 0) {
        err_sys(e, errno, "device model, -help");
        (void)kill(pid, SIGKILL);
        loop_child_reap(lp, pid);
        close(rfd);
        return -1;
    }
    if (loop_fd_add(lp, &p->lf, rfd, LOOP_READ, probe_ready) < 0)
        close(rfd);
    loop_timer_arm(lp, &p->limit, LIMIT_MS, probe_late);
    p->asked = true;
    return 0;
}

static int
probe_ask(struct dom0_model_probe *p, const char *program, struct err *e)
{
    int fds[2], r;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return err_sys(e, errno, "device model %s", program);
    (void)fcntl(fds[1], F_SETFL, 0); /* as any program expects */
    r = probe_spawn(program, fds[1], &pid);
    close(fds[1]);
    if (r == 0)
        return probe_watch(p, pid, fds[0], e);
    close(fds[0]);
    return err_sys(e, r, "device model %s", program);
}

int
linux_model_probe(struct dom0 *d, struct dom0_model_probe *p,
                  const char *program, struct err *e)
{
    const struct model_known *k = linux_model_known(d);
    char path[256];
    struct stat st;

    if (linux_model_program(program, path, sizeof(path), e) < 0)
        return -1;
    if (stat(path, &st) < 0)
        return err_sys(e, errno, "device model %s", path);
    p->d = d;
    p->dev = st.st_dev;
    p->ino = st.st_ino;
    p->changed = st.st_ctim;
    p->known = is_same(d->lp, k, &st);
    p->run_with_chroot = k->run_with_chroot;
    p->run_with_user = k->run_with_user;
    return p->known ? 0 : probe_ask(p, path, e);
}

void
linux_model_probe_stop(struct dom0 *d, struct dom0_model_probe *p)
{
    pid_t pid = p->child.pid;

    if (!p->asked)
        return;
    (void)kill(pid, SIGKILL);
    loop_child_del(&p->child);
    loop_child_reap(d->lp, pid);
    loop_timer_del(&p->limit);
    probe_let_go(p);
    buf_free(&p->said);
    p->asked = false;
}
