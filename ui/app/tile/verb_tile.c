/*
 * verb_tile.c - verbs on several consoles at once: beside one another, behind
 * one another, from one to another.
 */
#include <string.h>

#include "src/command/family.h"
#include "ui/app/tile/tile.h"
#include "ui/app/verbs.h"

#define STEP_COLS 4 /* that a key moves a border by */
#define STEP_ROWS 2
#define STEP_MAX  1000

/* The domain and the number of a console that the arguments name; the words of
 * a typed line, or none: where the user is. */
static const struct dom *
console_of_args(struct cmd_ctx *ctx, unsigned *number)
{
    unsigned long long n = 0;
    const struct dom *d;

    if (ctx->argc == 0)
        d = engine_dom_by_id(ctx->en, ui_current_dom(verb_ui(ctx)));
    else
        d = engine_dom_find(ctx->en, ctx->argv[0], ctx->e);
    if (d == NULL && ctx->argc == 0)
        err_set(ctx->e, ERR_NOENT, "no domain is selected");
    if (ctx->argc > 1 && !text_u64(ctx->argv[1], 0, CONSOLE_NUMBER_MAX, &n)) {
        err_set(ctx->e, ERR_INVALID,
                "%s: '%s' is no number of a console, 0 to %d", ctx->cmd->name,
                ctx->argv[1], CONSOLE_NUMBER_MAX);
        return NULL;
    }
    *number = (unsigned)n;
    return d;
}

/* The domains whose console cannot be seen yet. */
static void
complete_hidden(const struct session *ses, struct buf *out)
{
    const struct ui *ui = ui_of_screen(ses->screen);
    const struct dom *d;
    size_t i;

    for (i = 0; (d = engine_dom_at(ses->en, i)) != NULL; i++) {
        const struct pane *p = ui != NULL ? tile_find(ui, d->id, 0) : NULL;

        if (d->off || d->domid == 0 || (p != NULL && !p->hidden))
            continue;
        engine_dom_word(ses->en, d, out);
        buf_chr(out, '\n');
    }
}

/* Without a name, from a console: the one used last that cannot be seen, or the
 * user is asked which. */
static enum cmd_rc
split_off(struct cmd_ctx *ctx, enum split_way way)
{
    struct ui *ui = verb_ui(ctx);
    struct slot *s = tile_hidden(ui);
    char begin[32];

    if (s == NULL) {
        text_fmt(begin, sizeof(begin), "%s ", ctx->cmd->name);
        ctx->ses->screen->ops->prompt(ctx->ses->screen, begin);
        return CMD_OK;
    }
    return tile_split(ui, s->p->dom_id, console_pane_number(s->p), way,
                      ctx->e) == 0
               ? CMD_OK
               : CMD_ERROR;
}

static enum cmd_rc
split(struct cmd_ctx *ctx, enum split_way way)
{
    const struct dom *d;
    unsigned number;

    if (ctx->argc == 0 && ui_focused(verb_ui(ctx))->ops->kind == PANE_CONSOLE)
        return split_off(ctx, way);
    d = console_of_args(ctx, &number);
    return d != NULL &&
                   tile_split(verb_ui(ctx), d->id, number, way, ctx->e) == 0
               ? CMD_OK
               : CMD_ERROR;
}

static enum cmd_rc
exec_split_right(struct cmd_ctx *ctx)
{
    return split(ctx, SPLIT_COLS);
}

static enum cmd_rc
exec_split_below(struct cmd_ctx *ctx)
{
    return split(ctx, SPLIT_ROWS);
}

/* --- all of them --- */

/* Whether any console is open; else *e says how to open one. */
static bool
some_console(struct cmd_ctx *ctx)
{
    if (tiles_cells(&verb_ui(ctx)->fr) > 0)
        return true;
    err_set(ctx->e, ERR_NOENT,
            "no console is open: `console NAME' opens one, `tile NAME...' "
            "several");
    return false;
}

/* What `tile' has opened, to be closed if there is no room for it. */
struct opened {
    struct pane *p[CMD_ARGS_MAX];
    int n;
};

static void
close_opened(struct ui *ui, const struct opened *o)
{
    int i;

    for (i = 0; i < o->n; i++)
        panes_close(ui, o->p[i]);
}

