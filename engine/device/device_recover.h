/*
 * device_recover.h - how changes of devices that a dead engine had at work are
 * ended.
 */
#ifndef XENDECK_ENGINE_DEVICE_RECOVER_H
#define XENDECK_ENGINE_DEVICE_RECOVER_H

#include <stdbool.h>

struct dom_entry;
struct engine;

void device_recover_enter(struct engine *en);
/* Before anything is taken up: scripts that dead engines have left at work may
 * hang, and hold the locks that other scripts wait for. */
void device_end_left_scripts(struct engine *en);

/* --- change.c --- */
/* Ends the change that a dead engine had at work on a domain: the device that
 * its mark names is taken out, by force, and off the records; a CD drive gets
 * the medium that it was to have. want: of the operation's record. False: there
 * is no mark. */
bool devices_recover(struct dom_entry *de, const char *want);

#endif
