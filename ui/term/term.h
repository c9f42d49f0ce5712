/*
 * term.h - one embedded terminal: libvterm's screen, a packed scrollback, keys
 * in, cells out. Nothing of what a guest sends reaches the outer terminal but
 * cells. Knows no engine: bytes come and go through its owner.
 */
#ifndef XENDECK_UI_TERM_H
#define XENDECK_UI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include "src/base/buf.h"
#include "src/command/key.h"
#include "ui/draw/color.h"
#include "ui/draw/curses.h"
#include "ui/term/share.h"
#include "ui/term/term_view.h"

struct term;

struct term_opts {
    int rows, cols;           /* at least 1 x 2; clamped */
    size_t scrollback_bytes;  /* bound of the packed lines */
    struct term_share *share; /* NULL: shares nothing */
    /* Bytes for the guest: keys and answers to its queries. */
    void (*output)(void *arg, const char *bytes, size_t n);
    void *arg;
};

struct term *term_new(const struct term_opts *o);
void term_free(struct term *t); /* NULL is allowed */

/* Feeds guest output, whatever it costs. */
void term_write(struct term *t, const char *bytes, size_t n);
/* Feeds guest output until that has cost TERM_TURN_COST, less what others that
 * share it have done since its owner set spent to 0, but a sixteenth at least:
 * a few bytes can ask for the work of megabytes of text. Returns the bytes
 * taken, at least one of n > 0; the rest is to be given again in a later turn.
 */
size_t term_work(struct term *t, const char *bytes, size_t n);
/* Cells' worth of work, a few milliseconds; no 64 KiB of plain or coloured
 * text come near it. One sequence may exceed it by what it does to a screen. */
#define TERM_TURN_COST 1000000U
/* What the last term_work did cost. */
size_t term_cost_of_turn(const struct term *t);
/* As if the guest had sent a reset (RIS): what is on the screen goes to the
 * scrollback, modes, character sets, margins and colours are the first ones. */
void term_reset(struct term *t);
/* No text is lost on any sequence of sizes: rows pushed out go to the
 * scrollback, rows gained come back from it. */
void term_resize(struct term *t, int rows, int cols);
void term_size(const struct term *t, int *rows, int *cols);

/* Keys, encoded as the guest asked for (application cursor keys...). False: the
 * key has no encoding. */
bool term_key(struct term *t, const struct key *k);
/* Appends a text as the guest is to get it: without control characters, in
 * brackets if it asked for them. Returns the length of what closes the
 * brackets, at the end of *out; 0: there are none. */
size_t term_paste(struct term *t, const char *text, size_t n, struct buf *out);
/* Wheel and clicks, if the guest asked for mouse reports. False: not wanted,
 * the owner may scroll. */
bool term_mouse(struct term *t, const struct mouse *m);

/* A line of our own across the pane (restart, end of the guest): goes to the
 * scrollback side of the screen after what is there. */
void term_seam(struct term *t, const char *text);

#endif
