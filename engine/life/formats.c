/*
 * formats.c - configurations checked and written in other formats, without a
 * domain being made.
 */
#include "engine/life/formats.h"

#include <string.h>

#include "engine/config/core/set.h"
#include "engine/config/load.h"
#include "engine/config/sxp/sxp_config.h"
#include "engine/config/xl/xl.h"
#include "engine/host/listing.h"
#include "engine/life/create_int.h"
#include "engine/record/db.h"

#define WARN_EVENTS_MAX 32 /* of one file; the rest is counted */

void
formats_warn(struct engine *en, const char *name, const struct buf *warn)
{
    const char *p = buf_text(warn);
    unsigned told = 0, more = 0;
    size_t n;

    for (; *p != '\0'; p += n + (p[n] != '\0')) {
        n = strcspn(p, "\n");
        if (told++ < WARN_EVENTS_MAX)
            event_add_for(en, EVENT_ENGINE, EVENT_WARN, 0, name, "%.*s", (int)n,
                          p);
        else
            more++;
    }
    if (more > 0)
        event_add_for(en, EVENT_ENGINE, EVENT_WARN, 0, name,
                      "and %u more: `check' shows them all", more);
}

static void
formats_tell_need(struct engine *en, const struct hv_host *host,
                  const struct domain_config *c, struct buf *out)
{
    create_tell_memory(en, host, c, out);
    if (host != NULL)
        buf_fmt(out, "; %u virtual cpu%s, the host has %u", c->maxvcpus,
                c->maxvcpus == 1 ? "" : "s", host->cpus);
}

/* en, host: NULL where there is none. */
static int
formats_check(struct engine *en, const struct hv_host *host, const char *path,
              struct buf *need_out, struct buf *warn_out, struct err *e)
{
    struct domain_config *c = NULL;
    struct config_faults f = { 0 };
    int rc = 0;

    if (create_load_each(path, &f, &c, warn_out) == 0)
        create_look(en, host, c, &f, warn_out);
    if (f.n == 0)
        formats_tell_need(en, host, c, need_out);
    else
        rc = -1;
    if (rc < 0 && warn_out != NULL)
        buf_str(warn_out, buf_text(&f.before));
    if (rc < 0)
        *e = f.last;
    config_faults_fini(&f);
    config_free(c);
    return rc;
}

int
engine_check(struct engine *en, const char *path, struct buf *need_out,
             struct buf *warn_out, struct err *e)
{
    struct hv_host host;

    if (en == NULL)
        return formats_check(NULL, NULL, path, need_out, warn_out, e);
    if (hv_host(engine_hv(en), &host, e) < 0)
        return -1;
    return formats_check(en, &host, path, need_out, warn_out, e);
}

int
engine_need_of(struct engine *en, const char *text, const char *dir,
               struct buf *need_out, struct err *e)
{
    struct domain_config *c;
    struct hv_host host;

    if (config_parse(text, "what is entered", dir, &c, e) < 0)
        return -1;
    if (hv_host(engine_hv(en), &host, e) < 0) {
        config_free(c);
        return -1;
    }
    formats_tell_need(en, &host, c, need_out);
    config_free(c);
    return 0;
}

int
engine_check_host(const struct hv_host *host, const char *path,
                  struct buf *need_out, struct buf *warn_out, struct err *e)
{
    return formats_check(NULL, host, path, need_out, warn_out, e);
}

static int
parse_format(const char *word, enum config_format *out, struct err *e)
{
    if (config_format_parse(word, out))
        return 0;
    return err_set(e, ERR_INVALID,
                   "format: found \"%s\", allowed conf, xl, sxp or json", word);
}

static void
print(const struct domain_config *c, enum config_format to, struct buf *out,
      struct buf *warn)
{
    switch (to) {
    case FORMAT_CONF:
        config_print(c, out);
        break;
    case FORMAT_XL:
        config_xl_print(c, out);
        break;
    case FORMAT_SXP:
        config_sxp_print(c, out);
        break;
    case FORMAT_JSON:
        config_json_print(c, out);
        break;
    }
    if (warn != NULL)
        config_lost(c, to, warn);
}

int
engine_convert(const char *path, const char *format, struct buf *out,
               struct buf *warn_out, struct err *e)
{
    struct domain_config *c;
    enum config_format to;

    if (parse_format(format, &to, e) < 0 ||
        config_load_any(path, &c, warn_out, e) < 0)
        return -1;
    print(c, to, out, warn_out);
    config_free(c);
    return 0;
}

int
engine_export(struct engine *en, uint64_t dom_id, const char *format,
              struct buf *out, struct buf *warn_out, struct err *e)
{
    const struct dom *d = engine_dom_by_id(en, dom_id);
    struct domain_config *c;
    enum config_format to;
    struct err why = { 0 };

    if (parse_format(format, &to, e) < 0)
        return -1;
    if (d == NULL)
        return err_set(e, ERR_NOENT, "this domain no longer exists");
    if (db_load(engine_paths(en)->state, d->uuid, &c, &why) < 0) {
        if (why.code == ERR_NOENT)
            return err_set(e, ERR_NOENT,
                           "%s: xendeck has no configuration of it on record%s",
                           d->name, d->owned ? "" : ": it was made by others");
        *e = why;
        return -1;
    }
    config_drop_secrets(c, warn_out);
    print(c, to, out, warn_out);
    config_free(c);
    return 0;
}