/* All names are looked up before the first console is opened. */
static bool
open_named(struct cmd_ctx *ctx, struct opened *o)
{
    struct ui *ui = verb_ui(ctx);
    const struct dom *d;
    struct slot *s;
    uint64_t id[CMD_ARGS_MAX];
    int i;

    for (i = 0; i < ctx->argc; i++) {
        d = engine_dom_find(ctx->en, ctx->argv[i], ctx->e);
        if (d == NULL)
            return false;
        id[i] = d->id;
    }
    for (i = 0; i < ctx->argc; i++) {
        bool open = tile_find(ui, id[i], 0) != NULL;

        s = tile_open(ui, id[i], 0, ctx->e);
        if (s == NULL)
            return false;
        if (!open)
            o->p[o->n++] = s->p;
    }
    return true;
}

static void
rearranged(struct ui *ui)
{
    struct slot *front = tiles_front(&ui->fr, 0);

    ui->zoom = ZOOM_AUTO;
    ui->moved = true;
    ui_focus(ui, front->p);
    ui_relayout(ui);
}

static enum cmd_rc
exec_tile(struct cmd_ctx *ctx)
{
    struct ui *ui = verb_ui(ctx);
    struct opened o = { .n = 0 };
    bool ok = open_named(ctx, &o) && some_console(ctx);

    if (ok && !tiles_spread(&ui->fr, SHAPE_TILED)) {
        (void)tile_no_room(ctx->e);
        ok = false;
    }
    if (ok)
        rearranged(ui);
    else
        close_opened(ui, &o);
    return ok ? CMD_OK : CMD_ERROR;
}

static enum cmd_rc
exec_stack(struct cmd_ctx *ctx)
{
    if (!some_console(ctx))
        return CMD_ERROR;
    tiles_stack(&verb_ui(ctx)->fr);
    rearranged(verb_ui(ctx));
    return CMD_OK;
}

/* Each time the next arrangement that there is room for. */
static bool
arrange_next(struct ui *ui)
{
    unsigned i;

    for (i = 0; i < SHAPES; i++) {
        enum split_shape shape = ui->shape;

        ui->shape = (shape + 1) % SHAPES;
        if (!tiles_arrange(&ui->fr, shape))
            continue;
        ui_notice(ui, EVENT_INFO, "%s", split_shape_name(shape));
        return true;
    }
    return false;
}

static bool
arrange_named(struct ui *ui, const char *name)
{
    unsigned i;

    for (i = 0; i < SHAPES && strcmp(name, split_shape_name(i)) != 0; i++)
        ;
    return tiles_arrange(&ui->fr, i);
}

static enum cmd_rc
exec_arrange(struct cmd_ctx *ctx)
{
    struct ui *ui = verb_ui(ctx);
    bool ok;

    if (ctx->argc > 0 && !cmd_has_word(ctx->cmd, ctx->argv[0]))
        return cmd_usage(ctx, ctx->argv[0]);
    if (!some_console(ctx))
        return CMD_ERROR;
    if (tiles_cells(&ui->fr) < 2) {
        err_set(ctx->e, ERR_NOENT,
                "all consoles stand in one place: `tile' spreads them");
        return CMD_ERROR;
    }
    ok = ctx->argc > 0 ? arrange_named(ui, ctx->argv[0]) : arrange_next(ui);
    if (!ok) {
        (void)tile_no_room(ctx->e);
        return CMD_ERROR;
    }
    rearranged(ui);
    return CMD_OK;
}

static enum cmd_rc
swap_places(struct cmd_ctx *ctx, int dir)
{
    if (tile_swap(verb_ui(ctx), dir))
        return CMD_OK;
    err_set(ctx->e, ERR_NOENT, "there is no other place to change with");
    return CMD_ERROR;
}

static enum cmd_rc
exec_swap_next(struct cmd_ctx *ctx)
{
    return swap_places(ctx, 1);
}

static enum cmd_rc
exec_swap_prev(struct cmd_ctx *ctx)
{
    return swap_places(ctx, -1);
}

static enum cmd_rc
exec_whole(struct cmd_ctx *ctx)
{
    struct ui *ui = verb_ui(ctx);

    if (!some_console(ctx))
        return CMD_ERROR;
    ui->whole = !ui->whole;
    rearranged(ui);
    return CMD_OK;
}

/* --- from one to another --- */

