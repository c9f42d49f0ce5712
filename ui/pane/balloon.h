/*
 * balloon.h - whether a domain's memory is on its way to another size.
 */
#ifndef XENDECK_UI_BALLOON_H
#define XENDECK_UI_BALLOON_H

#include <stdbool.h>

#include "engine/model/model.h"

/* Whether a domain is on its way to its memory target, by more than the few
 * MiB that always lie between. */
bool ui_ballooning(const struct dom *d);

#endif
