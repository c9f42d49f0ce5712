/*
 * settings_tls.h - readers of the settings of connections between engines.
 * Private to the readers of settings.
 */
#ifndef XENDECK_COMMAND_SETTINGS_TLS_H
#define XENDECK_COMMAND_SETTINGS_TLS_H

#include "src/command/settings/settings_int.h"

int settings_read_tls_certificate(struct reader *r, config_setting_t *v);
int settings_read_tls_key(struct reader *r, config_setting_t *v);
int settings_read_tls_ca(struct reader *r, config_setting_t *v);
int settings_read_tls_crl(struct reader *r, config_setting_t *v);
int settings_read_migrate_listen(struct reader *r, config_setting_t *v);
int settings_read_migrate_allow(struct reader *r, config_setting_t *v);

#endif
