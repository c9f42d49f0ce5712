/*
 * host_xl.h - what xl's settings say of this host (xl.conf), read anew each
 * time, as xl does.
 */
#ifndef XENDECK_ENGINE_HOST_XL_H
#define XENDECK_ENGINE_HOST_XL_H

#include <stdbool.h>

#include "engine/config/xl/xl_conf.h"

struct engine;

/* One that cannot be used sets nothing, which is a warning among the events. */
void host_xl_conf(struct engine *en, struct xl_conf *out);
/* Tells, as an event, what it asks for and is not done. Once, at the start. */
void host_xl_tell(struct engine *en);
/* Where xl.conf is, for messages. */
const char *host_xl_name(const struct engine *en);

#endif
