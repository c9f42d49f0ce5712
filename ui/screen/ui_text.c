/*
 * ui_text.c - text onto a window: roles, widths, cutting. Nothing written here
 * can be a control character, whatever the text holds.
 */
#include "ui/app/ui_int.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define RUN_CELLS 128 /* written at once */

/* The next character of *pp, '?' for what cannot be shown; its columns in
 * *cols. */
static wchar_t
next_char(const char **pp, int *cols)
{
    const unsigned char *s = (const unsigned char *)*pp;
    size_t i, len = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    uint32_t u = len == 1 ? s[0] : s[0] & (0xffU >> (len + 1));

    for (i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            len = i;
            u = 0;
            break;
        }
        u = u << 6 | (s[i] & 0x3fU);
    }
    *pp += len;
    *cols = 1;
    if (u >= ' ' && u < 127)
        return (wchar_t)u;
    /* Locales of one byte (LANG=C) have no way to say it. */
    if (u < 0xa0 || MB_CUR_MAX == 1)
        return L'?';
    *cols = wcwidth((wchar_t)u);
    if (*cols < 0) {
        *cols = 1;
        return L'?';
    }
    return (wchar_t)u;
}

int
ui_text_cols(const char *text)
{
    int n = 0, cols;

    while (*text != '\0') {
        next_char(&text, &cols);
        n += cols;
    }
    return n;
}

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
        wchar_t c = next_char(&text, &cols);

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

void
ui_text_cut(struct ui *ui, WINDOW *w, int y, int x, int width, const char *text)
{
    int used;

    if (width <= 0)
        return;
    if (ui_text_cols(text) <= width) {
        ui_text(w, y, x, width, text, true);
        return;
    }
    used = ui_text(w, y, x, width - 1, text, false);
    ui_text(w, y, x + used, width - used, ui->unicode ? "\u2026" : "~", true);
}

void
ui_role(struct ui *ui, WINDOW *w, enum role r)
{
    int pair = 0;
    attr_t a = colors_role(ui->colors, &ui->theme, r, &pair);

    wattr_set(w, a, 0, &pair);
}

void
ui_background(struct ui *ui, WINDOW *w, enum role r)
{
    int pair = 0;
    attr_t a = colors_role(ui->colors, &ui->theme, r, &pair);
    cchar_t cc;

    setcchar(&cc, L" ", a, 0, &pair);
    wbkgrndset(w, &cc);
    wattr_set(w, a, 0, &pair);
}

void
ui_hline(struct ui *ui, WINDOW *w, int y, int x, int n)
{
    while (n-- > 0)
        x += ui_text(w, y, x, 1, ui->unicode ? "\u2500" : "-", false);
}

#define BALLOON_SLACK_KIB (8ULL * 1024)
#define BALLOON_SHARE     64

bool
ui_ballooning(const struct dom *d)
{
    uint64_t way = d->target_kib > d->mem_kib ? d->target_kib - d->mem_kib
                                              : d->mem_kib - d->target_kib;

    if (d->target_kib == 0 || d->off || d->building ||
        (d->flags & (DOM_F_SHUTDOWN | DOM_F_DYING)))
        return false;
    return way > BALLOON_SLACK_KIB + d->target_kib / BALLOON_SHARE;
}
