/*
 * verb_events.c - verbs on the event or operation that is chosen in the log
 * pane.
 */
#include <string.h>

#include "src/command/family.h"
#include "ui/app/verbs.h"

static const struct event *
verb_events_chosen(const struct cmd_ctx *ctx)
{
    const struct event *ev = log_event(ui_focused(verb_ui(ctx)));

    if (ev == NULL)
        err_set(ctx->e, ERR_NOENT, "no event is under the cursor");
    return ev;
}

static void
put_fact(struct buf *out, const char *name, const char *text)
{
    if (text[0] != '\0')
        buf_fmt(out, "%-9s %s\n", name, text);
}

static void
details(const struct event *ev, struct buf *out)
{
    char text[64];

    wall_text(ev->wall_s, text);
    put_fact(out, "time", text);
    put_fact(out, "kind", event_kind_name(ev->kind));
    put_fact(out, "level", event_level_name(ev->level));
    if (ev->name[0] != '\0' && ev->domid != DOM_NO_DOMID)
        buf_fmt(out, "%-9s %s, domid %u\n", "domain", ev->name, ev->domid);
    else
        put_fact(out, "domain", ev->name);
    put_fact(out, "text", ev->text);
    put_fact(out, "reason", ev->reason);
    put_fact(out, "who", ev->who);
    if (ev->op != 0)
        buf_fmt(out, "%-9s %s, number %llu%s\n", "operation",
                op_verb_name(ev->verb), (unsigned long long)ev->op,
                ev->foreign ? " of another process" : "");
    if (ev->kind == EVENT_OP_END)
        buf_fmt(out, "%-9s %s after %llu ms\n", "result",
                op_state_name(ev->result), (unsigned long long)ev->duration_ms);
    put_fact(out, "as xl", ev->xl);
}

/* The operation under the cursor; NULL: none is. */
static const struct op *
chosen_op(const struct cmd_ctx *ctx)
{
    return engine_op_by_id(ctx->en, log_operation(ui_focused(verb_ui(ctx))));
}

static void
op_details(const struct op *op, struct buf *out)
{
    char number[24];

    text_fmt(number, sizeof number, "%llu", (unsigned long long)op->id);
    put_fact(out, "operation", number);
    put_fact(out, "what", op->title);
    put_fact(out, "domain", op->name);
    put_fact(out, "state", op_state_name(op->state));
    put_fact(out, "step", op->label);
    put_fact(out, "why", op->err.msg);
    put_fact(out, "who", op->who);
    put_fact(out, "as xl", op->xl);
}

static enum cmd_rc
exec_event_details(struct cmd_ctx *ctx)
{
    const struct op *op = chosen_op(ctx);
    const struct event *ev;

    if (op != NULL) {
        op_details(op, ctx->out);
        return CMD_OK;
    }
    ev = verb_events_chosen(ctx);
    if (ev == NULL)
        return CMD_ERROR;
    details(ev, ctx->out);
    return CMD_OK;
}

/* The domain with this uuid, else the one that has the name now; NULL. */
static const struct dom *
dom_meant(const struct cmd_ctx *ctx, const uint8_t uuid[16], const char *name)
{
    static const uint8_t none[16];
    bool known = memcmp(uuid, none, sizeof none) != 0;
    const struct dom *d;
    size_t i;

    for (i = 0; known && (d = engine_dom_at(ctx->en, i)) != NULL; i++)
        if (memcmp(d->uuid, uuid, sizeof d->uuid) == 0 && !d->off)
            return d;
    return name[0] != '\0' ? engine_dom_find(ctx->en, name, NULL) : NULL;
}

static enum cmd_rc
go_to_dom(struct cmd_ctx *ctx, const struct dom *d, const char *name)
{
    struct pane *list = ui_pane_find(verb_ui(ctx), PANE_LIST, 0);

    if (d == NULL) {
        err_set(ctx->e, ERR_NOENT, "%s%s", name,
                name[0] != '\0' ? " is not there any more"
                                : "this event is of the host");
        return CMD_ERROR;
    }
    list_select(list, d->id);
    ui_focus(verb_ui(ctx), list);
    return CMD_OK;
}

static enum cmd_rc
exec_event_domain(struct cmd_ctx *ctx)
{
    const struct op *op = chosen_op(ctx);
    const struct event *ev;

    if (op != NULL)
        return go_to_dom(ctx, dom_meant(ctx, op->uuid, op->name), op->name);
    ev = verb_events_chosen(ctx);
    if (ev == NULL)
        return CMD_ERROR;
    return go_to_dom(ctx, dom_meant(ctx, ev->uuid, ev->name), ev->name);
}

static const struct cmd cmds[] = {
    { .name = "event-details",
      .keys = "Enter",
      .in = CMD_IN_LOG,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Show all that is known of what is under the cursor",
      .exec = exec_event_details },
    { .name = "event-domain",
      .keys = "d",
      .in = CMD_IN_LOG,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Go to the domain of what is under the cursor",
      .exec = exec_event_domain },
};

const struct cmd_family ui_family_events = { cmds, sizeof cmds / sizeof cmds[0],
                                             101 };
