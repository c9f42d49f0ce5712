/*
 * dom_tags.c - gives a domain tags (tags.h), running or off, and tells of it.
 */
#include <string.h>

#include "engine/host/listing.h"
#include "engine/life/define.h"
#include "engine/life/definitions.h"
#include "engine/life/life_int.h"
#include "engine/record/tags.h"

/* Wherever that domain is shown. */
static void
dom_tags_show(struct engine *en, const uint8_t uuid[16], const char *tags)
{
    struct def *f = defs_by_uuid(en, uuid);
    struct dom_entry *de = domains_by_uuid(en, uuid);

    if (f != NULL)
        text_fmt(f->d.tags, sizeof(f->d.tags), "%s", tags);
    if (de != NULL)
        text_fmt(de->d.tags, sizeof(de->d.tags), "%s", tags);
    engine_changed(en, ENGINE_CH_DOMS);
}

int
engine_tag(struct engine *en, uint64_t dom_id, const char *change,
           struct err *e)
{
    const struct dom *d = engine_dom_by_id(en, dom_id);
    char tags[DOM_TAGS_BYTES], name[MODEL_NAME_MAX], what[DOM_TAGS_BYTES + 16];
    uint8_t uuid[16];

    if (d == NULL)
        return err_set(e, ERR_NOENT, "tag: the domain is gone");
    memcpy(tags, d->tags, sizeof(tags));
    memcpy(uuid, d->uuid, sizeof(uuid));
    text_fmt(name, sizeof(name), "%s", d->name);
    if (tags_change(tags, change, e) < 0)
        return -1;
    if (strcmp(tags, d->tags) == 0)
        return 0;
    if (tags_save(engine_paths(en)->state, uuid, tags, e) < 0)
        return -1;
    dom_tags_show(en, uuid, tags);
    text_fmt(what, sizeof(what), tags[0] != '\0' ? "tags: %s" : "no tags",
             tags);
    defs_tell(en, uuid, name, what);
    return 0;
}