/* s: NULL is refused with a sentence. */
static enum cmd_rc
go_to(struct cmd_ctx *ctx, struct pane *p, const char *none)
{
    if (p == NULL) {
        err_set(ctx->e, ERR_NOENT, "%s", none);
        return CMD_ERROR;
    }
    ui_focus(verb_ui(ctx), p);
    return CMD_OK;
}

static struct pane *
pane_of(struct slot *s)
{
    return s != NULL ? s->p : NULL;
}

/* The only console leads back to where the user was before. */
static enum cmd_rc
exec_last_console(struct cmd_ctx *ctx)
{
    struct ui *ui = verb_ui(ctx);
    struct slot *s = tile_last(ui);

    if (s == NULL && ui_focused(ui)->ops->kind == PANE_CONSOLE)
        return go_to(ctx, ui->list, "");
    return go_to(ctx, pane_of(s), "no console is open");
}

static enum cmd_rc
exec_next_active(struct cmd_ctx *ctx)
{
    return go_to(ctx, pane_of(tile_active(verb_ui(ctx))),
                 "nothing has happened in the other consoles");
}

static enum cmd_rc
go_tab(struct cmd_ctx *ctx, int dir)
{
    return go_to(ctx, pane_of(tile_tab(verb_ui(ctx), dir)),
                 "no other console stands in this place");
}

static enum cmd_rc
exec_console_next(struct cmd_ctx *ctx)
{
    return go_tab(ctx, 1);
}

static enum cmd_rc
exec_console_prev(struct cmd_ctx *ctx)
{
    return go_tab(ctx, -1);
}

static enum cmd_rc
go_side(struct cmd_ctx *ctx, enum split_side side)
{
    return go_to(ctx, tile_toward(verb_ui(ctx), side), "no pane is there");
}

static enum cmd_rc
exec_pane_left(struct cmd_ctx *ctx)
{
    return go_side(ctx, SIDE_LEFT);
}

static enum cmd_rc
exec_pane_right(struct cmd_ctx *ctx)
{
    return go_side(ctx, SIDE_RIGHT);
}

static enum cmd_rc
exec_pane_up(struct cmd_ctx *ctx)
{
    return go_side(ctx, SIDE_UP);
}

static enum cmd_rc
exec_pane_down(struct cmd_ctx *ctx)
{
    return go_side(ctx, SIDE_DOWN);
}

/* --- borders --- */

static enum cmd_rc
resize(struct cmd_ctx *ctx, enum split_side side)
{
    bool rows = side == SIDE_UP || side == SIDE_DOWN;
    unsigned long long n = rows ? STEP_ROWS : STEP_COLS;

    if (ctx->argc > 0 && !text_u64(ctx->argv[0], 1, STEP_MAX, &n)) {
        err_set(ctx->e, ERR_INVALID, "%s: found %s, allowed 1 to %d",
                ctx->cmd->name, ctx->argv[0], STEP_MAX);
        return CMD_USAGE;
    }
    if (tile_resize(verb_ui(ctx), side, (int)n))
        return CMD_OK;
    err_set(ctx->e, ERR_RANGE, "no border of this console can go further %s",
            side == SIDE_LEFT    ? "left"
            : side == SIDE_RIGHT ? "right"
            : side == SIDE_UP    ? "up"
                                 : "down");
    return CMD_ERROR;
}

static enum cmd_rc
exec_resize_left(struct cmd_ctx *ctx)
{
    return resize(ctx, SIDE_LEFT);
}

static enum cmd_rc
exec_resize_right(struct cmd_ctx *ctx)
{
    return resize(ctx, SIDE_RIGHT);
}

static enum cmd_rc
exec_resize_up(struct cmd_ctx *ctx)
{
    return resize(ctx, SIDE_UP);
}

static enum cmd_rc
exec_resize_down(struct cmd_ctx *ctx)
{
    return resize(ctx, SIDE_DOWN);
}

#define TILE_KEYS(k, context)                                                  \
    .keys = (k), .in = (context), .needs = CMD_NEED_SCREEN, .right = RIGHT_VIEW

