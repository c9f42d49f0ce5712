/*
 * sim_guest.c - what a simulated guest does by itself: it boots, obeys (or
 * ignores) control/shutdown, balloons towards memory/target, stops.
 * Invariant: all of it hangs on one timer a guest, armed only while there is
 * something ahead; while the domain is paused its time stands still.
 */
#include "engine/sim/guest/sim_guest.h"

#include <string.h>

#include "engine/sim/dom0/sim_backend.h"
#include "engine/sim/guest/sim_console.h"
#include "engine/sim/guest/sim_shell.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "engine/sim/store/sim_store.h"

#define ACK_MS       20
#define HALT_MS      1000
#define SUSPEND_MS   300
#define STALL_MS     100
#define SMP_LINE     14 /* of the boot log: the other vcpus come up */
#define BALLOON_MS   125
#define BALLOON_KIB  (16ULL * 1024) /* a step: 128 MiB/s */
#define BALLOON_WAIT 4000           /* the host has no memory: try later */
#define BALLOON_MIN  (32ULL * 1024)
#define VALUE_MAX    64U

static void guest_timer(struct loop_timer *lt);

bool
sim_guest_alive(const struct sim_dom *d)
{
    return d->running && d->guest.state != SIM_GUEST_OFF &&
           d->guest.state != SIM_GUEST_DOWN;
}

/* The earliest thing ahead; 0: none. */
static uint64_t
next_due(const struct sim_dom *d)
{
    uint64_t min = 0, due;
    unsigned i;

    for (i = 0; i < SIM_DUES; i++) {
        due = d->guest.due_ms[i];
        if (due == 0 || (!d->running && i != SIM_DUE_GONE))
            continue;
        if (min == 0 || due < min)
            min = due;
    }
    return min;
}

static void
resume_clock(struct sim_dom *d, uint64_t now)
{
    struct sim_guest *g = &d->guest;
    unsigned i;

    for (i = 0; i < SIM_DUES; i++)
        if (g->due_ms[i] != 0 && i != SIM_DUE_GONE)
            g->due_ms[i] += now - g->stopped_ms;
    g->stopped_ms = 0;
}

void
sim_guest_schedule(struct sim_dom *d)
{
    uint64_t now = sim_now_ms(d->s), due;

    if (d->running && d->guest.stopped_ms != 0)
        resume_clock(d, now);
    else if (!d->running && d->guest.stopped_ms == 0)
        d->guest.stopped_ms = now;
    due = next_due(d);
    if (due == 0)
        loop_timer_del(&d->tm);
    else
        loop_timer_arm(d->s->lp, &d->tm, due > now ? due - now : 0,
                       guest_timer);
}

void
sim_guest_due(struct sim_dom *d, enum sim_due what, uint64_t delay_ms)
{
    uint64_t from = sim_now_ms(d->s);

    if (d->guest.stopped_ms != 0 && what != SIM_DUE_GONE)
        from = d->guest.stopped_ms; /* counts from when it runs again */
    d->guest.due_ms[what] = from + delay_ms;
    sim_guest_schedule(d);
}

void
sim_guest_home(struct sim_dom *d, const char *rest, char *dst, size_t dst_size)
{
    struct buf b = { 0 };
    char path[96];

    text_fmt(path, sizeof(path), "/local/domain/%u/%s", d->domid, rest);
    (void)sim_guest_read(d->s, d->domid, path, &b);
    text_safe(dst, dst_size, buf_text(&b), b.len);
    buf_free(&b);
}

static int
home_write(struct sim_dom *d, const char *rest, const char *val)
{
    char path[96];

    text_fmt(path, sizeof(path), "/local/domain/%u/%s", d->domid, rest);
    return sim_guest_write(d->s, d->domid, path, val, strlen(val));
}

