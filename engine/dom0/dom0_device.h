/*
 * dom0_device.h - what dom0 has for the devices of domains: disks and who uses
 * them, the devices that its kernel serves with their counters, PCI devices,
 * bridges.
 */
#ifndef XENDECK_ENGINE_DOM0_DEVICE_H
#define XENDECK_ENGINE_DOM0_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/model.h"
#include "src/base/err.h"

struct dom0;

/* A device that dom0's kernel serves. */
struct dom0_dev {
    bool vif; /* else a vbd */
    uint32_t domid;
    uint32_t devid;
};

/* Counters since it was attached; a vif's as the guest sees them. */
struct dom0_dev_stats {
    bool known; /* false: it has none (yet) */
    uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
    uint64_t rx_errors, tx_errors, rx_drops, tx_drops;
    uint64_t rd_req, wr_req, rd_sectors, wr_sectors;
};

#define DOM0_PCI_RES_MAX 7 /* six base addresses and the ROM */
#define DOM0_PCI_BACK    "pciback"

/* A PCI device of the host. sbdf: segment << 16 | bus << 8 | dev << 3 | func */
struct dom0_pci {
    uint32_t sbdf;
    char driver[32]; /* that holds it, DOM0_PCI_BACK: assignable; "" none */
    unsigned vendor, device;
    unsigned irq; /* 0: none */
    size_t n_res;
    struct {
        bool io; /* ports, else memory */
        uint64_t start, size;
    } res[DOM0_PCI_RES_MAX];
};

/* An address of a guest that is to be known on a bridge. */
struct dom0_announce {
    char bridge[16];
    uint8_t mac[6];
    bool has_ip;
    uint8_t ip[4];
};

/* An interface that a guest's is connected to, on its bridge. */
struct dom0_port {
    char ifname[16], bridge[16];
    unsigned mtu; /* 0: as the bridge has it */
};

/* What dom0 has under the path of a disk. */
enum dom0_disk_kind {
    DOM0_DISK_NONE,
    DOM0_DISK_FILE,
    DOM0_DISK_BLOCK,
    DOM0_DISK_OTHER
};

struct dom0_disk_number {
    unsigned major, minor;
};

#define DOM0_DISK_ALSO 64

struct dom0_disk {
    enum dom0_disk_kind kind;
    char path[256];        /* of the file itself, without symbolic links */
    unsigned major, minor; /* DOM0_DISK_BLOCK: of the device */
    /* Other block devices with bytes of this one: its partitions, or the whole
     * that it is a part of; loop devices that show the file. */
    struct dom0_disk_number also[DOM0_DISK_ALSO];
    size_t n_also;
    /* The file, whatever its names, also of a loop device; 0: there is none. */
    uint64_t file_dev, file_ino;
    /* Why dom0 itself uses it: "mounted on /srv", "swap space"; "": it does
     * not. used_rw: so that it changes. */
    char user[160];
    bool used_rw;
};

/* What stands at a path of dom0, and who uses it there. A path with nothing is
 * success, DOM0_DISK_NONE. */
int dom0_disk(struct dom0 *d, const char *path, struct dom0_disk *out,
              struct err *e);
/* Opens a disk that is there, or an image, to copy it or to copy over it;
 * *fd_out is the caller's. ERR_BUSY of one that is to be written and is used
 * by dom0 itself. */
int dom0_disk_open(struct dom0 *d, const char *path, bool write, int *fd_out,
                   struct err *e);
/* The vifs and vbds that dom0's kernel serves, in no order; n_out: how many
 * there are, also beyond max. */
int dom0_dev_list(struct dom0 *d, struct dom0_dev *out, size_t max,
                  size_t *n_out, struct err *e);
/* Counters of n devices at once: out[i] of devs[i]. full false: bytes and
 * sectors only, which is cheaper. */
int dom0_dev_stats(struct dom0 *d, const struct dom0_dev *devs, size_t n,
                   bool full, struct dom0_dev_stats *out, struct err *e);
/* PCI devices that can be given to domains; n_out as above. */
int dom0_pci_list(struct dom0 *d, struct dom0_pci *out, size_t max,
                  size_t *n_out, struct err *e);
/* ERR_NOENT: no device at this address. */
int dom0_pci_get(struct dom0 *d, uint32_t sbdf, struct dom0_pci *out,
                 struct err *e);
/* Before it goes to another domain: nothing of the last one is left in it. */
int dom0_pci_reset(struct dom0 *d, uint32_t sbdf, struct err *e);
/* The next domain may write to its whole configuration space. */
int dom0_pci_permissive(struct dom0 *d, uint32_t sbdf, struct err *e);

/* Bridges by name; at most max, n_out: how many there are. `ours` is the
 * caller's to fill. */
int dom0_bridge_list(struct dom0 *d, struct vnet *out, size_t max,
                     size_t *n_out, struct err *e);
/* Sends one broadcast from there; never waits. */
int dom0_announce(struct dom0 *d, const struct dom0_announce *a, struct err *e);
/* Made and up. ERR_EXISTS: an interface has that name. */
int dom0_bridge_create(struct dom0 *d, const char *name, struct err *e);
/* The caller has seen that it is empty. */
int dom0_bridge_remove(struct dom0 *d, const char *name, struct err *e);
/* Puts the interface on its bridge and brings it up, as Xen's script vif-bridge
 * does; *mtu_out: what it has then. -1: it must be left to the script, which
 * makes good what was begun. ERR_UNSUPPORTED: this host's administrator has
 * something done there that only the script does. */
int dom0_port_join(struct dom0 *d, const struct dom0_port *p, unsigned *mtu_out,
                   struct err *e);
/* The other way. One that is gone is success. */
int dom0_port_leave(struct dom0 *d, const struct dom0_port *p, struct err *e);

#endif
