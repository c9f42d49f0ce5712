/*
 * cmd_device.c - verbs on the devices of domains: lists, attaching, detaching,
 * in our words and in xl's.
 */
#include <stdlib.h>
#include <string.h>

#include "src/command/call.h"
#include "src/command/family.h"
#include "src/command/screen.h"
#include "src/command/verb/cmd_device.h"

#define FORCE "--force"

/* Takes --force out of the arguments. */
static bool
take_force(struct cmd_ctx *ctx)
{
    bool force = false;
    int i, n = 0;

    for (i = 0; i < ctx->argc; i++) {
        if (strcmp(ctx->argv[i], FORCE) == 0)
            force = true;
        else
            ctx->argv[n++] = ctx->argv[i];
    }
    ctx->argc = n;
    return force;
}

/* "vbd, vif or pci" */
static void
list_kinds(struct buf *out)
{
    const char *kind;
    size_t i;

    for (i = 0; (kind = device_kind_at(i)) != NULL; i++)
        buf_fmt(out, "%s%s",
                i == 0                          ? ""
                : device_kind_at(i + 1) != NULL ? ", "
                                                : " or ",
                kind);
}

static enum cmd_rc
unknown_kind(struct cmd_ctx *ctx, const char *verb)
{
    struct buf kinds = { 0 };

    list_kinds(&kinds);
    err_set(ctx->e, ERR_INVALID, "%s: found kind %s, allowed %s", verb,
            ctx->argv[0], buf_text(&kinds));
    buf_free(&kinds);
    return CMD_USAGE;
}

/* --- attaching --- */

