/*
 * tags.h - words that operators give domains, to find and to group them. They
 * are kept by uuid, in UUID.tags beside the definitions: over restarts of the
 * domain, of the engine and of the host, whoever made the domain.
 */
#ifndef XENDECK_ENGINE_TAGS_H
#define XENDECK_ENGINE_TAGS_H

#include <stdint.h>

#include "engine/model/domain.h"
#include "src/base/err.h"

/* Replaces out: "" if there are none, or they cannot be read. */
void tags_load(const char *dir, const uint8_t uuid[16],
               char out[DOM_TAGS_BYTES]);
int tags_save(const char *dir, const uint8_t uuid[16], const char *tags,
              struct err *e);
/* Applies words with commas between to tags, which stay sorted, each once:
 * "web" gives one, "-web" takes it away, "=" in front takes away all before.
 * -1: tags are as they were. */
int tags_change(char tags[DOM_TAGS_BYTES], const char *change, struct err *e);

#endif
