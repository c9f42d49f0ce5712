/*
 * listing.h - host, domains and vcpus as front ends read them.
 */
#ifndef XENDECK_ENGINE_LISTING_H
#define XENDECK_ENGINE_LISTING_H

#include "engine/model/domain.h"
#include "engine/model/host.h"
#include "engine/model/memory_use.h"
#include "engine/model/vcpu.h"

struct buf;
struct engine;

/* What Xen keeps for a domain that runs, beside its memory; false: it cannot be
 * told. Asks the hypervisor: for one that is looked at. */
bool engine_memory_use(struct engine *en, uint64_t dom_id,
                       struct memory_use *out);

const struct host *engine_host_info(const struct engine *en);
size_t engine_dom_count(const struct engine *en);
/* By ascending domid, dom0 first, then those that are off. NULL past the end.
 */
const struct dom *engine_dom_at(const struct engine *en, size_t i);
const struct dom *engine_dom_by_id(const struct engine *en, uint64_t id);
const struct dom *engine_dom_by_domid(const struct engine *en, uint32_t domid);
/* A listed domain of this name, running ones first; NULL: there is none. */
const struct dom *engine_dom_by_name(const struct engine *en, const char *name);
/* dom_find.c. name: digits are a domid, never a name; else a uuid, or a name.
 * NULL with *e: not found (ERR_NOENT), or the name of two domains, whose uuids
 * *e tells. */
const struct dom *engine_dom_find(const struct engine *en, const char *name,
                                  struct err *e);
/* Appends a word without blanks by which engine_dom_find finds this very
 * domain: its name, where that is one, else its uuid or its domid. */
void engine_dom_word(const struct engine *en, const struct dom *d,
                     struct buf *out);
/* Fills at most max vcpus; the percentages need two calls a while apart. */
int engine_vcpus(struct engine *en, uint64_t dom_id, struct dom_vcpu *out,
                 size_t max, size_t *n_out, struct err *e);

#endif
