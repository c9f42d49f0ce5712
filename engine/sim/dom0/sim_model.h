/*
 * sim_model.h - device models of simulated guests.
 */
#ifndef XENDECK_ENGINE_SIM_MODEL_H
#define XENDECK_ENGINE_SIM_MODEL_H

#include "engine/sim/sim_int.h"

/* Does one serve this domain's devices? */
bool sim_model_serves(const struct sim *s, uint32_t domid);
void sim_models_dump(const struct sim *s, struct buf *out);
void sim_models_free(struct sim *s);

#endif
