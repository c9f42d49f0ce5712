/*
 * commands.c - the one table of verbs, made of its families, and what is
 * looked up in it: names, and keys together with the user's bindings.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/command.h"
#include "src/command/family.h"
#include "src/command/foreign.h"
#include "src/command/settings.h"

#define NEAR_MAX                                                               \
    3 /* edits: so far away is no slip of the finger, nor is half a            \
         word */
#define NAME_COLS 24 /* longer words are no verbs */

void
cmd_set_init(struct cmd_set *cmds)
{
    static const struct cmd_family *const families[] = {
        &cmd_family_domain,  &cmd_family_define,     &cmd_family_device,
        &cmd_family_dm,      &cmd_family_format,     &cmd_family_migrate,
        &cmd_family_list,    &cmd_family_show,       &cmd_family_tune,
        &cmd_family_sched,   &cmd_family_info,       &cmd_family_events,
        &cmd_family_host,    &cmd_family_xen,        &cmd_family_net,
        &cmd_family_program, &cmd_family_edit,       &cmd_family_clone,
        &cmd_family_drift,   &cmd_family_postmortem, &cmd_family_ledger,
        &cmd_family_destroy, &cmd_family_operations,
    };
    size_t i;

    cmds->n = 0;
    for (i = 0; i < sizeof families / sizeof families[0]; i++)
        cmd_set_add(cmds, families[i]);
}

void
cmd_set_add(struct cmd_set *cmds, const struct cmd_family *f)
{
    size_t at = cmds->n;

    if (cmds->n == CMD_FAMILIES_MAX)
        abort();
    for (; at > 0 && cmds->families[at - 1]->order > f->order; at--)
        cmds->families[at] = cmds->families[at - 1];
    cmds->families[at] = f;
    cmds->n++;
}

size_t
cmd_count(const struct cmd_set *cmds)
{
    size_t i, n = 0;

    for (i = 0; i < cmds->n; i++)
        n += cmds->families[i]->n;
    return n;
}

const struct cmd *
cmd_at(const struct cmd_set *cmds, size_t i)
{
    size_t f;

    for (f = 0; f < cmds->n; f++) {
        if (i < cmds->families[f]->n)
            return &cmds->families[f]->cmds[i];
        i -= cmds->families[f]->n;
    }
    return NULL;
}

/* Levenshtein distance. */
static unsigned
commands_distance(const char *a, const char *b)
{
    unsigned row[NAME_COLS + 1], i, j, n = (unsigned)strlen(b);

    if (n > NAME_COLS || strlen(a) > NAME_COLS)
        return NAME_COLS;
    for (j = 0; j <= n; j++)
        row[j] = j;
    for (i = 0; a[i] != '\0'; i++) {
        unsigned diag = row[0];

        row[0] = i + 1;
        for (j = 0; j < n; j++) {
            unsigned best = diag + (a[i] != b[j]);

            diag = row[j + 1];
            if (diag + 1 < best)
                best = diag + 1;
            if (row[j] + 1 < best)
                best = row[j] + 1;
            row[j + 1] = best;
        }
    }
    return row[n];
}

/* Two letters in the wrong order: one slip. */
static bool
commands_is_swap(const char *a, const char *b)
{
    size_t i = 0;

    while (a[i] != '\0' && a[i] == b[i])
        i++;
    return a[i] != '\0' && a[i + 1] != '\0' && a[i + 1] == b[i] &&
           a[i] == b[i + 1] && strcmp(a + i + 2, b + i + 2) == 0;
}

static const struct cmd *
nearest(const struct cmd_set *cmds, const char *name)
{
    const struct cmd *best = NULL, *c;
    unsigned d, least = NEAR_MAX;
    size_t i;

    for (i = 0; (c = cmd_at(cmds, i)) != NULL; i++) {
        d = commands_is_swap(name, c->name) ? 1
                                            : commands_distance(name, c->name);
        if (d < least && 2 * d <= strlen(c->name) && 2 * d <= strlen(name)) {
            least = d;
            best = c;
        }
    }
    return best;
}

static const struct cmd *
cmd_named(const struct cmd_set *cmds, const char *name)
{
    const struct cmd *c;
    size_t i;

    for (i = 0; (c = cmd_at(cmds, i)) != NULL; i++)
        if (strcmp(name, c->name) == 0 ||
            (c->alias != NULL && strcmp(name, c->alias) == 0))
            return c;
    return NULL;
}

