/*
 * save_faults.h - each call of a save, a checkpoint or a restore fails once:
 * the guest runs on, or is in the file, and nothing is left over.
 */
#ifndef XENDECK_TESTS_SAVE_FAULTS_H
#define XENDECK_TESTS_SAVE_FAULTS_H

#include <stdbool.h>

struct world;

/* Of a guest with these settings. Prints the figures, fails the test where harm
 * was done; returns how many of the calls failed the operation. */
unsigned save_faults(const char *more, bool checkpoint);
unsigned restore_faults(const char *more);

/* For campaigns (campaign.h): a setup that leaves the guest saved; acts. */
bool save_setup(struct world *at);
void save_act(struct world *at);
void save_act_checkpoint(struct world *at);
void save_act_restore(struct world *at);

#endif
