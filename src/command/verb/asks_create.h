/*
 * asks_create.h - the form of `create': from a file, or a domain of each kind
 * from what is entered.
 */
#ifndef XENDECK_COMMAND_ASKS_CREATE_H
#define XENDECK_COMMAND_ASKS_CREATE_H

#include "src/command/asks.h"

extern const struct cmd_asks asks_create;

#endif
