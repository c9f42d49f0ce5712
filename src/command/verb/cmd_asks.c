/*
 * cmd_asks.c - the forms of verbs (asks.h), one table by the verb's name.
 */
#include "src/command/asks.h"

#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/verb/asks_create.h"
#include "src/command/verb/config/clone_words.h"

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* --- what stands there now --- */

static void
ask_tags(const struct session *ses, uint64_t dom_id, struct buf *out)
{
    const struct dom *d = engine_dom_by_id(ses->en, dom_id);

    if (d != NULL)
        buf_str(out, d->tags);
}

static void
ask_memory(const struct session *ses, uint64_t dom_id, struct buf *out)
{
    const struct dom *d = engine_dom_by_id(ses->en, dom_id);

    if (d != NULL)
        buf_fmt(out, "%llu",
                (unsigned long long)(d->target_kib != 0 ? d->target_kib
                                                        : d->mem_kib) /
                    1024);
}

static void
ask_max_memory(const struct session *ses, uint64_t dom_id, struct buf *out)
{
    const struct dom *d = engine_dom_by_id(ses->en, dom_id);

    if (d != NULL && d->max_kib != UINT64_MAX)
        buf_fmt(out, "%llu", (unsigned long long)d->max_kib / 1024);
}

static void
ask_vcpus(const struct session *ses, uint64_t dom_id, struct buf *out)
{
    const struct dom *d = engine_dom_by_id(ses->en, dom_id);

    if (d != NULL)
        buf_fmt(out, "%u", d->vcpus_online);
}

/* As many as it may have. */
static void
ask_vcpus_pick(const struct session *ses, uint64_t dom_id, struct buf *out)
{
    const struct dom *d = engine_dom_by_id(ses->en, dom_id);
    unsigned i;

    for (i = 1; d != NULL && d->vcpus_max <= 16 && i <= d->vcpus_max; i++)
        buf_fmt(out, "%s%u", i > 1 ? "|" : "", i);
}

static void
ask_name(const struct session *ses, uint64_t dom_id, struct buf *out)
{
    const struct dom *d = engine_dom_by_id(ses->en, dom_id);

    if (d != NULL)
        buf_str(out, d->name);
}

static void
ask_saved(const struct session *ses, uint64_t dom_id, struct buf *out)
{
    const struct dom *d = engine_dom_by_id(ses->en, dom_id);

    if (d != NULL && d->saved)
        engine_dom_word(ses->en, d, out);
}

static void
ask_drives(const struct session *ses, uint64_t dom_id, struct buf *out)
{
    struct dom_device dev[DOM_DEVICES_MAX];
    size_t i, n = 0;

    if (engine_devices(ses->en, dom_id, dev, DOM_DEVICES_MAX, &n, NULL) < 0)
        return;
    for (i = 0; i < n && i < DOM_DEVICES_MAX; i++)
        if (dev[i].cdrom)
            buf_fmt(out, "%s%s", out->len > 0 ? "|" : "", dev[i].name);
}

/* --- the tables --- */

#define NO_YES "no|yes"

static const struct cmd_ask save_asks[] = {
    { .label = "file",
      .hint = "empty: the folder of saved domains",
      .help = "Where its memory goes; Tab completes",
      .word = "",
      .line = "check " },
    { .label = "then",
      .choices = "it ends|it runs on",
      .help = "it ends: saved, `start' brings it back; it runs on: a copy",
      .word = NULL },
    { .label = "compress",
      .choices = NO_YES,
      .help = "Smaller and slower; xl cannot read it",
      .word = "--compress" },
    { .label = "replace",
      .choices = NO_YES,
      .help = "Whether a file of that name may be replaced",
      .word = "--replace" },
};

static const struct cmd_ask restore_asks[] = {
    { .label = "from",
      .hint = "a saved domain's name, or a file",
      .help = "A domain listed as saved, or a file of a saved domain; Tab",
      .word = "",
      .line = "restore ",
      .initial = ask_saved },
    { .label = "paused",
      .choices = NO_YES,
      .help = "Whether it stands still until `unpause'",
      .word = "--paused" },
};

static const struct cmd_ask migrate_asks[] = {
    { .label = "to",
      .hint = "HOST, by ssh; or tls://HOST:PORT",
      .help = "The host that takes it: by ssh, or by TLS to its engine",
      .word = "" },
    { .label = "receiver",
      .choices = "xendeck|xl",
      .help = "What runs on that host",
      .word = NULL },
    { .label = "rounds",
      .hint = "empty: the default",
      .help = "Times its memory is sent before it stops at the latest",
      .word = "--rounds=" },
    { .label = "stop ms",
      .hint = "empty: the default",
      .help = "It stops once what is left takes no longer than this, in ms",
      .word = "--stop-ms=" },
    { .label = "unchecked",
      .choices = NO_YES,
      .help = "yes: not asked first whether that host can take it",
      .word = "--unchecked" },
    { .label = "command",
      .hint = "empty: ssh HOST xendeck migrate-receive",
      .help = "Another command that reaches the receiver",
      .word = "--command=" },
};

