/*
 * progress.c - bars of one line: how far an operation is, how much is used.
 */
#include <string.h>

#include "ui/app/ui_int.h"
#include "ui/widget/widget.h"

#define BAR_MAX   200
#define MARK_COLS 3
#define STEP_MS   200

void
gauge_draw(struct ui *ui, const struct bar *b, double used, const char *text)
{
    char cells[BAR_MAX + 1];
    int i, fill, n = ui_text_cols(text), in = b->width - 2;

    if (in < 1)
        return;
    if (in > BAR_MAX)
        in = BAR_MAX;
    if (used < 0)
        used = 0;
    fill = used >= 1 ? in : (int)(used * in + 0.5);
    memset(cells, ' ', (size_t)in);
    memset(cells, '|', (size_t)fill);
    cells[in] = '\0';
    if (n > in) {
        n = 0;
        text = "";
    }
    for (i = 0; i < n; i++)
        cells[in - n + i] = text[i];
    ui_role(ui, b->w, ROLE_BORDER);
    ui_text(b->w, b->y, b->x, 1, "[", false);
    ui_text(b->w, b->y, b->x + in + 1, 1, "]", false);
    ui_role(ui, b->w, ROLE_BAR_FREE);
    ui_text(b->w, b->y, b->x + 1, in, cells, false);
    cells[fill] = '\0';
    ui_role(ui, b->w, ROLE_BAR_USED);
    ui_text(b->w, b->y, b->x + 1, fill, cells, false);
}

void
progress_draw(struct ui *ui, const struct bar *b, int percent)
{
    char text[16];
    int in = b->width - 2, at;

    if (in <= MARK_COLS + 1)
        return;
    if (percent >= 0) {
        text_fmt(text, sizeof(text), "%d%%", percent > 100 ? 100 : percent);
        gauge_draw(ui, b, percent / 100.0, text);
        return;
    }
    gauge_draw(ui, b, 0, "");
    at =
        (int)(loop_now_ms(ui->lp) / STEP_MS % (unsigned)(2 * (in - MARK_COLS)));
    if (at > in - MARK_COLS) /* and back */
        at = 2 * (in - MARK_COLS) - at;
    ui_role(ui, b->w, ROLE_BAR_USED);
    ui_text(b->w, b->y, b->x + 1 + at, MARK_COLS, "|||", false);
}
