/*
 * console_paste.h - long texts on their way to a guest. Whatever its size, a
 * text is handed to the guest's tty in small pieces as that takes them, so that
 * the keys of others come between. One text a console at a time.
 */
#ifndef XENDECK_ENGINE_CONSOLE_PASTE_H
#define XENDECK_ENGINE_CONSOLE_PASTE_H

#include "engine/console/console.h"

/* Bytes of one text: 16 MiB, and what stands around them. */
#define CONSOLE_PASTE_MAX ((16U << 20) + 64U)

/* How far a text is. */
struct console_pasting {
    const char *who; /* borrowed until the next turn */
    size_t done, total;
    bool own;        /* it is this client's, or of one that has left */
    bool typed;      /* keys that the guest has not taken, not one text */
    const char *why; /* of one that is over early; NULL: all has gone out */
};

/* Begins to type a text into the guest and takes the text over; on -1 it is
 * the caller's still. Its last `tail` bytes go out also if the rest is given
 * up: the end of a bracket. It goes on when the client detaches. An error if
 * the client may not type, the guest is not attached, the text is longer than
 * CONSOLE_PASTE_MAX, or another one is under way. */
int console_paste(struct console_client *cl, struct buf *text, size_t tail,
                  struct err *e);
/* False: no text is under way. */
bool console_pasting(const struct console_client *cl,
                     struct console_pasting *out);
/* Gives up what the guest has not taken yet of the text that is under way,
 * whoever pastes it. False: there is none, or the client may not type. */
bool console_paste_stop(struct console_client *cl);

#endif
