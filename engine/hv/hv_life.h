/*
 * hv_life.h - making, building, stopping and ending domains.
 */
#ifndef XENDECK_ENGINE_HV_LIFE_H
#define XENDECK_ENGINE_HV_LIFE_H

#include "engine/hv/hv_machine.h"

struct hv_create {
    uint8_t uuid[16];
    enum hv_kind kind;
    unsigned max_vcpus;
    unsigned cpupool;
    uint32_t domid;                 /* 0: Xen picks the next free one */
    const struct hv_limits *limits; /* NULL: the defaults */
};

/* What a build needs. The descriptors were opened once by whoever checked the
 * files and are never opened again by path. */
struct hv_build {
    uint32_t domid;
    enum hv_kind kind;
    int kernel_fd;                       /* of an HVM domain its loader */
    int ramdisk_fd;                      /* -1: none */
    int firmware_fd, acpi_fd, smbios_fd; /* of an HVM domain; -1: none */
    const char *cmdline;
    const char *features; /* required ELF note features, or NULL */
    uint64_t mem_kib;     /* to populate; a multiple of 1024 */
    /* Of PVH and HVM domains: what it sees, mem_kib or more, of which the rest
     * is populated on demand. A multiple of 1024. */
    uint64_t seen_kib;
    unsigned max_vcpus, vcpus; /* vcpus: those online at its start */
    bool acpi, apic;
    unsigned mmio_hole_mib; /* of an HVM domain; 0: the default */
    uint32_t store_domid, console_domid;
    uint32_t store_port, console_port;
    const char *keep_dir; /* of unpacked kernels (kernel_keep.h); NULL: none */
    uint64_t keep_bytes;  /* what these may have together */
    unsigned pace_ms;     /* hv_pace_ms of the engine's driver */
    hv_progress_cb progress;
    void *arg;
};

struct hv_built {
    uint64_t store_mfn, console_mfn; /* mfn for PV, gfn for PVH/HVM */
    /* Where an HVM domain's loader finds further tables; 0: there are none. */
    uint64_t acpi_at, acpi_bytes, smbios_at, smbios_bytes;
};

/* Where a core dump goes. */
struct hv_core {
    uint32_t domid;
    int fd;
    uint64_t mem_kib; /* that it has */
    unsigned pace_ms; /* hv_pace_ms of the engine's driver */
    hv_progress_cb progress;
    void *arg;
};

/* The new domain has no memory, no vcpus and pause count 1. */
int hv_create(struct hv *h, const struct hv_create *c, uint32_t *domid_out,
              struct err *e);
/* Another uuid (16 bytes) for a domain, in any state of its life. */
int hv_set_uuid(struct hv *h, uint32_t domid, const uint8_t *uuid,
                struct err *e);
/* A port in domid that remote may bind. */
int hv_alloc_evtchn(struct hv *h, uint32_t domid, uint32_t remote,
                    uint32_t *port_out, struct err *e);
/* Parses the kernel, fills the memory, loads. Blocks for seconds, and parses
 * what a guest brought: for helpers. */
int hv_build(struct hv *h, const struct hv_build *b, struct hv_built *out,
             struct err *e);
/* After a helper said that it built domid: is the memory there? */
int hv_check_built(struct hv *h, uint32_t domid, const struct hv_build *b,
                   const struct hv_built *r, struct err *e);
/* Pauses nest (at most 255); unpause at zero is ERR_INVALID. */
int hv_pause(struct hv *h, uint32_t domid, struct err *e);
int hv_unpause(struct hv *h, uint32_t domid, struct err *e);
/* As if the guest itself had called SCHEDOP_shutdown with this reason. */
int hv_shutdown(struct hv *h, uint32_t domid, enum hv_reason r, struct err *e);
/* Does the guest take requests through xenstore? An HVM domain does not while
 * it has no PV drivers, nor in a sleep state of ACPI: it is suspended by
 * hv_shutdown, which stops it where it is. All others do. */
int hv_hears(struct hv *h, uint32_t domid, bool *hears_out, struct err *e);
/* Lets a suspended guest run on: its suspend hypercall returns "cancelled".
 * store_resume must follow. ERR_INVALID if it is not shut down. */
int hv_resume(struct hv *h, uint32_t domid, struct err *e);
/* Blocks until the memory is freed (seconds for a large domain: then use a
 * helper). The domain may linger as dying afterwards. */
int hv_destroy(struct hv *h, uint32_t domid, struct err *e);
/* Blocks as long as the memory takes to write: for helpers. An ELF core. */
int hv_dump_core(struct hv *h, const struct hv_core *c, struct err *e);

#endif