static enum cmd_rc
cmd_device_add(struct cmd_ctx *ctx, const struct device_want *want)
{
    return engine_device_add(ctx->en, ctx->dom_id, want, &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

static enum cmd_rc
exec_attach(struct cmd_ctx *ctx)
{
    struct screen *sc = ctx->ses->screen;

    if (ctx->argc == 0 && sc != NULL) {
        sc->ops->attach_form(sc, ctx->dom_id);
        return CMD_OK;
    }
    if (ctx->argc == 0)
        return cmd_usage(ctx, "no kind");
    if (!device_kind_known(ctx->argv[0]))
        return unknown_kind(ctx, "attach");
    return cmd_device_add(ctx,
                          &(struct device_want){ .kind = ctx->argv[0],
                                                 .words = ctx->argv + 1,
                                                 .n = (size_t)ctx->argc - 1 });
}

static enum cmd_rc
exec_xl_attach(struct cmd_ctx *ctx)
{
    return cmd_device_add(
        ctx, &(struct device_want){ .kind = device_kind_of_verb(ctx->cmd->name),
                                    .words = ctx->argv,
                                    .n = (size_t)ctx->argc,
                                    .of_xl = true });
}

/* --- detaching --- */

static enum cmd_rc
cmd_device_del(struct cmd_ctx *ctx, const char *kind, const char *name,
               bool force)
{
    return engine_device_remove(ctx->en, ctx->dom_id,
                                &(struct device_leave){ kind, name, force },
                                &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

/* Without arguments: the device under the cursor, so that the question and the
 * consent to force can name it. */
static enum cmd_rc
fill_detach(struct session *ses, struct buf *out, struct err *e)
{
    struct screen_device dev;

    if (!ses->screen->ops->device(ses->screen, &dev)) {
        err_set(e, ERR_INVALID,
                "detach: no device is selected: open the devices tab of the "
                "details, or give NAME KIND DEVICE");
        return CMD_ERROR;
    }
    buf_fmt(out, "%s %s", dev.kind, dev.name);
    return CMD_OK;
}

static enum cmd_rc
exec_detach(struct cmd_ctx *ctx)
{
    bool force = take_force(ctx);

    if (ctx->argc != 2)
        return cmd_usage(ctx, "no KIND and DEVICE");
    if (!device_kind_known(ctx->argv[0]) && !device_kind_stays(ctx->argv[0]))
        return unknown_kind(ctx, "detach");
    return cmd_device_del(ctx, ctx->argv[0], ctx->argv[1], force);
}

static enum cmd_rc
exec_xl_detach(struct cmd_ctx *ctx)
{
    bool force = take_force(ctx);

    if (ctx->argc != 1)
        return cmd_usage(ctx, "no device");
    return cmd_device_del(ctx, device_kind_of_verb(ctx->cmd->name),
                          ctx->argv[0], force);
}

/* The device is the last word but for --force. */
static void
ask_detach(const struct cmd_ctx *ctx, struct buf *out)
{
    const char *name = NULL;
    int i;

    for (i = 0; i < ctx->argc; i++)
        if (strcmp(ctx->argv[i], FORCE) != 0)
            name = ctx->argv[i];
    if (name != NULL)
        buf_fmt(out, "Detach %s from %s?", name, ctx->call->target.name);
}

/* --- CD drives --- */

static enum cmd_rc
exec_cd_insert(struct cmd_ctx *ctx)
{
    char *path = ctx_path(ctx, 1);
    int rc = engine_cd_change(ctx->en, ctx->dom_id, ctx->argv[0], path,
                              &ctx->op, ctx->e);

    free(path);
    return rc == 0 ? CMD_WAIT : CMD_ERROR;
}

static enum cmd_rc
exec_cd_eject(struct cmd_ctx *ctx)
{
    return engine_cd_change(ctx->en, ctx->dom_id, ctx->argv[0], NULL, &ctx->op,
                            ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

#define IN_DOMS   (CMD_IN_LIST | CMD_IN_DETAIL)
#define CHANGES   (CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_NEED_LIVE)
#define WORDS_MAX (CMD_ARGS_MAX - 1)

static const struct cmd cmds[] = {
    { .name = "devices",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .json = true,
      .needs = CMD_NEED_DOMAIN,
      .right = RIGHT_VIEW,
      .help = "List a domain's devices with what they do",
      .exec = device_list },
    { .name = "attach",
      .keys = "+ a",
      .in = CMD_IN_DETAIL,
      .args = "[NAME KIND KEY=VALUE ...]",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_KIND,
      .max_args = WORDS_MAX,
      .needs = CHANGES | CMD_ONE,
      .right = RIGHT_ADMIN,
      .help = "Attach a device; alone: by a form",
      .exec = exec_attach },
    { .name = "detach",
      .keys = "- Del",
      .in = CMD_IN_DETAIL,
      .args = "[NAME KIND DEVICE] [--force]",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_KIND,
      .arg3 = CMD_ARG_DEVICE,
      .max_args = 3,
      .needs = CHANGES | CMD_ONE,
      .fill = fill_detach,
      .ask = ask_detach,
      .right = RIGHT_ADMIN,
      .help = "Detach a device; alone: the one under the cursor",
      .exec = exec_detach },
    { .name = "block-attach",
      .args = "NAME DISK ...",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = WORDS_MAX,
      .needs = CHANGES,
      .right = RIGHT_ADMIN,
      .help = "Attach a disk, as xl writes it",
      .exec = exec_xl_attach },
    { .name = "block-detach",
      .args = "NAME DEVICE [--force]",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_DEVICE,
      .min_args = 1,
      .max_args = 2,
      .needs = CHANGES,
      .ask = ask_detach,
      .right = RIGHT_ADMIN,
      .help = "Detach a disk",
      .exec = exec_xl_detach },
    { .name = "block-list",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN,
      .right = RIGHT_VIEW,
      .help = "List a domain's disks",
      .exec = device_list },
    { .name = "network-attach",
      .args = "NAME [KEY=VALUE ...]",
      .arg = CMD_ARG_DOMAIN,
      .max_args = WORDS_MAX,
      .needs = CHANGES,
      .right = RIGHT_ADMIN,
      .help = "Attach a network interface",
      .exec = exec_xl_attach },
    { .name = "network-detach",
      .args = "NAME DEVICE [--force]",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_DEVICE,
      .min_args = 1,
      .max_args = 2,
      .needs = CHANGES,
      .ask = ask_detach,
      .right = RIGHT_ADMIN,
      .help = "Detach a network interface: vifD.N, mac or number",
      .exec = exec_xl_detach },
    { .name = "network-list",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN,
      .right = RIGHT_VIEW,
      .help = "List a domain's network interfaces",
      .exec = device_list },
    { .name = "pci-attach",
      .args = "NAME ADDRESS",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = WORDS_MAX,
      .needs = CHANGES,
      .right = RIGHT_ADMIN,
      .help = "Give a domain a PCI device that pciback holds",
      .exec = exec_xl_attach },
    { .name = "pci-detach",
      .args = "NAME ADDRESS [--force]",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_DEVICE,
      .min_args = 1,
      .max_args = 2,
      .needs = CHANGES,
      .ask = ask_detach,
      .right = RIGHT_ADMIN,
      .help = "Take a PCI device from a domain",
      .exec = exec_xl_detach },
    { .name = "pci-list",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN,
      .right = RIGHT_VIEW,
      .help = "List a domain's PCI devices",
      .exec = device_list },
    { .name = "pci-assignable-list",
      .json = true,
      .right = RIGHT_VIEW,
      .help = "List the PCI devices that domains can be given",
      .exec = device_list_assignable },
    { .name = "cd-insert",
      .args = "NAME DEVICE FILE",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_DEVICE,
      .arg3 = CMD_ARG_FILE,
      .min_args = 2,
      .max_args = 2,
      .needs = CHANGES,
      .right = RIGHT_ADMIN,
      .help = "Put an image into a CD drive",
      .exec = exec_cd_insert },
    { .name = "cd-eject",
      .args = "NAME DEVICE",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_DEVICE,
      .min_args = 1,
      .max_args = 1,
      .needs = CHANGES,
      .right = RIGHT_ADMIN,
      .help = "Empty a CD drive",
      .exec = exec_cd_eject },
};

const struct cmd_family cmd_family_device = { cmds,
                                              sizeof cmds / sizeof cmds[0],
                                              30 };
