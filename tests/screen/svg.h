/*
 * svg.h - a screen as a picture: what stands in the cells, in their colours.
 */
#ifndef XENDECK_TESTS_SCREEN_SVG_H
#define XENDECK_TESTS_SCREEN_SVG_H

#include "tests/screen/scr.h"

/* Appends an SVG document of the screen as it is now. title: for those who
 * cannot see it. */
void svg_draw(struct scr *s, const char *title, struct buf *out);

#endif
