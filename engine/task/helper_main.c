/*
 * helper_main.c - the helper's side: reads one job, does it with its own
 * hypervisor handle, says how it went. The only part of the engine that may
 * block; it dies with the engine that started it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/hv/hv.h"
#include "engine/hv/xen/xen.h"
#include "engine/sim/sim.h"
#include "engine/task/helper_ask.h"
#include "engine/task/helper_main.h"
#include "engine/task/helper_save.h"
#include "engine/tls/tls_carrier.h"
#include "src/base/fdio.h"
#include "src/base/sys/fd_copy.h"

#define JOB_MAX 16384
#define LOOK_BYTES                                                             \
    (4U * 1024 * 1024) /* more than the engine reads of a file                 \
                        */

struct job {
    char text[JOB_MAX];
    size_t n;
    int fds[HELPER_FDS_MAX]; /* -1: it did not come */
    struct hv *hv;           /* NULL: open_err says why */
    struct err open_err;
};

static int
say_error(const struct err *e)
{
    helper_say("error %d %s", (int)e->code, e->msg);
    return 1;
}

static void
say_log(void *arg, enum log_level level, const char *text)
{
    (void)arg;
    helper_say("say %d %s", (int)level, text);
}

static void
say_progress(void *arg, int percent, const char *what)
{
    (void)arg;
    helper_say("progress %d %s", percent, what);
}

/* Descriptors that came along stay open until the end of the process. */
static void
helper_main_take_fds(struct job *j, struct msghdr *m)
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
        helper_main_take_fds(j, &m);
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
helper_main_job_text(const struct job *j, const char *key, char *out,
                     size_t out_size)
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

    helper_main_job_text(j, key, t, sizeof(t));
    (void)text_u64(t, 0, UINT64_MAX, &v);
    return v;
}

/* "KEY N": the descriptor that came as number N, from 1 on; -1: none. */
static int
job_fd(const struct job *j, const char *key)
{
    uint64_t n = job_u64(j, key);

    return n >= 1 && n <= HELPER_FDS_MAX ? j->fds[n - 1] : -1;
}

static int
job_build(const struct job *j)
{
    char cmdline[4096], features[512], keep[4096];
    struct hv_built out = { 0 };
    struct err e = { 0 };
    struct hv_build b = {
        .domid = (uint32_t)job_u64(j, "domid"),
        .kind = (enum hv_kind)job_u64(j, "kind"),
        .kernel_fd = job_fd(j, "kernel"),
        .ramdisk_fd = job_fd(j, "ramdisk"),
        .firmware_fd = job_fd(j, "firmware"),
        .acpi_fd = job_fd(j, "acpi_file"),
        .smbios_fd = job_fd(j, "smbios_file"),
        .cmdline = cmdline,
        .mem_kib = job_u64(j, "mem_kib"),
        .seen_kib = job_u64(j, "seen_kib"),
        .max_vcpus = (unsigned)job_u64(j, "max_vcpus"),
        .vcpus = (unsigned)job_u64(j, "vcpus"),
        .acpi = job_u64(j, "acpi") != 0,
        .apic = job_u64(j, "apic") != 0,
        .mmio_hole_mib = (unsigned)job_u64(j, "mmio_hole_mib"),
        .store_domid = (uint32_t)job_u64(j, "store_domid"),
        .console_domid = (uint32_t)job_u64(j, "console_domid"),
        .store_port = (uint32_t)job_u64(j, "store_port"),
        .console_port = (uint32_t)job_u64(j, "console_port"),
        .pace_ms = (unsigned)job_u64(j, "pace_ms"),
        .progress = say_progress,
    };

    helper_main_job_text(j, "cmdline", cmdline, sizeof(cmdline));
    helper_main_job_text(j, "features", features, sizeof(features));
    b.features = features[0] != '\0' ? features : NULL;
    helper_main_job_text(j, "keep_dir", keep, sizeof(keep));
    b.keep_dir = keep[0] != '\0' ? keep : NULL;
    b.keep_bytes = job_u64(j, "keep_kib") << 10;
    if (hv_build(j->hv, &b, &out, &e) < 0)
        return say_error(&e);
    helper_say(
        "done store_mfn=%llu console_mfn=%llu acpi_at=%llu "
        "acpi_bytes=%llu smbios_at=%llu smbios_bytes=%llu",
        (unsigned long long)out.store_mfn, (unsigned long long)out.console_mfn,
        (unsigned long long)out.acpi_at, (unsigned long long)out.acpi_bytes,
        (unsigned long long)out.smbios_at,
        (unsigned long long)out.smbios_bytes);
    return 0;
}

static int
job_destroy(const struct job *j)
{
    struct err e = { 0 };

    if (hv_destroy(j->hv, (uint32_t)job_u64(j, "domid"), &e) < 0 &&
        e.code != ERR_NOENT)
        return say_error(&e);
    helper_say("done");
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
    helper_say("done");
    return 0;
}

/* What is read here is in the kernel's cache for the engine. */
static void
look_into(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char bytes[65536];
    size_t left = LOOK_BYTES;
    ssize_t n = 1;

    while (fd >= 0 && n > 0 && left > 0) {
        n = read(fd, bytes, sizeof(bytes));
        left -= n > 0 && (size_t)n < left ? (size_t)n : left;
    }
    if (fd >= 0)
        close(fd);
}

