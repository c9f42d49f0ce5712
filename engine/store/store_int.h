/*
 * store_int.h - what the common layer and the drivers of the store share.
 */
#ifndef XENDECK_ENGINE_STORE_INT_H
#define XENDECK_ENGINE_STORE_INT_H

#include <stdbool.h>

#include "src/base/err.h"

bool store_path_char(char c);
/* Length and characters of a path, as xenstored would refuse them. 0 or -1. */
int store_path_check(const char *path, struct err *e);

/* The sentence of ERR_LOST. */
#define STORE_LOST_TEXT                                                        \
    "xenstored is gone and cannot be restarted under running guests: shut "    \
    "them down from inside and reboot the host"

#endif
