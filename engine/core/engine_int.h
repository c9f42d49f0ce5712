/*
 * engine_int.h - the engine from inside: its tables and how its parts reach
 * each other. Only engine/ and the tests include it.
 */
#ifndef XENDECK_ENGINE_INT_H
#define XENDECK_ENGINE_INT_H

#include "engine/api/engine.h"
#include "engine/hv/hv.h"
#include "engine/record/record.h"
#include "engine/store/store.h"
#include "engine/task/helper.h"

#define ENGINE_OPS_KEPT    64 /* ended operations that can still be read */
#define ENGINE_EVENTS_KEPT 1000

struct rates;
struct sim;
struct task;
struct def;
struct console;
struct event_file;
struct hooks;
struct log;
struct net;
struct xen_log;

/* On whose behalf the engine acts at the moment. */
struct actor {
    const char *who;     /* NULL: who sits before this process */
    const struct op *op; /* the operation at work, NULL: none */
};

/* Where the engine keeps things; all made by engine_paths_init. */
struct engine_paths {
    char state[256];    /* configurations of owned domains */
    char run[256];      /* locks */
    char libxl[256];    /* userdata files, as libxl names them */
    char consoles[256]; /* console locks: xenconsole.DOMID */
    char dump[256];     /* core dumps; made when the first one is */
    char history[256];  /* libxl's domid history, "" to keep none */
    char made[256];     /* temporary directory to remove, or "" */
};

/* One domain. d is what the front end reads. */
struct dom_entry {
    struct dom d;
    bool seen;              /* in the listing at work */
    bool birth_told;        /* its birth is in the event log */
    bool death_told;        /* its end is, too */
    uint64_t born_ms;       /* when it was first listed */
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
    struct console *con; /* the engine's own reader, or NULL */
};

/* This engine's file of operations at work (life/oplog.c). */
struct oplog {
    int fd; /* -1: none yet */
    bool failed;
    char name[32];
    unsigned live; /* operations begun and not ended */
    size_t bytes;
};

struct engine {
    struct loop *lp;
    struct log *log;
    struct hv *hv;
    struct store *st;
    struct sim *sim; /* NULL on Xen */
    struct engine_opts opts;
    struct engine_paths paths;
    char helper_driver[8]; /* what a helper opens: "xen", "sim" */
    const char *helper_exe;

    struct dom_entry **doms; /* by ascending domid */
    size_t n_doms, cap_doms;
    struct hv_dom *scan; /* listing buffer */
    size_t cap_scan;
    uint64_t next_dom_id;
    struct host host;
    uint64_t *idle_ns; /* per physical cpu, of the last tick */
    uint64_t idle_sample_ns;
    unsigned n_idle;

    struct list_node listeners;
    unsigned changed; /* ENGINE_CH_ bits to tell at the end of the turn */
    struct loop_timer tell;
    struct loop_timer tick;
    struct loop_timer rescan;
    struct store_watch intro_watch, release_watch;
    struct loop_fd virq_lf;

    struct event *events; /* ring */
    size_t n_events, head_event;
    uint64_t next_event;
    struct event_file *journal; /* NULL: could not be opened */
    char journal_id[32];        /* of this engine, in the journal */
    struct hooks *hooks;
    struct net *net;
    struct log *trace;       /* NULL: off */
    struct xen_log *xen_log; /* NULL: nobody has asked for it */
    bool loaded;             /* the journal's tail is in the ring */
    bool opening;            /* engine_new is at work */
    bool from_hook;          /* this process was started by a hook */
    char who[32];
    struct actor actor;

    struct op **ops; /* by id; live and the last ended */
    size_t n_ops, cap_ops;
    uint64_t next_op;
    struct list_node tasks; /* live, in order of arrival */
    struct list_node woken; /* tasks to be advanced, in order of waking */
    struct loop_timer run;  /* advances them */
    unsigned turn_steps;    /* done by it in this turn */
    uint64_t turn_ns;       /* when this turn's began */
    struct task *host_stop; /* at work, NULL: none; woken by each end */
    struct list_node consoles;
    struct list_node models; /* device models that are watched */
    struct rates *rates;     /* rates.c; NULL: nobody wants them */
    struct helper_pool helpers;
    bool closing;
    struct record record;
    struct oplog oplog;
    bool keep_host;  /* tests: hv, store and sim outlive the engine */
    bool abandoned;  /* engine_abandon is at work */
    bool recovering; /* what is found dead waits until recovery has looked */
    struct store_watch mark_watch;
    struct def *defs; /* definitions (life/define.h) */
    size_t n_defs;
    bool defs_read;    /* once at least */
    struct def **offs; /* of these, who is off, by name */
    size_t n_offs;
    struct loop_fd defs_lf;
    struct loop_timer defs_timer;
    struct loop_timer autostart;
    uint64_t autostart_op, autostart_delay_ms;
    uint8_t autostart_uuid[16]; /* of autostart_op */
};

