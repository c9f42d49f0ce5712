/*
 * save.h - a running domain goes into a file, and comes back from one. Each
 * begins an operation; *op_out (may be NULL) is its id.
 *
 * A save can be cancelled at any moment, and fails without harm: the guest runs
 * on, and there is no file. A file is whole or not there.
 */
#ifndef XENDECK_ENGINE_SAVE_H
#define XENDECK_ENGINE_SAVE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

struct engine;

struct save_opts {
    bool checkpoint; /* the guest runs on after it */
    bool replace;    /* a file that is there already */
    bool compress;   /* by zstd: see saved_pack.h */
    bool resume;     /* it starts again with the host, autostart or not */
};

/* path NULL or "": STATE_DIR/save/UUID.save, which is removed when the domain
 * runs again. A domain of ours is listed as saved afterwards, and `start`
 * brings it back. */
int engine_save(struct engine *en, uint64_t dom_id, const char *path,
                const struct save_opts *o, uint64_t *op_out, struct err *e);
/* From a file of ours or of xl's. It keeps its name and uuid. */
int engine_restore(struct engine *en, const char *path, bool paused,
                   uint64_t *op_out, struct err *e);
/* The file of a domain that is saved; false: it is not. dst: 512 bytes. */
bool engine_saved_file(const struct engine *en, uint64_t dom_id, char *dst,
                       unsigned dst_size);

#endif
