/*
 * xl.h - xl.cfg as a format: read with libxlutil, so that it means what it
 * means to xl, and written again.
 */
#ifndef XENDECK_ENGINE_CONFIG_XL_H
#define XENDECK_ENGINE_CONFIG_XL_H

#include "engine/config/core/set.h"

/* 0 with *out, the caller's; -1 with src->e. */
int config_xl_parse(const char *text, const struct config_src *src,
                    struct domain_config **out);
void config_xl_print(const struct domain_config *c, struct buf *out);
/* A device as a word of an xl.cfg, without the quotes. False: xl knows no such
 * device, or has no word for all that it is. */
bool config_xl_spec(const struct config_device *d, struct buf *out);
/* One device in xl's syntax ("/dev/vg/x,raw,xvdb,w"). */
int config_xl_device(const char *kind, const char *spec,
                     struct config_device *out, struct err *e);

#endif
