/*
 * notice.c - the short sentence in the status line. Information fades; an
 * error stays until a key was pressed, and nothing but another error takes its
 * place. All are kept in the log.
 */
#include <stdarg.h>

#include "ui/ui_int.h"
#include "ui/widget/widget.h"

#define FADE_MS 4000

static void
notice_clear(struct ui *ui)
{
    ui->notice.shown = false;
    ui->focus->dirty = true; /* its title may stand on the same line */
    ui_mark(ui);
}

static void
fade(struct loop_timer *lt)
{
    notice_clear(container_of(lt, struct ui, notice_timer));
}

void
ui_notice(struct ui *ui, enum event_level level, const char *fmt, ...)
{
    static const enum log_level levels[] = { [EVENT_INFO] = LOGL_INFO,
                                             [EVENT_WARN] = LOGL_WARN,
                                             [EVENT_ERROR] = LOGL_ERROR };
    struct err text = { 0 }; /* err_vset makes it one safe line */
    va_list ap;

    va_start(ap, fmt);
    err_vset(&text, ERR_INVALID, fmt, ap);
    va_end(ap);
    log_line(engine_log(ui->en), levels[level], "%s", text.msg);
    if (ui->notice.shown && ui->notice.level == EVENT_ERROR &&
        level != EVENT_ERROR)
        return;
    text_fmt(ui->notice.text, sizeof(ui->notice.text), "%s", text.msg);
    ui->notice.level = level;
    ui->notice.shown = true;
    loop_timer_del(&ui->notice_timer);
    if (level != EVENT_ERROR)
        loop_timer_arm(ui->lp, &ui->notice_timer, FADE_MS, fade);
    ui_mark(ui);
}

void
notice_key(struct ui *ui)
{
    if (ui->notice.shown && ui->notice.level == EVENT_ERROR)
        notice_clear(ui);
}