void
sim_guest_start(struct sim_dom *d)
{
    if (!d->running || !d->introduced || d->guest.state != SIM_GUEST_OFF)
        return;
    d->guest.state = SIM_GUEST_BOOTING;
    d->boot_ms = (int64_t)sim_now_ms(d->s);
    sim_guest_home(d, "name", d->guest.host, sizeof(d->guest.host));
    if (d->guest.host[0] == '\0')
        text_fmt(d->guest.host, sizeof(d->guest.host), "localhost");
    sim_dom_load(d, SIM_LOAD_BOOT);
    sim_guest_due(d, SIM_DUE_BOOT, d->s->delay_ms[SIM_DELAY_BOOT]);
}

void
sim_guest_seed(struct sim_dom *d, const char *host, uint64_t uptime_s)
{
    d->guest.state = SIM_GUEST_UP;
    d->guest.stopped_ms = 0;
    d->boot_ms = (int64_t)sim_now_ms(d->s) - (int64_t)(uptime_s * 1000);
    text_fmt(d->guest.host, sizeof(d->guest.host), "%s", host);
    d->load = SIM_LOAD_IDLE;
}

/* What the guest's watches would find when they fire at their start. */
static void
boot_end(struct sim_dom *d)
{
    sim_guest_vcpus(d); /* the kernel takes off what is not to run */
    d->guest.state = SIM_GUEST_UP;
    sim_dom_load(d, SIM_LOAD_IDLE);
    (void)home_write(d, "control/feature-poweroff", "1");
    (void)home_write(d, "control/feature-reboot", "1");
    (void)home_write(d, "control/feature-suspend", "1");
    sim_shell_prompt(d);
    sim_guest_store_changed(d, "control/shutdown");
    sim_guest_store_changed(d, "memory/target");
    sim_console_kick(d);
    sim_back_kick(d->s, d->domid); /* its modules are loaded */
}

static void
due_boot(struct sim_dom *d)
{
    struct sim_guest *g = &d->guest;
    struct buf b = { 0 };
    unsigned at = 0, next = 0;

    if (!sim_console_room(d)) {
        sim_guest_due(d, SIM_DUE_BOOT, STALL_MS);
        return;
    }
    while (sim_boot_line(d, g->boot_line, &at, &b)) {
        sim_console_print(d, "%s\n", buf_text(&b));
        if (++g->boot_line == SMP_LINE)
            d->online = d->max_vcpus;
        if (d->s->o.quick_boot || !sim_boot_line(d, g->boot_line, &next, &b))
            continue;
        sim_guest_due(d, SIM_DUE_BOOT, next - at);
        buf_free(&b);
        return;
    }
    buf_free(&b);
    boot_end(d);
}

struct order {
    const char *word;
    enum hv_reason reason;
};

static const struct order orders[] = {
    { "poweroff", HV_POWEROFF },
    { "halt", HV_POWEROFF },
    { "reboot", HV_REBOOT },
    { "suspend", HV_SUSPEND },
};

static void
due_ack(struct sim_dom *d)
{
    char word[VALUE_MAX];
    size_t i;

    sim_guest_home(d, "control/shutdown", word, sizeof(word));
    if (d->guest.state != SIM_GUEST_UP || d->guest.ignore || d->guest.bare ||
        word[0] == '\0')
        return;
    for (i = 0; i < sizeof(orders) / sizeof(*orders); i++)
        if (strcmp(orders[i].word, word) == 0)
            break;
    if (i == sizeof(orders) / sizeof(*orders)) {
        /* Linux leaves what it does not know unacknowledged. */
        sim_console_print(d, "xen:manage: Ignoring shutdown request: %s\n",
                          word);
        return;
    }
    if (home_write(d, "control/shutdown", "") == 0)
        sim_guest_stop(d, orders[i].reason);
}

void
sim_guest_resume(struct sim_dom *d)
{
    if (d->guest.state != SIM_GUEST_DOWN)
        return;
    d->guest.state = SIM_GUEST_UP;
    sim_console_print(d, "xen:manage: suspend cancelled\n");
    sim_shell_prompt(d);
    sim_console_kick(d);
}