/* Each "path FILE" of the job: whatever the answer is, that there is one is
 * all that is asked. */
static int
job_look(const struct job *j)
{
    const char *s = j->text;
    char path[4096];
    struct stat st;

    for (; *s != '\0'; s += strcspn(s, "\n"), s += *s == '\n') {
        if (strncmp(s, "path ", 5) != 0)
            continue;
        text_fmt(path, sizeof(path), "%.*s", (int)strcspn(s + 5, "\n"), s + 5);
        helper_say("progress 0 %s", path);
        if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
            look_into(path);
    }
    helper_say("done");
    return 0;
}

static int
job_remove(const struct job *j)
{
    char path[4096];

    helper_main_job_text(j, "path", path, sizeof(path));
    (void)unlink(path);
    helper_say("done");
    return 0;
}

static void
say_copied(uint64_t done_bytes, uint64_t all_bytes)
{
    helper_say("progress %u %llu of %llu MiB",
               all_bytes > 0 ? (unsigned)(done_bytes / (all_bytes / 100 + 1))
                             : 100,
               (unsigned long long)done_bytes >> 20,
               (unsigned long long)all_bytes >> 20);
}

static int
job_copy(const struct job *j)
{
    struct fd_copy c = { .from = j->fds[0],
                         .to = j->fds[1],
                         .fresh = job_u64(j, "fresh") != 0,
                         .pace_ms = (unsigned)job_u64(j, "pace_ms"),
                         .progress = say_copied };
    struct err e = { 0 };

    if (fd_copy_run(&c, &e) < 0)
        return say_error(&e);
    helper_say("done");
    return 0;
}

static int
job_save(const struct job *j)
{
    struct hv_save s = { .domid = (uint32_t)job_u64(j, "domid"),
                         .kind = (enum hv_kind)job_u64(j, "kind"),
                         .fd = j->fds[0],
                         .mem_kib = job_u64(j, "mem_kib"),
                         .stop_first = job_u64(j, "stop_first") != 0,
                         .pace_ms = (unsigned)job_u64(j, "pace_ms"),
                         .shadow = job_u64(j, "shadow") != 0,
                         .rounds_max = (unsigned)job_u64(j, "rounds_max"),
                         .stop_ms = (unsigned)job_u64(j, "stop_ms") };

    char file[4096];

    helper_main_job_text(j, "file", file, sizeof(file));
    if (file[0] != '\0') {
        s.fd = helper_save_open(file, job_u64(j, "inode"));
        if (s.fd < 0)
            return 1;
    }
    return helper_job_save(j->hv, &s, job_fd(j, "state"),
                           job_u64(j, "packed") != 0);
}

static int
job_name(const struct job *j)
{
    char from[4096], to[4096];

    helper_main_job_text(j, "from", from, sizeof(from));
    helper_main_job_text(j, "to", to, sizeof(to));
    return helper_job_name(from, to, job_u64(j, "replace") != 0);
}

static int
job_restore(const struct job *j)
{
    struct hv_restore r = {
        .domid = (uint32_t)job_u64(j, "domid"),
        .kind = (enum hv_kind)job_u64(j, "kind"),
        .fd = j->fds[0],
        .mem_kib = job_u64(j, "mem_kib"),
        .max_vcpus = (unsigned)job_u64(j, "max_vcpus"),
        .store_domid = (uint32_t)job_u64(j, "store_domid"),
        .console_domid = (uint32_t)job_u64(j, "console_domid"),
        .store_port = (uint32_t)job_u64(j, "store_port"),
        .console_port = (uint32_t)job_u64(j, "console_port"),
        .pace_ms = (unsigned)job_u64(j, "pace_ms"),
    };

    return helper_job_restore(j->hv, &r, job_fd(j, "state"),
                              job_u64(j, "packed") != 0);
}

static int
job_do(const struct job *j)
{
    char what[16];

    helper_main_job_text(j, "job", what, sizeof(what));
    if (strcmp(what, "look") == 0)
        return job_look(j);
    if (strcmp(what, "remove") == 0)
        return job_remove(j);
    if (strcmp(what, "name") == 0)
        return job_name(j);
    if (strcmp(what, "copy") == 0)
        return job_copy(j);
    if (j->hv == NULL)
        return say_error(&j->open_err);
    if (strcmp(what, "build") == 0)
        return job_build(j);
    if (strcmp(what, "destroy") == 0)
        return job_destroy(j);
    if (strcmp(what, "dump") == 0)
        return job_dump(j);
    if (strcmp(what, "save") == 0)
        return job_save(j);
    if (strcmp(what, "restore") == 0)
        return job_restore(j);
    helper_say("error %d unknown job '%s'", (int)ERR_INVALID, what);
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
    struct job j = { .fds = { -1, -1, -1, -1, -1 } };
    int rc;

    if (argc > 2 && strcmp(argv[2], TLS_CARRIER_DRIVER) == 0)
        return tls_carrier_main(argc, argv);
    /* If the engine died before this line, reading the job finds its end. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return 1;
    /* Before the job comes: that is what a spare is for. */
    j.hv = open_driver(argc > 2 ? argv[2] : "", &j.open_err);
    rc = job_read(&j) ? job_do(&j) : 0; /* 0: a spare that nobody needed */
    hv_close(j.hv);
    return rc;
}
