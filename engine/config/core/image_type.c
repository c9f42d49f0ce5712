/*
 * image_type.c - what a guest's kernel is told: the table of image types, and
 * the command line that each makes of root, ip and args.
 */
#include "engine/config/core/image_type.h"

#include <string.h>

/* Xen's start-of-day page has 1024 bytes with the NUL, and cuts silently. */
#define PV_CMDLINE_MAX 1023
/* NetBSD/xen copies 256 bytes with the NUL, and ignores the rest. */
#define NETBSD_CMDLINE_MAX 255

/* Appends "KEYVALUE" as one more argument; NULL adds nothing. */
static void
image_type_add_arg(struct buf *out, const char *key, const char *value)
{
    if (value == NULL)
        return;
    if (out->len > 0)
        buf_chr(out, ' ');
    buf_str(out, key);
    buf_str(out, value);
}

static void
linux_cmdline(const struct config_image *im, struct buf *out)
{
    image_type_add_arg(out, "root=", im->root);
    image_type_add_arg(out, "ip=", im->ip);
    image_type_add_arg(out, "", im->args);
}

/* NetBSD knows its root as a device and partition, "xbd0a", never by a path;
 * a prefix of /dev/ would match no device. */
static void
netbsd_cmdline(const struct config_image *im, struct buf *out)
{
    const char *root = im->root;

    if (root != NULL && strncmp(root, "/dev/", 5) == 0)
        root += 5;
    image_type_add_arg(out, "bootdev=", root);
    image_type_add_arg(out, "ip=", im->ip);
    image_type_add_arg(out, "", im->args);
}

static const struct image_type types[] = {
    { .name = "linux",
      .ostype = "linux",
      .xl_knows = true,
      .cmdline_max = PV_CMDLINE_MAX,
      .cmdline = linux_cmdline },
    { .name = "netbsd",
      .ostype = "netbsd",
      .cmdline_max = NETBSD_CMDLINE_MAX,
      .cmdline = netbsd_cmdline },
};

#define N_TYPES (sizeof types / sizeof types[0])

const struct image_type *
image_type_find(const char *name)
{
    size_t i;

    for (i = 0; i < N_TYPES; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

const char *
image_type_default(void)
{
    return types[0].name;
}

void
image_type_names(struct buf *out)
{
    size_t i;

    for (i = 0; i < N_TYPES; i++)
        buf_fmt(out, "%s%s", i > 0 ? ", " : "", types[i].name);
}

/* The setting that a command line comes from, most of it. */
static const char *
cmdline_part(const struct domain_config *c)
{
    if (config_seen_find(c, "image.args") != NULL)
        return "image.args";
    return config_seen_find(c, "image.root") != NULL ? "image.root" : "image";
}

/* The limit is that of a PV domain's start-of-day page. */
int
image_cmdline(const struct domain_config *c, struct buf *out, struct err *e)
{
    const struct image_type *t = image_type_find(c->image.type);
    struct buf text = { 0 };
    int rc = 0;

    if (t == NULL)
        return config_refuse(c, "image.type", ERR_INVALID, e,
                             "found \"%s\", which is not a type of image",
                             c->image.type);
    t->cmdline(&c->image, &text);
    if (text.len > t->cmdline_max && c->kind == DOM_PV)
        rc = config_refuse(c, cmdline_part(c), ERR_RANGE, e,
                           "found a %s command line of %zu bytes (root, ip and "
                           "args), allowed %zu",
                           t->name, text.len, t->cmdline_max);
    else
        buf_add(out, buf_text(&text), text.len);
    buf_free(&text);
    return rc;
}
