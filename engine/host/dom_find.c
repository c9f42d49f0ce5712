/*
 * dom_find.c - a domain by what a user writes: a domid, a uuid, a name.
 */
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/config/core/uuid.h"
#include "engine/host/host_int.h"
#include "engine/host/listing.h"
#include "engine/hv/hv.h"

static bool
dom_find_is_number(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static bool
dom_find_matches(const struct dom *d, const char *name, const uint8_t *uuid)
{
    if (uuid != NULL)
        return memcmp(d->uuid, uuid, sizeof(d->uuid)) == 0;
    return strcmp(d->name, name) == 0;
}

/* A restart has both lives of a domain for a moment: the later one is meant.
 * One that is dying makes room for another of its name. */
static bool
is_meant_before(const struct dom *d, const struct dom *than)
{
    if (memcmp(d->uuid, than->uuid, sizeof(d->uuid)) == 0)
        return !d->off && d->id > than->id;
    return (than->flags & DOM_F_DYING) != 0 && (d->flags & DOM_F_DYING) == 0;
}

static void
tell_ambiguous(const char *name, const struct dom *a, const struct dom *b,
               struct err *e)
{
    char ua[37], ub[37];

    uuid_print_text(a->uuid, ua);
    uuid_print_text(b->uuid, ub);
    err_set(e, ERR_INVALID,
            "'%s' names two domains, %s and %s: give the uuid of one", name, ua,
            ub);
}

/* Digits are a domid, whatever anybody is named. */
static const struct dom *
find_by_number(const struct engine *en, const char *text, struct err *e)
{
    const struct dom *found = NULL;
    unsigned long long domid;

    if (text_u64(text, 0, HV_DOMID_MAX, &domid))
        found = engine_dom_by_domid(en, (uint32_t)domid);
    if (found == NULL)
        err_set(e, ERR_NOENT,
                "there is no domain '%s' (digits are a domid: a domain of such "
                "a name is given by its uuid)",
                text);
    return found;
}

const struct dom *
engine_dom_find(const struct engine *en, const char *name, struct err *e)
{
    const struct dom *found = NULL, *d;
    uint8_t uuid[16];
    bool is_uuid = uuid_parse_text(name, uuid);
    size_t i;

    if (dom_find_is_number(name))
        return find_by_number(en, name, e);
    for (i = 0; (d = engine_dom_at(en, i)) != NULL; i++) {
        if (!dom_find_matches(d, name, is_uuid ? uuid : NULL))
            continue;
        if (found == NULL || is_meant_before(d, found)) {
            found = d;
        } else if (!is_meant_before(found, d)) {
            tell_ambiguous(name, found, d, e);
            return NULL;
        }
    }
    if (found == NULL)
        found = dom_ask_between(en, name, 0);
    if (found == NULL)
        err_set(e, ERR_NOENT, "there is no domain '%s'", name);
    return found;
}

/* Of names that other tools gave, some are none of a command line. */
static bool
dom_find_is_plain(const char *name)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789._-+";

    return name[0] != '\0' && name[0] != '-' &&
           name[strspn(name, plain)] == '\0';
}

static bool
dom_find_finds(const struct engine *en, const char *word, const struct dom *d)
{
    struct err why = { 0 };
    const struct dom *found = engine_dom_find(en, word, &why);

    return found != NULL && found->id == d->id;
}

void
engine_dom_word(const struct engine *en, const struct dom *d, struct buf *out)
{
    char uuid[37];

    uuid_print_text(d->uuid, uuid);
    if (dom_find_is_plain(d->name) && dom_find_finds(en, d->name, d))
        buf_str(out, d->name);
    else if (d->domid == DOM_NO_DOMID || dom_find_finds(en, uuid, d))
        buf_str(out, uuid);
    else
        buf_fmt(out, "%u", d->domid);
}
