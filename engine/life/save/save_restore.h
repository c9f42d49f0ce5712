/*
 * save_restore.h - the configuration that comes with a domain's memory, from a
 * file or from another host.
 */
#ifndef XENDECK_ENGINE_SAVE_RESTORE_H
#define XENDECK_ENGINE_SAVE_RESTORE_H

#include "src/base/err.h"

struct config_src;
struct domain_config;
struct engine;
struct saved_head;

/* That of a header, in whichever form; a new one of the caller's. */
int restore_parse(const struct saved_head *h, const struct config_src *src,
                  struct domain_config **out);
/* Gives it a uuid if it has none; refuses one that is here already. */
int restore_check_name(struct engine *en, struct domain_config *c,
                       struct err *e);

#endif
