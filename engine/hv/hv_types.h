/*
 * hv_types.h - words that all headers of the boundary to the hypervisor share.
 */
#ifndef XENDECK_ENGINE_HV_TYPES_H
#define XENDECK_ENGINE_HV_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/model.h"
#include "src/base/err.h"

#define HV_CPUS_MAX  1024
#define HV_ALL_VCPUS UINT32_MAX
#define HV_DOMID_MAX 0x7fefU /* DOMID_FIRST_RESERVED - 1 */
#define HV_PAGE_KIB  4U
#define HV_LOG_NAME  "xc"

enum hv_kind { HV_PV, HV_PVH, HV_HVM };

/* SHUTDOWN_* of xen/sched.h. */
enum hv_reason {
    HV_POWEROFF = 0,
    HV_REBOOT = 1,
    HV_SUSPEND = 2,
    HV_CRASH = 3,
    HV_WATCHDOG = 4,
    HV_SOFT_RESET = 5
};

/* XEN_DOMCTL_SENDTRIGGER_*; the buttons are those of ACPI. */
enum hv_trigger { HV_NMI, HV_POWER_BUTTON, HV_SLEEP_BUTTON };

/* Percent 0..100 of the whole; what: a few words. */
typedef void (*hv_progress_cb)(void *arg, int percent, const char *what);

struct hv;

#endif
