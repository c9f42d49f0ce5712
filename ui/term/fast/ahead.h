/*
 * ahead.h - what the terminal has done without libvterm: glyphs, line feeds,
 * moves of the cursor and attributes. libvterm is told where that ended when it
 * is needed next, so that a flood costs one such message and not one a line.
 * Private to ui/term.
 */
#ifndef XENDECK_UI_TERM_AHEAD_H
#define XENDECK_UI_TERM_AHEAD_H

#include <stdbool.h>
#include <stddef.h>

#include <vterm.h>

struct term;

#define AHEAD_SGR_MAX 256U

struct ahead {
    bool moved;   /* the cursor is at pos, wherever libvterm has it */
    VTermPos pos; /* of a glyph at the edge, as long as the next one wraps */
    /* The last glyph, in UTF-8, and where it was written: a combining character
     * that libvterm gets next may belong to it. */
    char glyph[4];
    size_t n_glyph;
    VTermPos glyph_pos;
    /* Attributes that libvterm has not seen, as the guest sent them. */
    char sgr[AHEAD_SGR_MAX];
    size_t n_sgr;
    bool syncing; /* what libvterm calls back for is done already */
};

/* Where the cursor is. */
VTermPos term_pos(const struct term *t);
/* The cursor is there from now on. */
void ahead_move(struct term *t, VTermPos pos);
/* A glyph of n <= 4 bytes was written at pos. */
void ahead_glyph(struct term *t, const char *bytes, size_t n, VTermPos pos);
/* Attributes changed; reset: none of the earlier ones is left. n is at most
 * AHEAD_SGR_MAX. */
void ahead_sgr(struct term *t, const char *bytes, size_t n, bool reset);
/* Brings libvterm to where the terminal is. */
void term_sync(struct term *t);
/* The same, then gives it whole sequences or text. */
void term_feed(struct term *t, const char *bytes, size_t n);

#endif
