/*
 * settings_console.c - settings of consoles on the screen, and of those that
 * nobody looks at.
 */
#include "src/command/settings/settings_console.h"

#include <string.h>

#define SILENCE_MAX_S 86400

int
settings_read_bell(struct reader *r, config_setting_t *v)
{
    static const char *const words[] = { "pass", "visible", "off" };
    char word[16];
    unsigned i;

    if (settings_read_word(r, v, word, sizeof(word)) < 0)
        return -1;
    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(word, words[i]) == 0) {
            r->s->bell = (enum settings_bell)i;
            return 0;
        }
    return conf_bad(r->file, v, r->e,
                    "found \"%s\", allowed pass, visible or off", word);
}

int
settings_read_silence(struct reader *r, config_setting_t *v)
{
    return settings_read_whole(r, v, 0, SILENCE_MAX_S, &r->s->silence_s);
}

int
settings_read_layout(struct reader *r, config_setting_t *v)
{
    return settings_read_word(r, v, r->s->layout, sizeof(r->s->layout));
}

int
settings_read_graphs(struct reader *r, config_setting_t *v)
{
    static const char *const words[] = {
        [GRAPH_ASCII] = "ascii",
        [GRAPH_BLOCK] = "block",
        [GRAPH_BRAILLE] = "braille",
    };
    char word[16];
    unsigned i;

    if (settings_read_word(r, v, word, sizeof(word)) < 0)
        return -1;
    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(word, words[i]) == 0) {
            r->s->graphs = i;
            return 0;
        }
    if (strcmp(word, "auto") != 0)
        return conf_bad(r->file, v, r->e,
                        "found \"%s\", allowed auto, braille, block or ascii",
                        word);
    r->s->graphs = SETTINGS_GRAPHS_AUTO;
    return 0;
}

int
settings_read_unicode(struct reader *r, config_setting_t *v)
{
    return conf_bool(r->file, v, &r->s->unicode, r->e);
}
