/*
 * device_info.h - a device as it looks from outside the engine. Plain data.
 */
#ifndef XENDECK_MODEL_DEVICE_INFO_H
#define XENDECK_MODEL_DEVICE_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/domain.h"

/* A device of a domain, from what no guest can write. */
#define DOM_DEVICES_MAX 64

/* What is counted of a device. */
enum dom_device_class {
    DOM_DEVICE_OTHER, /* nothing */
    DOM_DEVICE_DISK,  /* requests, bytes read and written */
    DOM_DEVICE_NET    /* packets, bytes received and sent */
};

struct dom_device {
    enum dom_device_class class;
    char kind[16]; /* "vbd", "vif", "pci", "console", "vkbd", "vfb" */
    unsigned devid;
    char name[32]; /* vbd: "xvda"; vif: "vif3.0"; pci: "0000:01:00.0" */
    uint32_t backend_domid;
    char back_kind[16]; /* "vbd", "qdisk", ... */
    unsigned state;     /* xenbus state of the backend; 0: unknown */
    char detail[192];   /* "phy:/dev/vg/web1 w", "00:16:3e:.. xenbr0" */
    char error[128];    /* hotplug-error, "" */
    bool cdrom;
    bool have_counters;
    /* DOM_DEVICE_NET: bytes, packets, errors, drops; as the guest sees them. */
    uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
    uint64_t rx_errors, tx_errors, rx_drops, tx_drops;
    /* DOM_DEVICE_DISK */
    uint64_t rd_req, wr_req, rd_sectors, wr_sectors;
    struct dom_rates rates; /* rd/wr of disks, rx/tx of networks */
    double rd_reqs, wr_reqs, rx_pkts, tx_pkts; /* per second, < 0 unknown */
};

/* Beside the states of xenbus: the domain that served it has ended. */
#define DOM_DEVICE_LOST 9U

const char *xenbus_state_name(unsigned state); /* "connected" */

/* A PCI device that pciback holds for domains. */
struct pci_free {
    char name[16]; /* "0000:01:00.0" */
    unsigned vendor, device;
    uint32_t domid; /* who has it, DOM_NO_DOMID: nobody */
};

#endif
