/*
 * engine_options.h - what an engine is opened with.
 */
#ifndef XENDECK_ENGINE_OPTIONS_H
#define XENDECK_ENGINE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/log.h"
#include "src/base/loop.h"

enum engine_host { ENGINE_XEN, ENGINE_SIM };

/* Whether a creation takes memory from domain 0 where the host has too little
 * left. AUTO: unless Xen's command line fixes domain 0's memory. */
enum engine_balloon {
    ENGINE_BALLOON_XL, /* as xl.conf says, AUTO if it says nothing */
    ENGINE_BALLOON_OFF,
    ENGINE_BALLOON_ON,
    ENGINE_BALLOON_AUTO
};

struct engine_opts {
    struct loop *lp; /* borrowed */
    struct log *log; /* borrowed, may be NULL */
    enum engine_host host;
    unsigned sim_domains; /* ENGINE_SIM: demo guests, 0..1000 */
    bool sim_lively;
    const char *sim_faults;  /* "hv.create:1:ENOMEM,store.write:3:EIO"; NULL */
    const char *state_dir;   /* NULL: /var/lib/xendeck (sim: a fresh temporary
                                directory, removed by engine_close) */
    const char *run_dir;     /* NULL: /run/xendeck (sim: likewise) */
    bool one_shot;           /* for one batch, on a simulated host of its own
                                or beside an engine (of tests): without the
                                lock of record, it reaps nothing, has no tick
                                and keeps no console */
    unsigned tick_ms;        /* statistics; 0: 1000 */
    unsigned shutdown_ack_s; /* wait for the acknowledgement; 0: 60 */
    unsigned shutdown_end_s; /* then for the end; 0: 120 */
    const char *helper_exe;  /* NULL: this program */
    unsigned helper_limit_s; /* a helper that says nothing for so long is
                                killed; 0: 600 */
    const char *who;         /* for events and the journal; NULL: the user and
                                terminal of this process */
    unsigned restart_min_s;  /* where a domain sets none; 0: 20 */
    bool restart_min_set;    /* restart_min_s is meant, even if it is 0 */
    unsigned model_death;  /* enum config_model_death, where a domain sets none
                            */
    int model_beat_s;      /* between two questions to a device model whether
                              it is alive; 0: 10, < 0: it is not asked */
    unsigned model_hang_s; /* that it has to answer; 0: 30 */
    unsigned model_logs;   /* older logs of a model that are kept; 0: 5 */
    bool vif_without_scripts;  /* where vif-bridge only joins a bridge */
    uint64_t kernel_cache_kib; /* of kernels that were unpacked; 0: none is
                                  kept */
    size_t scroll_bytes;  /* of a console's text on disk; 0: none is kept */
    unsigned postmortems; /* folders of last words that are kept; 0: none */
    uint64_t postmortem_bytes; /* of all of them; 0: 64 MiB */
    bool history;              /* record it from the start (history.h) */
    const char *hook_dir;      /* NULL: /etc/xendeck/hooks (sim: none) */
    const char *event_dir;     /* journal of events; NULL: STATE_DIR/events */
    bool autostart;            /* start what is marked so (--headless) */
    /* What is done with domains of ours that do not say it when the host stops:
     * enum config_host_stop; 0: they are shut down. */
    unsigned host_stop;
    unsigned host_stop_else;  /* once a migration failed; 0: they are saved */
    unsigned host_stop_moves; /* at most so many migrations at a time; 0: 2 */
    const char *host_stop_to; /* words of `migrate', one a line; NULL: none.
                                 Borrowed */
    unsigned autoballoon;     /* enum engine_balloon */
    uint64_t dom0_min_kib; /* what domain 0 keeps of its memory; 0: 512 MiB */
    const char *xl_conf;   /* xl's settings; NULL: /etc/xen/xl.conf, "": none */
    /* Of migrations under TLS; all borrowed for the life of the engine. NULL:
     * this engine can call nobody. */
    const char *tls_certificate, *tls_key, *tls_ca;
    const char *tls_crl;        /* of revoked certificates; NULL or "": none */
    const char *migrate_listen; /* where it is called (tls_place.h); NULL: it
                                   is not */
    const char *migrate_allow;  /* who may call, with blanks between; NULL:
                                   nobody */
};

#endif
