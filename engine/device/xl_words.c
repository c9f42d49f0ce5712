/*
 * xl_words.c - see xl_words.h.
 * Facts of xl 4.17: block-attach takes a specification as xl.cfg has it,
 * network-attach the words of one, each an argument; cd-insert and cd-eject
 * are refused for all but HVM domains.
 */
#include "engine/device/xl_words.h"

#include <string.h>

#include "engine/config/core/set.h"
#include "engine/config/xl/xl.h"
#include "engine/device/vif.h"

#define WORD_MAX 4200 /* each byte of a value may need four */

static void
add_word(struct buf *out, const char *text)
{
    char word[WORD_MAX];

    buf_fmt(out, " %s", xl_quote(word, sizeof(word), text));
}

/* None of them holds a comma, or there is no specification. */
static void
add_words(struct buf *out, const char *spec)
{
    char word[WORD_MAX / 4];
    size_t n;

    for (; *spec != '\0'; spec += n, spec += *spec == ',') {
        n = strcspn(spec, ",");
        text_fmt(word, sizeof(word), "%.*s", (int)n, spec);
        add_word(out, word);
    }
}

void
xl_words_attach(const struct dom *d, const struct config_device *c,
                struct buf *out)
{
    static const char *const verbs[][2] = { { "vbd", "block-attach" },
                                            { "vif", "network-attach" },
                                            { "pci", "pci-attach" } };
    struct buf spec = { 0 };
    size_t i;

    for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(c->kind, verbs[i][0]) != 0 || !config_xl_spec(c, &spec))
            continue;
        buf_fmt(out, "xl %s", verbs[i][1]);
        add_word(out, d->name);
        if (strcmp(c->kind, "vif") != 0)
            add_word(out, buf_text(&spec));
        else
            add_words(out, buf_text(&spec));
        if (strcmp(c->kind, "vif") == 0 &&
            config_device_value(c, "bridge") == NULL)
            add_word(out, "bridge=" VIF_BRIDGE); /* xl.conf may name another */
    }
    buf_free(&spec);
}

void
xl_words_detach(const struct dom *d, const struct dom_device *row, bool force,
                struct buf *out)
{
    char id[16];

    text_fmt(id, sizeof(id), "%u", row->devid);
    if (strcmp(row->kind, "vbd") == 0) {
        buf_str(out, "xl block-detach");
        add_word(out, d->name);
        add_word(out, row->name);
        buf_str(out, force ? " --force" : "");
    } else if (strcmp(row->kind, "vif") == 0) {
        buf_str(out, "xl network-detach");
        add_word(out, d->name);
        add_word(out, id);
    } else if (strcmp(row->kind, "pci") == 0) {
        buf_str(out, force ? "xl pci-detach -f" : "xl pci-detach");
        add_word(out, d->name);
        add_word(out, row->name);
    }
}

void
xl_words_cd(const struct dom *d, const struct dom_device *had,
            const struct config_device *c, struct buf *out)
{
    if (had != NULL)
        xl_words_detach(d, had, false, out);
    if (had != NULL && c != NULL)
        buf_str(out, " && ");
    if (c != NULL)
        xl_words_attach(d, c, out);
}
