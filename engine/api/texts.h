/*
 * texts.h - long texts on the engine, the host and a domain.
 */
#ifndef XENDECK_API_TEXTS_H
#define XENDECK_API_TEXTS_H

#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"

struct engine;

/* The configuration in the native format: as created for an owned domain, with
 * what the running one has otherwise as comments; else what the host knows of
 * it, likewise. */
int engine_config_text(struct engine *en, uint64_t dom_id, struct buf *out,
                       struct err *e);
/* The subtree below /local/domain/DOMID, /libxl/DOMID and /vm/UUID, made safe,
 * one "path = value" a line; at most max_lines lines and 12 levels. */
int engine_store_text(struct engine *en, uint64_t dom_id, size_t max_lines,
                      struct buf *out, struct err *e);
/* What the engine holds: descriptors, timers, watches, memory: for `info`. */
void engine_info_text(struct engine *en, struct buf *out);
/* Who has the host's memory, and what would fit into the rest; want_kib: and
 * what a domain of that size lacks, and who could shrink for it. 0: no such. */
int engine_ledger_text(struct engine *en, uint64_t want_kib, struct buf *out,
                       struct err *e);
/* What the host has, in xl info's words: "NAME : VALUE" a line; cpu and
 * numa_node come once each. */
int engine_node_text(struct engine *en, struct buf *out, struct err *e);

#endif
