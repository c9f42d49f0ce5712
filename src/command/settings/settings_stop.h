/*
 * settings_stop.h - readers of the settings that say what the end of a host
 * does with its domains. Private to the readers of settings.
 */
#ifndef XENDECK_COMMAND_SETTINGS_STOP_H
#define XENDECK_COMMAND_SETTINGS_STOP_H

#include "src/command/settings/settings_int.h"

int settings_read_host_stop(struct reader *r, config_setting_t *v);
int settings_read_host_stop_to(struct reader *r, config_setting_t *v);
int settings_read_host_stop_else(struct reader *r, config_setting_t *v);
int settings_read_host_stop_moves(struct reader *r, config_setting_t *v);

#endif
