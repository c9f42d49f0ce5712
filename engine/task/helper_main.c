/*
 * helper_main.c - the helper's side: reads one job, does it with its own
 * hypervisor handle, says how it went. The only part of the engine that may
 * block; it dies with the engine that started it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/hv/hv.h"
#include "engine/hv/xen/xen.h"
#include "engine/sim/sim.h"
#include "engine/task/helper.h"
#include "engine/task/helper_main.h"
#include "src/base/fdio.h"

#define JOB_MAX 16384

struct job {
    char text[JOB_MAX];
    size_t n;
    int fds[HELPER_FDS_MAX];
    struct hv *hv; /* NULL: open_err says why */
    struct err open_err;
};

static void
say(const char *fmt, ...)
{
    struct buf b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    buf_chr(&b, '\n');
    if (fd_write_all(STDOUT_FILENO, b.data, b.len) < 0)
        _exit(1); /* nobody listens any more */
    buf_free(&b);
}

static int
say_error(const struct err *e)
{
    say("error %d %s", (int)e->code, e->msg);
    return 1;
}

static void
say_log(void *arg, enum log_level level, const char *text)
{
    (void)arg;
    say("say %d %s", (int)level, text);
}

static void
say_progress(void *arg, int percent, const char *what)
{
    (void)arg;
    say("progress %d %s", percent, what);
}

/* Descriptors that came along stay open until the end of the process. */
static void
take_fds(struct job *j, struct msghdr *m)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    size_t n;

    if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
        return;
    n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    if (n <= HELPER_FDS_MAX)
        memcpy(j->fds, CMSG_DATA(c), n * sizeof(int));
}

static ssize_t
receive(struct job *j)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * HELPER_FDS_MAX)];
    } control;
    struct iovec iov = { .iov_base = j->text + j->n,
                         .iov_len = sizeof(j->text) - 1 - j->n };
    struct msghdr m = { .msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = control.bytes,
                        .msg_controllen = sizeof(control.bytes) };
    ssize_t r;

    do
        r = recvmsg(STDIN_FILENO, &m, MSG_CMSG_CLOEXEC);
    while (r < 0 && errno == EINTR);
    if (r > 0)
        take_fds(j, &m);
    return r;
}

/* Reads until the empty line that ends a job. */
static bool
job_read(struct job *j)
{
    ssize_t r;

    while (j->n < sizeof(j->text) - 1) {
        r = receive(j);
        if (r <= 0)
            return false;
        j->n += (size_t)r;
        j->text[j->n] = '\0';
        if (strstr(j->text, "\n\n") != NULL)
            return true;
    }
    return false;
}

/* The value of "KEY VALUE\n", copied; "" if there is none. */
static void
job_text(const struct job *j, const char *key, char *out, size_t out_size)
{
    size_t n = strlen(key);
    const char *s = j->text;

    out[0] = '\0';
    while (s != NULL && *s != '\0') {
        if (strncmp(s, key, n) == 0 && s[n] == ' ') {
            s += n + 1;
            text_fmt(out, out_size, "%.*s", (int)strcspn(s, "\n"), s);
            return;
        }
        s = strchr(s, '\n');
        if (s != NULL)
            s++;
    }
}

static uint64_t
job_u64(const struct job *j, const char *key)
{
    char t[32];
    unsigned long long v = 0;

    job_text(j, key, t, sizeof(t));
    (void)text_u64(t, 0, UINT64_MAX, &v);
    return v;
}

static int
job_build(const struct job *j)
{
    char cmdline[4096], features[512];
    struct hv_built out;
    struct err e = { 0 };
    struct hv_build b = {
        .domid = (uint32_t)job_u64(j, "domid"),
        .kind = (enum hv_kind)job_u64(j, "kind"),
        .kernel_fd = j->fds[0],
        .ramdisk_fd = j->fds[1],
        .cmdline = cmdline,
        .mem_kib = job_u64(j, "mem_kib"),
        .max_vcpus = (unsigned)job_u64(j, "max_vcpus"),
        .store_domid = (uint32_t)job_u64(j, "store_domid"),
        .console_domid = (uint32_t)job_u64(j, "console_domid"),
        .store_port = (uint32_t)job_u64(j, "store_port"),
        .console_port = (uint32_t)job_u64(j, "console_port"),
        .pace_ms = (unsigned)job_u64(j, "pace_ms"),
        .progress = say_progress,
    };

    job_text(j, "cmdline", cmdline, sizeof(cmdline));
    job_text(j, "features", features, sizeof(features));
    b.features = features[0] != '\0' ? features : NULL;
    if (hv_build(j->hv, &b, &out, &e) < 0)
        return say_error(&e);
    say("done store_mfn=%llu console_mfn=%llu",
        (unsigned long long)out.store_mfn, (unsigned long long)out.console_mfn);
    return 0;
}

static int
job_destroy(const struct job *j)
{
    struct err e = { 0 };

    if (hv_destroy(j->hv, (uint32_t)job_u64(j, "domid"), &e) < 0 &&
        e.code != ERR_NOENT)
        return say_error(&e);
    say("done");
    return 0;
}

/* What is not on disk is no dump: the wait for that is here as well. */
static int
job_dump(const struct job *j)
{
    struct hv_core c = { .domid = (uint32_t)job_u64(j, "domid"),
                         .fd = j->fds[0],
                         .mem_kib = job_u64(j, "mem_kib"),
                         .pace_ms = (unsigned)job_u64(j, "pace_ms"),
                         .progress = say_progress };
    struct err e = { 0 };
    int rc;

    rc = hv_dump_core(j->hv, &c, &e);
    if (rc == 0 && fsync(c.fd) < 0)
        rc = err_sys(&e, errno, "file of the core dump");
    if (rc < 0)
        return say_error(&e);
    say("done");
    return 0;
}

static int
job_do(const struct job *j)
{
    char what[16];

    if (j->hv == NULL)
        return say_error(&j->open_err);
    job_text(j, "job", what, sizeof(what));
    if (strcmp(what, "build") == 0)
        return job_build(j);
    if (strcmp(what, "destroy") == 0)
        return job_destroy(j);
    if (strcmp(what, "dump") == 0)
        return job_dump(j);
    say("error %d unknown job '%s'", (int)ERR_INVALID, what);
    return 1;
}

/* By the name that hv_driver_name gave. */
static struct hv *
open_driver(const char *name, struct err *e)
{
    static const struct {
        const char *name;
        struct hv *(*open)(xen_say_cb say, void *arg, struct err *e);
    } drivers[] = { { "xen", xen_open_helper }, { "sim", sim_open_helper } };
    size_t i;

    for (i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
        if (strcmp(drivers[i].name, name) == 0)
            return drivers[i].open(say_log, NULL, e);
    err_set(e, ERR_INVALID, "there is no driver '%s'", name);
    return NULL;
}

int
engine_helper_main(int argc, char **argv)
{
    struct job j = { .fds = { -1, -1 } };
    int rc;

    /* If the engine died before this line, reading the job finds its end. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return 1;
    /* Before the job comes: that is what a spare is for. */
    j.hv = open_driver(argc > 2 ? argv[2] : "", &j.open_err);
    rc = job_read(&j) ? job_do(&j) : 0; /* 0: a spare that nobody needed */
    hv_close(j.hv);
    return rc;
}
