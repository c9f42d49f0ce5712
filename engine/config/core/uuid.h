/*
 * uuid.h - uuids as text, and new ones.
 */
#ifndef XENDECK_ENGINE_CONFIG_UUID_H
#define XENDECK_ENGINE_CONFIG_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

/* uuid <-> "8-4-4-4-12" lower case text. */
bool uuid_parse_text(const char *s, uint8_t out[16]);
void uuid_print_text(const uint8_t uuid[16], char out[37]);
/* False: all zero, which is the handle of dom0 and of domains that were made
 * without one, and stands for "not known": it names nobody. */
bool uuid_known(const uint8_t uuid[16]);
/* Random, version 4. */
int uuid_make(uint8_t out[16], struct err *e);

#endif
