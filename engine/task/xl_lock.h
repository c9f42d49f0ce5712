/*
 * xl_lock.h - libxl's locks on what it keeps of a domain beside xenstore, so
 * that xl and this toolstack do not overwrite each other.
 */
#ifndef XENDECK_ENGINE_XL_LOCK_H
#define XENDECK_ENGINE_XL_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

#define XL_LOCK_DEVICES  "libxl-device-changes-lock"
#define XL_LOCK_USERDATA "domain-userdata-lock"

/* Never waits: ERR_BUSY while another process holds it. A descriptor for
 * xl_unlock, or -1. */
int xl_lock(const char *dir, uint32_t domid, const uint8_t uuid[16],
            const char *name, struct err *e);
/* The same for any lock file that libxl removes while it holds it; the holder
 * is named. Remove the file, then close the descriptor. */
int xl_lock_file(const char *path, struct err *e);
void xl_unlock(const char *dir, uint32_t domid, const uint8_t uuid[16],
               const char *name, int fd); /* fd -1 is allowed */

#endif
