/*
 * ui.c - opening and closing a front end, its events and when it draws.
 * Invariant: dirty is true only while a frame is certain to come: the hook at
 * the end of the turn, the frame timer, the terminal taking output again, or
 * its being taken again. A frame that the terminal cannot take is not drawn:
 * the next one shows all that has changed by then.
 */
#include "ui/app/ui_int.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/app/marked/ui_marked.h"
#include "ui/app/tile/layout_text.h"
#include "ui/app/verbs.h"
#include "ui/draw/color.h"
#include "ui/pane/list/pane_list.h"
#include "ui/widget/clip.h"
#include "ui/widget/notice.h"
#include "ui/widget/prompt.h"

#define NS_PER_MS 1000000ULL
#define DRAW_MS   20   /* a turn, on all terminals */
#define BELL_MS   1000 /* between two rings: a guest may ring without end */
#define UNREAD_MS 300  /* for what was said while the process was stopped */

/* What the owner is to be told, the first of these that is due. */
enum { ASK_END = 1, ASK_DETACH = 2, ASK_SUSPEND = 4 };

static void
give_back(struct ui *ui)
{
    ui->away = true;
    loop_timer_del(&ui->esc_timer);
    tty_leave(&ui->tty);
}

/* Whatever was due meanwhile: now it is a whole frame. */
static void
ui_take_again(struct ui *ui)
{
    ui->away = false;
    tty_enter(&ui->tty);
    ui->fr.cursor = -1;
    ui->desk.dirty = false;
    ui_redraw(ui);
}

/* --- what only the owner can do --- */

static void
ask_due(struct loop_timer *lt)
{
    struct ui *ui = container_of(lt, struct ui, ask_timer);
    unsigned asked = ui->asked;

    ui->asked = 0;
    if (asked & ASK_END) {
        ui->ended = true;
        ui->owner->end(ui, ui->owner_arg);
    } else if (asked & ASK_DETACH) {
        ui->owner->detach(ui, ui->owner_arg);
    } else if ((asked & ASK_SUSPEND) && !ui->away) {
        give_back(ui);
        ui->owner->suspend(ui, ui->owner_arg);
    }
}

/* Not now: the owner may close the front end, whose code is at work. */
static void
ask_owner(struct ui *ui, unsigned what)
{
    if (ui->ended)
        return;
    if (ui->asked == 0) /* armed anew each turn it would never be due */
        loop_timer_arm(ui->desk.lp, &ui->ask_timer, 0, ask_due);
    ui->asked |= what;
}

/* The tty's question, before it reads and writes; and ours, before a frame. */
static bool
ui_holds_terminal(struct tty *t)
{
    struct ui *ui = container_of(t, struct ui, tty);

    if (ui->owner->holds == NULL || ui->owner->holds(ui->owner_arg))
        return true;
    ask_owner(ui, ASK_SUSPEND);
    return false;
}

/* --- frames --- */

static void
show_frame(struct ui *ui)
{
    struct desk *f = &ui->desk;
    struct frame_due due = { .relayout = f->relayout,
                             .repaint = f->repaint,
                             .header = f->header_dirty };
    struct layout_in in = { 0 };
    char *line = ui->start_line;

    f->dirty = f->relayout = f->repaint = f->header_dirty = false;
    ui->hurry = false;
    if (due.relayout)
        panes_layout(ui, &in);
    if (ui->bell)
        (void)beep();
    ui->bell = false;
    frame_show(&ui->fr, due, &in);
    if (ui->layout_due) {
        ui->layout_due = false;
        layout_at_start(ui);
    }
    if (line != NULL) { /* once there is a screen that it can use */
        ui->start_line = NULL;
        run_command(ui, line);
        free(line);
    }
}

static void frame_due(struct loop_timer *lt);

static bool
can_draw(const struct ui *ui)
{
    return ui->desk.dirty && !ui->away && !ui->tty.lost && !tty_busy(&ui->tty);
}

/* The one after a long one waits for the next turn. */
static void
draw_or_wait(struct ui *ui)
{
    struct loop *lp = ui->desk.lp;
    uint64_t began = loop_now_ns(lp);

    if (loop_spent_ns(lp) >= DRAW_MS * NS_PER_MS) {
        loop_timer_arm(lp, &ui->frame_timer, 0, frame_due);
        return;
    }
    loop_timer_del(&ui->frame_timer);
    show_frame(ui);
    ui->frame_ns = loop_now_ns(lp);
    loop_spend(lp, ui->frame_ns - began);
}

