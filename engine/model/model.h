/*
 * model.h - what a host, a domain, a vcpu, an operation and an event look like
 * from outside the engine: all headers of the model at once. Plain data.
 * Borrowed by readers until the next loop turn; every text is bounded and safe
 * to show (no control bytes, valid UTF-8).
 */
#ifndef XENDECK_ENGINE_MODEL_H
#define XENDECK_ENGINE_MODEL_H

#include "engine/model/device_info.h"
#include "engine/model/domain.h"
#include "engine/model/event.h"
#include "engine/model/host.h"
#include "engine/model/operation.h"
#include "engine/model/vcpu.h"

#endif
