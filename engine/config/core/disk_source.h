/*
 * disk_source.h - what a vbd is made of, in libxl's view, for the printers of
 * foreign formats.
 */
#ifndef XENDECK_ENGINE_CONFIG_DISK_SOURCE_H
#define XENDECK_ENGINE_CONFIG_DISK_SOURCE_H

#include "engine/config/core/config.h"

/* A target, and the script that knows what it means where it is no path. Both
 * are the caller's; NULL: none. */
struct config_source {
    char *target, *script;
};
void config_source_of(const struct config_device *d, struct config_source *out);
void config_source_fini(struct config_source *s);

/* True for "rbd:pool/image" and the like: a name that QEMU's own drivers open,
 * and no file below the configuration's directory. */
bool disk_source_is_remote(const char *text);
#define DISK_SOURCE_ALLOWED                                                    \
    "a file or a block device: QEMU opens nothing else for a disk of Xen; "    \
    "attach it to this host, as \"rbd map\" or nbd-client do, or name a "      \
    "script"

#endif
