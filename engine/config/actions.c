/*
 * actions.c - what happens to a domain that has ended: xend's one word
 * (restart = onreboot, never, always) and xl's word for each end (on_poweroff,
 * on_reboot, on_crash, on_watchdog) meet here and nowhere else.
 */
#include <string.h>

#include "engine/config/reader.h"

const struct reader_word config_restart_words[CONFIG_RESTART_WORDS] = {
    { "onreboot", CONFIG_RESTART_ONREBOOT },
    { "never", CONFIG_RESTART_NEVER },
    { "always", CONFIG_RESTART_ALWAYS },
};

const struct reader_word config_action_words[CONFIG_ACTION_WORDS] = {
    { "destroy", CONFIG_DESTROY },
    { "restart", CONFIG_RESTART },
    { "preserve", CONFIG_PRESERVE },
    { "rename-restart", CONFIG_RENAME_RESTART },
    { "coredump-destroy", CONFIG_COREDUMP_DESTROY },
    { "coredump-restart", CONFIG_COREDUMP_RESTART },
};

static const enum config_action meaning[CONFIG_RESTART_WORDS][CONFIG_ENDS] = {
    [CONFIG_RESTART_ONREBOOT] = { [CONFIG_ON_REBOOT] = CONFIG_RESTART },
    [CONFIG_RESTART_NEVER] = { CONFIG_DESTROY },
    [CONFIG_RESTART_ALWAYS] = { CONFIG_RESTART, CONFIG_RESTART, CONFIG_RESTART,
                                CONFIG_RESTART },
};

void
config_actions_of(enum config_restart r, enum config_action on[CONFIG_ENDS])
{
    memcpy(on, meaning[r], sizeof(meaning[r]));
}

bool
config_restart_of(const enum config_action on[CONFIG_ENDS],
                  enum config_restart *out)
{
    int r;

    for (r = 0; r < CONFIG_RESTART_WORDS; r++)
        if (memcmp(on, meaning[r], sizeof(meaning[r])) == 0) {
            *out = (enum config_restart)r;
            return true;
        }
    return false;
}

static const char *
word_of(const struct reader_word *words, size_t n, int value)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (words[i].value == value)
            return words[i].word;
    return "unknown";
}

const char *
config_restart_name(enum config_restart r)
{
    return word_of(config_restart_words, CONFIG_RESTART_WORDS, (int)r);
}

const char *
config_action_name(enum config_action a)
{
    return word_of(config_action_words, CONFIG_ACTION_WORDS, (int)a);
}
