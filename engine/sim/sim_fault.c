/*
 * sim_fault.c - counting, tracing and failing the calls of both drivers, and
 * delays of what the host's daemons and guests do in their own time.
 */
#include "engine/sim/sim_fault.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "src/base/xalloc.h"

#define KILL (-1) /* in place of an errno: SIGKILL */

static const char *const call_names[SIM_CALLS] = {
#define HV_OP(name, ...) [SIM_CALL_hv_##name] = "hv." #name,
#include "engine/hv/hv_ops.def"
#define DOM0_OP(name, ...) [SIM_CALL_dom0_##name] = "dom0." #name,
#include "engine/dom0/dom0_ops.def"
    [SIM_DEV_BACKEND] = "dev.backend",
    [SIM_DEV_SCRIPT] = "dev.script",
    [SIM_DM_START] = "dm.start",
    [SIM_DM_QMP] = "dm.qmp",
    [SIM_ST_TX_BEGIN] = "store.tx_begin",
    [SIM_ST_TX_END] = "store.tx_end",
    [SIM_ST_READ] = "store.read",
    [SIM_ST_WRITE] = "store.write",
    [SIM_ST_MKDIR] = "store.mkdir",
    [SIM_ST_RM] = "store.rm",
    [SIM_ST_LIST] = "store.list",
    [SIM_ST_GET_PERMS] = "store.get_perms",
    [SIM_ST_SET_PERMS] = "store.set_perms",
    [SIM_ST_WATCH] = "store.watch",
    [SIM_ST_UNWATCH] = "store.unwatch",
    [SIM_ST_INTRODUCE] = "store.introduce",
    [SIM_ST_RESUME] = "store.resume",
};

static const char *const delay_names[SIM_DELAYS] = {
    [SIM_DELAY_TTY] = "console.tty",
    [SIM_DELAY_ACK] = "guest.ack",
    [SIM_DELAY_BOOT] = "guest.boot",
    [SIM_DELAY_SHUTDOWN] = "guest.shutdown",
    [SIM_DELAY_BACKEND] = "dev.backend",
    [SIM_DELAY_SCRIPT] = "dev.script",
    [SIM_DELAY_QMP] = "dm.qmp",
};

/* pattern: a name, or one that ends in '*' and stands for a family. */
static bool
sim_fault_matches(const char *pattern, const char *name)
{
    size_t n = strlen(pattern);

    if (n > 0 && pattern[n - 1] == '*')
        return strncmp(pattern, name, n - 1) == 0;
    return strcmp(pattern, name) == 0;
}

static void
trace_add(struct sim *s, enum sim_call c)
{
    if (s->n_trace == s->cap_trace) {
        s->cap_trace = s->cap_trace == 0 ? 64 : s->cap_trace * 2;
        s->trace = xrealloc(s->trace, s->cap_trace, 1);
    }
    s->trace[s->n_trace++] = (uint8_t)c;
}

int
sim_call(struct sim *s, enum sim_call c, struct err *e)
{
    int errnum = 0;
    size_t i;

    /* The host's own drivers do not die with an engine. */
    if (c != SIM_DEV_BACKEND && c != SIM_DM_QMP && s->kill_left > 0 &&
        --s->kill_left == 0)
        s->kill_cb(s->kill_arg);
    s->calls[c]++;
    if (s->tracing)
        trace_add(s, c);
    for (i = 0; i < s->n_faults; i++) {
        struct sim_fault *f = &s->faults[i];

        if (f->left == 0 || !sim_fault_matches(f->call, call_names[c]))
            continue;
        if (--f->left == 0)
            errnum = f->errnum;
    }
    if (errnum == KILL)
        (void)raise(SIGKILL);
    if (errnum != 0)
        return err_sys(e, errnum, "%s (a fault asked for)", call_names[c]);
    return 0;
}

void
sim_fault_add(struct sim *s, const char *call, unsigned nth, int errnum)
{
    struct sim_fault *f;

    s->faults = xrealloc(s->faults, s->n_faults + 1, sizeof(*s->faults));
    f = &s->faults[s->n_faults++];
    text_fmt(f->call, sizeof(f->call), "%s", call);
    f->left = nth;
    f->errnum = errnum;
    memset(s->calls, 0, sizeof(s->calls));
}

void
sim_kill_at(struct sim *s, unsigned nth, void (*cb)(void *), void *arg)
{
    s->kill_left = nth;
    s->kill_cb = cb;
    s->kill_arg = arg;
}

