/*
 * disk_source.c - see disk_source.h.
 */
#include "engine/config/core/disk_source.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

/* params without a script is in xend's form: "phy:sda", "drbd:web". */
static void
take_params(const char *params, struct config_source *out)
{
    const char *colon = strchr(params, ':'), *rest = params;
    size_t n = colon != NULL ? (size_t)(colon - params) : 0;
    bool phy = strncmp(params, "phy:", 4) == 0;

    if (params[0] != '/' && colon != NULL) {
        rest = colon + 1;
        if (!phy && strncmp(params, "file:", 5) != 0)
            out->script = xasprintf("block-%.*s", (int)n, params);
    }
    out->target = xasprintf("%s%s", phy && rest[0] != '/' ? "/dev/" : "", rest);
}

void
config_source_of(const struct config_device *d, struct config_source *out)
{
    const char *path = config_device_value(d, "path"),
               *params = config_device_value(d, "params"),
               *script = config_device_value(d, "script");

    *out = (struct config_source){ 0 };
    if (script == NULL && path == NULL && params != NULL) {
        take_params(params, out);
        return;
    }
    if (script != NULL)
        out->script = xstrdup(script);
    if (params != NULL || path != NULL)
        out->target = xstrdup(params != NULL ? params : path);
}

void
config_source_fini(struct config_source *s)
{
    free(s->target);
    free(s->script);
}

bool
disk_source_is_remote(const char *text)
{
    static const char *const words[] = {
        "rbd",  "nbd",  "nbd+unix", "nbd+tcp",  "iscsi",       "iser",
        "http", "ftp",  "https",    "ftps",     "tftp",        "ssh",
        "sftp", "nfs",  "gluster",  "sheepdog", "gluster+tcp", "gluster+unix",
        "vxhs", "json", "fat",      "nvme",     "gluster+rdma"
    };
    size_t i, n = strcspn(text, ":/");

    if (text[n] != ':')
        return false;
    for (i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == n && strncmp(words[i], text, n) == 0)
            return true;
    return false;
}
