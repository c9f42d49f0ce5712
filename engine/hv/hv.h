/*
 * hv.h - the boundary to the hypervisor: a const table of operations with two
 * drivers, xen (libxenctrl) and sim (in memory). Callers use the wrappers, by
 * subject in the headers below; a NULL operation means unsupported and the
 * wrapper says so. The table itself is in hv_driver.h.
 *
 * Every call is synchronous and, but for hv_destroy of a large domain,
 * hv_build, hv_dump_core, hv_save and hv_restore, short. All amounts of memory
 * are KiB, all times nanoseconds. Errors: ERR_NOENT when the domain is gone
 * ("domain 7 no longer exists").
 */
#ifndef XENDECK_ENGINE_HV_H
#define XENDECK_ENGINE_HV_H

#include "engine/hv/hv_grant.h"
#include "engine/hv/hv_info.h"
#include "engine/hv/hv_life.h"
#include "engine/hv/hv_memory.h"
#include "engine/hv/hv_stream.h"
#include "engine/hv/hv_types.h"
#include "engine/hv/hv_vcpu.h"

void hv_close(struct hv *h); /* NULL is allowed */
/* "xen", "sim": for the title bar, and for helpers, which open the driver of
 * that name. */
const char *hv_driver_name(const struct hv *h);
/* Opening this driver takes so long that helpers are kept ready with it. */
bool hv_opens_slowly(const struct hv *h);
/* Freeing a domain's memory takes the longer the more it has. */
bool hv_destroys_slowly(const struct hv *h);
/* How long helpers shall take for what costs no time with this driver, so that
 * progress can be seen and cancelled; 0: as long as it takes. */
unsigned hv_pace_ms(const struct hv *h);

#endif
