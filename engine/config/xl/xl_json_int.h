/*
 * xl_json_int.h - what the files that read libxl's JSON share.
 */
#ifndef XENDECK_ENGINE_CONFIG_XL_JSON_INT_H
#define XENDECK_ENGINE_CONFIG_XL_JSON_INT_H

#include <json-c/json_object.h>

#include "src/base/buf.h"
#include "src/base/err.h"

/* Borrowed; NULL: there is none of this type, or the text is empty. o may be
 * NULL. */
struct json_object *xl_json_member(struct json_object *o, const char *key,
                                   enum json_type type);
const char *xl_json_text(struct json_object *o, const char *key);
/* 1, 0, or -1: not set. As "True", as a number or as JSON has it. */
int xl_json_tri(struct json_object *o, const char *key);
/* Appends value between quotes; key: for the sentence. */
int xl_json_quote(struct buf *out, const char *key, const char *value,
                  struct err *e);

/* xl_json_cpuid.c: appends what b_info changes of CPUID. */
int xl_json_put_cpuid(struct buf *out, struct json_object *b, struct err *e);
/* xl_json_firmware.c: appends what an HVM domain (h, may be NULL) is told of
 * its machine by its firmware. */
int xl_json_put_firmware(struct buf *out, struct json_object *h, struct err *e);
/* xl_json_devices.c: appends the lists of devices. */
int xl_json_devices(struct buf *out, struct json_object *js, struct err *e);

#endif
