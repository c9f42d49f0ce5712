/*
 * device.h - the devices of a domain: one const table of handlers by kind, and
 * the set of devices that a task attaches or detaches side by side.
 *
 * A handler says what is special of its kind: what it needs of the host, its
 * nodes, its script; device_handler.h helps it. The rest is common: the
 * transaction that writes a device (attach.c), the handshake with its backend,
 * the hotplug script as a child (hotplug.c), the orderly and the forced way out
 * (detach.c), the list for the front end (device_read.c), the operations on a
 * live domain (hot.c). A kind that works otherwise (pci) brings attach and
 * detach of its own.
 *
 * Where a device stands is read below /libxl/DOMID/device, which no guest and
 * no driver domain can write; what those wrote is never believed.
 */
#ifndef XENDECK_ENGINE_DEVICE_H
#define XENDECK_ENGINE_DEVICE_H

#include "engine/config/core/config.h"
#include "engine/device/devices.h"
#include "engine/dom0/hotplug.h"
#include "engine/host/domains.h"
#include "engine/task/file_look.h"
#include "engine/task/task.h"
#include "engine/task/task_again.h"

#define DEVICES_MAX DOM_DEVICES_MAX

/* xen/io/xenbus.h */
enum {
    XENBUS_INIT = 1,
    XENBUS_WAIT = 2,
    XENBUS_CONNECTED = 4,
    XENBUS_CLOSING = 5,
    XENBUS_CLOSED = 6
};

struct json_object;
struct device;
struct devices;

/* Where a node goes. The copies below /libxl are those of the backend's. */
enum device_dir {
    DEVICE_BACK,
    DEVICE_FRONT,
    DEVICE_FRONT_RO /* in the frontend, but not the guest's to write */
};

/* One that is attached, by its place in xenstore. */
struct device_stands {
    struct engine *en;
    uint32_t domid;
    const char *copy; /* /libxl/DOMID/device/KIND/DEVID */
    const char *back;
};

/* What libxl's tree says of a device of a configuration. */
enum device_found { DEVICE_THERE, DEVICE_ABSENT, DEVICE_UNKNOWN };

/* A setting that xl's verb calls otherwise: "type=", "nictype=". */
struct device_xl_name {
    const char *xl, *ours;
};

/* xl's verbs on the kind, as they are read and as equal lines are printed. */
struct device_xl {
    const char *verbs; /* "block" of block-attach and block-detach; NULL: xl has
                          none */
    const char *medium; /* likewise of those for what is in a drive; NULL: the
                           kind has no drives */
    bool joined;        /* attach takes the parts of a specification as words */
    bool by_id;         /* its first word may be the value of id_key alone */
    const struct device_xl_name *names; /* up to one of NULL; NULL: none */
    bool split;                         /* each setting is a word of its own */
    bool by_devid;          /* detach takes the number, else the name */
    const char *force;      /* of detach, before the domain; NULL: none */
    const char *force_last; /* the same, behind all words */
    const char *key, *word; /* without the setting key attach adds the word */
};

/* What is behind a device of a configuration. */
struct device_medium {
    char name[32];   /* "xvda" */
    char path[1024]; /* of a file or block device of domain 0 */
    /* No other domain may have it while this one does; else it can be shared
     * as it is configured. */
    bool alone;
    bool writes; /* the domain does: also one that it shares on demand */
    bool drive;  /* it is in a drive, and may be taken out */
    /* Why nothing here can read it: "another domain serves it"; else NULL. */
    const char *far;
};

struct device_type {
    const char *kind; /* in configurations, and below /libxl/DOMID/device */
    /* Traits of the kind. */
    enum dom_device_class class;
    const char *id_key;     /* the setting that names one: "vdev" */
    const char *module;     /* dom0's driver, for messages */
    const char *model_kind; /* its backend if a device model serves it */
    bool needs_model;       /* so that a model is started for it */
    bool screen;            /* its settings are those of the model's screen */
    bool has_ifname;        /* the script is told the interface */
    bool shared_devid;      /* all of a domain have one number */
    bool stays;             /* cannot be taken from a running domain */
    bool of_host;           /* one of the host's, mapped where it is there;
                               its state cannot be saved */
    bool late_in_machine;   /* in an emulated machine it is the model that has
                               it: attached once that runs */
    bool no_handshake;      /* its backend leaves the state as it was written */
    struct device_xl xl;
    const struct device_ask *asks; /* up to one without key; NULL: none */
    /* A driver of the backend domain's kernel serves it: it says so by state
     * 2, and a hotplug script connects it to the host. */
    bool kernel;
    const char *add_verb, *remove_verb; /* the script's first argument */
    const char *script_arg;             /* its second one, or NULL */
    /* Of one with an emulated card: the node "type", and the script's second
     * argument for the card's interface; NULL: the kind has no cards. */
    const char *card_type, *card_arg;
    const char *json_key; /* libxl's array: "disks"; NULL: none */

