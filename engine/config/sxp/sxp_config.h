/*
 * sxp_config.h - xend's S-expressions as a format of configurations.
 */
#ifndef XENDECK_ENGINE_CONFIG_SXP_CONFIG_H
#define XENDECK_ENGINE_CONFIG_SXP_CONFIG_H

#include "engine/config/core/set.h"

/* 0 with *out, the caller's; -1 with src->e. */
int config_sxp_parse(const char *text, const struct config_src *src,
                     struct domain_config **out);
void config_sxp_print(const struct domain_config *c, struct buf *out);

#endif
