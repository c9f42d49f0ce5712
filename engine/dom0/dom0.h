/*
 * dom0.h - the boundary to the kernel and the programs of the domain that this
 * process runs in: a const table of operations with two drivers, linux and sim
 * (in memory). As with hv.h, callers use the wrappers; what a driver lacks is
 * refused there with one sentence. Hotplug scripts are started through
 * hotplug.h. The table itself is in dom0_driver.h.
 */
#ifndef XENDECK_ENGINE_DOM0_H
#define XENDECK_ENGINE_DOM0_H

#include "engine/dom0/dom0_device.h"
#include "engine/dom0/dom0_loader.h"
#include "engine/dom0/dom0_model.h"
#include "engine/dom0/dom0_model_probe.h"
#include "engine/dom0/dom0_transport.h"
#include "engine/dom0/places.h"

#define DOM0_SHUTDOWN_EXE "/sbin/shutdown"

/* The host going down; embedded in its owner. */
struct dom0_power {
    void (*ended)(struct dom0_power *p, int status); /* as waitpid's */
    struct loop_child child;                         /* the driver's */
};

/* Files that domains are started from: HVM ones, the last two PV ones. */
enum dom0_firmware {
    DOM0_HVMLOADER,
    DOM0_SEABIOS,
    DOM0_OVMF,
    DOM0_PVGRUB32,
    DOM0_PVGRUB64
};

void dom0_close(struct dom0 *d); /* NULL is allowed */
/* state, run: directories to be used instead of this host's own, or NULL. A
 * simulated host makes a temporary tree unless both are given. */
int dom0_places(struct dom0 *d, const char *state, const char *run,
                struct engine_paths *out, struct err *e);
/* May a look at this file take for ever, because another host serves it? True
 * where that cannot be told. */
bool dom0_file_is_remote(struct dom0 *d, const char *path);
/* 0, or the errno that says why this hotplug script cannot be run. */
int dom0_script_errno(struct dom0 *d, const char *path);
/* The path of such a file of this host. -1 with the package that has it. */
int dom0_firmware(struct dom0 *d, enum dom0_firmware which, char *dst, size_t n,
                  struct err *e);
/* A hotplug script that an engine which is gone has left at work, and that was
 * killed; back: its XENBUS_PATH. */
typedef void dom0_left_script_cb(void *arg, long pid, const char *script,
                                 const char *back);
/* Kills them all: they may hang, and hold the locks of other scripts. -1: not
 * all processes could be looked at. */
int dom0_end_left_scripts(struct dom0 *d, dom0_left_script_cb *cb, void *arg,
                          struct err *e);
/* A guest has got another name: xenconsoled's log of it does, too. */
void dom0_console_logs(struct dom0 *d);
/* Powers the host off or reboots it: p->ended when the program that does so has
 * ended, perhaps before this returns. */
int dom0_power(struct dom0 *d, struct dom0_power *p, bool reboot,
               struct err *e);
/* A host that only says that it goes down. */
bool dom0_stays_up(const struct dom0 *d);

#endif
