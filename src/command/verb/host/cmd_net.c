/*
 * cmd_net.c - verbs on virtual networks: bridges.
 */
#include <stdlib.h>

#include "src/base/xalloc.h"
#include "src/command/cmd_json.h"
#include "src/command/command.h"
#include "src/command/family.h"

#define VNETS_MAX 256

static void
vnet_json(const struct vnet *v, struct json_object *all)
{
    struct json_object *js = json_object_new_object();

    json_put_text(js, "name", v->name);
    json_put_bool(js, "up", v->up);
    json_put_bool(js, "ours", v->ours);
    json_put_u64(js, "members_count", v->n_members);
    json_put_text(js, "members", v->members);
    json_object_array_add(all, js);
}

static enum cmd_rc
cmd_net_exec_list(struct cmd_ctx *ctx)
{
    struct json_object *all = ctx->json ? json_object_new_array() : NULL;
    struct vnet *v = xcalloc(VNETS_MAX, sizeof(*v));
    size_t i, n = engine_vnets(ctx->en, v, VNETS_MAX);

    if (n > VNETS_MAX)
        n = VNETS_MAX;
    if (all == NULL)
        buf_fmt(ctx->out, "%-15s %-5s %-7s %s\n", "Name", "State", "Made by",
                "Members");
    for (i = 0; i < n; i++) {
        if (all != NULL)
            vnet_json(&v[i], all);
        else
            buf_fmt(ctx->out, "%-15s %-5s %-7s %s\n", v[i].name,
                    v[i].up ? "up" : "down", v[i].ours ? "xendeck" : "others",
                    v[i].members[0] != '\0' ? v[i].members : "-");
    }
    if (all != NULL)
        json_out(ctx->out, all);
    free(v);
    return CMD_OK;
}

static enum cmd_rc
cmd_net_exec_create(struct cmd_ctx *ctx)
{
    return engine_vnet_create(ctx->en, ctx->argv[0], &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

static enum cmd_rc
exec_delete(struct cmd_ctx *ctx)
{
    return engine_vnet_delete(ctx->en, ctx->argv[0], &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

static const struct cmd cmds[] = {
    { .name = "vnet-list",
      .json = true,
      .right = RIGHT_VIEW,
      .help = "List the virtual networks (bridges) and who is in them",
      .exec = cmd_net_exec_list },
    { .name = "vnet-create",
      .args = "NETWORK",
      .arg = CMD_ARG_TEXT,
      .min_args = 1,
      .max_args = 1,
      .right = RIGHT_ADMIN,
      .help = "Make a virtual network, now and at each start",
      .exec = cmd_net_exec_create },
    { .name = "vnet-delete",
      .args = "NETWORK",
      .arg = CMD_ARG_TEXT,
      .min_args = 1,
      .max_args = 1,
      .right = RIGHT_ADMIN,
      .help = "Remove a virtual network that nobody is in",
      .exec = exec_delete },
};

const struct cmd_family cmd_family_net = { cmds, sizeof cmds / sizeof cmds[0],
                                           170 };
