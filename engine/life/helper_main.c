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
#include <time.h>
#include <unistd.h>

#include "engine/engine.h"
#include "engine/hv/hv.h"
#include "engine/hv/xen.h"
#include "engine/life/helper.h"
#include "src/base/fdio.h"

#define JOB_MAX 16384

struct job {
    char text[JOB_MAX];
    size_t n;
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

/* Reads until the empty line that ends a job. */
static bool
job_read(struct job *j)
{
    ssize_t r;

    for (;;) {
        r = read(STDIN_FILENO, j->text + j->n, sizeof(j->text) - 1 - j->n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return false;
        j->n += (size_t)r;
        j->text[j->n] = '\0';
        if (strstr(j->text, "\n\n") != NULL)
            return true;
        if (j->n == sizeof(j->text) - 1)
            return false;
    }
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

static bool
job_on_xen(const struct job *j)
{
    char driver[16];

    job_text(j, "driver", driver, sizeof(driver));
    return strcmp(driver, "xen") == 0;
}

/* The simulated host has no memory to fill: what takes time there is paced,
 * so that progress can be seen and cancelled. */
static void
pace(uint64_t ms)
{
    struct timespec ts = { .tv_sec = 0, .tv_nsec = (long)(ms / 10) * 1000000 };
    int i;

    for (i = 1; i <= 10 && ms > 0; i++) {
        nanosleep(&ts, NULL);
        say_progress(NULL, i * 10, "populating memory");
    }
}

static int
build(const struct job *j, const struct hv_build *b, struct hv_built *out,
      struct err *e)
{
    struct hv *h;
    int rc;

    if (!job_on_xen(j)) {
        if (xen_build_dry(b, say_log, NULL, e) < 0)
            return -1;
        pace(job_u64(j, "pace_ms"));
        *out = (struct hv_built){ .store_mfn = 0x100000 + b->domid,
                                  .console_mfn = 0x200000 + b->domid };
        return 0;
    }
    h = xen_open_helper(say_log, NULL, e);
    if (h == NULL)
        return -1;
    rc = xen_build(h, b, out, e);
    hv_close(h);
    return rc;
}

static int
job_build(const struct job *j)
{
    char cmdline[4096], features[512];
    struct hv_built out;
    struct err e = { 0 };
    struct hv_build b = {
        .domid = (uint32_t)job_u64(j, "domid"),
        .kind = HV_PV,
        .kernel_fd = HELPER_FD0,
        .ramdisk_fd = job_u64(j, "ramdisk") ? HELPER_FD0 + 1 : -1,
        .cmdline = cmdline,
        .mem_kib = job_u64(j, "mem_kib"),
        .max_vcpus = (unsigned)job_u64(j, "max_vcpus"),
        .store_domid = (uint32_t)job_u64(j, "store_domid"),
        .console_domid = (uint32_t)job_u64(j, "console_domid"),
        .store_port = (uint32_t)job_u64(j, "store_port"),
        .console_port = (uint32_t)job_u64(j, "console_port"),
        .progress = say_progress,
    };

    job_text(j, "cmdline", cmdline, sizeof(cmdline));
    job_text(j, "features", features, sizeof(features));
    b.features = features[0] != '\0' ? features : NULL;
    if (build(j, &b, &out, &e) < 0)
        return say_error(&e);
    say("done store_mfn=%llu console_mfn=%llu",
        (unsigned long long)out.store_mfn, (unsigned long long)out.console_mfn);
    return 0;
}

static int
job_destroy(const struct job *j)
{
    struct err e = { 0 };
    struct hv *h = xen_open_helper(say_log, NULL, &e);

    if (h == NULL)
        return say_error(&e);
    if (hv_destroy(h, (uint32_t)job_u64(j, "domid"), &e) < 0 &&
        e.code != ERR_NOENT)
        return say_error(&e);
    hv_close(h);
    say("done");
    return 0;
}

int
engine_helper_main(int argc, char **argv)
{
    struct job j = { .n = 0 };
    char what[16];

    (void)argc;
    (void)argv;
    /* If the engine died before this line, reading the job finds its end. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return 1;
    if (!job_read(&j))
        return 0; /* a spare that was not needed */
    job_text(&j, "job", what, sizeof(what));
    if (strcmp(what, "build") == 0)
        return job_build(&j);
    if (strcmp(what, "destroy") == 0)
        return job_destroy(&j);
    say("error %d unknown job '%s'", (int)ERR_INVALID, what);
    return 1;
}
