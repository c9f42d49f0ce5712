/*
 * sim_boot.c - the boot log of a simulated Linux PV guest: a table of lines
 * with the time each appears, filled in with the guest's own facts.
 */
#include <string.h>

#include "engine/sim/guest/sim_console.h"
#include "engine/sim/guest/sim_guest.h"
#include "engine/sim/sim_int.h"

/* $N name, $V vcpus, $K memory in KiB, $P pages, $C command line. */
struct boot_line {
    unsigned ms;
    const char *text;
};

static const struct boot_line lines[] = {
    { 0, "Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org) "
         "(gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP PREEMPT_DYNAMIC" },
    { 2, "Command line: $C" },
    { 4, "ACPI in unprivileged domain disabled" },
    { 6, "Released 0 page(s)" },
    { 8, "BIOS-provided physical RAM map:" },
    { 10, "Xen: [mem 0x0000000000000000-0x000000000009ffff] usable" },
    { 12, "Xen: [mem 0x00000000000a0000-0x00000000000fffff] reserved" },
    { 14, "NX (Execute Disable) protection: active" },
    { 18, "Hypervisor detected: Xen PV" },
    { 22, "Xen PV: Detected $V vCPUS" },
    { 30, "tsc: Fast TSC calibration using PIT" },
    { 44, "Zone ranges:" },
    { 46, "  DMA32    [mem 0x0000000001000000-0x00000000ffffffff]" },
    { 60, "smpboot: Allowing $V CPUs, 0 hotplug CPUs" },
    { 72, "Booting kernel on Xen" },
    { 74, "Xen version: 4.17 (preserve-AD)" },
    { 90, "setup_percpu: NR_CPUS:8192 nr_cpumask_bits:$V nr_cpu_ids:$V "
          "nr_node_ids:1" },
    { 104, "Kernel command line: $C" },
    { 118, "Dentry cache hash table entries: 65536 (order: 7, 524288 bytes, "
           "linear)" },
    { 126, "Built 1 zonelists, mobility grouping on.  Total pages: $P" },
    { 160, "Memory: $KK available (14342K kernel code, 2332K rwdata, 9056K "
           "rodata)" },
    { 172, "SLUB: HWalign=64, Order=0-3, MinObjects=0, CPUs=$V, Nodes=1" },
    { 190, "Dynamic Preempt: voluntary" },
    { 198, "rcu: Preemptible hierarchical RCU implementation." },
    { 210, "xen:events: Using FIFO-based ABI" },
    { 236, "Console: colour dummy device 80x25" },
    { 244, "printk: console [tty0] enabled" },
    { 252, "printk: console [hvc0] enabled" },
    { 270, "clocksource: xen: mask: 0xffffffffffffffff max_cycles: "
           "0x1cd42e4dffb, max_idle_ns: 881590591483 ns" },
    { 282, "Xen: using vcpuop timer interface" },
    { 300, "installing Xen timer for CPU 0" },
    { 330, "pid_max: default: 32768 minimum: 301" },
    { 352, "LSM: Security Framework initializing" },
    { 366, "AppArmor: AppArmor initialized" },
    { 420, "cpu 0 spinlock event irq 1" },
    { 470, "smp: Bringing up secondary CPUs ..." },
    { 530, "smp: Brought up 1 node, $V CPUs" },
    { 600, "devtmpfs: initialized" },
    { 660, "NET: Registered PF_NETLINK/PF_ROUTE protocol family" },
    { 700, "xen:grant_table: Grant tables using version 1 layout" },
    { 740, "PCI: setting up Xen PCI frontend stub" },
    { 800, "xen:balloon: Initialising balloon driver" },
    { 860, "SCSI subsystem initialized" },
    { 930, "clocksource: Switched to clocksource xen" },
    { 1010, "VFS: Disk quotas dquot_6.6.0" },
    { 1090, "NET: Registered PF_INET protocol family" },
    { 1170, "TCP: Hash tables configured (established 2048 bind 2048)" },
    { 1260, "Trying to unpack rootfs image as initramfs..." },
    { 1620, "Freeing initrd memory: 18244K" },
    { 1700, "Initialise system trusted keyrings" },
    { 1790, "workingset: timestamp_bits=36 max_order=16 bucket_order=0" },
    { 1880, "io scheduler mq-deadline registered" },
    { 1980, "xen_netfront: Initialising Xen virtual ethernet driver" },
    { 2100, "xenbus_probe_frontend: Device with no driver: "
            "device/console/0" },
    { 2220, "Freeing unused kernel image (initmem) memory: 2796K" },
    { 2300, "Write protecting the kernel read-only data: 26624k" },
    { 2380, "Run /init as init process" },
    { 2550, "random: crng init done" },
    { 2800, "EXT4-fs (xvda1): mounted filesystem with ordered data mode. "
            "Quota mode: none." },
    { 3020, "systemd[1]: Hostname set to <$N>." },
    { 3200, "systemd[1]: Reached target basic.target - Basic System." },
    { 3400, "systemd[1]: Started serial-getty@hvc0.service - Serial Getty on "
            "hvc0." },
};

static void
expand(const struct sim_dom *d, const char *text, struct buf *out)
{
    for (; *text != '\0'; text++) {
        if (*text != '$') {
            buf_chr(out, *text);
            continue;
        }
        switch (*++text) {
        case 'N':
            buf_str(out, d->guest.host);
            break;
        case 'V':
            buf_fmt(out, "%u", d->max_vcpus);
            break;
        case 'K':
            buf_fmt(out, "%llu", (unsigned long long)d->mem_kib);
            break;
        case 'P':
            buf_fmt(out, "%llu",
                    (unsigned long long)(d->mem_kib / HV_PAGE_KIB));
            break;
        default:
            buf_safe(out, d->cmdline != NULL ? d->cmdline : "", 1023);
            break;
        }
    }
}

bool
sim_boot_line(const struct sim_dom *d, unsigned i, unsigned *at_ms_out,
              struct buf *out)
{
    if (i >= sizeof(lines) / sizeof(*lines))
        return false;
    *at_ms_out = lines[i].ms;
    buf_clear(out);
    buf_fmt(out, "[%5u.%03u%03u] ", lines[i].ms / 1000, lines[i].ms % 1000,
            (i * 137 + d->domid * 31) % 1000);
    expand(d, lines[i].text, out);
    return true;
}

void
sim_boot_log(struct sim_dom *d)
{
    struct buf b = { 0 };
    unsigned i, at;

    for (i = 0; sim_boot_line(d, i, &at, &b); i++)
        sim_console_print(d, "%s\n", buf_text(&b));
    buf_free(&b);
}
