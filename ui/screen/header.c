/*
 * header.c - the host in one or two lines: what it is, its domains, its load
 * and memory.
 */
#include <string.h>

#include "src/base/buf.h"
#include "src/command/command.h"
#include "ui/desk/paint.h"
#include "ui/desk/past.h"
#include "ui/draw/ui_text.h"
#include "ui/screen/frame.h"
#include "ui/widget/notice.h"

#define WIDE_COLS 110

/* " 6 domains: 4 running, 1 paused, 1 off": as many as the list has; none of a
 * kind but the first is not said. */
static void
header_count_doms(struct engine *en, char *out, size_t out_size)
{
    const struct host *h = engine_host_info(en);
    const struct {
        unsigned n;
        const char *word;
    } kinds[] = { { h->doms_paused, "paused" },
                  { h->doms_dead, "dead" },
                  { h->doms_saved, "saved" },
                  { h->doms_off, "off" } };
    size_t n = engine_dom_count(en), i;
    struct buf b = { 0 };

    buf_fmt(&b, " %zu domain%s: %u running", n, n == 1 ? "" : "s",
            h->doms_running);
    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].n > 0)
            buf_fmt(&b, ", %u %s", kinds[i].n, kinds[i].word);
    text_fmt(out, out_size, "%s", buf_text(&b));
    buf_free(&b);
}

/* In the place of what never changes, until the log was looked at. */
static void
draw_refused(const struct frame *fr, int x, int cols)
{
    char text[MODEL_NAME_MAX + 64], key[24] = "", more[24] = "";
    WINDOW *w = fr->w_header;
    const char *name;
    unsigned n = notice_refused(fr->ui, &name);

    if (n > 1)
        text_fmt(more, sizeof(more), " and %u more", n - 1);
    (void)ui_key_of(fr->ui, "log", fr->focus->ops->context, key, sizeof(key));
    text_fmt(text, sizeof(text), "RESTART REFUSED: %s%s%s%s", name, more,
             key[0] != '\0' ? "; log: " : "", key);
    ui_role(fr->ui, w, ROLE_ERROR);
    ui_text_cut(fr->ui, w, 0, x, cols, text);
    ui_role(fr->ui, w, ROLE_TEXT);
}

/* In the same place: what is below is of another second. */
static void
draw_past(const struct frame *fr, int x, int cols)
{
    char text[128], when[48], key[24] = "";

    ui_past_text(fr->ui, when, sizeof(when));
    (void)ui_key_of(fr->ui, "now", CMD_IN_LIST, key, sizeof(key));
    text_fmt(text, sizeof(text), "PAST %s (%s%snow leaves it)", when, key,
             key[0] != '\0' ? " or :" : ":");
    ui_role(fr->ui, fr->w_header, ROLE_ERROR);
    ui_text_cut(fr->ui, fr->w_header, 0, x, cols, text);
    ui_role(fr->ui, fr->w_header, ROLE_TEXT);
}

/* "sim 4.17.3  credit2  8 pCPUs" */
static void
draw_host(const struct frame *fr, const struct host *h)
{
    struct ui *ui = fr->ui;
    WINDOW *w = fr->w_header;
    const char *refused;
    char left[256], right[128];
    int cols = getmaxx(w), n, x;
    bool wide = cols >= WIDE_COLS;

    right[0] = '\0'; /* how many there were is not recorded */
    if (ui_past_ms(ui) == 0)
        header_count_doms(ui_engine(ui), right, sizeof(right));
    text_fmt(left, sizeof(left), "%s%s%s%s %s  %s  %u pCPU%s",
             h->unlocked ? "NOT REAPING  " : "", wide ? h->hostname : "",
             wide && h->hostname[0] ? "  " : "",
             strcmp(h->driver, "sim") == 0 ? "SIMULATED Xen" : "Xen",
             h->version, h->scheduler, h->cpus, h->cpus == 1 ? "" : "s");
    n = ui_text_cols(right);
    ui_role(ui, w, ROLE_TITLE);
    x = ui_text(w, 0, 0, 8, "xendeck ", false);
    ui_role(ui, w, ROLE_TEXT);
    if (ui_past_ms(ui) != 0)
        draw_past(fr, x, cols - x - n);
    else if (notice_refused(ui, &refused) > 0)
        draw_refused(fr, x, cols - x - n);
    else
        ui_text_cut(ui, w, 0, x, cols - x - n, left);
    if (n < cols - x)
        ui_text(w, 0, cols - n, n, right, false);
}

static void
draw_gauges(struct ui *ui, WINDOW *w, const struct host *h, int y)
{
    char text[64], used[16], total[16];
    int cols = getmaxx(w), half = cols / 2, width = half - 6;
    uint64_t in_use =
        h->total_kib > h->free_kib ? h->total_kib - h->free_kib : 0;

    if (width > 60)
        width = 60;
    ui_role(ui, w, ROLE_TEXT);
    ui_text(w, y, 0, 4, "CPU ", false);
    if (h->load_pct < 0)
        text_fmt(text, sizeof(text), "-");
    else
        text_fmt(text, sizeof(text), "%.1f%%", h->load_pct);
    gauge_draw(ui, &(struct bar){ w, y, 4, width }, h->load_pct / 100, text);
    text_kib(used, sizeof(used), in_use);
    text_kib(total, sizeof(total), h->total_kib);
    text_fmt(text, sizeof(text), "%s/%s", used, total);
    ui_role(ui, w, ROLE_TEXT);
    ui_text(w, y, half, 4, "Mem ", false);
    gauge_draw(ui, &(struct bar){ w, y, half + 4, width },
               h->total_kib > 0 ? (double)in_use / (double)h->total_kib : 0,
               text);
    text_kib(text, sizeof(text), h->free_kib);
    text_fmt(used, sizeof(used), " %s free", text);
    ui_role(ui, w, ROLE_DIM);
    if (half + 4 + width + (int)strlen(used) <= cols)
        ui_text(w, y, half + 4 + width, cols, used, false);
}

/* Load and memory of the second that is shown. */
static struct host
host_then(struct ui *ui)
{
    struct host h = *engine_host_info(ui_engine(ui));
    uint64_t at = ui_past_ms(ui);
    double used;

    if (at == 0)
        return h;
    engine_history_until(ui_engine(ui), HISTORY_HOST, HISTORY_CPU, at,
                         &h.load_pct, 1);
    engine_history_until(ui_engine(ui), HISTORY_HOST, HISTORY_MEM, at, &used,
                         1);
    if (used >= 0 && used / 1024 <= (double)h.total_kib)
        h.free_kib = h.total_kib - (uint64_t)(used / 1024);
    return h;
}

void
header_draw(const struct frame *fr)
{
    const struct host h = host_then(fr->ui);
    WINDOW *w = fr->w_header;

    ui_role(fr->ui, w, ROLE_TEXT);
    werase(w);
    draw_host(fr, &h);
    if (getmaxy(w) > 1)
        draw_gauges(fr->ui, w, &h, 1);
    wnoutrefresh(w);
}
