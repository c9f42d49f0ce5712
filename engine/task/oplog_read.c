/*
 * oplog_read.c - see oplog_read.h.
 */
#include "engine/task/oplog_read.h"

#include <stdlib.h>
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/hv/hv.h"
#include "src/base/xalloc.h"

/* The steps of version 1 that a recovery asks for, by what they were called
 * there. */
static const struct old_step {
    const char *label, *id;
} old_steps[] = { { "ask the guest", "ask" },
                  { "wait for the guest's answer", "wait-answer" },
                  { "wait for the guest's end", "wait-end" },
                  { "balloon", "wait-guest" },
                  { "wait for the guest", "wait-guest" } };

static void
take_step(const struct oplog_reading *r, struct oplog_entry *j,
          const char *step)
{
    size_t i;

    for (i = 0; r->version == 1 && i < sizeof(old_steps) / sizeof(old_steps[0]);
         i++)
        if (strcmp(step, old_steps[i].label) == 0)
            step = old_steps[i].id;
    text_fmt(j->step, sizeof(j->step), "%s", step);
}

static struct oplog_entry *
oplog_entry_of(struct oplog_reading *r, uint64_t op)
{
    size_t i;

    for (i = r->from; i < r->n; i++)
        if (r->list[i].op == op)
            return &r->list[i];
    return NULL;
}

static void
take_begin(struct oplog_reading *r, uint64_t op, const char *verb)
{
    struct oplog_entry *j;

    r->list = xrealloc(r->list, r->n + 1, sizeof(*r->list));
    j = &r->list[r->n++];
    *j = (struct oplog_entry){ .op = op,
                               .verb = OP_VERBS,
                               .reason = DOM_REASON_UNKNOWN,
                               .ran_s = -1,
                               .live = r->live };
    if (!op_verb_of_id(verb, &j->verb))
        text_safe(j->strange, sizeof(j->strange), verb, strlen(verb));
}

static void
take_reason(struct oplog_entry *j, unsigned long long id)
{
    if (!dom_reason_of_id(id, &j->reason))
        text_fmt(j->strange, sizeof(j->strange), "reason %llu", id);
}

/* What is either so or not so. */
static void
oplog_take_flag(struct oplog_entry *j, const char *key, bool on)
{
    struct {
        const char *key;
        bool *flag;
    } flags[] = { { "owned", &j->owned },     { "paused", &j->paused },
                  { "again", &j->again },     { "asked", &j->asked },
                  { "finish", &j->finish },   { "checkpoint", &j->checkpoint },
                  { "replace", &j->replace }, { "given", &j->given },
                  { "to_xl", &j->to_xl },     { "held", &j->held },
                  { "revived", &j->revived } };
    size_t i;

    for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (strcmp(key, flags[i].key) == 0)
            *flags[i].flag = on;
}

static void
take_set(struct oplog_entry *j, const char *key, const char *value)
{
    unsigned long long v = 0;
    bool is_num = text_u64(value, 0, UINT32_MAX, &v);

    if (strcmp(key, "name") == 0)
        text_fmt(j->name, sizeof(j->name), "%s", value);
    else if (strcmp(key, "want") == 0)
        text_fmt(j->want, sizeof(j->want), "%s", value);
    else if (strcmp(key, "host") == 0)
        text_fmt(j->host, sizeof(j->host), "%s", value);
    else if (strcmp(key, "file") == 0)
        text_fmt(j->file, sizeof(j->file), "%s", value);
    else if (strcmp(key, "uuid") == 0)
        (void)uuid_parse_text(value, j->uuid);
    else if (strcmp(key, "alias") == 0)
        (void)uuid_parse_text(value, j->alias);
    else if (strcmp(key, "ran_s") == 0)
        j->ran_s = strtod(value, NULL);
    else if (strcmp(key, "until_s") == 0)
        j->until_s = strtod(value, NULL);
    else if (!is_num)
        return;
    else if (strcmp(key, "domid") == 0 && v <= HV_DOMID_MAX)
        j->domid = (uint32_t)v;
    else if (strcmp(key, "reason") == 0)
        take_reason(j, v);
    else if (strcmp(key, "restarts") == 0)
        j->restarts = (unsigned)v;
    else if (strcmp(key, "grace_s") == 0 && v > 0)
        j->grace_s = (unsigned)v;
    else
        oplog_take_flag(j, key, v != 0);
}

static void
take_end(struct oplog_reading *r, uint64_t op)
{
    struct oplog_entry *j = oplog_entry_of(r, op);

    if (j == NULL)
        return;
    r->n--;
    memmove(j, j + 1, (size_t)(r->list + r->n - j) * sizeof(*j));
}

static void
oplog_take_line(struct oplog_reading *r, char *line)
{
    char *save = NULL, *word = strtok_r(line, " ", &save);
    char *num = strtok_r(NULL, " ", &save), *key;
    struct oplog_entry *j;
    unsigned long long op;

    if (word == NULL || num == NULL || !text_u64(num, 1, UINT64_MAX, &op))
        return;
    if (strcmp(word, "begin") == 0) {
        take_begin(r, op, save);
    } else if (strcmp(word, "end") == 0) {
        take_end(r, op);
    } else if (strcmp(word, "set") == 0) {
        key = strtok_r(NULL, " ", &save);
        j = oplog_entry_of(r, op);
        if (key != NULL && j != NULL && strcmp(key, "step") == 0)
            take_step(r, j, save);
        else if (key != NULL && j != NULL)
            take_set(j, key, save);
    }
}

unsigned
oplog_text_version(const char *text)
{
    unsigned long long v = 1;
    char word[16];

    if (strncmp(text, "version ", 8) != 0)
        return 1;
    text_fmt(word, sizeof(word), "%.*s", (int)strcspn(text + 8, "\n"),
             text + 8);
    return text_u64(word, 1, UINT32_MAX, &v) ? (unsigned)v : UINT32_MAX;
}

enum of_boot
oplog_take_file(struct oplog_reading *r, char *text, const char *boot)
{
    enum of_boot of = BOOT_UNKNOWN;
    char *line, *next;

    r->version = oplog_text_version(text);
    for (line = text; (next = strchr(line, '\n')) != NULL; line = next + 1) {
        *next = '\0';
        if (next > line && next[-1] == OPLOG_TORN[0])
            continue;
        if (strncmp(line, "boot ", 5) != 0)
            oplog_take_line(r, line);
        else if (boot[0] != '\0' && line[5] != '\0')
            of = strcmp(line + 5, boot) == 0 ? BOOT_OURS : BOOT_OTHER;
    }
    return of;
}

const struct oplog_entry *
oplog_first_strange(const struct oplog_reading *r)
{
    size_t i;

    for (i = r->from; i < r->n; i++)
        if (r->list[i].strange[0] != '\0')
            return &r->list[i];
    return NULL;
}