    /* Sets d->devid and what else a handler decides; completes d->cfg with
     * what a restart must find again (a mac); refuses what this host has not,
     * by device_refuse. Called once early, without a domain (domid 0), and
     * again just before the nodes are written. */
    int (*prepare)(struct device *d, struct err *e); /* NULL: not attached */
    /* Does a device model serve this one, which has no nodes if that model is
     * confined? NULL: it has its nodes. */
    bool (*by_model)(const struct config_device *c);
    /* The files of dom0 that prepare looks at, scripts aside; NULL: none. */
    void (*files)(const struct device *d, struct file_look *r);
    /* Connects it to the host, or takes it away, as its script would. card: the
     * interface of its emulated card. False: it is left to the script. NULL: so
     * is each. */
    bool (*plug)(struct device *d, bool add, bool card);
    /* By device_put: all but frontend, backend, their ids, online, state. */
    void (*nodes)(struct device *d);
    /* Instead of the common ways; called again on each wake-up while it
     * returns STEP_WAIT (task_wake(d->owner->task)). detach: d->name and
     * d->devid tell which, d->force whether the guest is asked; it is also
     * the undo of an attach that failed anywhere, so it must be idempotent and
     * remove what stands. */
    enum step_rc (*attach)(struct device *d, struct err *e);
    enum step_rc (*detach)(struct device *d, struct err *e);
    void (*fini)(struct device *d); /* frees d->own */
    /* Takes from a domain that ends what an engine that died had given to it
     * and not put on record there. NULL: there is nothing like that. */
    void (*sweep)(struct engine *en, uint32_t domid);
    /* Rows for the front end; *row has what is common (kind, devid, backend,
     * state, error). Fills at most max, returns how many there are. NULL: one
     * row, as it is. */
    size_t (*rows)(const struct device_stands *s, const struct dom_device *row,
                   struct dom_device *out, size_t max);
    /* Does the operator mean this row by name? Beside its name and number. */
    bool (*is_named)(const struct dom_device *row, const char *name);
    /* What the configuration names it by, into d->id, if that is not its
     * number. */
    void (*note_id)(struct device *d, const struct dom_device *row);
    /* Is d, which is to be removed, this one of a configuration of its kind?
     * NULL, or d->id is needed and "": told by its place. */
    bool (*is_config)(const struct device *d, const struct config_device *c);
    /* Whether a running domain still has it. NULL: no tool takes these away. */
    enum device_found (*find)(struct engine *en, uint32_t domid,
                              const struct config_device *c);
    /* What stands below copy, which no guest can write, as settings of out
     * (kind is set). False: not all of it can be said by settings; *blind: not
     * all of it could be read. NULL: nobody else attaches these. */
    bool (*take)(struct engine *en, const char *copy, struct config_device *out,
                 bool *blind);
    /* Takes into c, which is one of its kind in a configuration, what another
     * tool has changed on it where it stands, and says what in what. False:
     * nothing; *blind: it could not be read. NULL: no tool changes these. */
    bool (*follow)(struct engine *en, uint32_t domid, struct config_device *c,
                   struct buf *what, bool *blind);
    /* Settings that no two domains may have alike, up to a NULL: a copy of the
     * domain is made without them, and gets its own. NULL: there are none. */
    const char *const *own_keys;
    /* Its medium. False: it has none now. NULL: the kind has no media. */
    bool (*medium)(const struct config_device *c, struct device_medium *out);
    /* It has this one from now on, in the same format. */
    void (*set_medium)(struct config_device *c, const char *path);
    /* The entry of libxl's JSON for a device of a configuration. has_machine:
     * of a domain with a device model's machine. */
    void (*json)(const struct config_device *cfg, unsigned devid,
                 bool has_machine, struct json_object *o);
};

/* NULL: not one of ours (a kind that only libxl attaches). */
const struct device_type *device_type_find(const char *kind);
/* The same, and of others what is known of the kind; never NULL. */
const struct device_type *device_traits(const char *kind);
/* The kind whose devices have such a backend. */
const char *device_kind_of_back(const char *back_kind);
/* Each kind of backend that device models serve. */
void device_model_kinds_each(void (*cb)(void *arg, const char *back_kind),
                             void *arg);
