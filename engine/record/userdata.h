/*
 * userdata.h - the files beside xenstore that libxl keeps for a domain, so
 * that `xl` commands which want them work on ours.
 */
#ifndef XENDECK_ENGINE_USERDATA_H
#define XENDECK_ENGINE_USERDATA_H

#include <stdint.h>

#include "src/base/err.h"

/* The file is DIR/userdata-d.DOMID.UUID.libxl-json. */
struct json_object;

/* The file as it stands; *out is NULL if there is none (json_object_put).
 */
int userdata_load(const char *dir, uint32_t domid, const uint8_t uuid[16],
                  struct json_object **out, struct err *e);
/* Replaces it: whole or not at all. */
int userdata_save(const char *dir, uint32_t domid, const uint8_t uuid[16],
                  struct json_object *o, struct err *e);
/* The name that it gives the domain. Under libxl's lock, which is not waited
 * for: ERR_BUSY while xl holds it. No file is success. */
int userdata_set_name(const char *dir, uint32_t domid, const uint8_t uuid[16],
                      const char *name, struct err *e);
/* All userdata-?.DOMID.UUID.* files; missing ones are success. */
void userdata_remove(const char *dir, uint32_t domid, const uint8_t uuid[16]);
/* The same for whatever domid it had. */
void userdata_remove_all(const char *dir, const uint8_t uuid[16]);

/* The same files for another uuid; their content keeps what it says. */
void userdata_rename(const char *dir, uint32_t domid, const uint8_t from[16],
                     const uint8_t to[16]);

/* Notes a destroyed domid in libxl's history (path, "" for none), so that no
 * toolstack gives it out again within a minute. now_s: CLOCK_MONOTONIC. Never
 * waits: -1 with ERR_BUSY while another process holds the history's lock. */
int domid_history_add(const char *path, uint32_t domid, uint64_t now_s,
                      struct err *e);

#endif
