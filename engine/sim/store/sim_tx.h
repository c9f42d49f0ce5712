/*
 * sim_tx.h - transactions of the simulated xenstored: what a body looked at
 * and changed.
 */
#ifndef XENDECK_ENGINE_SIM_TX_H
#define XENDECK_ENGINE_SIM_TX_H

#include "engine/sim/sim_int.h"

enum sim_chg_kind { SIM_CHG_WRITE, SIM_CHG_MKDIR, SIM_CHG_RM, SIM_CHG_PERMS };
enum sim_acc_kind { SIM_ACC_VALUE, SIM_ACC_KIDS, SIM_ACC_DEEP, SIM_ACC_EXISTS };

struct sim_access {
    enum sim_acc_kind kind;
    char *path;
};

struct sim_change {
    enum sim_chg_kind kind;
    char *path;
    char *val; /* write */
    size_t len;
    struct sim_perms *perms; /* perms */
};

struct sim_tx *sim_tx_find(struct sim *s, uint32_t id);
void sim_tx_note(struct sim_tx *tx, enum sim_acc_kind kind, const char *path);
/* Notes c (its contents are copied) and what it touches. */
void sim_tx_log(struct sim_tx *tx, const struct sim_change *c);
/* Takes effect on t: 0 or an errno. */
int sim_change_apply(struct sim_tree *t, const struct sim_change *c);
uint32_t sim_tx_begin(struct sim *s);
/* 0, EAGAIN, or ENOENT; the transaction is over in any case. */
int sim_tx_end(struct sim *s, uint32_t id, bool commit);
void sim_tx_clear(struct sim *s);

#endif
