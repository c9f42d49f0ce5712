/*
 * ascii.h - the output for a terminal that shows ASCII only.
 */
#ifndef XENDECK_UI_ASCII_H
#define XENDECK_UI_ASCII_H

#include <stddef.h>

#include "src/base/buf.h"

/* Appends the n bytes of a frame with a stand-in of as many columns for every
 * character beyond ASCII. A byte that is not part of UTF-8 belongs to the
 * terminal's own control sequences, and stays. */
void ascii_add(struct buf *out, const char *bytes, size_t n);

#endif
