/*
 * cmd_device.h - what the files of the device verbs share.
 */
#ifndef XENDECK_UI_DEVICE_INT_H
#define XENDECK_UI_DEVICE_INT_H

#include "src/command/command.h"

#define DEVICE_KINDS "vbd|vif|pci|vfb|vkbd"

bool device_kind_known(const char *kind);

/* --- device_list.c --- */
enum cmd_rc device_list(struct cmd_ctx *ctx);
enum cmd_rc device_list_vbd(struct cmd_ctx *ctx);
enum cmd_rc device_list_vif(struct cmd_ctx *ctx);
enum cmd_rc device_list_pci(struct cmd_ctx *ctx);
enum cmd_rc device_list_assignable(struct cmd_ctx *ctx);

/* --- device_form.c --- */
/* Opens the form that attaches a device to a domain. */
void device_form(struct ui *ui, uint64_t dom_id);

#endif
