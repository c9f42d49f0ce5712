/*
 * graph.h - a curve of values over time in cells of text: filled dots of
 * braille, blocks, or ASCII, by what the terminal can show.
 */
#ifndef XENDECK_UI_GRAPH_H
#define XENDECK_UI_GRAPH_H

#include <stddef.h>

#include "src/base/buf.h"

enum graph_style { GRAPH_ASCII, GRAPH_BLOCK, GRAPH_BRAILLE };

/* Values that a row of cols cells shows: two in a cell of braille. */
size_t graph_points(enum graph_style style, int cols);
/* The smallest of 1, 2 and 5 times a power of ten that is not below peak, and
 * not below least: the upper end of a scale. */
double graph_scale(double peak, double least);
/* The same of amounts in bytes: powers of two. */
double graph_scale_bytes(double peak, double least);

struct graph {
    enum graph_style style;
    const double *v; /* graph_points of them, oldest first; < 0: unknown */
    int cols, rows;
    double top; /* what fills all rows; more is cut */
};

/* Appends the cells of one row, the uppermost is 0. What is known and 0 is a
 * line at the bottom, what is not known is blank. */
void graph_row(const struct graph *g, int row, struct buf *out);

#endif
