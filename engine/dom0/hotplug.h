/*
 * hotplug.h - a hotplug script at work: a child in its own process group with
 * a limit of 40 s, its stderr kept; on the simulated host, what such a script
 * would do.
 */
#ifndef XENDECK_ENGINE_HOTPLUG_H
#define XENDECK_ENGINE_HOTPLUG_H

#include <stdbool.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/loop.h"

struct engine;

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
};

/* Embedded in its owner; zeroed means not begun. */
struct hotplug {
    struct engine *en;
    void (*done)(struct hotplug *hp); /* from the loop, once */
    bool running, ended;
    bool late;  /* it was killed after the limit */
    int status; /* as waitpid's, once ended */
    struct buf said;
    struct loop_child child;
    struct loop_fd lf;
    struct loop_timer limit;
};

/* Starts it; done comes later, from the loop. -1: it could not be started. */
int hotplug_start(struct hotplug *hp, struct engine *en,
                  const struct hotplug_job *j, struct err *e);
/* True if it has ended with status 0. */
bool hotplug_ok(const struct hotplug *hp);
/* Its last line on stderr, made safe; "" if it said nothing. */
void hotplug_said(const struct hotplug *hp, char *dst, size_t n);
/* Kills one at work, without done; back to zeroed. */
void hotplug_fini(struct hotplug *hp);

#endif
