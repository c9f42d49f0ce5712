/*
 * formats.h - configurations checked and converted, as front ends call it.
 * Formats are recognised by content; format: "conf", "xl", "sxp", "json".
 */
#ifndef XENDECK_ENGINE_FORMATS_H
#define XENDECK_ENGINE_FORMATS_H

#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"

struct engine;
struct hv_host;

/* Loads and checks only, and goes on after a fault: the last one is in *e,
 * those before it in warn_out. en may be NULL: then the host is not asked.
 * Appends to need_out what the domain needs of the host's memory and
 * processors; to warn_out (may be NULL) warnings (settings that are not
 * honoured), one a line. */
int engine_check(struct engine *en, const char *path, struct buf *need_out,
                 struct buf *warn_out, struct err *e);
/* What the domain of a text in xendeck's own format needs of this host, as
 * engine_check tells it; no file that it names is looked at. -1 with *e: the
 * text is refused. dir: as config_parse has it. */
int engine_need_of(struct engine *en, const char *text, const char *dir,
                   struct buf *need_out, struct err *e);
/* The same without an engine, where the hypervisor alone has told of itself. */
int engine_check_host(const struct hv_host *host, const char *path,
                      struct buf *need_out, struct buf *warn_out,
                      struct err *e);
int engine_convert(const char *path, const char *format, struct buf *out,
                   struct buf *warn_out, struct err *e);
/* The configuration of a domain on record. */
int engine_export(struct engine *en, uint64_t dom_id, const char *format,
                  struct buf *out, struct buf *warn_out, struct err *e);

/* Each line of warn becomes an event. name: the domain's. */
void formats_warn(struct engine *en, const char *name, const struct buf *warn);

#endif
