/*
 * config.h - what a domain is to be: one struct, filled by a format's reader,
 * checked by one validator whose messages name file, line, setting, what was
 * found and what is allowed.
 */
#ifndef XENDECK_ENGINE_CONFIG_H
#define XENDECK_ENGINE_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/config/core/actions.h"
#include "engine/config/core/affinity.h"
#include "engine/config/core/cpus.h"
#include "engine/config/core/machine.h"
#include "engine/config/core/uuid.h"
#include "engine/model/domain.h"
#include "src/base/buf.h"
#include "src/base/err.h"

#define CONFIG_NAME_MAX    63 /* bytes of a domain's name */
#define CONFIG_VCPUS_MAX   128
#define CONFIG_MEM_MIN_KIB (4ULL * 1024)
#define CONFIG_MEM_MAX_KIB (16ULL * 1024 * 1024 * 1024)
#define CONFIG_DEVICES_MAX 64

#define CONFIG_RESTART_MIN_UNSET UINT_MAX
#define CONFIG_AUTOSTART_ORDER   100 /* default */

struct cpuid_leaf;

struct config_image {
    char *type; /* "linux" (default) or "netbsd": a name in image_type.h's table
                 */
    char *kernel;  /* path, made absolute against the file's directory */
    char *ramdisk; /* likewise, or NULL */
    char *root;    /* NULL: none */
    char *ip;      /* NULL: none */
    char *args;    /* NULL: none */
    /* A program that finds kernel and ramdisk in the domain's disk. */
    char *bootloader;
    struct config_texts bootloader_args;
    unsigned bootloader_restrict; /* enum config_tri; not set: if it can be */
    /* What the domain boots by: "seabios", "ovmf" of an HVM domain, "pvgrub64"
     * of a PV one, or a path; NULL: the default of the kind. */
    char *firmware;
    char *firmware_path; /* the file of that firmware in place of the host's */
    char *loader;        /* the program that starts it: another hvmloader */
};

/* A device as written: parsed and checked, attached by the device handlers. */
struct config_device {
    char *kind;  /* "vif", "vbd", "pci", "vfb", "vkbd" */
    char **keys; /* n_keys settings in file order, values as text */
    char **values;
    unsigned *lines;
    size_t n_keys;
    unsigned line;
    char *shown;  /* in messages: "devices[0]", "disk[0]" */
    bool refused; /* while a reader goes on after a fault (faults.h) */
};

/* How and where a setting was written, for messages. */
struct config_seen {
    char *shown, *found; /* its name and its value; NULL: it was not */
    unsigned line;
};

struct domain_config {
    char *file;   /* as named by the user, for messages */
    bool xl_file; /* it is one that xl reads as well */
    char *name;
    unsigned kind; /* enum dom_kind */
    uint8_t uuid[16];
    bool uuid_set;                      /* false: one is made at creation */
    uint64_t mem_kib, maxmem_kib;       /* maxmem >= mem */
    unsigned vcpus, maxvcpus;           /* maxvcpus >= vcpus >= 1 */
    struct config_cpus cpus, cpus_soft; /* hard and soft affinity */
    struct config_image image;
    struct config_machine machine;
    struct config_screen screen;
    struct config_model model;
    /* By enum config_end: both vocabularies, restart = and on_* =, end up
     * here (actions.c). Default: that of restart = "onreboot". */
    enum config_action on[CONFIG_ENDS];
    unsigned restart_min_s; /* CONFIG_RESTART_MIN_UNSET: the engine's */
    bool autostart;
    unsigned autostart_order;   /* lower starts first; default 100 */
    unsigned autostart_delay_s; /* to wait after its start; default 0 */
    enum config_host_stop host_stop;
    struct config_texts host_stop_to;     /* words of `migrate'; none: unset */
    enum config_host_stop host_stop_else; /* once that has failed */
    bool driver_domain;                   /* may serve backends to others */
    char *pool;                    /* cpupool, name or id; NULL: that of dom0 */
    unsigned weight, cap;          /* credit, credit2; weight 0: the default */
    unsigned period_us, budget_us; /* rtds; 0: the default */
    /* rtds; not set: Xen's default, which is to grant it */
    bool extratime, extratime_set;
    char *features; /* required ELF note features, or NULL */
    struct config_device *devices;
    size_t n_devices;
    struct config_seen *seen; /* one a setting (settings.c); NULL: none */
};

/* Reads and validates a text in libconfig format; file is for messages, dir for
 * relative paths: absolute
 * and without symbolic links, for leading "../" are worked off (NULL: relative
 * paths are refused). */
int config_parse(const char *text, const char *file, const char *dir,
                 struct domain_config **out, struct err *e);
void config_free(struct domain_config *c); /* NULL is allowed */

/* Appends the configuration in libconfig format: config_parse of it gives an
 * equal configuration (paths absolute). */
void config_print(const struct domain_config *c, struct buf *out);
/* The same of one that was changed since it was read: -1, with the reason, if
 * what is printed would be refused. */
int config_print_checked(const struct domain_config *c, struct buf *out,
                         struct err *e);

/* True for 1..CONFIG_NAME_MAX bytes of A-Z a-z 0-9 . _ - + with a letter or
 * digit first, and not all digits (it would be mistaken for a domid) nor
 * "Domain-0". */
bool config_name_ok(const char *name);

/* How a setting ("image.kernel") was written; NULL: it was not. Borrowed. */
const struct config_seen *config_seen_find(const struct domain_config *c,
                                           const char *name);
/* "FILE:LINE: SETTING: " and the rest, with the line and the name that the user
 * wrote, for what only the host knows to be wrong. Returns -1. */
int config_refuse(const struct domain_config *c, const char *name,
                  enum err_code code, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* The leaves of CPUID that are other than Xen's, of all kinds of settings; out
 * has CPUID_LEAVES_MAX (cpuid.h). Returns how many there are. */
size_t config_cpuid(const struct domain_config *c, struct cpuid_leaf *out);
/* Likewise those of one setting alone. */
size_t config_cpuid_texts(const struct config_texts *t, struct cpuid_leaf *out);

/* The value of a device's setting, NULL if it has none. */
const char *config_device_value(const struct config_device *d, const char *key);
bool config_device_true(const struct config_device *d, const char *key);
void config_device_fini(struct config_device *d);
/* Whether a setting of a kind of device is a password. */
bool config_device_key_secret(const char *kind, const char *key);
/* Takes passwords out, before a configuration becomes a text that others read;
 * warn (may be NULL) gets a line for each. */
void config_drop_secrets(struct domain_config *c, struct buf *warn);
/* Takes the nth device out. */
void config_device_del(struct domain_config *c, size_t nth);

#endif
