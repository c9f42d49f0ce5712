/*
 * xen_flow.h - how far a stream of a guest's memory is, and how fast, while one
 * call of the library writes or reads all of it. libxenguest tells of what it
 * writes; of what it reads it tells nothing (xc_domain_restore of Xen 4.17 and
 * 4.20), so there a thread looks at what the kernel counts.
 */
#ifndef XENDECK_ENGINE_HV_XEN_FLOW_H
#define XENDECK_ENGINE_HV_XEN_FLOW_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/hv/hv_types.h"

struct xen_flow {
    /* Of whoever begins it. */
    int fd;
    const char *what;        /* "reading memory" */
    hv_progress_cb progress; /* or NULL; from another thread if it is counted */
    void *arg;
    uint64_t mem_kib; /* of the domain */

    int64_t from_ms;
    off_t from; /* -1: no place in a file is known */
    char io[48];
    uint64_t read_from, read_last;
    unsigned tick_ms;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t over_cond;
    bool counting, over;
};

void xen_flow_begin(struct xen_flow *f);
/* arg: a struct xen_flow. Tells "writing memory, 45.1M/s"; the library's own
 * words (what) name its internals. */
void xen_flow_tell(void *arg, int percent, const char *what);
/* From now on what this thread reads is told every tick_ms, by another thread,
 * until xen_flow_count_end. A stream from which nothing comes tells nothing.
 * Without a thread to be had, nothing is told. */
void xen_flow_count(struct xen_flow *f, unsigned tick_ms);
void xen_flow_count_end(struct xen_flow *f);

#endif
