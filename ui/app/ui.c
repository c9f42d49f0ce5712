/*
 * ui.c - opening and closing a front end, its events and when it draws.
 * Invariant: dirty is true only while a frame is certain to come: the hook at
 * the end of the turn, the frame timer, or the terminal taking output again.
 */
#include "ui/app/ui_int.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#define NS_PER_MS 1000000ULL

static void
frame_now(struct ui *ui)
{
    ui_reap_panes(ui);
    if (!ui->dirty || ui->tty.lost || tty_busy(&ui->tty))
        return;
    loop_timer_del(&ui->frame_timer);
    ui->dirty = ui->hurry = false;
    ui_frame(ui);
    ui->frame_ns = loop_now_ns(ui->lp);
}

static void
frame_due(struct loop_timer *lt)
{
    frame_now(container_of(lt, struct ui, frame_timer));
}

void
ui_mark(struct ui *ui)
{
    uint64_t since;

    if (ui->dirty)
        return;
    ui->dirty = true;
    since = (loop_now_ns(ui->lp) - ui->frame_ns) / NS_PER_MS;
    loop_timer_arm(ui->lp, &ui->frame_timer,
                   since >= UI_FRAME_MS ? 0 : UI_FRAME_MS - since, frame_due);
}

/* End of the turn: a key's echo does not wait for the timer. */
static void
turn_end(struct loop_hook *lh)
{
    struct ui *ui = container_of(lh, struct ui, hook);
    uint64_t since = loop_now_ns(ui->lp) - ui->frame_ns;

    ui_reap_panes(ui);
    if (ui->dirty && (ui->hurry || since >= UI_FRAME_MS * NS_PER_MS))
        frame_now(ui);
}

static void
tty_drained(struct tty *t)
{
    frame_now(container_of(t, struct ui, tty));
}

static void
engine_changed(struct engine_listener *l, unsigned what)
{
    struct ui *ui = container_of(l, struct ui, listener);
    size_t i;

    for (i = 0; i < ui->n_slots; i++)
        ui->slots[i].pending |= what;
    if (what & (ENGINE_CH_HOST | ENGINE_CH_STATS | ENGINE_CH_DOMS))
        ui->header_dirty = true;
    if (what & ENGINE_CH_EVENTS)
        notice_events(ui);
    if (what & ENGINE_CH_OPS) /* after: the end of what the user began */
        ui_ops_check(ui);
    ui_mark(ui);
}

static void
esc_due(struct loop_timer *lt)
{
    struct ui *ui = container_of(lt, struct ui, esc_timer);

    input_timeout(&ui->in);
    if (input_pending(&ui->in))
        loop_timer_arm(ui->lp, lt, input_wait_ms(&ui->in), esc_due);
}

static void
tty_input(struct tty *t, const char *bytes, size_t n)
{
    struct ui *ui = container_of(t, struct ui, tty);

    if (bytes == NULL) { /* the terminal is gone: an orderly end */
        loop_stop(ui->lp);
        return;
    }
    loop_timer_del(&ui->esc_timer);
    input_feed(&ui->in, bytes, n);
    if (input_pending(&ui->in))
        loop_timer_arm(ui->lp, &ui->esc_timer, input_wait_ms(&ui->in), esc_due);
}

static void
key_pressed(struct input *in, const struct key *k)
{
    ui_dispatch(container_of(in, struct ui, in), k);
}

static void
on_winch(struct loop_signal *ls)
{
    struct ui *ui = container_of(ls, struct ui, sig_winch);

    ui->repaint = true;
    ui_relayout(ui);
}

static void
on_term(struct loop_signal *ls)
{
    loop_stop(ls->lp);
}

/* ^C is a key here; from outside (kill -INT) it must not end us either. */
static void
on_int(struct loop_signal *ls)
{
    struct key k = { .code = 'c', .mods = KEY_M_CTRL };
    struct ui *ui = container_of(ls, struct ui, sig_int);

    if (ui->focus->ops->kind != PANE_CONSOLE)
        ui_dispatch(ui, &k);
}

static void
on_tstp(struct loop_signal *ls)
{
    ui_suspend(container_of(ls, struct ui, sig_tstp));
}

/* Stopped with SIGSTOP by somebody: the shell has changed the modes since. */
static void
on_cont(struct loop_signal *ls)
{
    struct ui *ui = container_of(ls, struct ui, sig_cont);

    tty_enter(&ui->tty);
    on_winch(&ui->sig_winch);
}

static int
add_signals(struct ui *ui, struct err *e)
{
    struct loop *lp = ui->lp;

    if (loop_signal_add(lp, &ui->sig_winch, SIGWINCH, on_winch) < 0 ||
        loop_signal_add(lp, &ui->sig_term, SIGTERM, on_term) < 0 ||
        loop_signal_add(lp, &ui->sig_hup, SIGHUP, on_term) < 0 ||
        loop_signal_add(lp, &ui->sig_int, SIGINT, on_int) < 0 ||
        loop_signal_add(lp, &ui->sig_tstp, SIGTSTP, on_tstp) < 0 ||
        loop_signal_add(lp, &ui->sig_cont, SIGCONT, on_cont) < 0)
        return err_set(e, ERR_IO, "signal handlers could not be set");
    return 0;
}

