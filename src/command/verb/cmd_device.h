/*
 * cmd_device.h - what the files of the device verbs share.
 */
#ifndef XENDECK_COMMAND_CMD_DEVICE_H
#define XENDECK_COMMAND_CMD_DEVICE_H

#include "src/command/command.h"

/* --- cmd_device_list.c --- */
/* All, or those of the kind that the verb's name says. */
enum cmd_rc device_list(struct cmd_ctx *ctx);
enum cmd_rc device_list_assignable(struct cmd_ctx *ctx);

#endif
