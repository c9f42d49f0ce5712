/*
 * guest_machine.c - the machine that a configuration describes, as the
 * hypervisor is asked for it.
 */
#include <time.h>

#include "engine/config/hardware/cpuid.h"
#include "engine/config/hardware/viridian.h"
#include "engine/core/engine_options.h"
#include "engine/device/machine_devices.h"
#include "engine/guest/guest.h"
#include "engine/guest/guest_machine.h"
#include "engine/model/dom_kind.h"

#define POOL_PAGES_VCPU 256
#define POOL_PAGES_MIB  2

static int32_t
limit(unsigned value)
{
    return value == CONFIG_LIMIT_UNSET ? HV_LIMIT_DEFAULT : (int32_t)value;
}

void
guest_limits(const struct domain_config *c, struct hv_limits *out)
{
    const struct config_machine *m = &c->machine;

    *out = (struct hv_limits){
        .grant_frames = limit(m->max_grant_frames),
        .maptrack_frames = limit(m->max_maptrack_frames),
        .grant_version = limit(m->max_grant_version),
        .event_channels = m->max_event_channels,
        .hap = m->hap != CONFIG_OFF,
        .no_oos = dom_kind_in_container(c->kind) && !m->oos,
        .nested = m->nestedhvm,
        .vpmu = m->vpmu,
        .msr_relaxed = m->msr_relaxed,
        .iommu = machine_has_host_devices(c),
    };
}

uint64_t
guest_round_kib(uint64_t kib, uint64_t step)
{
    return (kib + step - 1) / step * step;
}

uint64_t
guest_pool_kib(const struct domain_config *c)
{
    uint64_t least =
        HV_PAGE_KIB * ((uint64_t)POOL_PAGES_VCPU * c->maxvcpus +
                       POOL_PAGES_MIB * ((c->maxmem_kib + 1023) / 1024));
    uint64_t asked = (uint64_t)c->machine.shadow_mib << 10;

    return guest_round_kib(asked > least ? asked : least, 1024);
}

/* How far the clock that the domain sees is ahead of UTC. */
static int32_t
clock_offset(const struct guest *g, const struct config_machine *m)
{
    time_t now = (time_t)loop_wall_s(engine_loop(g->task->en));
    struct tm local;

    if (!m->localtime || localtime_r(&now, &local) == NULL)
        return m->rtc_timeoffset_s;
    return m->rtc_timeoffset_s + (int32_t)local.tm_gmtoff;
}

/* A PV domain with devices of the host needs its holes, or their memory has no
 * place: xl gives them by itself, too. */
static int
set_host_map(struct guest *g, struct err *e)
{
    const struct domain_config *c = g->nodes->cfg;
    unsigned wish = c->machine.e820_host;

    if (wish == CONFIG_OFF ||
        (wish == CONFIG_UNSET && !machine_has_host_devices(c)))
        return 0;
    return hv_set_host_map(engine_hv(g->task->en), g->nodes->domid, c->mem_kib,
                           c->maxmem_kib, e);
}

static int
set_container(struct guest *g, struct err *e)
{
    const struct domain_config *c = g->nodes->cfg;
    const struct config_machine *m = &c->machine;
    struct hv *h = engine_hv(g->task->en);
    const struct hv_params p = {
        .timer_mode = m->timer_mode,
        .altp2m = m->altp2m,
        .hvm = dom_kind_has_machine(c->kind),
        .hpet = m->hpet,
        .vpt_align = m->vpt_align,
        .viridian = viridian_mask(m->viridian.at, m->viridian.n),
        .mca_caps = m->mca_caps.n > 0, /* there is one, LMCE */
    };

    return hv_set_paging_pool(h, g->nodes->domid, guest_pool_kib(c), e) < 0
               ? -1
               : hv_set_params(h, g->nodes->domid, &p, e);
}

/* What CPUID tells; one that is refused is so for what it asks of a processor
 * which has no such leaf. */