void
sim_guest_stop(struct sim_dom *d, enum hv_reason r)
{
    struct sim_guest *g = &d->guest;
    uint64_t ms = r == HV_SUSPEND ? SUSPEND_MS : HALT_MS;

    if (g->mode == SIM_SH_TOP)
        sim_console_print(d, "\x1b[?25h\x1b[?1049l");
    g->mode = SIM_SH_PROMPT;
    g->due_ms[SIM_DUE_TOP] = 0;
    g->state = SIM_GUEST_STOPPING;
    g->halting = r;
    sim_dom_load(d, SIM_LOAD_FULL / 4);
    if (r == HV_SUSPEND)
        sim_console_print(d, "\nFreezing user space processes ... done.\n"
                             "Freezing remaining freezable tasks ... done.\n");
    else
        sim_console_print(d,
                          "\nThe system is going down NOW!\n"
                          "Sent SIGTERM to all processes\n"
                          "Requesting system %s\n",
                          r == HV_REBOOT ? "reboot" : "poweroff");
    sim_guest_due(d, SIM_DUE_HALT, ms + d->s->delay_ms[SIM_DELAY_SHUTDOWN]);
}

static void
last_words(struct sim_dom *d, enum hv_reason r)
{
    double up = (double)((int64_t)sim_now_ms(d->s) - d->boot_ms) / 1000;

    if (r == HV_POWEROFF)
        sim_console_print(d, "[%12.6f] reboot: Power down\n", up);
    else if (r == HV_REBOOT)
        sim_console_print(d, "[%12.6f] reboot: Restarting system\n", up);
    else if (r == HV_WATCHDOG)
        sim_console_print(d, "[%12.6f] watchdog: did not stop!\n", up);
    else if (r == HV_SOFT_RESET)
        sim_console_print(d, "[%12.6f] kexec_core: Starting new kernel\n", up);
}

static void
due_halt(struct sim_dom *d)
{
    last_words(d, d->guest.halting);
    sim_dom_shutdown(d, d->guest.halting);
}

static void
due_balloon(struct sim_dom *d)
{
    unsigned long long want;
    uint64_t step = BALLOON_KIB;
    char text[VALUE_MAX];

    sim_guest_home(d, "memory/target", text, sizeof(text));
    if (d->guest.deaf || !text_u64(text, BALLOON_MIN, UINT64_MAX / 2, &want))
        return;
    want += d->card_kib;
    if (want > d->max_kib)
        want = d->max_kib;
    want -= want % HV_PAGE_KIB;
    if (want == d->mem_kib)
        return;
    if (want < d->mem_kib) {
        step = d->mem_kib - want < step ? d->mem_kib - want : step;
        (void)sim_dom_set_mem(d, d->mem_kib - step);
    } else {
        step = want - d->mem_kib < step ? want - d->mem_kib : step;
        if (!sim_dom_set_mem(d, d->mem_kib + step)) {
            sim_guest_due(d, SIM_DUE_BALLOON, BALLOON_WAIT);
            return;
        }
    }
    if (want != d->mem_kib)
        sim_guest_due(d, SIM_DUE_BALLOON, BALLOON_MS);
}

static void
due_top(struct sim_dom *d)
{
    if (d->guest.mode != SIM_SH_TOP)
        return;
    sim_shell_top(d);
    sim_guest_due(d, SIM_DUE_TOP, 1000);
}

static void
guest_timer(struct loop_timer *lt)
{
    static void (*const act[SIM_DUES])(struct sim_dom *) = {
        [SIM_DUE_BOOT] = due_boot,         [SIM_DUE_ACK] = due_ack,
        [SIM_DUE_HALT] = due_halt,         [SIM_DUE_TOP] = due_top,
        [SIM_DUE_BALLOON] = due_balloon,   [SIM_DUE_VCPUS] = sim_guest_vcpus,
        [SIM_DUE_SYSRQ] = sim_guest_sysrq, [SIM_DUE_GONE] = sim_dom_gone,
    };
    struct sim_dom *d = container_of(lt, struct sim_dom, tm);
    uint64_t now = sim_now_ms(d->s), *due = d->guest.due_ms;
    unsigned i;

    if (due[SIM_DUE_GONE] != 0 && due[SIM_DUE_GONE] <= now) {
        act[SIM_DUE_GONE](d); /* d is no more */
        return;
    }
    for (i = 0; i < SIM_DUE_GONE; i++) {
        if (due[i] == 0 || due[i] > now || !d->running)
            continue;
        due[i] = 0;
        act[i](d);
    }
    sim_guest_schedule(d);
}