const struct cmd *
cmd_find(const struct cmd_set *cmds, const char *name, struct err *e)
{
    const struct cmd *c = cmd_named(cmds, name);
    const char *same = c == NULL ? foreign_same(name) : NULL;

    if (same != NULL)
        c = cmd_named(cmds, same);
    if (c != NULL)
        return c;
    if (foreign_lead(name, e))
        return NULL;
    c = nearest(cmds, name);
    if (c != NULL)
        err_set(e, ERR_INVALID,
                "no verb '%.64s', the nearest is '%s'; `help' lists all", name,
                c->name);
    else
        err_set(e, ERR_INVALID, "no verb '%.64s'; `help' lists all", name);
    return NULL;
}

bool
cmd_has_word(const struct cmd *c, const char *word)
{
    const char *p = c->words != NULL ? c->words : c->args;
    size_t n;

    for (p += strspn(p, "[|]"); *p != '\0'; p += n + strspn(p + n, "[|]")) {
        n = strcspn(p, "[|]");
        if (strlen(word) == n && strncmp(word, p, n) == 0)
            return true;
    }
    return false;
}

const struct cmd *
cmd_of_line(const struct cmd_set *cmds, const char *line)
{
    const struct cmd *c = NULL;
    char **words;
    int n;

    if (cmd_split(line, &words, &n, NULL) < 0)
        return NULL;
    if (n > 0)
        c = cmd_find(cmds, words[0], NULL);
    cmd_words_free(words, n);
    return c;
}

/* The next word of a list of keys, parsed; false at its end. */
static bool
next_key(const char **pp, struct key *out)
{
    const char *p = *pp + strspn(*pp, " ");
    size_t n = strcspn(p, " ");
    char text[32];

    text_fmt(text, sizeof text, "%.*s", (int)n, p);
    *pp = p + n;
    return n > 0 && key_parse(text, out);
}

static bool
has_key(const char *keys, const struct key *k)
{
    struct key one;

    while (keys != NULL && next_key(&keys, &one))
        if (key_same(&one, k))
            return true;
    return false;
}

static const struct cmd *
table_key(const struct cmd_set *cmds, unsigned context, const struct key *k)
{
    const struct cmd *c;
    size_t i;

    for (i = 0; (c = cmd_at(cmds, i)) != NULL; i++)
        if (((c->in & context) != 0 && has_key(c->keys, k)) ||
            ((c->more_in & context) != 0 && has_key(c->more_keys, k)))
            return c;
    return NULL;
}

/* The newest binding of k in context, or NULL. */
static const struct binding *
bound_key(const struct settings *set, unsigned context, const struct key *k)
{
    size_t i;

    for (i = set->n_bindings; i-- > 0;)
        if ((set->bindings[i].context & context) != 0 &&
            key_same(&set->bindings[i].key, k))
            return &set->bindings[i];
    return NULL;
}

const char *
cmd_of_key(const struct settings *set, unsigned context, const struct key *k)
{
    const struct binding *b = bound_key(set, context, k);
    const struct cmd *c;

    if (b != NULL)
        return b->command[0] != '\0' ? b->command : NULL;
    if (context == CMD_IN_CONSOLE && key_same(k, &set->prefix))
        return "send-prefix";
    c = table_key(set->cmds, context, k);
    return c != NULL ? c->name : NULL;
}

static void
add_key(struct buf *out, size_t begin, const struct key *k)
{
    char text[24];

    key_print(k, text, sizeof text);
    if (out->len > begin)
        buf_chr(out, ' ');
    buf_str(out, text);
}

/* Keys of the table that no binding has taken away. */
static void
add_table_keys(const struct settings *set, const char *keys, unsigned context,
               size_t begin, struct buf *out)
{
    struct key k;

    while (keys != NULL && next_key(&keys, &k))
        if (bound_key(set, context, &k) == NULL)
            add_key(out, begin, &k);
}

void
cmd_keys_of(const struct settings *set, const struct cmd *c, unsigned context,
            struct buf *out)
{
    size_t i, begin = out->len;

    if ((c->in & context) != 0)
        add_table_keys(set, c->keys, context, begin, out);
    if ((c->more_in & context) != 0)
        add_table_keys(set, c->more_keys, context, begin, out);
    if (context == CMD_IN_CONSOLE && strcmp(c->name, "send-prefix") == 0 &&
        bound_key(set, context, &set->prefix) == NULL)
        add_key(out, begin, &set->prefix);
    for (i = 0; i < set->n_bindings; i++) {
        const struct binding *b = &set->bindings[i];

        if ((b->context & context) != 0 && b->command[0] != '\0' &&
            bound_key(set, context, &b->key) == b &&
            cmd_of_line(set->cmds, b->command) == c)
            add_key(out, begin, &b->key);
    }
}
