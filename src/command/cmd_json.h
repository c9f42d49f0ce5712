/*
 * cmd_json.h - what the families put into JSON objects.
 */
#ifndef XENDECK_COMMAND_CMD_JSON_H
#define XENDECK_COMMAND_CMD_JSON_H

#include <json-c/json.h>

#include "engine/model/model.h"
#include "src/base/buf.h"

/* A member of js. */
void json_put_u64(struct json_object *js, const char *name, uint64_t v);
void json_put_text(struct json_object *js, const char *name, const char *text);
void json_put_bool(struct json_object *js, const char *name, bool v);
/* Bytes a second; null where they are not known (less than 0). */
void json_put_rate(struct json_object *js, const char *name, double per_s);
/* The members that `show` and `vcpu-list` have in common. */
void json_put_vcpu(struct json_object *js, const struct dom_vcpu *v);
/* Appends js with a newline and gives it up. */
void json_out(struct buf *out, struct json_object *js);
/* The members that `list` and `show` have in common; the caller's to put. */
struct json_object *dom_json(const struct dom *d, double wall_s);

#endif
