/*
 * asks_create.c - see asks_create.h. What is entered becomes a configuration
 * in xendeck's own format, which the engine reads as it reads a file.
 */
#include "src/command/verb/asks_create.h"

#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/family.h"

enum {
    FROM,
    FILE_,
    NAME,
    MEMORY,
    VCPUS,
    KERNEL,
    RAMDISK,
    ARGS,
    LOADER,
    FIRMWARE,
    DISK,
    CD,
    BRIDGE,
    SCREEN,
    PAUSED,
    FIELDS
};

#define KINDS  "pv|pvh|hvm"
#define DIRECT "pv|pvh"

static const struct cmd_ask create_asks[FIELDS] = {
    [FROM] = { .label = "from",
               .choices = "file|pv|pvh|hvm",
               .help = "A file, or the kind of a domain that is entered here",
               .word = NULL },
    [FILE_] = { .label = "file",
                .only = "file",
                .hint = "a configuration: ours, xl's or xend's",
                .help = "Tab completes; `check FILE' says what it gives",
                .word = "",
                .line = "create " },
    [NAME] = { .label = "name",
               .only = KINDS,
               .help = "A-Z a-z 0-9 . _ - +, a letter or digit first",
               .word = "" },
    [MEMORY] = { .label = "memory",
                 .only = KINDS,
                 .hint = "256",
                 .help = "In MiB; it must be free" },
    [VCPUS] = { .label = "vcpus",
                .only = KINDS,
                .hint = "1",
                .help = "Virtual cpus" },
    [KERNEL] = { .label = "kernel",
                 .only = KINDS,
                 .hint = "a file of this host; or a loader or firmware",
                 .help = "Kernel that is started directly; Tab completes",
                 .line = "check " },
    [RAMDISK] = { .label = "ramdisk",
                  .only = KINDS,
                  .help = "Initial ramdisk of that kernel, or empty",
                  .line = "check " },
    [ARGS] = { .label = "args",
               .only = KINDS,
               .hint = "root=/dev/xvda1 ro console=hvc0",
               .help = "Command line of the kernel" },
    [LOADER] = { .label = "loader",
                 .only = DIRECT,
                 .hint = "pygrub",
                 .help = "Boot loader that takes the kernel from the disk" },
    [FIRMWARE] = { .label = "firmware",
                   .only = "hvm",
                   .choices = "bios|ovmf",
                   .help = "What starts first: SeaBIOS or OVMF (UEFI)" },
    [DISK] = { .label = "disk",
               .only = KINDS,
               .hint = "/dev/vg/NAME or /srv/NAME.img",
               .help = "First disk: a device or an image; Tab completes",
               .line = "check " },
    [CD] = { .label = "cd",
             .only = "hvm",
             .hint = "an image, or empty",
             .help = "Image in a CD drive, which is booted from first",
             .line = "check " },
    [BRIDGE] = { .label = "bridge",
                 .only = KINDS,
                 .hint = "empty: no network",
                 .help = "Bridge of its network interface; vnet-list has all" },
    [SCREEN] = { .label = "vnc",
                 .only = "hvm",
                 .choices = "yes|no",
                 .help = "Whether its screen can be seen by VNC on this host" },
    [PAUSED] = { .label = "paused",
                 .choices = "no|yes",
                 .help = "Whether it stands still until `unpause'",
                 .word = "--paused" },
};

/* As a text of libconfig. */
static void
put_quoted(struct buf *out, const char *text)
{
    buf_chr(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_chr(out, '\\');
        buf_chr(out, *text);
    }
    buf_chr(out, '"');
}

static void
put_entered(struct buf *out, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    buf_fmt(out, "%s = ", name);
    put_quoted(out, value);
    buf_str(out, ";\n");
}

/* A number as it was entered: what is none is refused with its line. */
static void
put_number(struct buf *out, const char *name, const char *value)
{
    if (value[0] != '\0')
        buf_fmt(out, "%s = %s;\n", name,
                value[strspn(value, "0123456789")] == '\0' ? value : "\"\"");
}

static void
put_image(struct buf *out, const char *const *v)
{
    bool hvm = strcmp(v[FROM], "hvm") == 0;

    put_entered(out, "type", v[FROM]);
    buf_str(out, "image = {\n");
    put_entered(out, "kernel", v[KERNEL]);
    put_entered(out, "ramdisk", v[RAMDISK]);
    put_entered(out, "args", v[ARGS]);
    put_entered(out, hvm ? "firmware" : "bootloader",
                hvm ? v[FIRMWARE] : v[LOADER]);
    buf_str(out, "};\n");
    if (hvm && v[CD][0] != '\0')
        buf_str(out, "machine = { boot = \"dc\"; };\n");
    if (hvm)
        buf_fmt(out, "screen = { vnc = %s; };\n",
                strcmp(v[SCREEN], "yes") == 0 ? "true" : "false");
}

static void
put_devices(struct buf *out, const char *const *v)
{
    bool hvm = strcmp(v[FROM], "hvm") == 0, more = false;

    buf_str(out, "devices = (");
    if (v[DISK][0] != '\0') {
        buf_str(out, "{ type = \"vbd\"; path = ");
        put_quoted(out, v[DISK]);
        buf_fmt(out, "; vdev = \"%s\"; }", hvm ? "hda" : "xvda");
        more = true;
    }
    if (v[CD][0] != '\0') {
        buf_fmt(out, "%s{ type = \"vbd\"; path = ", more ? ", " : "");
        put_quoted(out, v[CD]);
        buf_str(out, "; vdev = \"hdc\"; cdrom = true; }");
        more = true;
    }
    if (v[BRIDGE][0] != '\0') {
        buf_fmt(out, "%s{ type = \"vif\"; bridge = ", more ? ", " : "");
        put_quoted(out, v[BRIDGE]);
        buf_str(out, "; }");
    }
    buf_str(out, ");\n");
}

static void
create_text(const char *const *v, struct buf *out)
{
    put_entered(out, "name", v[NAME]);
    put_number(out, "memory", v[MEMORY][0] != '\0' ? v[MEMORY] : "256");
    put_number(out, "vcpus", v[VCPUS]);
    put_image(out, v);
    put_devices(out, v);
}

static void
create_preview(struct session *ses, uint64_t dom_id, const char *const *v,
               struct buf *out)
{
    struct buf text = { 0 };
    struct err e = { 0 };

    (void)dom_id;
    if (strcmp(v[FROM], "file") == 0 || v[NAME][0] == '\0')
        return;
    create_text(v, &text);
    if (engine_need_of(ses->en, buf_text(&text), ses->cwd, out, &e) < 0)
        buf_fmt(out, "not yet: %s", e.msg);
    buf_free(&text);
}

static enum cmd_rc
create_exec(struct cmd_ctx *ctx, const char *const *v)
{
    struct buf text = { 0 };
    int rc;

    if (strcmp(v[FROM], "file") == 0)
        return CMD_AGAIN;
    create_text(v, &text);
    rc = engine_create_text(ctx->en, buf_text(&text), ctx->ses->cwd,
                            strcmp(v[PAUSED], "yes") == 0, &ctx->op, ctx->e);
    buf_free(&text);
    return cmd_begun(ctx, rc);
}

const struct cmd_asks asks_create = { .title = "create a domain",
                                      .at = create_asks,
                                      .n = FIELDS,
                                      .preview = create_preview,
                                      .exec = create_exec };
