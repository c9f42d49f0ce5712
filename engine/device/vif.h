/*
 * vif.h - values of a network interface's settings. Private to engine/device
 * and its tests.
 */
#ifndef XENDECK_ENGINE_DEVICE_VIF_H
#define XENDECK_ENGINE_DEVICE_VIF_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

/* xl's form, "10Mb/s", "250KB/s", "1MB/s@20ms": what may pass in each
 * interval (default 50 ms). K, M and G are powers of 1000. False: no rate, or
 * one that netback cannot hold. */
bool vif_rate(const char *text, uint64_t *bytes_out, uint32_t *usecs_out);

/* What a configuration that names no bridge means. */
#define VIF_BRIDGE "xenbr0"

/* A random address of Xen's own range, 00:16:3e:00:00:00 to :7f:ff:ff. */
int vif_mac(char out[18], struct err *e);

#endif