/* engine.c: builds an engine on given drivers (tests; engine_open). o is
 * copied, hv and st are owned by the engine from success on. */
struct engine *engine_new(const struct engine_opts *o, struct hv *h,
                          struct store *st, struct sim *sim, struct err *e);
/* Fails every operation and waits for what takes it back. */
void engine_undo_all(struct engine *en);
/* Tests: the end of an engine that is killed. Its memory, descriptors and
 * helpers go; no call is made, no file is changed. hv and sim stay whole, its
 * connection to the store is closed. */
void engine_abandon(struct engine *en);
/* Notes ENGINE_CH_ bits; listeners hear at the end of the turn. */
void engine_changed(struct engine *en, unsigned what);
/* paths.c */
int engine_paths_init(struct engine *en, struct err *e);
void engine_paths_fini(struct engine *en);
/* Makes the run-time directory again if somebody removed it. */
int engine_paths_run(struct engine *en, struct err *e);

/* domains.c: the table */
/* Lists all domains and takes over births, deaths and changes of state; with
 * stats also the processor shares. */
int domains_scan(struct engine *en, bool stats, struct err *e);
/* A scan at the next turn, however often asked. */
void domains_scan_soon(struct engine *en);
/* The same after a while, unless one is due before. */
void domains_scan_in(struct engine *en, uint64_t ms);
struct dom_entry *domains_by_domid(const struct engine *en, uint32_t domid);
struct dom_entry *domains_by_id(const struct engine *en, uint64_t id);
struct dom_entry *domains_by_name(const struct engine *en, const char *name);
/* Reads name, ownership, target and start from the store anew. */
void domains_read_store(struct dom_entry *de);
void domains_free(struct engine *en);
/* Whether this engine reaps, restarts and undoes what others left. */
bool engine_reaps(const struct engine *en);
/* mark.c: whose a domain is may change under it: another process finishes its
 * making, adopts it, lets go of it. Watches that. */
int marks_watch(struct engine *en, struct err *e);
/* vcpus.c */
void domains_host_tick(struct engine *en);

/* events.c */
void event_add(struct engine *en, enum event_kind k, enum event_level l,
               const struct dom *d, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* All facts given; who, op, uuid are filled in where head has none and they are
 * known. */
void event_add_head(struct engine *en, const struct event *head,
                    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same for a domain that is not in the table (yet, or any more). */
void event_add_for(struct engine *en, enum event_kind k, enum event_level l,
                   uint32_t domid, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* Into the ring as it is. */
void event_keep(struct engine *en, const struct event *ev);
/* Of the engine's own means (journal, hooks): ring and log only. */
void event_note(struct engine *en, enum event_level l, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* event_log.c: the journal of events on disk */
void event_log_open(struct engine *en);
void event_log_close(struct engine *en);
/* An event of this engine: into the journal, and to the hooks. False: it is
 * another engine's to tell, the ring gets it from there. */
bool event_log_take(const struct engine *en, const struct event *ev);
void event_log_add(struct engine *en, const struct event *ev);

/* event_json.c: a line of the journal, without its end. */
void event_to_json(const struct event *ev, const char *engine, struct buf *out);
/* False: it is none. engine: who wrote it, "" if it does not say. */
bool event_from_json(const char *line, size_t n, struct event *out,
                     char *engine, size_t engine_size);

/* xen_log.c */
void xen_log_ready(struct engine *en); /* Xen has written something */
void xen_log_free(struct engine *en);

/* who.c: "root@pts/3" */
void who_text(char *dst, size_t dst_size);
/* From here on the engine acts for who (NULL: as it is) in op (NULL: none);
 * returns what was before, to be put back into en->actor. */
struct actor engine_act_for(struct engine *en, const char *who,
                            const struct op *op);
#define ENGINE_ITSELF "engine"

/* life/reap.c */
/* A domain of ours has ended: cleans up after it and restarts it if its
 * configuration says so. */
void reap_begin(struct dom_entry *de);
/* A half-built domain that no operation of this engine works on: when its maker
 * has finished it is taken in, when its maker is dead it is undone. */
void recover_half_built(struct dom_entry *de);

/* console/channel.c */
/* Starts the engine's own reader for an owned domain. */
void console_own(struct dom_entry *de);
/* It is not ours any more: let go of, unless somebody looks at it. */
void console_disown(struct dom_entry *de);
/* The domain is gone: what is left in the tty is read, then clients hear. */
void console_dom_gone(struct dom_entry *de, const char *why);
void consoles_free(struct engine *en);

#endif
