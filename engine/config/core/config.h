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

#include "src/base/buf.h"
#include "src/base/err.h"

#define CONFIG_NAME_MAX    63 /* bytes of a domain's name */
#define CONFIG_VCPUS_MAX   128
#define CONFIG_MEM_MIN_KIB (4ULL * 1024)
#define CONFIG_MEM_MAX_KIB (16ULL * 1024 * 1024 * 1024)
#define CONFIG_CPUS_MAX    1024 /* as HV_CPUS_MAX */
#define CONFIG_DEVICES_MAX 64

enum config_restart {
    CONFIG_RESTART_ONREBOOT, /* default */
    CONFIG_RESTART_NEVER,
    CONFIG_RESTART_ALWAYS
};

/* What happens to a domain once it has ended, as xl.cfg names it. */
enum config_action {
    CONFIG_DESTROY,
    CONFIG_RESTART,
    CONFIG_PRESERVE,
    CONFIG_RENAME_RESTART,
    CONFIG_COREDUMP_DESTROY,
    CONFIG_COREDUMP_RESTART
};

enum config_end {
    CONFIG_ON_POWEROFF,
    CONFIG_ON_REBOOT,
    CONFIG_ON_CRASH,
    CONFIG_ON_WATCHDOG,
    CONFIG_ENDS
};

/* What `host shutdown` does with it. */
enum config_host_stop { CONFIG_STOP_SHUTDOWN, CONFIG_STOP_DESTROY };

#define CONFIG_RESTART_MIN_UNSET UINT_MAX
#define CONFIG_AUTOSTART_ORDER   100 /* default */

struct config_image {
    char *type;   /* "linux" (default) or "netbsd": a name in image.h's table */
    char *kernel; /* path, made absolute against the file's directory */
    char *ramdisk; /* likewise, or NULL */
    char *root;    /* NULL: none */
    char *ip;      /* NULL: none */
    char *args;    /* NULL: none */
};

/* A device as written: parsed and checked, attached by the device handlers. */
struct config_device {
    char *kind;  /* "vif", "vbd", "pci", "vfb", "vkbd" */
    char **keys; /* n_keys settings in file order, values as text */
    char **values;
    unsigned *lines;
    size_t n_keys;
    unsigned line;
    char *shown; /* in messages: "devices[0]", "disk[0]" */
};

/* How and where a setting was written, for messages. */
struct config_seen {
    char *shown, *found; /* its name and its value; NULL: it was not */
    unsigned line;
};

/* The cpus that vcpus may run on: one list for all of them, or one for each
 * from vcpu 0 on, and any cpu for those behind the last. Zeroed: not set. */
struct config_cpus {
    char **texts; /* n, as cpus_parse takes them */
    unsigned n;   /* at most CONFIG_VCPUS_MAX; 1 unless each; 0: not set */
    bool each;    /* texts[i] is that of vcpu i */
};

struct domain_config {
    char *file; /* as named by the user, for messages */
    char *name;
    uint8_t uuid[16];
    bool uuid_set;                      /* false: one is made at creation */
    uint64_t mem_kib, maxmem_kib;       /* maxmem >= mem */
    unsigned vcpus, maxvcpus;           /* maxvcpus >= vcpus >= 1 */
    struct config_cpus cpus, cpus_soft; /* hard and soft affinity */
    struct config_image image;
    /* By enum config_end: both vocabularies, restart = and on_* =, end up
     * here (actions.c). Default: that of restart = "onreboot". */
    enum config_action on[CONFIG_ENDS];
    unsigned restart_min_s; /* CONFIG_RESTART_MIN_UNSET: the engine's */
    bool autostart;
    unsigned autostart_order;   /* lower starts first; default 100 */
    unsigned autostart_delay_s; /* to wait after its start; default 0 */
    enum config_host_stop host_stop;
    bool driver_domain;            /* may serve backends to others */
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

/* Reads and validates a file in libconfig format (xendeck-domain(5)): what can
 * be known without the host. 0 with *out owned by the caller (config_free), or
 * -1 with one sentence: "web1.conf:7: memory: found 12, allowed 4 to ...". A
 * file that is no regular file, over CONF_FILE_MAX or with an unknown
 * setting (the nearest known one is named) is refused. @include is refused. */
int config_load(const char *path, struct domain_config **out, struct err *e);
/* The same from memory; file is for messages, dir for relative paths: absolute
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

/* The value of a device's setting, NULL if it has none. */
const char *config_device_value(const struct config_device *d, const char *key);
bool config_device_true(const struct config_device *d, const char *key);
void config_device_fini(struct config_device *d);
/* Takes the nth device out. */
void config_device_del(struct domain_config *c, size_t nth);

/* actions.c: where the two vocabularies meet. */
void config_actions_of(enum config_restart r,
                       enum config_action on[CONFIG_ENDS]);
/* True, with the word, if one restart word says all of these. */
bool config_restart_of(const enum config_action on[CONFIG_ENDS],
                       enum config_restart *out);
const char *config_restart_name(enum config_restart r);
const char *config_action_name(enum config_action a);
const char *config_host_stop_name(enum config_host_stop h);

/* affinity.c. Every text is copied, and is one that cpus_parse takes.
 * One list for all vcpus: text may be one of k's. */
void config_cpus_all(struct config_cpus *k, const char *text);
/* One for the next vcpu: the first after another form is that of vcpu 0. */
void config_cpus_add(struct config_cpus *k, const char *text);
/* One for this vcpu; the others of the domain's vcpus keep theirs. */
void config_cpus_pin(struct config_cpus *k, unsigned vcpus, unsigned vcpu,
                     const char *text);
/* Drops the lists of vcpus that there are not. */
void config_cpus_cut(struct config_cpus *k, unsigned vcpus);
void config_cpus_fini(struct config_cpus *k);
/* True if so many vcpus all have the same list. */
bool config_cpus_alike(const struct config_cpus *k, unsigned vcpus);
/* The list of a vcpu, borrowed; NULL: it has none, any cpu will do. */
const char *config_cpus_text(const struct config_cpus *k, unsigned vcpu);
/* The same as a mask of CONFIG_CPUS_MAX bits; false, and nothing is written, if
 * it has none. */
bool config_cpus_mask(const struct config_cpus *k, unsigned vcpu,
                      uint8_t *mask);
/* Appends "KEY = " with a text, or a list of texts in the brackets that are
 * libconfig's and xl.cfg's, and the end; nothing if it is not set. */
void config_cpus_print(const struct config_cpus *k, const char *key,
                       const char *end, struct buf *out);

/* uuid <-> "8-4-4-4-12" lower case text. */
bool uuid_parse_text(const char *s, uint8_t out[16]);
void uuid_print_text(const uint8_t uuid[16], char out[37]);
/* Random, version 4. */
int uuid_make(uint8_t out[16], struct err *e);

/* A Xen cpu list ("0-3,5", "all", "^2" excludes). False with a reason in *e. */
int cpus_parse(const char *text, uint8_t *mask, struct err *e);
void cpus_print(const uint8_t *mask, unsigned n_cpus, struct buf *out);
/* True if a mask has one of the cpus of a host that has n_cpus. */
bool cpus_any_below(const uint8_t *mask, unsigned n_cpus);

#endif
