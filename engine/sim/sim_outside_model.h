/*
 * sim_outside_model.h - what happens to the device models of a simulated host,
 * and what they were given.
 */
#ifndef XENDECK_ENGINE_SIM_OUTSIDE_MODEL_H
#define XENDECK_ENGINE_SIM_OUTSIDE_MODEL_H

#include "engine/sim/sim.h"

/* A domain's device model is killed: 0, or -1 if it has none. */
int sim_model_kill(struct sim *s, uint32_t domid);
/* The programs of models are QEMU 10's, which have -run-with in place of
 * -chroot and -runas; or QEMU 7's again. */
void sim_models_run_with(struct sim *s, bool run_with);
/* It stops answering, as of SIGSTOP, or goes on. */
int sim_model_hang(struct sim *s, uint32_t domid, bool hang);
/* Is it stopped; does it note which pages it writes? */
bool sim_model_stopped(const struct sim *s, uint32_t domid);
bool sim_model_notes(const struct sim *s, uint32_t domid);
/* The argument after name that it was started with; NULL: none. */
const char *sim_model_given(const struct sim *s, uint32_t domid,
                            const char *name);
/* Is this one of its arguments? Has it a descriptor that it was given over its
 * control socket and that nobody has taken back? */
bool sim_model_has_arg(const struct sim *s, uint32_t domid, const char *text);
bool sim_model_keeps_fd(const struct sim *s, uint32_t domid);
/* The i-th file that it was handed open; NULL: there is none. */
const char *sim_model_handed(const struct sim *s, uint32_t domid, size_t i,
                             bool *writable);
/* What becomes of the bits of a register that CPUID tells the domain (enum
 * cpuid_reg), "" of one that is left alone. */
const char *sim_cpuid_given(const struct sim *s, uint32_t domid, uint32_t leaf,
                            unsigned reg);
/* The password of its screen, "" for none; what is in its CD drive. */
const char *sim_model_password(const struct sim *s, uint32_t domid);
const char *sim_model_medium(const struct sim *s, uint32_t domid);

#endif
