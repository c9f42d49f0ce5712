/*
 * settings_int.h - what the readers of settings share. Private to them.
 */
#ifndef XENDECK_COMMAND_SETTINGS_INT_H
#define XENDECK_COMMAND_SETTINGS_INT_H

#include "src/base/conf.h"
#include "src/command/settings.h"

struct reader {
    struct settings *s;
    const char *file;
    struct err *e;
};

/* Whole numbers. */
int settings_read_whole(struct reader *r, const config_setting_t *v,
                        unsigned least, unsigned most, unsigned *out);
int settings_read_word(struct reader *r, config_setting_t *v, char *dst,
                       size_t dst_size);

/* An absolute path, "~/" being the user's home. */
int settings_read_path(struct reader *r, const config_setting_t *v, char *dst,
                       size_t dst_size);

/* settings_engine.c: what an engine is opened with. */
int settings_read_restart_min(struct reader *r, config_setting_t *v);
int settings_read_model_death(struct reader *r, config_setting_t *v);
int settings_read_model_beat(struct reader *r, config_setting_t *v);
int settings_read_model_limit(struct reader *r, config_setting_t *v);
int settings_read_model_logs(struct reader *r, config_setting_t *v);
int settings_read_postmortems(struct reader *r, config_setting_t *v);
int settings_read_postmortem_size(struct reader *r, config_setting_t *v);
int settings_read_helper_limit(struct reader *r, config_setting_t *v);
int settings_read_kernel_cache(struct reader *r, config_setting_t *v);
int settings_read_vif_without(struct reader *r, config_setting_t *v);
int settings_read_autoballoon(struct reader *r, config_setting_t *v);
int settings_read_dom0_min(struct reader *r, config_setting_t *v);

#endif
