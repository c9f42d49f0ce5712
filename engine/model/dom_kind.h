/*
 * dom_kind.h - what kinds of domains have in common, so that nobody but their
 * handlers (engine/guest) and drivers names one.
 */
#ifndef XENDECK_MODEL_DOM_KIND_H
#define XENDECK_MODEL_DOM_KIND_H

#include "engine/model/domain.h"

/* A device model is its machine: it has a state beside the memory, plugs the
 * vcpus, and has drives that can be emptied. */
bool dom_kind_has_machine(enum dom_kind k);
/* The processor keeps it in a container: it sees memory of its own, with a few
 * pages beside, and none of the host's devices. */
bool dom_kind_in_container(enum dom_kind k);

#endif