static const struct cmd_ask memory_asks[] = {
    { .label = "memory",
      .help = "MiB, or with a unit: 512, 2g; at most its maximum",
      .word = "",
      .initial = ask_memory },
};

static const struct cmd_ask max_memory_asks[] = {
    { .label = "maximum",
      .help = "MiB, or with a unit; at least what it has now",
      .word = "",
      .initial = ask_max_memory },
};

static const struct cmd_ask vcpus_asks[] = {
    { .label = "vcpus",
      .help = "How many run; Left and Right choose",
      .word = "",
      .initial = ask_vcpus,
      .pick = ask_vcpus_pick },
};

static const struct cmd_ask rename_asks[] = {
    { .label = "name",
      .help = "A-Z a-z 0-9 . _ - +, a letter or digit first",
      .word = "",
      .initial = ask_name },
};

static const struct cmd_ask insert_asks[] = {
    { .label = "drive",
      .hint = "this domain has no CD drive",
      .help = "Which of its CD drives",
      .word = "",
      .pick = ask_drives },
    { .label = "medium",
      .hint = "an image; empty: takes the medium out",
      .help = "File of an image; Tab completes",
      .word = "",
      .empty = "eject",
      .line = "check " },
};

static const struct cmd_ask sysrq_asks[] = {
    { .label = "key",
      .hint = "h help, s sync, t tasks, w blocked, b reboot, c crash",
      .help = "A letter or digit that its kernel takes",
      .word = "" },
};

static const struct cmd_ask tag_asks[] = {
    { .label = "tags",
      .hint = "none",
      .help = "A-Z a-z 0-9 . _ - with commas between tags: web,prod",
      .word = "=",
      .empty = "=",
      .initial = ask_tags },
};

static const struct cmd_ask qmp_asks[] = {
    { .label = "command",
      .hint = "query-status, query-block, query-version ...",
      .help = "A command of QMP; its arguments as JSON go by the palette",
      .word = "" },
    { .label = "argument",
      .hint = "KEY=VALUE, or empty",
      .help = "An argument of the command",
      .word = "" },
};

#define FORM(table) .at = (table), .n = COUNT_OF(table)

static const struct {
    const char *verb;
    struct cmd_asks asks;
} forms[] = {
    { "save", { .title = "save", FORM(save_asks) } },
    { "restore", { .title = "restore", FORM(restore_asks) } },
    { "migrate", { .title = "migrate", FORM(migrate_asks) } },
    { "mem-set", { .title = "memory of", FORM(memory_asks) } },
    { "mem-max", { .title = "maximum memory of", FORM(max_memory_asks) } },
    { "vcpu-set", { .title = "virtual cpus of", FORM(vcpus_asks) } },
    { "rename", { .title = "rename", FORM(rename_asks) } },
    { "cd", { .title = "CD drives of", FORM(insert_asks) } },
    { "sysrq", { .title = "sysrq key for", FORM(sysrq_asks) } },
    { "tag", { .title = "tags of", FORM(tag_asks) } },
    { "qmp", { .title = "QMP command for", FORM(qmp_asks) } },
};

const struct cmd_asks *
cmd_asks_of(const struct cmd *c)
{
    size_t i;

    if (strcmp(c->name, "create") == 0)
        return &asks_create;
    if (strcmp(c->name, "clone") == 0)
        return &asks_clone;
    for (i = 0; i < COUNT_OF(forms); i++)
        if (strcmp(c->name, forms[i].verb) == 0)
            return &forms[i].asks;
    return NULL;
}

/* Choices whose words are no part of their name. */
static const char *
ask_chosen(const char *value)
{
    if (strcmp(value, "it runs on") == 0)
        return "--checkpoint";
    return strcmp(value, "xl") == 0 ? "--xl" : NULL;
}

/* NULL: no word. */
static char *
ask_word(const struct cmd_ask *a, const char *value)
{
    size_t n = a->word != NULL ? strlen(a->word) : 0;

    if (a->word == NULL)
        return ask_chosen(value) != NULL ? xstrdup(ask_chosen(value)) : NULL;
    if (n > 0 && a->word[n - 1] != '=')
        return strcmp(value, "yes") == 0 ? xstrdup(a->word) : NULL;
    if (value[0] == '\0')
        return a->empty != NULL ? xstrdup(a->empty) : NULL;
    return xasprintf("%s%s", a->word, value);
}

int
cmd_asks_words(const struct cmd *c, const char *const *values, char **out)
{
    const struct cmd_asks *asks = cmd_asks_of(c);
    size_t i;
    int n = 0;

    out[n++] = xstrdup(c->name);
    for (i = 0; asks != NULL && i < asks->n && n < CMD_ARGS_MAX; i++) {
        char *word = ask_word(&asks->at[i], values[i]);

        if (word != NULL)
            out[n++] = word;
    }
    return n;
}
