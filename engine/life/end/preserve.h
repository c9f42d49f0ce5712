/*
 * preserve.h - a dead domain that its configuration keeps for an operator to
 * look at: under its own name, or under another one so that its next life can
 * take over name and uuid.
 */
#ifndef XENDECK_ENGINE_PRESERVE_H
#define XENDECK_ENGINE_PRESERVE_H

#include "engine/config/core/config.h"
#include "engine/host/domains.h"

/* Marks it, so that no engine reaps it. */
int preserve_mark(struct dom_entry *de, struct err *e);
/* Gives it the name NAME-YYYYMMDDTHHMMSS and a new uuid, in the hypervisor,
 * in xenstore, in the files of libxl and in the database (cfg: what it was
 * made from; unchanged), and marks it. On -1 all is as it was. */
int preserve_rename(struct dom_entry *de, const struct domain_config *cfg,
                    struct err *e);

#endif
