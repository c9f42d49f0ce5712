/*
 * hotplug.h - a hotplug script at work, with a limit of 40 s; the end of what
 * it said on stderr is kept. With the linux driver it is a child in a process
 * group of its own.
 */
#ifndef XENDECK_ENGINE_HOTPLUG_H
#define XENDECK_ENGINE_HOTPLUG_H

#include <stdbool.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/loop.h"

struct dom0;

#define HOTPLUG_LIMIT_MS 40000 /* libxl's LIBXL_HOTPLUG_TIMEOUT */
#define HOTPLUG_SAID_MAX 4096  /* of stderr: the last bytes */
#define HOTPLUG_DIR      "/etc/xen/scripts/"

struct hotplug_job {
    const char *script; /* absolute */
    const char *verb;   /* "add", "online"... */
    const char *arg;    /* second argument, or NULL */
    const char *kind;   /* XENBUS_TYPE */
    const char *back;   /* the backend's directory, absolute, in dom0 */
    const char *ifname; /* vif: its interface; NULL: none */
    const char *tap;    /* vif: that of its emulated card; NULL: none */
    const char *netdev; /* vif: the interface of dom0 to route by, "": not told;
                           NULL: it is no vif */
};

/* Embedded in its owner; zeroed means not begun. */
struct hotplug {
    struct dom0 *dom0;
    void (*done)(struct hotplug *hp); /* from the loop, once */
    bool running, ended;
    bool late;  /* it was killed after the limit */
    int status; /* as waitpid's, once ended */
    struct buf said;
    struct loop_timer limit;
    struct loop_child child; /* these two are the driver's */
    struct loop_fd lf;
};

/* Starts it; done comes later, from the loop. -1: it could not be started. */
int hotplug_start(struct hotplug *hp, struct dom0 *d,
                  const struct hotplug_job *j, struct err *e);
/* By the driver: the script has ended, or has been killed. */
void hotplug_ended(struct hotplug *hp, int status);
/* True if it has ended with status 0. */
bool hotplug_ok(const struct hotplug *hp);
/* Its last line on stderr, made safe; "" if it said nothing. */
void hotplug_said(const struct hotplug *hp, char *dst, size_t n);
/* Kills one at work, without done; back to zeroed. */
void hotplug_fini(struct hotplug *hp);

#endif
