/*
 * host_stop.h - the end of all domains of a host, and of the host.
 */
#ifndef XENDECK_ENGINE_HOST_STOP_H
#define XENDECK_ENGINE_HOST_STOP_H

#include <stdbool.h>

struct engine;

/* While it is at work, and after it on a host that goes down, nothing is
 * started or restarted. */
bool host_stopping(const struct engine *en);

#endif
