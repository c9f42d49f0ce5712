/*
 * api_operations.h - for front ends: the operations at work and the last that
 * ended.
 */
#ifndef XENDECK_API_OPERATIONS_H
#define XENDECK_API_OPERATIONS_H

#include "engine/task/operations.h"

#endif
