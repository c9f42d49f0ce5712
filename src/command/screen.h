/*
 * screen.h - what a verb may ask of a session's screen. The front end that
 * draws embeds struct screen and fills in the table; a session without a
 * screen (a batch, a listener) has none, and verbs print instead.
 */
#ifndef XENDECK_COMMAND_SCREEN_H
#define XENDECK_COMMAND_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/model.h"

struct screen;

/* The kind and the name of a device. */
struct screen_device {
    char kind[16], name[32];
};

struct screen_ops {
    /* Shows a sentence for a while. */
    void (*notice)(struct screen *sc, enum event_level level, const char *text);
    /* Opens the prompt for a verb with this beginning of a line. */
    void (*prompt)(struct screen *sc, const char *begin);
    /* Opens the console of the domain that the operation makes, as soon as
     * there is one. */
    void (*follow_console)(struct screen *sc, uint64_t op);
    void (*show_log)(struct screen *sc);
    /* Shows the keys of the place where the user is. */
    void (*show_help)(struct screen *sc);
    /* Opens the form that attaches a device to a domain. */
    void (*attach_form)(struct screen *sc, uint64_t dom_id);
    /* The device under the cursor; false: none is. */
    bool (*device)(struct screen *sc, struct screen_device *out);
};

struct screen {
    const struct screen_ops *ops; /* every member is set */
};

#endif
