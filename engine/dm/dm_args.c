/*
 * dm_args.c - the command line of a PV domain's device model, as libxl gives
 * it. It finds the devices in xenstore: they are no arguments.
 */
#include <string.h>

#include "engine/dm/dm_int.h"

struct list {
    struct buf *out;
    size_t n;
};

static void arg(struct list *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
arg(struct list *l, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(l->out, fmt, ap);
    va_end(ap);
    buf_chr(l->out, '\0');
    l->n++;
}

/* A comma ends a value in QEMU's syntax unless it is doubled. */
static void
arg_text(struct list *l, const char *text)
{
    for (; *text != '\0'; text++)
        buf_str(l->out, (char[]){ *text, *text == ',' ? ',' : '\0', '\0' });
    buf_chr(l->out, '\0');
    l->n++;
}

static void
monitor(struct list *l, const char *id, const char *file, uint32_t domid)
{
    arg(l, "-chardev");
    arg(l, "socket,id=%s,path=/var/run/xen/%s-%u,server=on,wait=off", id, file,
        domid);
    arg(l, "-mon");
    arg(l, "chardev=%s,mode=control", id);
}

static void
screen(struct list *l, const struct dm_vnc *v)
{
    bool v6 = strchr(v->host, ':') != NULL;

    if (!v->wanted) {
        arg(l, "-nographic");
        return;
    }
    if (v->password) {
        arg(l, "-object");
        arg(l, "secret,id=vnc,file=/proc/self/fd/%d", DOM0_MODEL_PASSWORD_FD);
    }
    arg(l, "-vnc");
    arg(l, "%s%s%s:%u%s%s", v6 ? "[" : "", v->host, v6 ? "]" : "", v->display,
        v->unused ? ",to=99" : "", v->password ? ",password-secret=vnc" : "");
    arg(l, "-display");
    arg(l, "none");
    if (v->keymap != NULL) {
        arg(l, "-k");
        arg_text(l, v->keymap);
    }
}

size_t
dm_args_fill(const struct dm_args *a, struct buf *out)
{
    struct list l = { .out = out };

    arg(&l, "-xen-domid");
    arg(&l, "%u", a->domid);
    arg(&l, "-no-shutdown");
    monitor(&l, "libxl-cmd", "qmp-libxl", a->domid);
    monitor(&l, "libxenstat-cmd", "qmp-libxenstat", a->domid);
    arg(&l, "-nodefaults");
    arg(&l, "-no-user-config");
    arg(&l, "-xen-attach");
    arg(&l, "-name");
    arg_text(&l, a->name);
    screen(&l, &a->vnc);
    arg(&l, "-machine");
    arg(&l, "xenpv");
    arg(&l, "-m");
    arg(&l, "%llu", (unsigned long long)(a->mem_kib + 1023) / 1024);
    return l.n;
}

/* --- the settings of a vfb --- */

static bool
flag(const struct config_device *c, const char *key, bool other)
{
    const char *v = config_device_value(c, key);

    return v != NULL ? strcmp(v, "true") == 0 : other;
}

/* "10.0.0.1", "[::1]", "::1", or with a display behind: "10.0.0.1:2". */
static void
read_host(const char *text, struct dm_vnc *v)
{
    const char *colon = strchr(text, ':');
    unsigned long long n;

    if (text[0] == '[') {
        text_fmt(v->host, sizeof(v->host), "%.*s", (int)strcspn(text + 1, "]"),
                 text + 1);
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        text_fmt(v->host, sizeof(v->host), "%.*s", (int)(colon - text), text);
        if (text_u64(colon + 1, 0, 65535 - DM_VNC_BASE, &n))
            v->display = (unsigned)n;
    } else {
        text_fmt(v->host, sizeof(v->host), "%s", text);
    }
}

void
dm_vnc_read(const struct config_device *vfb, struct dm_vnc *out)
{
    const char *host, *display, *password;
    unsigned long long n;

    *out = (struct dm_vnc){ 0 };
    if (vfb == NULL || !flag(vfb, "vnc", true))
        return;
    host = config_device_value(vfb, "vnclisten");
    display = config_device_value(vfb, "vncdisplay");
    password = config_device_value(vfb, "vncpasswd");
    out->wanted = true;
    out->unused = flag(vfb, "vncunused", true);
    out->password = password != NULL && password[0] != '\0';
    out->keymap = config_device_value(vfb, "keymap");
    read_host(host != NULL && host[0] != '\0' ? host : "127.0.0.1", out);
    if (display != NULL && text_u64(display, 0, 65535 - DM_VNC_BASE, &n))
        out->display = (unsigned)n;
}
