/*
 * event_filter.c - see event_filter.h.
 */
#include "src/command/event_filter.h"

#include <string.h>

#include "src/base/text.h"

/* Bits of the words that begin with text; onward: and of all after them.
 * The enums of the model are unsigned: word may be what names theirs. */
static unsigned
bits_of(const char *text, const char *(*word)(unsigned), unsigned n,
        bool onward)
{
    unsigned bits = 0, i;

    for (i = 0; i < n; i++)
        if (strncmp(word(i), text, strlen(text)) == 0 || (onward && bits != 0))
            bits |= 1U << i;
    return bits;
}

static int
add_bits(unsigned *dst, unsigned bits, const char *word, const char *allowed,
         struct err *e)
{
    if (bits == 0)
        return err_set(e, ERR_INVALID, "filter: found %s, allowed %s", word,
                       allowed);
    *dst |= bits;
    return 0;
}

/* What stands after key in word, NULL: it is another key. */
static const char *
value_of(const char *word, const char *key)
{
    size_t n = strlen(key);

    return strncmp(word, key, n) == 0 && word[n] != '\0' ? word + n : NULL;
}

static void
event_filter_add_text(struct event_filter *f, const char *word)
{
    size_t n = strlen(f->text);

    text_fmt(f->text + n, sizeof(f->text) - n, "%s%s", n > 0 ? " " : "", word);
}

int
event_filter_add(struct event_filter *f, const char *word, struct err *e)
{
    static const char kinds[] =
        "kind=birth|death|reaped|op-start|op-end|console|engine|alarm|restart|"
        "refused|device|injected";
    static const char levels[] = "level=info|warning|error, or level>=";
    const char *v;

    if ((v = value_of(word, "kind=")) != NULL)
        return add_bits(&f->kinds,
                        bits_of(v, event_kind_name, EVENT_KINDS, false), word,
                        kinds, e);
    if ((v = value_of(word, "level>=")) != NULL)
        return add_bits(&f->levels,
                        bits_of(v, event_level_name, EVENT_ERROR + 1, true),
                        word, levels, e);
    if ((v = value_of(word, "level=")) != NULL)
        return add_bits(&f->levels,
                        bits_of(v, event_level_name, EVENT_ERROR + 1, false),
                        word, levels, e);
    if ((v = value_of(word, "name=")) != NULL)
        text_fmt(f->name, sizeof(f->name), "%s", v);
    else if ((v = value_of(word, "who=")) != NULL)
        text_fmt(f->who, sizeof(f->who), "%s", v);
    else
        event_filter_add_text(f, word);
    return 0;
}

void
event_filter_line(struct event_filter *f, const char *line)
{
    char word[EVENT_FILTER_TEXT];
    size_t n;

    *f = (struct event_filter){ 0 };
    for (; *line != '\0'; line += n) {
        line += strspn(line, " ");
        n = strcspn(line, " ");
        text_fmt(word, sizeof(word), "%.*s", (int)n, line);
        if (n > 0 && event_filter_add(f, word, NULL) < 0)
            event_filter_add_text(f, word);
    }
}

bool
event_filter_empty(const struct event_filter *f)
{
    return f->kinds == 0 && f->levels == 0 && f->name[0] == '\0' &&
           f->who[0] == '\0' && f->text[0] == '\0';
}

static bool
event_filter_begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool
has(const char *text, const char *sought)
{
    size_t at = 0, end;

    return sought[0] == '\0' || text_match(text, sought, &at, &end);
}

bool
event_filter_match(const struct event_filter *f, const struct event *ev)
{
    if (f->kinds != 0 && (f->kinds >> ev->kind & 1U) == 0)
        return false;
    if (f->levels != 0 && (f->levels >> ev->level & 1U) == 0)
        return false;
    return event_filter_begins(ev->name, f->name) &&
           event_filter_begins(ev->who, f->who) &&
           (has(ev->text, f->text) || has(ev->name, f->text));
}

bool
event_filter_text(const struct event_filter *f, enum event_level level,
                  const char *text)
{
    return (f->levels == 0 || (f->levels >> level & 1U) != 0) &&
           has(text, f->text);
}
