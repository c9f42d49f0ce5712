/*
 * host_xl.c - see host_xl.h.
 */
#include "engine/host/host_xl.h"

#include "engine/core/paths.h"
#include "engine/event/events.h"
#include "engine/host/host_int.h"

const char *
host_xl_name(const struct engine *en)
{
    const char *path = engine_options(en)->xl_conf;

    return path != NULL ? path : engine_paths(en)->xl_conf;
}

void
host_xl_tell(struct engine *en)
{
    struct xl_conf xl;

    host_xl_conf(en, &xl);
    if (xl.unmet[0] != '\0')
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL,
                  "xl's settings: %s: not honoured: %s", host_xl_name(en),
                  xl.unmet);
}

void
host_xl_conf(struct engine *en, struct xl_conf *out)
{
    static const struct xl_conf none = { 0 };
    const char *path = host_xl_name(en);
    struct err e = { 0 };

    *out = none;
    if (path[0] != '\0' && xl_conf_read(path, out, &e) < 0)
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL, "xl's settings: %s",
                  e.msg);
}
