/*
 * host_int.h - what the files of engine/host share.
 */
#ifndef XENDECK_ENGINE_HOST_INT_H
#define XENDECK_ENGINE_HOST_INT_H

#include "engine/core/duties.h"
#include "engine/host/domains.h"
#include "engine/host/host_room.h"
#include "engine/host/listing.h"
#include "engine/host/rates_want.h"
#include "engine/task/tasks.h"

struct history;
struct rates;
struct xen_log;

struct host_room {
    struct engine *en;
    struct dom_entry **doms; /* by ascending domid */
    size_t n_doms, cap_doms;
    struct hv_dom *scan; /* listing buffer */
    size_t cap_scan;
    uint64_t next_dom_id;
    const struct dom *const *offs; /* who is off, by name */
    size_t n_offs;
    struct list_node observers;

    struct host host;
    uint64_t *idle_ns; /* per physical cpu, of the last tick */
    uint64_t idle_sample_ns;
    double *cpu_pct; /* busy part of each since then; < 0: unknown */
    unsigned n_idle;
    struct rates *rates;    /* rates.c; NULL: nobody has wanted them */
    struct list_node wants; /* struct rates_want */
    struct rates_want history_setting;
    struct history *history; /* history.c; NULL: nobody wants it */
    struct xen_log *xen_log; /* NULL: nobody has asked for it */

    struct loop_timer tick;
    struct loop_timer rescan;
    struct store_watch intro_watch, release_watch;
    struct loop_fd virq_lf;
    struct task_observer tasks;
    struct task_domains known;
    struct event_witness witness;
    struct engine_duty duty; /* domains of ours */
};

static inline struct host_room *
host_room(const struct engine *en)
{
    return engine_room(en, ROOM_HOST);
}

/* domains.c */
void domains_free(struct host_room *h);
/* dom_observers.c */
void dom_tell_read(struct dom_entry *de);
uint64_t dom_ask_id(struct engine *en, const uint8_t uuid[16]);
void dom_tell_renamed(struct dom_entry *de, const char *before);
const struct dom *dom_ask_between(const struct engine *en, const char *name,
                                  uint64_t id);
void dom_tell_born(struct dom_entry *de);
void dom_tell_listed(struct dom_entry *de);
void dom_tell_gone(struct dom_entry *de, const char *why);
void dom_tell_changed(struct engine *en);
/* host_facts.c: the host's own facts, at each tick. */
void host_facts_tick(struct engine *en);
/* host_xen_log.c: Xen has written something. */
void xen_log_ready(struct engine *en);
void xen_log_free(struct engine *en);

#endif
