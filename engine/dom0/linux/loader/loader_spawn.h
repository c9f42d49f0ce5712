/*
 * loader_spawn.h - the processes that a boot loader needs: its own, which is
 * the leader of a session on a terminal, and those beside it, which only
 * complain there. Both die with this process.
 */
#ifndef XENDECK_ENGINE_LOADER_SPAWN_H
#define XENDECK_ENGINE_LOADER_SPAWN_H

#include <sys/types.h>

#include "engine/dom0/linux/loader/loader_confine.h"

struct loader_spawn {
    const char *program, *tty;
    char *const *argv;
    char *const *envp;
    struct loader_confine confine; /* of the leader */
    int out_fd;                    /* standard output of one beside it */
    int failed;                    /* errno, if it was not executed */
};

/* 0, or an errno: then there is no process. */
int loader_spawn_leader(struct loader_spawn *st, pid_t *pid_out);
int loader_spawn_beside(struct loader_spawn *st, pid_t *pid_out);

#endif
