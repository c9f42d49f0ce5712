/*
 * actions.h - what happens to a domain that has ended: the words of xend and of
 * xl, and where they meet.
 */
#ifndef XENDECK_ENGINE_CONFIG_ACTIONS_H
#define XENDECK_ENGINE_CONFIG_ACTIONS_H

#include <stdbool.h>

enum config_restart {
    CONFIG_RESTART_ONREBOOT, /* default */
    CONFIG_RESTART_NEVER,
    CONFIG_RESTART_ALWAYS
};

/* What happens to a domain once it has ended, as xl.cfg names it. */
enum config_action {
    CONFIG_DESTROY,
    CONFIG_RESTART,
    CONFIG_PRESERVE,
    CONFIG_RENAME_RESTART,
    CONFIG_COREDUMP_DESTROY,
    CONFIG_COREDUMP_RESTART
};

enum config_end {
    CONFIG_ON_POWEROFF,
    CONFIG_ON_REBOOT,
    CONFIG_ON_CRASH,
    CONFIG_ON_WATCHDOG,
    CONFIG_ENDS
};

/* What is done with it when the host stops. */
enum config_host_stop {
    CONFIG_STOP_UNSET, /* what the engine's settings say */
    CONFIG_STOP_SHUTDOWN,
    CONFIG_STOP_DESTROY,
    CONFIG_STOP_SAVE,
    CONFIG_STOP_MIGRATE /* to another host */
};

/* What one word says of each end. */
void config_actions_of(enum config_restart r,
                       enum config_action on[CONFIG_ENDS]);
/* True, with the word, if one restart word says all of these. */
bool config_restart_of(const enum config_action on[CONFIG_ENDS],
                       enum config_restart *out);
const char *config_restart_name(enum config_restart r);
const char *config_action_name(enum config_action a);
/* False: the word is none of these. */
bool config_host_stop_of(const char *word, enum config_host_stop *out);

#endif
