/*
 * cards.h - the emulated cards of a set of interfaces, whose taps exist once
 * the device model runs.
 */
#ifndef XENDECK_ENGINE_DEVICE_CARDS_H
#define XENDECK_ENGINE_DEVICE_CARDS_H

#include "engine/device/device.h"

/* Connects them, as devices_attach does the interfaces: call again after each
 * wake-up. devices_undo and every removal disconnect them. */
enum step_rc devices_attach_cards(struct devices *ds, struct err *e);

#endif
