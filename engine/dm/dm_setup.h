/*
 * dm_setup.h - what is asked of a device model and set once it runs.
 */
#ifndef XENDECK_ENGINE_DM_SETUP_H
#define XENDECK_ENGINE_DM_SETUP_H

#include "engine/dm/dm_int.h"

struct dm_setup_want {
    bool screen;
    const char *vnc_password, *spice_password; /* copied; NULL: none */
    bool ports;                                /* it has serial ports */
    bool confined; /* it tells of itself over its control socket alone */
    bool waits;    /* confined, and to be let go on */
};
void dm_setup_init(struct dm_start *s, const struct dm_setup_want *want);
/* A confined model: does it answer yet? STEP_WAIT, until it does. */
enum step_rc dm_setup_answers(struct dm_start *s, struct model *m);
enum step_rc dm_setup_run(struct dm_start *s, struct model *m, struct err *e);
void dm_setup_fini(struct dm_start *s);

#endif
