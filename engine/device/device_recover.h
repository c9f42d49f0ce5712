/*
 * device_recover.h - how changes of devices that a dead engine had at work are
 * ended.
 */
#ifndef XENDECK_ENGINE_DEVICE_RECOVER_H
#define XENDECK_ENGINE_DEVICE_RECOVER_H

struct engine;

void device_recover_enter(struct engine *en);

#endif
