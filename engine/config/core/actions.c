/*
 * actions.c - what happens to a domain that has ended: xend's one word
 * (restart = onreboot, never, always) and xl's word for each end (on_poweroff,
 * on_reboot, on_crash, on_watchdog) meet here and nowhere else.
 */
#include <string.h>

#include "engine/config/core/value.h"

const struct value_word config_restart_words[] = {
    { "onreboot", CONFIG_RESTART_ONREBOOT },
    { "never", CONFIG_RESTART_NEVER },
    { "always", CONFIG_RESTART_ALWAYS },
    { NULL, 0 },
};

const struct value_word config_action_words[] = {
    { "destroy", CONFIG_DESTROY },
    { "restart", CONFIG_RESTART },
    { "preserve", CONFIG_PRESERVE },
    { "rename-restart", CONFIG_RENAME_RESTART },
    { "coredump-destroy", CONFIG_COREDUMP_DESTROY },
    { "coredump-restart", CONFIG_COREDUMP_RESTART },
    { NULL, 0 },
};

const struct value_word config_host_stop_words[] = {
    { "shutdown", CONFIG_STOP_SHUTDOWN },
    { "destroy", CONFIG_STOP_DESTROY },
    { "save", CONFIG_STOP_SAVE },
    { "migrate", CONFIG_STOP_MIGRATE },
    { NULL, 0 },
};

const struct value_word config_stop_else_words[] = {
    { "shutdown", CONFIG_STOP_SHUTDOWN },
    { "destroy", CONFIG_STOP_DESTROY },
    { "save", CONFIG_STOP_SAVE },
    { NULL, 0 },
};

const char *const config_end_settings[CONFIG_ENDS] = {
    [CONFIG_ON_POWEROFF] = "on_poweroff",
    [CONFIG_ON_REBOOT] = "on_reboot",
    [CONFIG_ON_CRASH] = "on_crash",
    [CONFIG_ON_WATCHDOG] = "on_watchdog",
};

#define RESTART_WORDS (CONFIG_RESTART_ALWAYS + 1)

static const enum config_action meaning[RESTART_WORDS][CONFIG_ENDS] = {
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

    for (r = 0; r < RESTART_WORDS; r++)
        if (memcmp(on, meaning[r], sizeof(meaning[r])) == 0) {
            *out = (enum config_restart)r;
            return true;
        }
    return false;
}

static const char *
actions_word_of(const struct value_word *w, unsigned value)
{
    for (; w->word != NULL; w++)
        if (w->value == value)
            return w->word;
    return "unknown";
}

const char *
config_restart_name(enum config_restart r)
{
    return actions_word_of(config_restart_words, r);
}

const char *
config_action_name(enum config_action a)
{
    return actions_word_of(config_action_words, a);
}

bool
config_host_stop_of(const char *word, enum config_host_stop *out)
{
    const struct value_word *w;

    for (w = config_host_stop_words; w->word != NULL; w++)
        if (strcmp(w->word, word) == 0) {
            *out = (enum config_host_stop)w->value;
            return true;
        }
    return false;
}
