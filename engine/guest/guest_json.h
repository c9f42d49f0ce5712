/*
 * guest_json.h - a new guest as libxl's file of it says (record/userdata.h).
 */
#ifndef XENDECK_ENGINE_GUEST_JSON_H
#define XENDECK_ENGINE_GUEST_JSON_H

#include "engine/guest/nodes.h"
#include "src/base/err.h"

/* Writes the file of n below dir. */
int guest_json_write(const char *dir, const struct nodes *n, struct err *e);

#endif