static void
frame_now(struct ui *ui)
{
    SCREEN *was;

    /* The terminal may be another's by now: its client says so, unread yet. */
    if (loop_stood_still(ui->desk.lp, UNREAD_MS)) {
        loop_timer_arm(ui->desk.lp, &ui->frame_timer, UNREAD_MS, frame_due);
        return;
    }
    was = ui_enter(ui);
    panes_reap(ui);
    if (can_draw(ui) && ui_holds_terminal(&ui->tty))
        draw_or_wait(ui);
    tty_select_back(was);
}

static void
frame_due(struct loop_timer *lt)
{
    frame_now(container_of(lt, struct ui, frame_timer));
}

/* For desk_ops: a frame is due. */
static void
frame_arm(struct ui *ui)
{
    uint64_t since = (loop_now_ns(ui->desk.lp) - ui->frame_ns) / NS_PER_MS;

    loop_timer_arm(ui->desk.lp, &ui->frame_timer,
                   since >= UI_FRAME_MS ? 0 : UI_FRAME_MS - since, frame_due);
}

/* For desk_ops: a bell is due. */
static void
ring(struct ui *ui)
{
    uint64_t now = loop_now_ms(ui->desk.lp);

    if (ui->bell || (ui->bell_ms != 0 && now - ui->bell_ms < BELL_MS))
        return;
    ui->bell = true;
    ui->bell_ms = now;
    ui_mark(ui);
}

/* End of the turn: a key's echo does not wait for the timer. */
static void
turn_end(struct loop_hook *lh)
{
    struct ui *ui = container_of(lh, struct ui, hook);
    uint64_t since = loop_now_ns(ui->desk.lp) - ui->frame_ns;

    ui->desk.terms.spent = 0;
    if (ui->moved && ui->owner->places != NULL)
        ui->owner->places(ui, ui->owner_arg);
    ui->moved = false;
    if (ui->n_doomed > 0 ||
        (ui->desk.dirty && (ui->hurry || since >= UI_FRAME_MS * NS_PER_MS)))
        frame_now(ui);
}

static void
tty_drained(struct tty *t)
{
    frame_now(container_of(t, struct ui, tty));
}

static void
ui_engine_changed(struct engine_listener *l, unsigned what)
{
    struct ui *ui = container_of(l, struct ui, listener);
    SCREEN *was = ui_enter(ui);
    size_t i;

    for (i = 0; i < ui->fr.n_slots; i++)
        ui->fr.slots[i].pending |= what;
    if (what & (ENGINE_CH_HOST | ENGINE_CH_STATS | ENGINE_CH_DOMS))
        ui->desk.header_dirty = true;
    if (what & ENGINE_CH_EVENTS)
        notice_events(ui);
    if (what & ENGINE_CH_OPS) { /* after: the end of what the user began */
        run_ops_check(ui);
        marked_check(ui);
    }
    ui_mark(ui);
    tty_select_back(was);
}

static void
esc_due(struct loop_timer *lt)
{
    struct ui *ui = container_of(lt, struct ui, esc_timer);
    SCREEN *was = ui_enter(ui);

    input_timeout(&ui->in);
    if (input_pending(&ui->in))
        loop_timer_arm(ui->desk.lp, lt, input_wait_ms(&ui->in), esc_due);
    tty_select_back(was);
}

/* --- keys --- */

static void
tty_input(struct tty *t, const char *bytes, size_t n)
{
    struct ui *ui = container_of(t, struct ui, tty);

    if (bytes == NULL) { /* the terminal is gone: an orderly end */
        ask_owner(ui, ASK_END);
        return;
    }
    loop_timer_del(&ui->esc_timer);
    input_feed(&ui->in, bytes, n);
    if (input_pending(&ui->in))
        loop_timer_arm(ui->desk.lp, &ui->esc_timer, input_wait_ms(&ui->in),
                       esc_due);
}

static void
key_pressed(struct input *in, const struct key *k)
{
    ui_dispatch(container_of(in, struct ui, in), k);
}

/* The theme of the settings; its fault is told, the built-in one used. */
static void
first_theme(struct ui *ui)
{
    struct err e = { 0 };

    theme_default(&ui->desk.theme);
    if (ui->desk.set->theme[0] != '\0' &&
        strcmp(ui->desk.set->theme, ui->desk.theme.name) != 0 &&
        theme_load(ui->desk.set->theme_dirs, ui->desk.set->theme,
                   &ui->desk.theme, &e) < 0)
        ui_notice(ui, EVENT_ERROR, "%s", e.msg);
}

