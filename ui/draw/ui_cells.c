/*
 * ui_cells.c - text onto a window. Nothing written here can be a control
 * character, whatever the text holds.
 */
#include "ui/draw/ui_cells.h"

#include "ui/draw/ui_text.h"

#define RUN_CELLS 128 /* written at once */

int
ui_text(WINDOW *w, int y, int x, int width, const char *text, bool pad)
{
    wchar_t run[RUN_CELLS];
    int used = 0, cols, n = 0;

    if (width > getmaxx(w) - x)
        width = getmaxx(w) - x;
    if (width <= 0 || y < 0 || y >= getmaxy(w) || wmove(w, y, x) == ERR)
        return 0;
    while (*text != '\0') {
        wchar_t c = ui_text_char(&text, &cols);

        if (used + cols > width)
            break;
        run[n++] = c;
        used += cols;
        if (n == RUN_CELLS) {
            waddnwstr(w, run, n);
            n = 0;
        }
    }
    if (n > 0)
        waddnwstr(w, run, n);
    if (pad && used < width) {
        whline(w, ' ', width - used);
        used = width;
    }
    return used;
}
