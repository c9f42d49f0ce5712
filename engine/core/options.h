/*
 * options.h - what an engine is opened with.
 */
#ifndef XENDECK_ENGINE_OPTIONS_H
#define XENDECK_ENGINE_OPTIONS_H

#include <stdbool.h>

#include "src/base/log.h"
#include "src/base/loop.h"

enum engine_host { ENGINE_XEN, ENGINE_SIM };

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
    bool one_shot;           /* -e: no statistics tick, no console capture,
                                no reaping of others' dead domains */
    bool warm_helper;        /* one_shot: a creation is about to come */
    unsigned tick_ms;        /* statistics; 0: 1000 */
    unsigned shutdown_ack_s; /* wait for the acknowledgement; 0: 60 */
    unsigned shutdown_end_s; /* then for the end; 0: 120 */
    const char *helper_exe;  /* NULL: this program */
    const char *who;         /* for events and the journal; NULL: the user and
                                terminal of this process */
    unsigned restart_min_s;  /* where a domain sets none; 0: 20 */
    bool restart_min_set;    /* restart_min_s is meant, even if it is 0 */
    bool history;            /* record it from the start (history.h) */
    const char *hook_dir;    /* NULL: /etc/xendeck/hooks (sim: none) */
    const char *event_dir;   /* journal of events; NULL: STATE_DIR/events */
    bool autostart;          /* start what is marked so (--headless) */
};

#endif
