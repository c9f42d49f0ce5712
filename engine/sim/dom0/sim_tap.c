/*
 * sim_tap.c - interfaces of emulated cards on the bridges of the simulated
 * host. Which bridge it is the backend's nodes say (sim_net.c).
 */
#include <string.h>

#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/dom0/sim_model.h"

/* Where it stands among the ports; their length: it is none. */
static size_t
tap_at(const struct sim *s, const char *tap)
{
    size_t at = 0;

    while (at < s->ports.len && strcmp(s->ports.data + at, tap) != 0)
        at += strlen(s->ports.data + at) + 1;
    return at;
}

int
sim_tap_join(struct sim *s, const char *tap, struct err *e)
{
    if (!sim_model_has_tap(s, tap))
        return err_set(e, ERR_NOENT, "Cannot find device \"%s\"", tap);
    if (tap_at(s, tap) == s->ports.len)
        buf_add(&s->ports, tap, strlen(tap) + 1);
    return 0;
}

void
sim_tap_leave(struct sim *s, const char *tap)
{
    size_t at = tap_at(s, tap), n = strlen(tap) + 1;

    if (at == s->ports.len)
        return;
    memmove(s->ports.data + at, s->ports.data + at + n, s->ports.len - at - n);
    s->ports.len -= n;
}

bool
sim_tap_is_on(const struct sim *s, const char *tap)
{
    return tap_at(s, tap) < s->ports.len && sim_model_has_tap(s, tap);
}

void
sim_taps_dump(const struct sim *s, struct buf *out)
{
    size_t at;

    for (at = 0; at < s->ports.len; at += strlen(s->ports.data + at) + 1)
        buf_fmt(out, "port %s\n", s->ports.data + at);
}
