/*
 * settings_undo.h - the readers of settings about what was before: the record
 * of the last hour, and the time in which a destruction can be undone.
 */
#ifndef XENDECK_COMMAND_SETTINGS_UNDO_H
#define XENDECK_COMMAND_SETTINGS_UNDO_H

#include "src/command/settings/settings_int.h"

int settings_read_history(struct reader *r, config_setting_t *v);
int settings_read_destroy_undo(struct reader *r, config_setting_t *v);

#endif
