/*
 * sxp_image.h - what a domain boots and its machine, in xend's tree. Private to
 * engine/config/sxp.
 */
#ifndef XENDECK_ENGINE_CONFIG_SXP_IMAGE_H
#define XENDECK_ENGINE_CONFIG_SXP_IMAGE_H

#include "engine/config/core/setting.h"
#include "engine/config/sxp/sxp_int.h"

/* The kind of the domain, before all else. */
int sxp_map_kind(struct sxp_map *m);
/* "(image (hvm ...))", and as a new field of vm. */
int sxp_map_image(struct sxp_map *m, const struct sxp *field);
void sxp_add_image(struct sxp *vm, const struct domain_config *c);
/* Fields of the machine that xend kept beside the image. */
int sxp_map_machine(struct sxp_map *m);
/* Would xend have looked at a setting for this domain? It had PV and HVM. */
bool sxp_has_setting(const struct setting *k, const struct domain_config *c);

#endif