static int
guest_set_cpuid(struct guest *g, struct err *e)
{
    const struct domain_config *c = g->nodes->cfg;
    const struct config_machine *m = &c->machine;
    struct cpuid_leaf leaves[CPUID_LEAVES_MAX];
    struct hv_cpuid id = {
        .pae = !dom_kind_has_machine(c->kind) || m->pae,
        .itsc = m->nomigrate || m->tsc_mode == CONFIG_TSC_EMULATE,
        .nested = m->nestedhvm,
        .leaves = leaves,
    };

    id.n = config_cpuid(c, leaves);
    if (hv_apply_cpuid(engine_hv(g->task->en), g->nodes->domid, &id, e) == 0)
        return 0;
    if (id.n == 0 || e->code != ERR_INVALID)
        return -1;
    return config_refuse(c, "machine.cpuid", ERR_INVALID, e,
                         "found a leaf that this processor does not have, or a "
                         "bit that it cannot show");
}

/* A register of the host against what is asked of it. */
static int
check_register(const struct domain_config *c, const struct cpuid_leaf *l,
               unsigned reg, uint32_t has, struct err *e)
{
    unsigned bit;

    for (bit = 0; bit < 32 && l->reg[reg][0] != '\0'; bit++) {
        char want = l->reg[reg][31 - bit];

        if ((want != '0' && want != '1') || (has >> bit & 1) == (want == '1'))
            continue;
        return config_refuse(c, "machine.cpuid_check", ERR_UNSUPPORTED, e,
                             "bit %u of leaf 0x%x, %s is %u on this host, "
                             "wanted %c: a host with another processor has it",
                             bit, l->leaf, cpuid_reg_name(reg), has >> bit & 1,
                             want);
    }
    return 0;
}

/* A machine sees no addresses of the host: without an IOMMU a device would
 * write into the memory of others. */
static int
check_host_devices(struct engine *en, const struct domain_config *c,
                   struct err *e)
{
    struct hv_host host;

    if (!machine_wants_all_memory(c))
        return 0;
    if (c->mem_kib < c->maxmem_kib)
        return config_refuse(c, "maxmem", ERR_UNSUPPORTED, e,
                             "found %llu MiB, allowed %llu, as memory has it, "
                             "for an HVM domain with a PCI device",
                             (unsigned long long)c->maxmem_kib >> 10,
                             (unsigned long long)c->mem_kib >> 10);
    if (hv_host(engine_hv(en), &host, e) < 0)
        return -1;
    if (host.has_iommu)
        return 0;
    return err_set(e, ERR_UNSUPPORTED,
                   "an HVM domain needs an IOMMU for its PCI devices, and this "
                   "host has none, or has it disabled in its firmware");
}

int
guest_check_machine(struct engine *en, const struct domain_config *c,
                    struct err *e)
{
    struct cpuid_leaf leaves[CPUID_LEAVES_MAX];
    size_t i, n = config_cpuid_texts(&c->machine.cpuid_check, leaves);
    uint32_t regs[4];
    unsigned reg;

    for (i = 0; i < n; i++) {
        if (hv_host_cpuid(engine_hv(en), leaves[i].leaf, leaves[i].subleaf,
                          regs, e) < 0)
            return -1;
        for (reg = 0; reg < 4; reg++)
            if (check_register(c, &leaves[i], reg, regs[reg], e) < 0)
                return -1;
    }
    return check_host_devices(en, c, e);
}

int
guest_set_machine(struct guest *g, struct err *e)
{
    const struct domain_config *c = g->nodes->cfg;
    const struct config_machine *m = &c->machine;
    struct hv *h = engine_hv(g->task->en);
    uint32_t domid = g->nodes->domid;
    int32_t offset = clock_offset(g, m);

    if (hv_set_tsc(h, domid, m->tsc_mode, e) < 0 ||
        (offset != 0 && hv_set_time_offset(h, domid, offset, e) < 0))
        return -1;
    if (dom_kind_in_container(c->kind) ? set_container(g, e) < 0
                                       : set_host_map(g, e) < 0)
        return -1;
    return g->stream_fd >= 0 /* it brings its own */
               ? 0
               : guest_set_cpuid(g, e);
}
