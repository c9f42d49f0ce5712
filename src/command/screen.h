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
#include "src/base/err.h"

struct cmd;
struct screen;
struct session;

/* A text for the user's editor. */
struct screen_edit {
    const char *name; /* of its file */
    const char *text;
    /* Gets what came back. True: that was all. False: the sentence in *e is
     * shown, and the same text offered to be edited again. text NULL: the user
     * gave up. Not called again after true or NULL. */
    bool (*done)(struct session *ses, const char *text, struct err *e,
                 void *arg);
    void *arg;
};

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
    /* Shows the operations; and the one that is chosen among them, where they
     * have the keys; 0: none. */
    void (*show_operations)(struct screen *sc);
    uint64_t (*operation)(struct screen *sc);
    /* Shows the keys of the place where the user is. */
    void (*show_help)(struct screen *sc);
    /* Opens the form of a verb (asks.h). dom_id: the domain that it is for, or
     * 0. */
    void (*form)(struct screen *sc, const struct cmd *c, uint64_t dom_id);
    /* Opens the form that attaches a device to a domain. */
    void (*attach_form)(struct screen *sc, uint64_t dom_id);
    /* Runs the user's editor. -1 with *e: it was not started, and done is not
     * called. x is valid during the call only. */
    int (*edit)(struct screen *sc, const struct screen_edit *x, struct err *e);
    /* struct dom.id of the domain that the user is at, 0: none. */
    uint64_t (*domain)(struct screen *sc);
    /* The device under the cursor; false: none is. */
    bool (*device)(struct screen *sc, struct screen_device *out);
};

struct screen {
    const struct screen_ops *ops; /* every member is set */
};

#endif
