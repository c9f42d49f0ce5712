/*
 * verb_session.c - verbs on sessions and on the engine that they share.
 */
#include <json-c/json.h>
#include <string.h>

#include "src/attach/server.h"
#include "src/attach/verb_session.h"
#include "src/command/cmd_json.h"
#include "src/command/family.h"

#define DAY_COLS 10 /* "2026-11-30" */
/* What is looked at begins where 80 columns have room for it. */
#define SESSION_ROW(id) id "  %-8s %-14s %-7s %-7s %-10s %6s  %s\n"

static void
size_text(const struct attach_view *v, char *dst, size_t n)
{
    if (v->cols > 0)
        text_fmt(dst, n, "%dx%d", v->cols, v->rows);
    else
        text_fmt(dst, n, "-");
}

/* The time of a session of today, the day of an older one. */
static void
since_text(double wall_s, double now_s, char dst[32])
{
    char now[32];

    wall_text(now_s, now);
    wall_text(wall_s, dst);
    if (strncmp(dst, now, DAY_COLS) == 0)
        memmove(dst, dst + DAY_COLS + 1, strlen(dst + DAY_COLS + 1) + 1);
    else
        dst[DAY_COLS] = '\0';
}

static void
session_line(const struct attach_view *v, double now_s, struct buf *out)
{
    const struct session_info *i = v->info;
    char since[32], size[24], idle[16];

    since_text(i->start_wall_s, now_s, since);
    size_text(v, size, sizeof(size));
    text_span(idle, sizeof(idle), v->idle_s);
    buf_fmt(out, SESSION_ROW("%3llu"), (unsigned long long)i->id,
            session_kind_name(i->kind),
            i->who[0] != '\0' ? i->who : "this process",
            session_right_name(i->rights), size, since, idle, v->looks_at);
}

static struct json_object *
session_json(const struct attach_view *v)
{
    struct json_object *js = json_object_new_object();
    const struct session_info *i = v->info;

    json_put_u64(js, "id", i->id);
    json_put_text(js, "kind", session_kind_name(i->kind));
    json_put_text(js, "who", i->who);
    json_put_u64(js, "uid", i->uid);
    json_put_text(js, "rights", session_right_name(i->rights));
    json_put_u64(js, "columns", (uint64_t)v->cols);
    json_put_u64(js, "rows", (uint64_t)v->rows);
    json_object_object_add(js, "since",
                           json_object_new_double(i->start_wall_s));
    json_put_u64(js, "idle_s", v->idle_s);
    json_put_text(js, "looks_at", v->looks_at);
    return js;
}

/* An engine that is one session's alone has no list. */
static bool
view_at(const struct cmd_ctx *ctx, size_t i, struct attach_view *out)
{
    if (ctx->ses->server != NULL)
        return attach_server_at(ctx->ses->server, i, out);
    memset(out, 0, sizeof(*out));
    out->info = &ctx->ses->info;
    return i == 0;
}

size_t
attach_others(const struct session *ses)
{
    struct attach_view v;
    size_t i, n = 0;

    for (i = 0; ses->server != NULL && attach_server_at(ses->server, i, &v);
         i++)
        n += v.info != &ses->info;
    return n;
}

static void
ask_kill_engine(const struct cmd_ctx *ctx, struct buf *out)
{
    size_t n = attach_others(ctx->ses);

    buf_str(out, "End the engine");
    if (n > 0)
        buf_fmt(out, " and %zu other session%s", n, n > 1 ? "s" : "");
    buf_str(out, "? The domains of a Xen host run on, but nobody restarts "
                 "them or reads their consoles.");
}

static enum cmd_rc
cmd_sessions(struct cmd_ctx *ctx)
{
    struct json_object *list = json_object_new_array();
    struct attach_view v;
    size_t i;

    if (!ctx->json)
        buf_fmt(ctx->out, SESSION_ROW("%3s"), "ID", "KIND", "WHO", "RIGHTS",
                "SIZE", "SINCE", "IDLE", "LOOKS AT");
    for (i = 0; view_at(ctx, i, &v); i++)
        if (ctx->json)
            json_object_array_add(list, session_json(&v));
        else
            session_line(&v, loop_wall_s(engine_loop(ctx->en)), ctx->out);
    if (ctx->json)
        json_out(ctx->out, list);
    else
        json_object_put(list);
    return CMD_OK;
}

static enum cmd_rc
alone(struct cmd_ctx *ctx)
{
    err_set(ctx->e, ERR_UNSUPPORTED,
            "%s: this engine has no sessions but this one", ctx->cmd->name);
    return CMD_ERROR;
}

static const char *
who(const struct cmd_ctx *ctx)
{
    return ctx->ses->info.who[0] != '\0' ? ctx->ses->info.who
                                         : "the engine's own terminal";
}

static enum cmd_rc
cmd_detach_session(struct cmd_ctx *ctx)
{
    unsigned long long id;

    if (!text_u64(ctx->argv[0], 1, UINT64_MAX, &id)) {
        err_set(ctx->e, ERR_INVALID,
                "%s: '%s' is no number of a session: `sessions' lists them",
                ctx->cmd->name, ctx->argv[0]);
        return CMD_USAGE;
    }
    if (ctx->ses->server == NULL)
        return alone(ctx);
    if (attach_server_detach(ctx->ses->server, id, who(ctx), ctx->e) < 0)
        return CMD_ERROR;
    return CMD_OK;
}

static enum cmd_rc
cmd_kill_engine(struct cmd_ctx *ctx)
{
    if (ctx->ses->server == NULL)
        return alone(ctx);
    attach_server_end(ctx->ses->server, who(ctx));
    return CMD_OK;
}

static void
complete_sessions(const struct session *ses, struct buf *out)
{
    struct attach_view v;
    size_t i;

    for (i = 0; ses->server != NULL && attach_server_at(ses->server, i, &v);
         i++)
        buf_fmt(out, "%llu\n", (unsigned long long)v.info->id);
}

static const struct cmd cmds[] = {
    { .name = "sessions",
      .right = RIGHT_VIEW,
      .json = true,
      .help = "List who is attached, and what they look at",
      .exec = cmd_sessions },
    { .name = "detach-session",
      .args = "ID",
      .arg = CMD_ARG_OWN,
      .complete = complete_sessions,
      .min_args = 1,
      .max_args = 1,
      .right = RIGHT_ADMIN,
      .help = "End a session; what it has begun goes on",
      .exec = cmd_detach_session },
    { .name = "kill-engine",
      .right = RIGHT_ADMIN,
      .ask = ask_kill_engine,
      .help = "End the engine and all sessions; domains run on",
      .exec = cmd_kill_engine },
};

const struct cmd_family attach_family_session = {
    cmds, sizeof(cmds) / sizeof(cmds[0]), 120
};
