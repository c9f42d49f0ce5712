/*
 * life.h - the verbs that begin and end domains, as front ends call them. Each
 * begins an operation; *op_out (may be NULL) is its id.
 *
 * Verbs on a domain refuse dom0 (ERR_DENIED) and unknown ids (ERR_NOENT).
 */
#ifndef XENDECK_ENGINE_LIFE_H
#define XENDECK_ENGINE_LIFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

struct engine;

struct engine_create_opts {
    bool paused; /* leave it paused */
    /* Settings "NAME=VALUE" that hold instead of the file's. */
    const char *const *vars;
    size_t n_vars;
};

/* Loads and checks the file at once (errors in *e), then creates. */
int engine_create(struct engine *en, const char *path,
                  const struct engine_create_opts *o, uint64_t *op_out,
                  struct err *e);
/* The same from a configuration in xendeck's own format; relative paths are
 * below dir (NULL: refused). */
int engine_create_text(struct engine *en, const char *text, const char *dir,
                       bool paused, uint64_t *op_out, struct err *e);
int engine_pause(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                 struct err *e);
int engine_unpause(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                   struct err *e);
/* Shutdown, reboot and suspend write control/shutdown, wait for the
 * acknowledgement and then for the end; a guest that does not obey fails the
 * operation with ERR_TIMEOUT and offer_destroy set. */
int engine_shutdown(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                    struct err *e);
int engine_reboot(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                  struct err *e);
int engine_suspend(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                   struct err *e);
int engine_destroy(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                   struct err *e);
/* The same, which can be taken back for so many seconds by engine_op_cancel:
 * the domain is paused at once, and then as it was before. seconds 0, or
 * another one than engine_destroy_waits tells: it is destroyed at once. */
int engine_destroy_after(struct engine *en, uint64_t dom_id, unsigned seconds,
                         uint64_t *op_out, struct err *e);
/* Is it whole, and nothing at work on it? What is at work is ended by a
 * destruction, and could not be gone on with. */
bool engine_destroy_waits(const struct engine *en, uint64_t dom_id);
/* The operation that destroys this domain, if it can be taken back now; 0. */
uint64_t engine_destroy_undo(const struct engine *en, uint64_t dom_id);

/* As the reset button: the domain ends at once, whatever it does, and is made
 * again, whatever on_reboot says. Refused where it would not come back. */
int engine_reset(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                 struct err *e);

enum host_stop { HOST_STOP_DOMAINS, HOST_POWEROFF, HOST_REBOOT };
/* Stops every domain by its policy, in the reverse of the start order, then
 * the host. limit_s: for each domain; 0: the engine's limits. */
int engine_host_stop(struct engine *en, enum host_stop how, unsigned limit_s,
                     uint64_t *op_out, struct err *e);

#endif
