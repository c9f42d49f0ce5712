/*
 * settings_stop.c - settings of xendeck.conf(5) that say what the end of a host
 * does with its domains, where these do not say it themselves.
 */
#include "src/command/settings/settings_stop.h"

#include <string.h>

#include "engine/config/core/actions.h"
#include "engine/model/migrate_opts.h"

#define MOVES_MAX 64
#define WORDS_MAX 16

static int
read_stop_word(struct reader *r, config_setting_t *v, bool may_move,
               unsigned *out)
{
    enum config_host_stop how;
    char word[16];

    if (settings_read_word(r, v, word, sizeof word) < 0)
        return -1;
    if (!config_host_stop_of(word, &how) ||
        (how == CONFIG_STOP_MIGRATE && !may_move))
        return conf_bad(
            r->file, v, r->e, "found \"%s\", allowed shutdown, %s", word,
            may_move ? "destroy, save or migrate" : "destroy or save");
    *out = how;
    return 0;
}

int
settings_read_host_stop(struct reader *r, config_setting_t *v)
{
    return read_stop_word(r, v, true, &r->s->host_stop);
}

int
settings_read_host_stop_else(struct reader *r, config_setting_t *v)
{
    return read_stop_word(r, v, false, &r->s->host_stop_else);
}

int
settings_read_host_stop_moves(struct reader *r, config_setting_t *v)
{
    return settings_read_whole(r, v, 1, MOVES_MAX, &r->s->host_stop_moves);
}

/* --- where they go --- */

struct stop_way {
    struct migrate_opts o;
    const char *host; /* of the words read so far */
    struct buf lines;
};

static int
read_way_word(struct reader *r, const config_setting_t *v, struct stop_way *w)
{
    const char *text;

    if (conf_text(r->file, v, sizeof r->s->host_stop_to - 1, &text, r->e) < 0)
        return -1;
    if (strchr(text, '\n') != NULL ||
        !migrate_word_take(text, &w->o, &w->host) ||
        (w->host == text && !migrate_host_ok(text)))
        return conf_bad(r->file, v, r->e,
                        "found \"%s\", allowed a host and options of the verb "
                        "migrate: (\"HOST\", \"--command=ssh -p 2222\")",
                        text);
    buf_fmt(&w->lines, "%s%s", w->lines.len > 0 ? "\n" : "", text);
    return 0;
}

static int
read_way(struct reader *r, const config_setting_t *v, struct stop_way *w)
{
    int i, n = config_setting_length(v);

    if (config_setting_type(v) == CONFIG_TYPE_STRING)
        return read_way_word(r, v, w);
    if (!config_setting_is_list(v) && !config_setting_is_array(v))
        return conf_bad(r->file, v, r->e,
                        "found no text and no list, allowed \"HOST\" or "
                        "(\"HOST\", \"--OPTION\", ...)");
    if (n > WORDS_MAX)
        return conf_bad(r->file, v, r->e, "found %d words, allowed %d", n,
                        WORDS_MAX);
    for (i = 0; i < n; i++)
        if (read_way_word(r, config_setting_get_elem(v, (unsigned)i), w) < 0)
            return -1;
    return 0;
}

int
settings_read_host_stop_to(struct reader *r, config_setting_t *v)
{
    struct stop_way w = { 0 };
    int rc = read_way(r, v, &w);

    if (rc == 0 && w.host == NULL)
        rc = conf_bad(r->file, v, r->e, "found no host, allowed one");
    if (rc == 0 && w.lines.len >= sizeof r->s->host_stop_to)
        rc = conf_bad(r->file, v, r->e, "found %zu bytes, allowed %zu",
                      w.lines.len, sizeof r->s->host_stop_to - 1);
    if (rc == 0)
        text_fmt(r->s->host_stop_to, sizeof r->s->host_stop_to, "%s",
                 buf_text(&w.lines));
    buf_free(&w.lines);
    return rc;
}
