/*
 * guest_json.h - a new guest as libxl's file of it says (record/userdata.h).
 */
#ifndef XENDECK_ENGINE_GUEST_JSON_H
#define XENDECK_ENGINE_GUEST_JSON_H

#include "engine/guest/nodes.h"
#include "src/base/err.h"

struct json_object;

/* Writes the file of n below dir. */
int guest_json_write(const char *dir, const struct nodes *n, struct err *e);
/* Adds the passwords of its screen to such a configuration, which has none: for
 * a file that nobody but root reads. */
void guest_json_add_secrets(const struct domain_config *c,
                            struct json_object *config);

/* --- guest_json_machine.c --- */
/* Adds what b_info says of machine, screen and device model. */
void guest_json_machine(const struct nodes *n, struct json_object *b);
/* For struct guest_type.json. */
void guest_json_pv(const struct nodes *n, struct json_object *o);
void guest_json_hvm(const struct nodes *n, struct json_object *h);

#endif
