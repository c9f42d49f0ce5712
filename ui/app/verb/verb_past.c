/*
 * verb_past.c - verbs that move the screen through the last hour, and those
 * that say how much of it the graphs show.
 */
#include <string.h>
#include <time.h>

#include "src/command/family.h"
#include "ui/app/verbs.h"
#include "ui/desk/past.h"

#define STEP_S   10
#define MINUTE_S 60
#define DAY_S    86400

static enum cmd_rc
past_move(struct cmd_ctx *ctx, int64_t seconds)
{
    if (ui_past_move(verb_ui(ctx), seconds))
        return CMD_OK;
    err_set(ctx->e, ERR_UNSUPPORTED,
            "%s: nothing is recorded; \"history = true;\" in xendeck.conf says "
            "so",
            ctx->cmd->name);
    return CMD_ERROR;
}

/* "12:03" or "12:03:10" of the last day; false: text is no such time. */
static bool
past_of_clock(const char *text, double wall_s, int64_t *ago_out)
{
    time_t now = (time_t)wall_s, then;
    struct tm tm, want = { 0 };
    const char *end = strptime(text, "%H:%M:%S", &want);

    if (end == NULL || *end != '\0') {
        want = (struct tm){ 0 };
        end = strptime(text, "%H:%M", &want);
    }
    if (end == NULL || *end != '\0' || localtime_r(&now, &tm) == NULL)
        return false;
    tm.tm_hour = want.tm_hour;
    tm.tm_min = want.tm_min;
    tm.tm_sec = want.tm_sec;
    tm.tm_isdst = -1;
    then = mktime(&tm);
    *ago_out = (int64_t)now - then;
    if (*ago_out < 0)
        *ago_out += DAY_S;
    return true;
}

/* How far the argument is from the second that is shown; step_s without one. */
static bool
past_seconds(struct cmd_ctx *ctx, unsigned step_s, unsigned *out)
{
    *out = step_s;
    if (ctx->argc == 0 || text_span_parse(ctx->argv[0], 1, HISTORY_SPAN_S, out))
        return true;
    err_set(ctx->e, ERR_INVALID,
            "%s: found \"%s\", allowed 1s to 1h, as 90s or 10m", ctx->cmd->name,
            ctx->argv[0]);
    return false;
}

static enum cmd_rc
exec_past(struct cmd_ctx *ctx)
{
    struct ui *ui = verb_ui(ctx);
    double now_s = loop_wall_s(ui_loop(ui));
    unsigned seconds;
    int64_t ago;

    if (ctx->argc > 0 && strchr(ctx->argv[0], ':') != NULL) {
        if (!past_of_clock(ctx->argv[0], now_s, &ago)) {
            err_set(ctx->e, ERR_INVALID,
                    "past: found \"%s\", allowed a time as 12:03 or 12:03:10",
                    ctx->argv[0]);
            return CMD_USAGE;
        }
        if (ago > HISTORY_SPAN_S) {
            err_set(ctx->e, ERR_RANGE,
                    "past: %s is more than an hour ago, and that is what is "
                    "recorded",
                    ctx->argv[0]);
            return CMD_ERROR;
        }
        return past_move(ctx, ago - (int64_t)(now_s - ui_past_wall_s(ui)));
    }
    if (!past_seconds(ctx, STEP_S, &seconds))
        return CMD_USAGE;
    return past_move(ctx, seconds);
}

static enum cmd_rc
exec_past_minute(struct cmd_ctx *ctx)
{
    return past_move(ctx, MINUTE_S);
}

static enum cmd_rc
exec_later(struct cmd_ctx *ctx)
{
    unsigned seconds;

    if (!past_seconds(ctx, STEP_S, &seconds))
        return CMD_USAGE;
    return past_move(ctx, -(int64_t)seconds);
}

static enum cmd_rc
exec_later_minute(struct cmd_ctx *ctx)
{
    return past_move(ctx, -MINUTE_S);
}

static enum cmd_rc
exec_now(struct cmd_ctx *ctx)
{
    ui_past_leave(verb_ui(ctx));
    return CMD_OK;
}

static enum cmd_rc
graph_zoom(struct cmd_ctx *ctx, int dir)
{
    struct pane *p = ui_pane_find(verb_ui(ctx), PANE_DETAIL, 0);

    if (p == NULL) {
        err_set(ctx->e, ERR_NOENT, "no detail pane is open");
        return CMD_ERROR;
    }
    detail_zoom(p, dir);
    return CMD_OK;
}

static enum cmd_rc
exec_graph_more(struct cmd_ctx *ctx)
{
    return graph_zoom(ctx, 1);
}

static enum cmd_rc
exec_graph_less(struct cmd_ctx *ctx)
{
    return graph_zoom(ctx, -1);
}

#define IN_PAST (CMD_IN_LIST | CMD_IN_DETAIL)

static const struct cmd cmds[] = {
    { .name = "past",
      .keys = ",",
      .in = IN_PAST,
      .args = "[SPAN|TIME]",
      .max_args = 1,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Show 10 seconds (or SPAN) before, or a TIME of the last hour",
      .exec = exec_past },
    { .name = "later",
      .keys = ".",
      .in = IN_PAST,
      .args = "[SPAN]",
      .max_args = 1,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Show 10 seconds (or SPAN) after the second that is shown",
      .exec = exec_later },
    { .name = "past-minute",
      .keys = "(",
      .in = IN_PAST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Show a minute before the second that is shown",
      .exec = exec_past_minute },
    { .name = "later-minute",
      .keys = ")",
      .in = IN_PAST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Show a minute after the second that is shown",
      .exec = exec_later_minute },
    { .name = "now",
      .keys = "0",
      .in = IN_PAST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Leave the past: show what is now",
      .exec = exec_now },
    { .name = "graph-more",
      .keys = "{",
      .in = CMD_IN_DETAIL,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "The graphs show more time, in less detail",
      .exec = exec_graph_more },
    { .name = "graph-less",
      .keys = "}",
      .in = CMD_IN_DETAIL,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "The graphs show less time, in more detail",
      .exec = exec_graph_less },
};

const struct cmd_family ui_family_past = { cmds, sizeof cmds / sizeof cmds[0],
                                           137 };
