/*
 * xl_json.h - the configuration that libxl keeps of a domain, as JSON, turned
 * into an xl.cfg: xl's files of saved domains hold one, `xl list -l' prints
 * all.
 */
#ifndef XENDECK_ENGINE_CONFIG_XL_JSON_H
#define XENDECK_ENGINE_CONFIG_XL_JSON_H

#include "src/base/buf.h"
#include "src/base/err.h"

/* Appends the text of an xl.cfg, which config_xl_parse judges. Settings that an
 * xl.cfg of ours has no word for are left out. -1 with *e: it is no such JSON.
 */
int config_xl_from_json(const char *json, struct buf *out, struct err *e);
/* The same of what `xl list -l' prints: of several domains, domain 0 aside, the
 * one of this name (NULL: there must be one only). file: for messages. */
int config_xl_pick_json(const char *json, const char *file, const char *want,
                        struct buf *out, struct err *e);

#endif
