/*
 * sim_shell.h - the shell on the console of a simulated guest.
 */
#ifndef XENDECK_ENGINE_SIM_SHELL_H
#define XENDECK_ENGINE_SIM_SHELL_H

#include "engine/sim/sim_int.h"

void sim_shell_prompt(struct sim_dom *d);
/* Takes typed bytes; returns how many (fewer: the console is full). */
size_t sim_shell_feed(struct sim_dom *d, const char *p, size_t n);
void sim_shell_top(struct sim_dom *d); /* one repaint */
/* Prints the next part of a flood; false: there is none. */
bool sim_shell_flood(struct sim_dom *d);

#endif
