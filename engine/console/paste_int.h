/*
 * paste_int.h - what the other files of the room do with a long text that is
 * on its way to a guest (console_paste.c). Private to the room.
 */
#ifndef XENDECK_ENGINE_PASTE_INT_H
#define XENDECK_ENGINE_PASTE_INT_H

#include "engine/console/console_paste.h"

struct console;

/* Zeroed: none is under way. */
struct console_paste {
    struct buf text;
    size_t at;      /* the next byte of it that goes out */
    size_t done;    /* bytes that went out since it began */
    size_t tail;    /* its last bytes, which go out when it is stopped: */
    size_t bracket; /* what ends its bracket, then keys typed behind it */
    bool typed;     /* keys that the queue had no room for */
    const struct console_client *by; /* NULL: has left */
    char who[48];
    unsigned told; /* the percentage that clients know */
};

/* Moves what there is room for into the queue; before each write. */
void paste_feed(struct console *c);
/* Keys of a client, behind its own text, or as a text of their own where the
 * queue has no room for them. Returns how many were taken; *n is what is left
 * for the queue: 0, or all. */
size_t paste_behind(struct console *c, struct console_client *cl,
                    const char *bytes, size_t *n);
/* The rest of a text has nobody to go to. */
void paste_drop(struct console *c, const char *why);
/* The client detaches: its text goes on. */
void paste_orphan(struct console *c, const struct console_client *cl);
/* After what may have been the end of a text: lets go of a console that was
 * kept for it alone, once the callers are done with it. */
void paste_let_go(struct console *c);
/* Whether a text still goes out, for which the console is kept though its
 * client may have left. */
bool paste_goes_on(const struct console *c);

#endif
