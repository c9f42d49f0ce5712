/*
 * fast.h - guest output that needs no libvterm: text, line ends and colours are
 * nearly all of a flood. What this takes has the effect that libvterm and the
 * callbacks of term_screen.c would give it; the differential fuzzer holds them
 * to each other. Private to ui/term.
 */
#ifndef XENDECK_UI_TERM_FAST_H
#define XENDECK_UI_TERM_FAST_H

#include <stddef.h>
#include <stdint.h>

struct term;

/* Takes what it can of s[0..n), until the limit of the work is reached. Returns
 * the bytes taken; 0: libvterm must do what comes next. */
size_t fast_take(void *arg, const char *s, size_t n);
/* Columns of a character beyond ASCII; 0: only libvterm knows. */
int fast_width(uint32_t cp);
/* Takes one SGR sequence that s begins with; 0: not here. */
size_t fast_sgr(struct term *t, const char *s, size_t n);

#endif
