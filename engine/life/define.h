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
    bool resume;  /* saved as the host stopped: it starts with the host */
    bool pending; /* its restart failed, and is tried again, or was cancelled
                     (retry.h) */
    bool held;    /* the latter, or it may run on another host (db.h); an
                     earlier engine may have seen that */
    bool served;  /* a device of it names its backend */
    unsigned order, delay_s; /* autostart */
};

/* Reads them; the domains are listed. And follows what others change. */
void defs_start(struct engine *en);
/* This engine wrote or removed a file of this one: it is read again now. What
 * others write is heard of from the directory, some time later. */
void defs_changed(struct engine *en, const uint8_t uuid[16]);
/* Reads all again: what is pending (retry.h) has changed. */
void defs_reload(struct engine *en);
struct def *defs_by_uuid(const struct engine *en, const uint8_t uuid[16]);
/* NULL: there is none that is off with this id. */
const struct dom *defs_off_by_id(const struct engine *en, uint64_t id);
/* -1 with *e: a definition has this name or uuid. */
int defs_check_free(const struct engine *en, const struct domain_config *c,
                    struct err *e);
/* Writes a checked configuration with its uuid as a definition, which is then
 * read by defs_reload. given: the user named that uuid. */
int defs_keep(struct engine *en, struct domain_config *c, bool given,
              struct err *e);
/* An event on a definition, whether its domain runs or not. */
void defs_tell(struct engine *en, const uint8_t uuid[16], const char *name,
               const char *what);
/* Says what is wrong with an id that names no listed domain. Returns NULL. */
struct dom_entry *defs_refuse(const struct engine *en, uint64_t id,
                              struct err *e);

#endif
