/*
 * settings_console.h - readers of the settings that say how consoles stand on
 * the screen and draw attention to themselves. Private to the readers of
 * settings.
 */
#ifndef XENDECK_COMMAND_SETTINGS_CONSOLE_H
#define XENDECK_COMMAND_SETTINGS_CONSOLE_H

#include "src/command/settings/settings_int.h"

int settings_read_bell(struct reader *r, config_setting_t *v);
/* Signs beyond ASCII, and what graphs are drawn with: of all panes. */
int settings_read_unicode(struct reader *r, config_setting_t *v);
int settings_read_graphs(struct reader *r, config_setting_t *v);
int settings_read_layout(struct reader *r, config_setting_t *v);
int settings_read_silence(struct reader *r, config_setting_t *v);

#endif
