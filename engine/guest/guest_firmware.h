/*
 * guest_firmware.h - what an HVM domain's firmware tells the guest of its
 * machine, as nodes that hvmloader reads.
 */
#ifndef XENDECK_ENGINE_GUEST_FIRMWARE_H
#define XENDECK_ENGINE_GUEST_FIRMWARE_H

#include "engine/guest/guest.h"

/* At most one for each text of smbios; values are borrowed from m. */
size_t guest_smbios_nodes(const struct config_machine *m,
                          struct guest_node *out, size_t max);
/* The number of a life, "HIGH:LOW", by which Windows tells that it goes on from
 * an older state; "" where none is asked for. -1: no random numbers. */
int guest_generation(const struct config_machine *m, char *dst, size_t n,
                     struct err *e);

#endif
