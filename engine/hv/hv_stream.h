/*
 * hv_stream.h - the memory and state of a domain as a stream of bytes, and
 * back. Both ways block as long as the memory takes to pass and parse what
 * guests wrote: for helpers.
 */
#ifndef XENDECK_ENGINE_HV_STREAM_H
#define XENDECK_ENGINE_HV_STREAM_H

#include "engine/hv/hv_life.h"

/* What a helper's driver cannot see of a domain by itself: words of the
 * engine's driver, which travel with the stream. */
#define HV_WORDS_MAX 512

/* What passed while the guest ran. */
struct hv_sent {
    unsigned rounds;
    uint64_t kib;
};

struct hv_save {
    uint32_t domid;
    enum hv_kind kind;
    int fd;           /* blocking */
    uint64_t mem_kib; /* that it has */
    unsigned pace_ms; /* hv_pace_ms of the engine's driver */
    bool stop_first;  /* it is suspended before its memory passes */
    bool shadow;      /* Xen can log what a PV guest writes: it need not stop
                         for all of its memory */
    /* How often what a running guest has written meanwhile is sent before it
     * stops; sooner if the rest takes no longer than stop_ms. 0: the driver's
     * own limit; no such time. */
    unsigned rounds_max, stop_ms;
    struct hv_sent *sent; /* or NULL */
    /* Returns once the guest has suspended, with words of hv_save_words; -1: it
     * does not, and runs on. */
    int (*suspend)(void *arg, char words[HV_WORDS_MAX], struct err *e);
    /* The device model of an HVM domain is to note which pages it writes, or
     * need not any more. -1: it does not. */
    int (*log_dirty)(void *arg, bool on, struct err *e);
    hv_progress_cb progress;
    void *arg;
};

struct hv_restore {
    uint32_t domid;
    enum hv_kind kind;
    int fd;           /* stands where the stream begins */
    uint64_t mem_kib; /* what the domain may have */
    unsigned max_vcpus;
    uint32_t store_domid, console_domid;
    uint32_t store_port, console_port;
    unsigned pace_ms; /* hv_pace_ms of the engine's driver */
    hv_progress_cb progress;
    void *arg;
};

struct hv_restored {
    struct hv_built rings;
    char words[HV_WORDS_MAX];
};

/* Writes all of a domain, which it has suspended when there is no other way.
 * The domain stays as it is then, whether this succeeds or fails: the caller
 * destroys it or lets it run on (hv_resume). */
int hv_save(struct hv *h, const struct hv_save *s, struct err *e);
/* For the engine, of a domain that has suspended. */
int hv_save_words(struct hv *h, uint32_t domid, char words[HV_WORDS_MAX],
                  struct err *e);
/* Fills a domain that was made and has its vcpus, limits and ports; in the
 * place of hv_build. */
int hv_restore(struct hv *h, const struct hv_restore *r,
               struct hv_restored *out, struct err *e);
/* After a helper said that it restored the domain: is the memory there? */
int hv_check_restored(struct hv *h, const struct hv_restore *r,
                      const struct hv_restored *got, struct err *e);

#endif
