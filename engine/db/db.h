/*
 * db.h - what must survive the engine: one libconfig file for each owned
 * domain, STATE_DIR/UUID.conf, written to a temporary file, fsynced, renamed.
 */
#ifndef XENDECK_ENGINE_DB_H
#define XENDECK_ENGINE_DB_H

#include <stdint.h>

#include "engine/config/config.h"

/* Replaces the file of this uuid with one that db_load takes. On -1 the old
 * one, if any, is whole. */
int db_save(const char *dir, const uint8_t uuid[16],
            const struct domain_config *c, struct err *e);
/* ERR_NOENT if there is none. */
int db_load(const char *dir, const uint8_t uuid[16], struct domain_config **out,
            struct err *e);
/* A missing file is success. */
int db_remove(const char *dir, const uint8_t uuid[16], struct err *e);

#endif
