/*
 * domains.h - the table of domains that the engine knows, and who is told of
 * births and ends. With it come the handles that every room above needs.
 */
#ifndef XENDECK_ENGINE_DOMAINS_H
#define XENDECK_ENGINE_DOMAINS_H

#include "engine/core/actor.h"
#include "engine/core/changes.h"
#include "engine/core/engine.h"
#include "engine/core/engine_options.h"
#include "engine/core/paths.h"
#include "engine/event/events.h"
#include "engine/hv/hv.h"
#include "engine/model/model.h"
#include "engine/store/store.h"
#include "src/base/buf.h"
#include "src/base/list.h"

struct console;
struct hist_ring;
struct hist_vcpus;

#define DOM_NAMELESS "(null)" /* the name of one without, as xl shows it */

/* One domain. d is what the front end reads. */
struct dom_entry {
    struct dom d;
    bool seen;              /* in the listing at work */
    bool birth_told;        /* its birth is in the event log */
    bool death_told;        /* its end is, too */
    uint64_t born_ms;       /* when it was first listed */
    bool builder_told;      /* that nobody knows whether its builder lives */
    bool dump_unknown;      /* whether a dead engine's dump stopped it */
    uint64_t reap_after_ms; /* the last attempt failed: not before this */
    enum dom_reason end;    /* how it ended, once it has */
    uint64_t sample_cpu_ns; /* at the last statistics tick */
    uint64_t sample_ns;
    uint64_t *vcpu_ns; /* of the last engine_vcpus */
    size_t n_vcpu_ns;
    uint64_t vcpu_sample_ns;
    struct engine *en;
    struct store_watch name_watch;
    struct store_watch target_watch;
    struct hist_ring *hist;        /* its last hour, or NULL */
    bool hist_ours;                /* it is kept by uuid: the domain was ours */
    struct hist_vcpus *hist_vcpus; /* times of its vcpus, or NULL */
    struct console *con;           /* the engine's own reader, or NULL */
    uint64_t xen_line; /* of Xen's log, the first after its birth; 0: not
                          known */
    bool last_words;   /* of this end are kept, or about to be */
};

struct dom_entry *domains_by_domid(const struct engine *en, uint32_t domid);
struct dom_entry *domains_by_id(const struct engine *en, uint64_t id);
struct dom_entry *domains_by_name(const struct engine *en, const char *name);
struct dom_entry *domains_by_uuid(const struct engine *en,
                                  const uint8_t uuid[16]);
/* By ascending domid, NULL past the end. */
struct dom_entry *domains_at(const struct engine *en, size_t i);

/* Lists all domains and takes over births, deaths and changes of state; with
 * stats also the processor shares. */
int domains_scan(struct engine *en, bool stats, struct err *e);
/* A scan at the next turn, however often asked. */
void domains_scan_soon(struct engine *en);
/* The same after a while, unless one is due before. */
void domains_scan_in(struct engine *en, uint64_t ms);
/* Reads name, ownership, target and start from the store anew. */
void domains_read_store(struct dom_entry *de);
/* The names of all, or of those alone that had none when they were listed, as
 * xenstore has them now: for whoever gives a name, under the lock of names.
 * What a watch tells comes a turn later. */
void domains_read_names(struct engine *en, bool all);

/* For dom_observer.read. A refusal other than "no such node" says nothing: it
 * is logged, and false returned. No such node: "". */
bool domains_read_node(struct dom_entry *de, const char *path, char *dst,
                       size_t n);

/* A room above that is told of domains. Embedded in its owner, zeroed means
 * idle; asked in the order of entering. Each function may be NULL. */
struct dom_observer {
    /* What the store says of it beside its name: whose it is. */
    void (*read)(struct dom_observer *o, struct dom_entry *de);
    /* The id under which a domain with this uuid was shown while it was off;
     * 0: none. */
    uint64_t (*take_id)(struct dom_observer *o, const uint8_t uuid[16]);
    /* A domain that is between two lives: the last one is gone, the next one
     * is being made. By its name or uuid as text, or (name NULL) by the id of
     * the last life. NULL: none. */
    const struct dom *(*between)(struct dom_observer *o, const char *name,
                                 uint64_t id);
    /* It is in the table. */
    void (*born)(struct dom_observer *o, struct dom_entry *de);
    /* Somebody has given it another name, in the store. */
    void (*renamed)(struct dom_observer *o, struct dom_entry *de,
                    const char *before);
    /* A listing has it, its facts are taken over. */
    void (*listed)(struct dom_observer *o, struct dom_entry *de);
    /* It is about to leave the table; why: "crash", "gone". */
    void (*gone)(struct dom_observer *o, struct dom_entry *de, const char *why);
    /* A listing is over that found changes. */
    void (*changed)(struct dom_observer *o);
    struct list_node node;
};

void domains_observe(struct engine *en, struct dom_observer *o);
void domains_unobserve(struct dom_observer *o); /* idempotent */

/* Those that do not run, for engine_dom_at: borrowed until the next call. */
void domains_show_off(struct engine *en, const struct dom *const *list,
                      size_t n);
/* An identity for one that does not run. */
uint64_t domains_new_id(struct engine *en);

#endif
