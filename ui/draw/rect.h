/*
 * rect.h - a rectangle of the screen.
 */
#ifndef XENDECK_UI_RECT_H
#define XENDECK_UI_RECT_H

struct rect {
    int y, x, rows, cols; /* rows 0: not shown */
};

#endif