struct errno_name {
    const char *name;
    int errnum;
};

static const struct errno_name errno_names[] = {
    { "EPERM", EPERM },   { "ENOENT", ENOENT }, { "ESRCH", ESRCH },
    { "EINTR", EINTR },   { "EIO", EIO },       { "EBADF", EBADF },
    { "EAGAIN", EAGAIN }, { "ENOMEM", ENOMEM }, { "EACCES", EACCES },
    { "EBUSY", EBUSY },   { "EEXIST", EEXIST }, { "EINVAL", EINVAL },
    { "ENOSPC", ENOSPC }, { "EPIPE", EPIPE },   { "ENOSYS", ENOSYS },
    { "E2BIG", E2BIG },   { "EDQUOT", EDQUOT }, { "ETIMEDOUT", ETIMEDOUT },
    { "KILL", KILL },
};

static int
errno_of(const char *text)
{
    unsigned long long v;
    size_t i;

    for (i = 0; i < sizeof(errno_names) / sizeof(*errno_names); i++)
        if (strcmp(errno_names[i].name, text) == 0)
            return errno_names[i].errnum;
    return text_u64(text, 1, 200, &v) ? (int)v : 0;
}

static bool
call_known(const char *pattern)
{
    size_t c;

    for (c = 0; c < SIM_CALLS; c++)
        if (sim_fault_matches(pattern, call_names[c]))
            return true;
    return false;
}

static void
all_die(struct loop_timer *lt)
{
    struct sim *s = container_of(lt, struct sim, die);
    size_t i;

    for (i = 0; i < s->n_doms; i++)
        if (s->doms[i]->domid != 0)
            (void)sim_guest_shutdown(s, s->doms[i]->domid, s->die_of);
}

/* False: no such order. */
static bool
die_parse(struct sim *s, const char *spec)
{
    static const char *const words[] = { [HV_POWEROFF] = "poweroff",
                                         [HV_REBOOT] = "reboot",
                                         [HV_SUSPEND] = "",
                                         [HV_CRASH] = "crash",
                                         [HV_WATCHDOG] = "watchdog" };
    char ms[16], word[16];
    unsigned long long n;
    size_t i;

    if (sscanf(spec, "guest.die:%15[^:]:%15[^:]", ms, word) != 2 ||
        !text_u64(ms, 0, 1000000, &n))
        return false;
    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i], word) == 0) {
            s->die_of = (enum hv_reason)i;
            loop_timer_arm(s->lp, &s->die, n, all_die);
            return true;
        }
    return false;
}

int
sim_fault_parse(struct sim *s, const char *spec, struct err *e)
{
    char call[24], nth[16], num[16];
    unsigned long long n;

    if (strncmp(spec, "guest.die:", 10) == 0 && die_parse(s, spec))
        return 0;
    if (sscanf(spec, "%23[^:]:%15[^:]:%15[^:]", call, nth, num) != 3 ||
        !call_known(call) || !text_u64(nth, 1, 1000000, &n) ||
        errno_of(num) == 0)
        return err_set(e, ERR_INVALID,
                       "fault: found \"%s\", allowed CALL:NTH:ERRNO such as "
                       "hv.create:1:ENOMEM or store.*:12:EIO",
                       spec);
    sim_fault_add(s, call, (unsigned)n, errno_of(num));
    return 0;
}

void
sim_fault_clear(struct sim *s)
{
    free(s->faults);
    s->faults = NULL;
    s->n_faults = 0;
}

unsigned
sim_calls(const struct sim *s, const char *call)
{
    unsigned n = 0, c;

    for (c = 0; c < SIM_CALLS; c++)
        if (sim_fault_matches(call, call_names[c]))
            n += s->calls[c];
    return n;
}

void
sim_trace(struct sim *s, bool on)
{
    if (on)
        s->n_trace = 0;
    s->tracing = on;
}

const char *
sim_trace_at(const struct sim *s, unsigned nth)
{
    if (nth == 0 || nth > s->n_trace)
        return NULL;
    return call_names[s->trace[nth - 1]];
}

void
sim_delay_add(struct sim *s, const char *what, uint64_t ms)
{
    unsigned i;

    for (i = 0; i < SIM_DELAYS; i++)
        if (strcmp(what, delay_names[i]) == 0)
            s->delay_ms[i] += ms;
}
