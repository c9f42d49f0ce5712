/*
 * cmd_device.c - verbs on the devices of domains: lists, attaching, detaching,
 * in our words and in xl's.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
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

bool
device_kind_known(const char *kind)
{
    const char *p = DEVICE_KINDS;
    size_t n;

    for (;; p += n + 1) {
        n = strcspn(p, "|");
        if (strlen(kind) == n && strncmp(kind, p, n) == 0)
            return true;
        if (p[n] == '\0')
            return false;
    }
}

static enum cmd_rc
unknown_kind(struct cmd_ctx *ctx, const char *verb)
{
    err_set(ctx->e, ERR_INVALID,
            "%s: found kind %s, allowed vbd, vif, pci, vfb or vkbd", verb,
            ctx->argv[0]);
    return CMD_USAGE;
}

/* --- attaching --- */

static enum cmd_rc
cmd_device_add(struct cmd_ctx *ctx, const char *kind, const char *const *words,
               int n)
{
    return engine_device_add(ctx->en, ctx->dom_id,
                             &(struct device_want){ kind, words, (size_t)n },
                             &ctx->op, ctx->e) == 0
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
    return cmd_device_add(ctx, ctx->argv[0], ctx->argv + 1, ctx->argc - 1);
}

/* xl takes the parts of a disk's specification as words, too. */
static enum cmd_rc
exec_block_attach(struct cmd_ctx *ctx)
{
    struct buf spec = { 0 };
    const char *word;
    enum cmd_rc rc;
    int i;

    for (i = 0; i < ctx->argc; i++)
        buf_fmt(&spec, "%s%s", i > 0 ? "," : "", ctx->argv[i]);
    word = buf_text(&spec);
    rc = cmd_device_add(ctx, "vbd", &word, 1);
    buf_free(&spec);
    return rc;
}

/* Some settings have another name with xl. */
static enum cmd_rc
exec_network_attach(struct cmd_ctx *ctx)
{
    static const struct {
        const char *xl, *ours;
    } names[] = { { "type=", "nictype=" }, { "netdev=", "gatewaydev=" } };
    const char *words[CMD_ARGS_MAX] = { NULL };
    char *own[CMD_ARGS_MAX] = { NULL };
    enum cmd_rc rc;
    size_t k;
    int i;

    for (i = 0; i < ctx->argc; i++) {
        words[i] = ctx->argv[i];
        for (k = 0; k < sizeof names / sizeof names[0]; k++)
            if (strncmp(words[i], names[k].xl, strlen(names[k].xl)) == 0 &&
                strchr(words[i], ',') == NULL)
                words[i] = own[i] = xasprintf("%s%s", names[k].ours,
                                              words[i] + strlen(names[k].xl));
    }
    rc = cmd_device_add(ctx, "vif", words, ctx->argc);
    for (i = 0; i < ctx->argc; i++)
        free(own[i]);
    return rc;
}

/* An address alone, or xl's form of it with options. */
static enum cmd_rc
exec_pci_attach(struct cmd_ctx *ctx)
{
    const char *words[CMD_ARGS_MAX] = { NULL };
    char *bdf = NULL;
    enum cmd_rc rc;
    int i;

    for (i = 0; i < ctx->argc; i++)
        words[i] = ctx->argv[i];
    if (ctx->argc > 0 && strpbrk(words[0], "=,") == NULL)
        words[0] = bdf = xasprintf("bdf=%s", words[0]);
    rc = cmd_device_add(ctx, "pci", words, ctx->argc);
    free(bdf);
    return rc;
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
    if (!device_kind_known(ctx->argv[0]) &&
        strcmp(ctx->argv[0], "console") != 0) /* refused with the reason */
        return unknown_kind(ctx, "detach");
    return cmd_device_del(ctx, ctx->argv[0], ctx->argv[1], force);
}

static enum cmd_rc
detach_kind(struct cmd_ctx *ctx, const char *kind)
{
    bool force = take_force(ctx);

    if (ctx->argc != 1)
        return cmd_usage(ctx, "no device");
    return cmd_device_del(ctx, kind, ctx->argv[0], force);
}

static enum cmd_rc
exec_block_detach(struct cmd_ctx *ctx)
{
    return detach_kind(ctx, "vbd");
}

static enum cmd_rc
exec_network_detach(struct cmd_ctx *ctx)
{
    return detach_kind(ctx, "vif");
}

static enum cmd_rc
exec_pci_detach(struct cmd_ctx *ctx)
{
    return detach_kind(ctx, "pci");
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
      .needs = CHANGES,
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
      .needs = CHANGES,
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
      .exec = exec_block_attach },
    { .name = "block-detach",
      .args = "NAME DEVICE [--force]",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_DEVICE,
      .kind = "vbd",
      .min_args = 1,
      .max_args = 2,
      .needs = CHANGES,
      .ask = ask_detach,
      .right = RIGHT_ADMIN,
      .help = "Detach a disk",
      .exec = exec_block_detach },
    { .name = "block-list",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN,
      .right = RIGHT_VIEW,
      .help = "List a domain's disks",
      .exec = device_list_vbd },
    { .name = "network-attach",
      .args = "NAME [KEY=VALUE ...]",
      .arg = CMD_ARG_DOMAIN,
      .max_args = WORDS_MAX,
      .needs = CHANGES,
      .right = RIGHT_ADMIN,
      .help = "Attach a network interface",
      .exec = exec_network_attach },
    { .name = "network-detach",
      .args = "NAME DEVICE [--force]",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_DEVICE,
      .kind = "vif",
      .min_args = 1,
      .max_args = 2,
      .needs = CHANGES,
      .ask = ask_detach,
      .right = RIGHT_ADMIN,
      .help = "Detach a network interface: vifD.N, mac or number",
      .exec = exec_network_detach },
    { .name = "network-list",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN,
      .right = RIGHT_VIEW,
      .help = "List a domain's network interfaces",
      .exec = device_list_vif },
    { .name = "pci-attach",
      .args = "NAME ADDRESS",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = WORDS_MAX,
      .needs = CHANGES,
      .right = RIGHT_ADMIN,
      .help = "Give a domain a PCI device that pciback holds",
      .exec = exec_pci_attach },
    { .name = "pci-detach",
      .args = "NAME ADDRESS [--force]",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_DEVICE,
      .kind = "pci",
      .min_args = 1,
      .max_args = 2,
      .needs = CHANGES,
      .ask = ask_detach,
      .right = RIGHT_ADMIN,
      .help = "Take a PCI device from a domain",
      .exec = exec_pci_detach },
    { .name = "pci-list",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN,
      .right = RIGHT_VIEW,
      .help = "List a domain's PCI devices",
      .exec = device_list_pci },
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
      .kind = "vbd",
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
      .kind = "vbd",
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