static void
del_signals(struct ui *ui)
{
    loop_signal_del(&ui->sig_winch);
    loop_signal_del(&ui->sig_term);
    loop_signal_del(&ui->sig_hup);
    loop_signal_del(&ui->sig_int);
    loop_signal_del(&ui->sig_tstp);
    loop_signal_del(&ui->sig_cont);
}

/* The theme of the settings; its fault is told, the built-in one used. */
static void
first_theme(struct ui *ui)
{
    struct err e = { 0 };

    theme_default(&ui->theme);
    if (ui->set->theme[0] != '\0' &&
        strcmp(ui->set->theme, ui->theme.name) != 0 &&
        theme_load(ui->set->theme_dirs, ui->set->theme, &ui->theme, &e) < 0)
        ui_notice(ui, EVENT_ERROR, "%s", e.msg);
}

static void
first_panes(struct ui *ui, const struct ui_opts *o)
{
    ui->list = list_pane_new(ui);
    ui->slots[0].p = ui->list;
    ui->slots[0].pending = ~0U;
    ui->n_slots = 1;
    ui->focus = ui->list;
    ui->list->focused = true;
    if (ui->set->sort[0] != '\0')
        list_sort(ui->list, ui->set->sort, false);
    if (o->notice != NULL && *o->notice != '\0')
        ui_notice(ui, EVENT_WARN, "%s", o->notice);
    ui->start_line = o->run != NULL ? xstrdup(o->run) : NULL;
}

struct ui *
ui_open(const struct ui_opts *o, struct err *e)
{
    struct ui *ui = xcalloc(1, sizeof(*ui));

    setlocale(LC_CTYPE, "");
    ui->lp = o->lp;
    ui->en = o->en;
    ui->set = o->set;
    ui->ses = o->ses;
    ui->unicode = o->set->unicode && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    ui->tty.input = tty_input;
    ui->tty.drained = tty_drained;
    if (tty_open(&ui->tty, o->lp, e) < 0) {
        free(ui);
        return NULL;
    }
    if (add_signals(ui, e) < 0) {
        del_signals(ui);
        tty_close(&ui->tty);
        free(ui);
        return NULL;
    }
    ui_screen_init(ui);
    list_init(&ui->follows);
    input_init(&ui->in, ui->tty.saved.c_cc[VERASE], key_pressed);
    ui->cursor = -1;
    ui->colors = colors_new(o->set->color);
    first_theme(ui);
    first_panes(ui, o);
    notice_events_skip(ui);
    ui->listener.changed = engine_changed;
    engine_listen(ui->en, &ui->listener);
    loop_hook_add(ui->lp, &ui->hook, turn_end);
    tty_mouse(&ui->tty, o->set->mouse);
    ui->repaint = true;
    ui_relayout(ui);
    return ui;
}

void
ui_close(struct ui *ui)
{
    size_t i;

    if (ui == NULL)
        return;
    ui->ses->screen = NULL;
    ui_console_unfollow(ui);
    engine_unlisten(&ui->listener);
    loop_hook_del(&ui->hook);
    del_signals(ui);
    form_cancel(ui);
    prompt_fini(ui);
    confirm_fini(ui);
    pager_close(ui);
    for (i = ui->n_slots; i-- > 0;)
        ui->slots[i].p->ops->free(ui->slots[i].p);
    ui_reap_panes(ui);
    ui_frame_fini(ui);
    tty_close(&ui->tty); /* while its curses screen and colours exist */
    loop_timer_del(&ui->frame_timer);
    loop_timer_del(&ui->notice_timer);
    loop_timer_del(&ui->esc_timer);
    loop_timer_del(&ui->anim_timer);
    input_fini(&ui->in);
    colors_free(ui->colors);
    ui_ops_fini(ui);
    free(ui->start_line);
    free(ui);
}

struct engine *
ui_engine(struct ui *ui)
{
    return ui->en;
}

struct list_node *
ui_follows(struct ui *ui)
{
    return &ui->follows;
}

struct loop *
ui_loop(struct ui *ui)
{
    return ui->lp;
}

struct settings *
ui_settings(struct ui *ui)
{
    return ui->set;
}

struct session *
ui_session(struct ui *ui)
{
    return ui->ses;
}

struct colors *
ui_colors(struct ui *ui)
{
    return ui->colors;
}

const struct theme *
ui_theme(struct ui *ui)
{
    return &ui->theme;
}

bool
ui_unicode(const struct ui *ui)
{
    return ui->unicode;
}

void
ui_relayout(struct ui *ui)
{
    ui->relayout = true;
    ui_mark(ui);
}

void
ui_redraw(struct ui *ui)
{
    ui->repaint = true;
    ui_relayout(ui);
}

int
ui_set_theme(struct ui *ui, const char *name, struct err *e)
{
    struct theme th;

    theme_default(&th);
    if (strcmp(name, th.name) != 0 &&
        theme_load(ui->set->theme_dirs, name, &th, e) < 0)
        return -1;
    ui->theme = th;
    text_fmt(ui->set->theme, sizeof(ui->set->theme), "%s", name);
    colors_reset(ui->colors);
    ui_redraw(ui);
    return 0;
}

void
ui_set_mouse(struct ui *ui, bool on)
{
    ui->set->mouse = on;
    tty_mouse(&ui->tty, on);
}

void
ui_suspend(struct ui *ui)
{
    tty_leave(&ui->tty);
    tty_stop_process();
    tty_enter(&ui->tty);
    ui->cursor = -1;
    ui_redraw(ui);
}
