/*
 * define.h - defined domains: configurations that are kept while their domain
 * does not run, as UUID.conf with "defined" in UUID.state. Those that do not
 * run are in the list of domains, "off".
 */
#ifndef XENDECK_ENGINE_DEFINE_H
#define XENDECK_ENGINE_DEFINE_H

#include "engine/model/domain.h"
#include "src/base/err.h"

struct dom_entry;
struct domain_config;
struct engine;

/* d: as it is listed while it is off; d.id is new for each time off. */
struct def {
    struct dom d;
    bool live;
    bool pending; /* its restart failed, and is tried again (retry.h) */
    unsigned order, delay_s; /* autostart */
};

/* Reads them; the domains are listed. And follows what others change. */
void defs_start(struct engine *en);
/* This engine wrote a file of one: an engine that stays hears of it from the
 * directory, a single verb's does not. */
void defs_changed(struct engine *en);
/* Reads all again: what is pending (retry.h) has changed. */
void defs_reload(struct engine *en);
struct def *defs_by_uuid(const struct engine *en, const uint8_t uuid[16]);
/* NULL: there is none that is off with this id. */
const struct dom *defs_off_by_id(const struct engine *en, uint64_t id);
/* -1 with *e: a definition has this name or uuid. */
int defs_check_free(const struct engine *en, const struct domain_config *c,
                    struct err *e);
/* Says what is wrong with an id that names no listed domain. Returns NULL. */
struct dom_entry *defs_refuse(const struct engine *en, uint64_t id,
                              struct err *e);

#endif
