/*
 * migrate_opts.c - see migrate_opts.h.
 */
#include "engine/model/migrate_opts.h"

#include <string.h>

#include "src/base/text.h"

#define ROUNDS_LIMIT 100
#define STOP_LIMIT   60000 /* ms */

bool
migrate_host_ok(const char *host)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:@%-";
    static const char tls[] = "tls://";
    bool place = strncmp(host, tls, strlen(tls)) == 0;
    size_t n;

    if (place)
        host += strlen(tls);
    n = strlen(host);
    if (host[0] == '\0' || host[0] == '-' || n >= MIGRATE_HOST_MAX)
        return false;
    for (; *host != '\0'; host++)
        if (strchr(allowed, *host) == NULL &&
            !(place && (*host == '[' || *host == ']')))
            return false;
    return true;
}

/* "--rounds=5": the number behind the name. */
static bool
migrate_number(const char *value, unsigned max, unsigned *out)
{
    unsigned long long v;

    if (!text_u64(value, 1, max, &v))
        return false;
    *out = (unsigned)v;
    return true;
}

/* What follows the name of an option; NULL: the word is another. */
static const char *
migrate_value(const char *word, const char *name)
{
    size_t n = strlen(name);

    return strncmp(word, name, n) == 0 ? word + n : NULL;
}

bool
migrate_word_take(const char *word, struct migrate_opts *o, const char **host)
{
    const char *v;

    if (strcmp(word, "--xl") == 0)
        o->to_xl = true;
    else if (strcmp(word, "--unchecked") == 0)
        o->unchecked = true;
    else if ((v = migrate_value(word, "--command=")) != NULL && *v != '\0')
        o->command = v;
    else if ((v = migrate_value(word, "--rounds=")) != NULL)
        return migrate_number(v, ROUNDS_LIMIT, &o->rounds);
    else if ((v = migrate_value(word, "--stop-ms=")) != NULL)
        return migrate_number(v, STOP_LIMIT, &o->stop_ms);
    else if (word[0] == '-' || *host != NULL)
        return false;
    else
        *host = word;
    return true;
}
