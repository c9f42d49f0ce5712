/*
 * config_edit.c - a configuration that is edited outside: given out as a text,
 * taken back for the same domain. Between the two nothing is locked: what has
 * changed meanwhile is told.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/core/engine_options.h"
#include "engine/guest/guest.h"
#include "engine/host/listing.h"
#include "engine/life/define.h"
#include "engine/life/definitions.h"
#include "engine/life/life_int.h"
#include "engine/record/db.h"
#include "src/base/xalloc.h"

struct config_edit {
    uint8_t uuid[16];
    char name[MODEL_NAME_MAX];
    char *text; /* as it is on record */
};

static char *
config_edit_load(struct engine *en, const uint8_t uuid[16],
                 char name_out[MODEL_NAME_MAX], struct err *e)
{
    struct domain_config *c;
    struct buf text = { 0 };

    if (db_load(engine_paths(en)->state, uuid, &c, e) < 0)
        return NULL;
    memcpy(c->uuid, uuid, sizeof(c->uuid));
    c->uuid_set = true;
    config_print(c, &text);
    text_fmt(name_out, MODEL_NAME_MAX, "%s", c->name);
    config_free(c);
    return buf_take(&text);
}

struct config_edit *
engine_edit_begin(struct engine *en, uint64_t dom_id, struct err *e)
{
    const struct dom *d = engine_dom_by_id(en, dom_id);
    struct config_edit *ce;
    char name[MODEL_NAME_MAX], *text;
    struct err why = { 0 };

    if (d == NULL) {
        err_set(e, ERR_NOENT, "this domain no longer exists");
        return NULL;
    }
    text = config_edit_load(en, d->uuid, name, &why);
    if (text == NULL && why.code == ERR_NOENT) {
        err_set(e, ERR_NOENT,
                "%s: xendeck has no configuration of it on record%s", d->name,
                d->owned ? "" : ": it was made by others");
        return NULL;
    }
    if (text == NULL) {
        *e = why;
        return NULL;
    }
    ce = xcalloc(1, sizeof(*ce));
    memcpy(ce->uuid, d->uuid, sizeof(ce->uuid));
    text_fmt(ce->name, sizeof(ce->name), "%s", name);
    ce->text = text;
    return ce;
}

const char *
engine_edit_text(const struct config_edit *ce)
{
    return ce->text;
}

const char *
engine_edit_name(const struct config_edit *ce)
{
    return ce->name;
}

/* What is on record is not written over unseen: the user hears of it once. */
static int
config_edit_same(struct engine *en, struct config_edit *ce, struct err *e)
{
    const struct dom_entry *de = domains_by_uuid(en, ce->uuid);
    char name[MODEL_NAME_MAX], *now = NULL;
    struct err why = { 0 };

    if (defs_by_uuid(en, ce->uuid) != NULL || (de != NULL && de->d.owned))
        now = config_edit_load(en, ce->uuid, name, &why);
    if (now == NULL && (why.code == ERR_NONE || why.code == ERR_NOENT))
        return err_set(e, ERR_NOENT,
                       "'%s' was removed meanwhile: nothing is "
                       "changed",
                       ce->name);
    if (now == NULL) {
        *e = why;
        return -1;
    }
    if (strcmp(now, ce->text) == 0) {
        free(now);
        return 0;
    }
    free(ce->text);
    ce->text = now;
    memcpy(ce->name, name, sizeof(ce->name));
    return err_set(e, ERR_BUSY,
                   "the configuration of '%s' was changed by others meanwhile, "
                   "which the next attempt replaces",
                   ce->name);
}

static int
config_edit_identity(const struct config_edit *ce, struct domain_config *c,
                     struct err *e)
{
    if (strcmp(c->name, ce->name) != 0)
        return config_refuse(c, "name", ERR_INVALID, e,
                             "found \"%s\", allowed \"%s\": `rename' changes "
                             "the name",
                             c->name, ce->name);
    if (c->uuid_set && memcmp(c->uuid, ce->uuid, sizeof(c->uuid)) != 0)
        return config_refuse(c, "uuid", ERR_INVALID, e,
                             "found another, allowed that of '%s' alone",
                             ce->name);
    memcpy(c->uuid, ce->uuid, sizeof(c->uuid));
    c->uuid_set = true;
    return 0;
}

static int
config_edit_define(struct engine *en, struct domain_config *c, struct err *e)
{
    int rc = guest_check(c, e);

    if (rc == 0)
        rc = defs_keep(en, c, true, e);
    if (rc == 0)
        defs_tell(en, c->uuid, c->name, "defined");
    defs_reload(en);
    return rc;
}

int
engine_edit_end(struct engine *en, struct config_edit *ce, const char *text,
                bool *runs_out, struct err *e)
{
    char file[MODEL_NAME_MAX + 8];
    struct domain_config *c;
    int rc;

    if (config_edit_same(en, ce, e) < 0)
        return -1;
    text_fmt(file, sizeof(file), "%s.conf", ce->name);
    if (config_parse(text, file, NULL, &c, e) < 0)
        return -1;
    rc = config_edit_identity(ce, c, e);
    if (rc == 0)
        rc = config_edit_define(en, c, e);
    config_free(c);
    *runs_out = domains_by_uuid(en, ce->uuid) != NULL;
    return rc;
}

void
engine_edit_free(struct config_edit *ce)
{
    if (ce == NULL)
        return;
    free(ce->text);
    free(ce);
}
