/*
 * kept.h - texts that a user keeps by name on this host: what stood on a
 * screen. Each is a file STATE_DIR/kept/UID/NAME.
 */
#ifndef XENDECK_ENGINE_KEPT_H
#define XENDECK_ENGINE_KEPT_H

#include "src/base/buf.h"
#include "src/base/err.h"

struct engine;

#define KEPT_NAME_MAX  32    /* characters of a name */
#define KEPT_TEXTS_MAX 64    /* of a user */
#define KEPT_BYTES_MAX 16384 /* of a text */

/* Keeps a text, in the place of one of the same name. -1 with *e: the name is
 * none (letters, digits, _ -, beginning with a letter or digit), there are
 * too many, or the disk does not take it; what was kept before is whole. */
int kept_put(const struct engine *en, unsigned uid, const char *name,
             const struct buf *text, struct err *e);
/* Appends it. ERR_NOENT: there is none of this name. */
int kept_get(const struct engine *en, unsigned uid, const char *name,
             struct buf *out, struct err *e);
int kept_remove(const struct engine *en, unsigned uid, const char *name,
                struct err *e);
/* Appends all names of a user, sorted, one a line. */
void kept_names(const struct engine *en, unsigned uid, struct buf *out);

#endif