extern const struct device_type device_vbd, device_vif, device_vfb, device_vkbd,
    device_pci;

struct device_node {
    char *name, *value;
    enum device_dir dir;
};

enum device_phase {
    DEVICE_NEW,
    DEVICE_WRITTEN, /* its nodes stand; its backend is waited for */
    DEVICE_ADDING,  /* script */
    DEVICE_READY,
    DEVICE_CLOSING,
    DEVICE_REMOVING, /* script */
    DEVICE_GONE
};

struct device {
    struct devices *owner;
    const struct device_type *type; /* NULL: removal of a foreign kind */
    struct config_device *cfg;      /* borrowed; NULL: removal */
    enum device_phase phase;
    bool force;       /* removal: the frontend is not asked */
    bool late;        /* the limit of the phase has passed */
    bool skip;        /* nothing to attach now: an empty drive */
    bool again;       /* it stands, and is written anew under its devid */
    bool own_started; /* type->attach or type->detach has been called */
    /* The domain's device model emulates a card for it as well; that is being
     * connected, was without the script, is being disconnected. */
    bool has_card, card_begun, card_plugged, card_left;
    char kind[16], back_kind[16];
    uint32_t devid, back_domid;
    bool back_known; /* back_uuid is that of the domain which is to serve it */
    uint8_t back_uuid[16];
    char name[32]; /* "xvda", "vif3.0", "0000:01:00.0" */
    char id[32];   /* removal: see note_id */
    char front[96], back[160], copy[96];
    char script[256]; /* absolute; "": none */
    struct device_node *nodes;
    size_t n_nodes;
    struct hotplug hotplug;
    struct task_again retry; /* of its removal */
    bool script_due;         /* which runs its script again */
    struct loop_timer limit;
    struct store_watch watch; /* on the backend's state */
    void *own;                /* the handler's */
};

/* Embedded in its task; zeroed means nothing begun. */
struct devices {
    struct task *task;
    uint32_t domid;   /* 0: not made yet */
    const char *file; /* of the configuration, for messages; NULL: none */
    bool begun, removing;
    bool left;               /* one could not be found, or taken down */
    struct task_again retry; /* of devices_remove, for that */
    bool by_model; /* CD drives are its device model's, as HVM domains have */
    /* Its device model is confined, and serves no PV device. */
    bool confined;
    /* They are made with their domain, emulated disks as well; nothing in the
     * guest can unplug these. */
    bool making, keeps_emulated;
    bool model_runs;               /* by now: for what it is to have */
    struct config_device keyboard; /* see devices_add_keyboard */
    size_t n;
    struct device *list;
    struct buf warn; /* what is not honoured, one a line */
    struct err err;  /* of the first device that failed */
};

/* --- a set: attach.c, detach.c --- */
/* Those of a configuration, for devices_attach; borrows c. */
void devices_init(struct devices *ds, struct task *t, struct domain_config *c);
/* One of them. Borrowed: cfg. NULL: there are DEVICES_MAX already. */
struct device *devices_add(struct devices *ds, struct config_device *cfg);
/* The files that devices_check and devices_attach will look at. */
void devices_files(struct devices *ds, struct file_look *r);
/* prepare of each, with nothing written. */
int devices_check(struct devices *ds, struct err *e);
/* Call again after each wake-up. STEP_FAIL: one could not be attached, *e says
 * why; then devices_undo. */
enum step_rc devices_attach(struct devices *ds, struct err *e);
/* Takes back what devices_attach did or half did: STEP_DONE or STEP_WAIT. */
enum step_rc devices_undo(struct devices *ds);
/* Forced removal of all that a domain has, as when it is destroyed; works on
 * any domain that libxl or xendeck made. Call again after each wake-up:
 * STEP_DONE when all are gone or given up on (10 s a backend, 40 s a script;
 * what was given up is in the event log). */
enum step_rc devices_remove(struct devices *ds, struct task *t, uint32_t domid);
/* The one that stands at /libxl/DOMID/device/KIND/DEVID, for devices_detach.
 * NULL with *e: there is none. */
struct device *devices_find(struct devices *ds, const char *kind,
                            uint32_t devid, struct err *e);
/* The same for one whose nodes are gone: only its records are left. */
struct device *devices_add_gone(struct devices *ds,
                                const struct dom_device *row);
/* Removal of those added by devices_find, orderly unless force. STEP_FAIL
 * with ERR_TIMEOUT: a guest does not let go. */
enum step_rc devices_detach(struct devices *ds, bool force, struct err *e);
void devices_fini(struct devices *ds);

#endif