static void
first_panes(struct ui *ui, const struct ui_opts *o)
{
    struct err e = { 0 };

    ui->list = list_pane_new(ui);
    ui->fr.slots[0].p = ui->list;
    ui->fr.slots[0].pending = ~0U;
    ui->fr.n_slots = 1;
    ui->fr.focus = ui->list;
    ui->list->focused = true;
    if (ui->desk.set->columns[0] != '\0' &&
        list_columns(ui->list, ui->desk.set->columns, &e) < 0)
        ui_notice(ui, EVENT_ERROR, "%s", e.msg);
    if (ui->desk.set->sort[0] != '\0')
        list_sort(ui->list, ui->desk.set->sort, false);
    if (o->notice != NULL && *o->notice != '\0')
        ui_notice(ui, EVENT_WARN, "%s", o->notice);
    ui->layout_due = ui->desk.set->layout[0] != '\0';
    ui->start_line = o->run != NULL ? xstrdup(o->run) : NULL;
}

static bool
to_clipboard(struct ui *ui, const char *text, size_t n)
{
    return tty_clipboard(&ui->tty, text, n);
}

static const struct desk_ops desk_ops = {
    .frame_due = frame_arm,
    .bell = ring,
    .run = run_command,
    .pane_find = panes_find,
    .pane_close = panes_close,
    .cursor_moved = panes_cursor_moved,
    .clipboard = to_clipboard,
    .page = ui_screen_page,
};

static void
tty_windows(void *tty, void (*each)(WINDOW **w))
{
    frame_windows(&container_of(tty, struct ui, tty)->fr, each);
}

static int
ui_open_tty(struct ui *ui, const struct ui_opts *o, struct err *e)
{
    const struct tty_opts to = { .in_fd = o->in_fd,
                                 .out_fd = o->out_fd,
                                 .lent = o->lent,
                                 .kept_max = o->kept_max,
                                 .term = o->term,
                                 .utf8 = o->utf8,
                                 .color = o->set->color,
                                 .cells_max = o->owner->cells != NULL
                                                  ? o->owner->cells(o->arg)
                                                  : 0,
                                 .windows = tty_windows,
                                 .leave_ms = o->leave_ms };

    ui->tty.input = tty_input;
    ui->tty.drained = tty_drained;
    ui->tty.holds = ui_holds_terminal;
    return tty_open(&ui->tty, o->lp, &to, e);
}

static void
fill_screen(struct ui *ui, const struct ui_opts *o)
{
    ui_set_signs(ui, o->set, o->utf8 && MB_CUR_MAX > 1, o->term);
    ui_screen_init(ui, o->term);
    input_init(&ui->in, ui->tty.back.saved.c_cc[VERASE], key_pressed);
    ui->in.esc_ms = o->esc_ms;
    ui->fr.cursor = -1;
    ui->desk.colors = colors_new(o->set->color);
    first_theme(ui);
    first_panes(ui, o);
    notice_events_skip(ui);
    tty_mouse(&ui->tty, o->set->mouse);
    ui->desk.repaint = true;
    ui_relayout(ui);
}

struct ui *
ui_open(const struct ui_opts *o, struct err *e)
{
    struct ui *ui = xcalloc(1, sizeof(*ui));
    SCREEN *was;

    ui->desk.lp = o->lp;
    ui->desk.en = o->en;
    ui->desk.ses = o->session;
    ui->owner = o->owner;
    ui->owner_arg = o->arg;
    if (ui_open_tty(ui, o, e) < 0) {
        free(ui);
        return NULL;
    }
    was = ui_enter(ui);
    ui->desk.set = xcalloc(1, sizeof(*ui->desk.set));
    *ui->desk.set = *o->set;
    ui->desk.ops = &desk_ops;
    ui->fr.ui = ui;
    ui->fr.tty = &ui->tty;
    list_init(&ui->follows);
    list_init(&ui->sets);
    term_share_init(&ui->desk.terms, o->set->scrollback_all_bytes);
    fill_screen(ui, o);
    ui->listener.changed = ui_engine_changed;
    engine_listen(ui->desk.en, &ui->listener);
    loop_hook_add(ui->desk.lp, &ui->hook, turn_end);
    tty_select_back(was);
    return ui;
}

static void
free_parts(struct ui *ui)
{
    size_t i;

    overlay_close_all(ui);
    if (ui->program.runs)
        ui->program.done(ui, &(struct user_program_end){ .why = "" },
                         ui->program.arg);
    for (i = ui->fr.n_slots; i-- > 0;)
        ui->fr.slots[i].p->ops->free(ui->fr.slots[i].p);
    panes_reap(ui);
    frame_fini(&ui->fr);
}