void
sim_guest_store_changed(struct sim_dom *d, const char *rest)
{
    uint64_t *due = d->guest.due_ms;
    char word[VALUE_MAX];

    if (d->guest.state != SIM_GUEST_UP)
        return;
    if (strcmp(rest, "memory/target") == 0 && due[SIM_DUE_BALLOON] == 0)
        sim_guest_due(d, SIM_DUE_BALLOON, BALLOON_MS);
    sim_guest_told(d, rest);
    if (strcmp(rest, "control/shutdown") != 0 || d->guest.ignore ||
        d->guest.bare)
        return;
    sim_guest_home(d, rest, word, sizeof(word));
    if (word[0] != '\0' && due[SIM_DUE_ACK] == 0)
        sim_guest_due(d, SIM_DUE_ACK, ACK_MS + d->s->delay_ms[SIM_DELAY_ACK]);
}

void
sim_guest_panic(struct sim_dom *d)
{
    double up = (double)((int64_t)sim_now_ms(d->s) - d->boot_ms) / 1000;
    static const char *const lines[] = {
        "sysrq: Trigger a crash",
        "Kernel panic - not syncing: sysrq triggered crash",
        "CPU: 0 PID: 1 Comm: sh Not tainted 6.1.0-13-amd64 #1",
        "Call Trace:",
        " <TASK>",
        " dump_stack_lvl+0x44/0x5c",
        " panic+0x118/0x2ed",
        " sysrq_handle_crash+0x16/0x20",
        " __handle_sysrq.cold+0x9b/0x154",
        " write_sysrq_trigger+0x24/0x40",
        " </TASK>",
        "Kernel Offset: disabled",
    };
    size_t i;

    if (d->guest.mode == SIM_SH_TOP)
        sim_console_print(d, "\x1b[?25h\x1b[?1049l");
    for (i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        sim_console_print(d, "[%12.6f] %s\n", up + (double)i / 10000, lines[i]);
    sim_dom_shutdown(d, HV_CRASH);
}

int
sim_guest_shutdown(struct sim *s, uint32_t domid, enum hv_reason r)
{
    struct sim_dom *d = sim_dom_find(s, domid);

    if (d == NULL || domid == 0 || !d->running)
        return -1;
    if (r == HV_CRASH) {
        sim_guest_panic(d);
        return 0;
    }
    last_words(d, r);
    sim_dom_shutdown(d, r);
    return 0;
}

int
sim_guest_ignore_control(struct sim *s, uint32_t domid, bool ignore)
{
    struct sim_dom *d = sim_dom_find(s, domid);

    if (d == NULL || domid == 0 || d->shutdown || d->dying)
        return -1;
    d->guest.ignore = ignore;
    sim_guest_store_changed(d, "control/shutdown");
    return 0;
}

int
sim_guest_bare(struct sim *s, uint32_t domid, bool bare)
{
    struct sim_dom *d = sim_dom_find(s, domid);

    if (d == NULL || d->kind != HV_HVM || d->shutdown || d->dying)
        return -1;
    d->guest.bare = bare;
    return 0;
}

int
sim_guest_input(struct sim *s, uint32_t domid, const char *text)
{
    struct sim_dom *d = sim_dom_find(s, domid);

    if (d == NULL || domid == 0 || !sim_guest_alive(d))
        return -1;
    (void)sim_shell_feed(d, text, strlen(text));
    sim_console_kick(d);
    return 0;
}
