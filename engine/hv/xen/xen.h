/*
 * xen.h - the hypervisor driver on libxenctrl, libxenguest, libxenevtchn.
 * The Xen headers stay inside xen*.c: they need GNU mode and clash with strict
 * warnings.
 */
#ifndef XENDECK_ENGINE_HV_XEN_H
#define XENDECK_ENGINE_HV_XEN_H

#include "engine/hv/hv.h"
#include "src/base/buf.h"
#include "src/base/log.h"

/* Opens the hypervisor. lg (borrowed, may be NULL) receives what the Xen
 * libraries log; nothing goes to stderr. On failure *e says in plain words
 * what is missing and what to do about it. */
struct hv *xen_open(struct log *lg, struct err *e);

/* A handle for a helper process: no event channels; log lines go to
 * say(arg, level, text), made safe. */
typedef void (*xen_say_cb)(void *arg, enum log_level level, const char *text);
struct hv *xen_open_helper(xen_say_cb say, void *arg, struct err *e);

/* Parses the kernel, populates memory and loads everything. Blocks for
 * seconds: helper processes only. */
int xen_build(struct hv *h, const struct hv_build *b, struct hv_built *out,
              struct err *e);

/* The same parsing by the same library on no hypervisor at all (a dummy
 * handle): refuses what xen_build would refuse for being no bootable kernel,
 * populates nothing. For the simulated host's helper. say may be NULL. */
int xen_build_dry(const struct hv_build *b, xen_say_cb say, void *arg,
                  struct err *e);

/* Preconditions of running on this machine, one plain sentence each appended
 * to why, one a line (no Xen at all, not the control domain, not root, no
 * privcmd device, xenstored or xenconsoled not running). Returns the number
 * missing; on_xen_out tells whether a hypervisor is beneath us at all. */
int xen_preflight(struct buf *why, bool *on_xen_out);
/* Whether xenconsoled runs. False with *e: all but creations and consoles works
 * without it. */
bool xen_console_runs(struct err *e);

#endif