static const struct cmd cmds[] = {
    { .name = "split-right",
      TILE_KEYS("%", CMD_IN_LIST | CMD_IN_CONSOLE),
      .args = "[NAME [NUMBER]]",
      .arg = CMD_ARG_OWN,
      .complete = complete_hidden,
      .max_args = 2,
      .help = "Show one more console, to the right of this one",
      .exec = exec_split_right },
    { .name = "split-below",
      TILE_KEYS("\"", CMD_IN_LIST | CMD_IN_CONSOLE),
      .args = "[NAME [NUMBER]]",
      .arg = CMD_ARG_OWN,
      .complete = complete_hidden,
      .max_args = 2,
      .help = "Show one more console, below this one",
      .exec = exec_split_below },
    { .name = "tile",
      TILE_KEYS("=", CMD_IN_LIST | CMD_IN_CONSOLE),
      .args = "[NAME...]",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_DOMAIN,
      .arg3 = CMD_ARG_DOMAIN,
      .max_args = CMD_ARGS_MAX,
      .help = "Show all open consoles, and these, side by side",
      .exec = exec_tile },
    { .name = "stack",
      TILE_KEYS("S", CMD_IN_CONSOLE),
      .help = "Put all consoles into one place, as tabs",
      .exec = exec_stack },
    { .name = "arrange",
      TILE_KEYS("Space", CMD_IN_CONSOLE),
      .args = "[SHAPE]",
      .words = "columns|rows|main-left|main-top|tiled",
      .arg = CMD_ARG_WORDS,
      .max_args = 1,
      .help = "Arrange the consoles anew; without SHAPE the next one",
      .exec = exec_arrange },
    { .name = "whole",
      TILE_KEYS("Z", CMD_IN_CONSOLE),
      .help = "Give the consoles the whole screen, or take it back",
      .exec = exec_whole },
    { .name = "last-console",
      TILE_KEYS("Tab ;", CMD_IN_CONSOLE),
      .help = "Give the console used before the keys, or else the list",
      .exec = exec_last_console },
    { .name = "next-active",
      TILE_KEYS("a", CMD_IN_CONSOLE),
      .help = "Go to the next console where something has happened",
      .exec = exec_next_active },
    { .name = "console-next",
      TILE_KEYS(">", CMD_IN_CONSOLE),
      .help = "Next console of those in this place",
      .exec = exec_console_next },
    { .name = "console-prev",
      TILE_KEYS("<", CMD_IN_CONSOLE),
      .help = "Previous console of those in this place",
      .exec = exec_console_prev },
    { .name = "pane-left",
      TILE_KEYS("Left", CMD_IN_CONSOLE),
      .help = "Give the pane to the left the keys",
      .exec = exec_pane_left },
    { .name = "pane-right",
      TILE_KEYS("Right", CMD_IN_CONSOLE),
      .help = "Give the pane to the right the keys",
      .exec = exec_pane_right },
    { .name = "pane-up",
      TILE_KEYS("Up", CMD_IN_CONSOLE),
      .help = "Give the pane above the keys",
      .exec = exec_pane_up },
    { .name = "pane-down",
      TILE_KEYS("Down", CMD_IN_CONSOLE),
      .help = "Give the pane below the keys",
      .exec = exec_pane_down },
    { .name = "resize-left",
      TILE_KEYS("M-Left C-Left", CMD_IN_CONSOLE),
      .args = "[COLUMNS]",
      .max_args = 1,
      .help = "Move the right border of the console to the left",
      .exec = exec_resize_left },
    { .name = "resize-right",
      TILE_KEYS("M-Right C-Right", CMD_IN_CONSOLE),
      .args = "[COLUMNS]",
      .max_args = 1,
      .help = "Move the right border of the console to the right",
      .exec = exec_resize_right },
    { .name = "resize-up",
      TILE_KEYS("M-Up C-Up", CMD_IN_CONSOLE),
      .args = "[ROWS]",
      .max_args = 1,
      .help = "Move the lower border of the console up",
      .exec = exec_resize_up },
    { .name = "resize-down",
      TILE_KEYS("M-Down C-Down", CMD_IN_CONSOLE),
      .args = "[ROWS]",
      .max_args = 1,
      .help = "Move the lower border of the console down",
      .exec = exec_resize_down },
    { .name = "swap-next",
      TILE_KEYS("}", CMD_IN_CONSOLE),
      .help = "Let the console change places with the next one",
      .exec = exec_swap_next },
    { .name = "swap-prev",
      TILE_KEYS("{", CMD_IN_CONSOLE),
      .help = "Let the console change places with the one before",
      .exec = exec_swap_prev },
};

const struct cmd_family ui_family_tile = { cmds, sizeof cmds / sizeof cmds[0],
                                           135 };
