/*
 * sim_obey.c - how a simulated guest's kernel obeys what it is told besides
 * shutdowns: vcpus on and off (cpu/N/availability), sysrq keys, NMIs.
 * A guest that was made deaf (sim_guest_ignore_tuning) does neither these nor
 * balloons, as one without the drivers.
 */
#include <ctype.h>
#include <string.h>

#include "engine/sim/guest/sim_console.h"
#include "engine/sim/guest/sim_guest.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "engine/sim/store/sim_store.h"

#define OBEY_MS 40
#define VALUE   32U

static double
up_s(const struct sim_dom *d)
{
    return (double)((int64_t)sim_now_ms(d->s) - d->boot_ms) / 1000;
}

/* vcpu 0 stays; the others are as their nodes say, those without one on. */
void
sim_guest_vcpus(struct sim_dom *d)
{
    char rest[48], text[VALUE];
    unsigned i, n = 1;

    for (i = 1; i < d->max_vcpus; i++) {
        text_fmt(rest, sizeof(rest), "cpu/%u/availability", i);
        sim_guest_home(d, rest, text, sizeof(text));
        n += strcmp(text, "offline") != 0;
    }
    if (n == d->online)
        return;
    for (i = n; i < d->online; i++)
        sim_console_print(d, "[%12.6f] smpboot: CPU %u is now offline\n",
                          up_s(d), i);
    for (i = d->online; i < n; i++)
        sim_console_print(d, "[%12.6f] installing Xen timer for CPU %u\n",
                          up_s(d), i);
    d->online = n;
}

/* --- sysrq --- */

static const struct {
    char key;
    const char *says;
} keys[] = {
    { 'h',
      "HELP : loglevel(0-9) reboot(b) crash(c) show-all-tasks(t) sync(s)" },
    { 'b', "Resetting" },
    { 's', "Emergency Sync" },
    { 't', "Show State" },
    { 'm', "Show Memory" },
    { 'w', "Show Blocked State" },
    { 'u', "Emergency Remount R/O" },
};

static void
sim_obey_press(struct sim_dom *d, char key)
{
    size_t i;

    if (key == 'c') {
        sim_guest_panic(d);
        return;
    }
    for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (keys[i].key == key)
            break;
    if (i == sizeof(keys) / sizeof(*keys))
        i = 0;
    sim_console_print(d, "[%12.6f] sysrq: %s\n", up_s(d), keys[i].says);
    if (key == 'b')
        sim_dom_shutdown(d, HV_REBOOT);
}

void
sim_guest_sysrq(struct sim_dom *d)
{
    char path[96], text[VALUE];

    sim_guest_home(d, "control/sysrq", text, sizeof(text));
    if (text[0] == '\0' || d->guest.deaf)
        return;
    text_fmt(path, sizeof(path), "/local/domain/%u/control/sysrq", d->domid);
    /* Linux writes its NUL before it obeys. */
    if (sim_guest_write(d->s, d->domid, path, "", 0) == 0)
        sim_obey_press(d, text[0]);
}

static void
sim_obey_nmi(struct sim_dom *d, unsigned vcpu)
{
    sim_console_print(d,
                      "[%12.6f] Uhhuh. NMI received for unknown reason 00 on "
                      "CPU %u.\n"
                      "[%12.6f] Dazed and confused, but trying to continue\n",
                      up_s(d), vcpu, up_s(d));
}

/* An operating system looks at its buttons, whatever drivers it has; firmware
 * does not, and PVH has none. */
static void
sim_obey_button(struct sim_dom *d, bool power)
{
    if (d->kind != HV_HVM || d->guest.state != SIM_GUEST_UP || d->guest.ignore)
        return;
    sim_console_print(d, "ACPI: %s button pressed\n",
                      power ? "power" : "sleep");
    if (power)
        sim_guest_stop(d, HV_POWEROFF);
}

void
sim_guest_trigger(struct sim_dom *d, enum hv_trigger what, unsigned vcpu)
{
    if (!sim_guest_alive(d))
        return;
    if (what == HV_NMI)
        sim_obey_nmi(d, vcpu);
    else
        sim_obey_button(d, what == HV_POWER_BUTTON);
    sim_console_kick(d);
}

void
sim_guest_told(struct sim_dom *d, const char *rest)
{
    if (d->guest.deaf)
        return;
    if (strncmp(rest, "cpu/", 4) == 0 && d->guest.due_ms[SIM_DUE_VCPUS] == 0)
        sim_guest_due(d, SIM_DUE_VCPUS, OBEY_MS);
    if (strcmp(rest, "control/sysrq") == 0 &&
        d->guest.due_ms[SIM_DUE_SYSRQ] == 0)
        sim_guest_due(d, SIM_DUE_SYSRQ, OBEY_MS);
}

int
sim_guest_ignore_tuning(struct sim *s, uint32_t domid, bool ignore)
{
    struct sim_dom *d = sim_dom_find(s, domid);

    if (d == NULL || d->shutdown || d->dying)
        return -1;
    d->guest.deaf = ignore;
    if (!ignore)
        sim_guest_store_changed(d, "memory/target");
    return 0;
}
