/*
 * tuning.h - what is set while a domain runs, as front ends call it. Every
 * value is checked, with the range in the message. Each begins an operation;
 * *op_out (may be NULL) is its id.
 */
#ifndef XENDECK_ENGINE_TUNING_H
#define XENDECK_ENGINE_TUNING_H

#include "engine/model/vcpu.h"
#include "src/base/err.h"

struct engine;

/* Watches the guest balloon to the target: progress, and an end. */
int engine_mem_set(struct engine *en, uint64_t dom_id, uint64_t kib,
                   uint64_t *op_out, struct err *e);
int engine_mem_max(struct engine *en, uint64_t dom_id, uint64_t kib,
                   uint64_t *op_out, struct err *e);
/* What mem-max has set or the configuration says; of another tool's domain what
 * it may own now. UINT64_MAX: no limit. */
uint64_t engine_mem_max_kept(struct engine *en, uint64_t dom_id);
int engine_vcpu_set(struct engine *en, uint64_t dom_id, unsigned online,
                    uint64_t *op_out, struct err *e);
#define ENGINE_ALL_VCPUS UINT32_MAX
/* Cpu lists or "all"; NULL: as it is. */
struct engine_pin {
    unsigned vcpu; /* or ENGINE_ALL_VCPUS */
    const char *hard, *soft;
};
int engine_vcpu_pin(struct engine *en, uint64_t dom_id,
                    const struct engine_pin *pin, uint64_t *op_out,
                    struct err *e);
int engine_sched_get(struct engine *en, uint64_t dom_id, unsigned vcpu,
                     struct sched_params *out, struct err *e);
/* n pairs of name and value as texts. Names: "weight", "cap", "period",
 * "budget", "extratime". vcpu: rtds only, else ENGINE_ALL_VCPUS. */
struct engine_sched {
    unsigned vcpu;
    const char *const *names, *const *values;
    size_t n;
};
enum engine_button { ENGINE_POWER_BUTTON, ENGINE_SLEEP_BUTTON };
int engine_sched_set(struct engine *en, uint64_t dom_id,
                     const struct engine_sched *want, uint64_t *op_out,
                     struct err *e);
int engine_pool_move(struct engine *en, uint64_t dom_id, const char *pool,
                     uint64_t *op_out, struct err *e);
int engine_rename(struct engine *en, uint64_t dom_id, const char *name,
                  uint64_t *op_out, struct err *e);
int engine_sysrq(struct engine *en, uint64_t dom_id, char key, uint64_t *op_out,
                 struct err *e);
/* An ACPI button of an HVM domain is pressed; whether anybody in it looks is
 * not told. ERR_UNSUPPORTED for other kinds. */
int engine_button(struct engine *en, uint64_t dom_id, enum engine_button button,
                  uint64_t *op_out, struct err *e);
int engine_nmi(struct engine *en, uint64_t dom_id, unsigned vcpu,
               uint64_t *op_out, struct err *e);
/* path NULL: DUMP_DIR/NAME.DATE.core. The guest is paused meanwhile. */
int engine_dump(struct engine *en, uint64_t dom_id, const char *path,
                uint64_t *op_out, struct err *e);

#endif
