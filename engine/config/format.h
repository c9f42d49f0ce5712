/*
 * format.h - what the readers and printers of foreign formats share.
 * Private to engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_FORMAT_H
#define XENDECK_ENGINE_CONFIG_FORMAT_H

#include "engine/config/core/set.h"

/* config.c: the directory of path, without symbolic links; the caller's. NULL
 * with errno. */
char *config_dir_of(const char *path);

/* What a vbd is made of, as libxl has it: a target, and the script that knows
 * what it means where it is no path. Both are the caller's; NULL: none. */
struct config_source {
    char *target, *script;
};
void config_source_of(const struct config_device *d, struct config_source *out);
void config_source_fini(struct config_source *s);

#endif
