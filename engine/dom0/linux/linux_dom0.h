/*
 * linux_dom0.h - the driver of dom0's boundary for Linux. The headers beside it
 * are its parts, which tests take one by one.
 */
#ifndef XENDECK_ENGINE_LINUX_DOM0_H
#define XENDECK_ENGINE_LINUX_DOM0_H

#include "engine/dom0/dom0.h"

/* lp (borrowed) waits for the children. Never NULL. */
struct dom0 *linux_dom0_open(struct loop *lp);

#endif
