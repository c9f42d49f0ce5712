/*
 * sim_console.h - the consoles of simulated guests, on real ptys.
 */
#ifndef XENDECK_ENGINE_SIM_CONSOLE_H
#define XENDECK_ENGINE_SIM_CONSOLE_H

#include "engine/sim/sim_int.h"

/* Something under FE/console changed or the domain was introduced. */
void sim_console_check(struct sim_dom *d);
/* The pty's name, made now if it was left for later; NULL: impossible. */
const char *sim_console_want(struct sim_dom *d);
/* Guest output: newlines become CR LF. */
void sim_console_print(struct sim_dom *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void sim_console_put(struct sim_dom *d, const char *text, size_t n);
/* May the guest print more, or is its ring full? */
bool sim_console_room(const struct sim_dom *d);
/* Lets the guest take what was typed and print what it waits to print. */
void sim_console_kick(struct sim_dom *d);
void sim_console_release(struct sim_dom *d); /* the domain dies */
void sim_console_free(struct sim_cons *c);

#endif