void
ui_close(struct ui *ui)
{
    SCREEN *was;

    if (ui == NULL)
        return;
    was = ui_enter(ui);
    ui->desk.ses->screen = NULL;
    ui_console_unfollow(ui);
    engine_unlisten(&ui->listener);
    loop_hook_del(&ui->hook);
    free_parts(ui);
    tty_close(&ui->tty); /* while its curses screen and colours exist */
    tty_select_back(was);
    loop_timer_del(&ui->frame_timer);
    notice_fini(ui);
    clip_fini(ui);
    prompt_fini(ui);
    loop_timer_del(&ui->esc_timer);
    loop_timer_del(&ui->ask_timer);
    input_fini(&ui->in);
    colors_free(ui->desk.colors);
    run_ops_fini(ui);
    marked_fini(ui);
    free(ui->start_line);
    free(ui->doomed);
    free(ui->desk.set);
    free(ui);
}

struct list_node *
ui_follows(struct ui *ui)
{
    return &ui->follows;
}

int
ui_set_theme(struct ui *ui, const char *name, struct err *e)
{
    struct theme th;

    theme_default(&th);
    if (strcmp(name, th.name) != 0 &&
        theme_load(ui->desk.set->theme_dirs, name, &th, e) < 0)
        return -1;
    ui->desk.theme = th;
    text_fmt(ui->desk.set->theme, sizeof(ui->desk.set->theme), "%s", name);
    colors_reset(ui->desk.colors);
    ui_redraw(ui);
    return 0;
}

void
ui_set_mouse(struct ui *ui, bool on)
{
    ui->desk.set->mouse = on;
    tty_mouse(&ui->tty, on);
}

static void
quit_answered(struct ui *ui, bool yes, void *arg)
{
    (void)arg;
    if (yes)
        ask_owner(ui, ASK_DETACH);
}

void
ui_quit(struct ui *ui)
{
    const char *question = NULL;

    if (ui->owner->question != NULL)
        question = ui->owner->question(ui, ui->owner_arg);
    if (question != NULL)
        ui_confirm(ui, question, NULL, quit_answered, NULL);
    else
        ask_owner(ui, ASK_DETACH);
}

void
ui_suspend(struct ui *ui)
{
    if (ui->owner->suspend != NULL)
        ask_owner(ui, ASK_SUSPEND);
    else
        ui_notice(ui, EVENT_WARN, "this terminal cannot be suspended");
}

int
ui_run_program(struct ui *ui, const struct user_text *t, ui_program_cb done,
               void *arg, struct err *e)
{
    if (ui->owner->run_program == NULL || ui->away)
        return err_set(e, ERR_UNSUPPORTED,
                       "no %s can be run on this terminal now",
                       user_program_word(t->kind));
    if (user_program_check(t, e) < 0)
        return -1;
    give_back(ui);
    ui->program.runs = true;
    ui->program.done = done;
    ui->program.arg = arg;
    if (ui->owner->run_program(ui, t, ui->owner_arg, e) == 0)
        return 0;
    ui->program.runs = false;
    ui_take_again(ui);
    return -1;
}

/* --- what only the owner knows --- */

void
ui_winch(struct ui *ui)
{
    ui_redraw(ui);
}

void
ui_resume(struct ui *ui)
{
    SCREEN *was;

    if (ui->program.runs)
        return;
    was = ui_enter(ui);
    ui_take_again(ui);
    tty_select_back(was);
}

void
ui_given_back(struct ui *ui)
{
    if (ui->away)
        return;
    ui->away = true;
    loop_timer_del(&ui->esc_timer);
    tty_forget(&ui->tty);
}

void
ui_hangup(struct ui *ui)
{
    ask_owner(ui, ASK_END);
}

void
ui_program_done(struct ui *ui, const struct user_program_end *end)
{
    SCREEN *was;

    if (!ui->program.runs)
        return;
    ui->program.runs = false;
    was = ui_enter(ui);
    ui_take_again(ui);
    ui->program.done(ui, end, ui->program.arg);
    tty_select_back(was);
}

void
ui_tell(struct ui *ui, const char *text)
{
    SCREEN *was = ui_enter(ui);

    ui_notice(ui, EVENT_WARN, "%s", text);
    tty_select_back(was);
}

const char *
ui_restore_text(const struct ui *ui, size_t *n_out)
{
    *n_out = ui->tty.back.n;
    return ui->tty.back.text;
}

void
ui_emergency_restore(void)
{
    rescue_all();
}
