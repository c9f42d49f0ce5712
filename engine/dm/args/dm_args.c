/*
 * dm_args.c - the command line of a device model, as libxl gives it: what is
 * the same for all kinds of domains. A PV domain's model finds the devices in
 * xenstore: they are no arguments.
 */
#include "engine/dm/dm_args.h"
#include "engine/model/dom_kind.h"

#include <string.h>

void
dm_arg(struct dm_list *l, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(l->out, fmt, ap);
    va_end(ap);
    buf_chr(l->out, '\0');
    l->n++;
}

void
dm_arg_quote(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == ',')
            buf_chr(out, ',');
        buf_chr(out, *text);
    }
}

void
dm_arg_take(struct dm_list *l, struct buf *b)
{
    dm_arg(l, "%s", buf_text(b));
    buf_free(b);
}

static bool
is_hvm(const struct dm_args *a)
{
    return a->cfg != NULL && dom_kind_has_machine(a->cfg->kind);
}

static void
args_monitor(struct dm_list *l, const char *id, const char *file,
             uint32_t domid)
{
    dm_arg(l, "-chardev");
    dm_arg(l, "socket,id=%s,path=/var/run/xen/%s-%u,server=on,wait=off", id,
           file, domid);
    dm_arg(l, "-mon");
    dm_arg(l, "chardev=%s,mode=control", id);
}

/* libxl's two, for xl and xentop; and one that nobody else holds. */
static void
args_monitors(struct dm_list *l, const struct dm_args *a)
{
    args_monitor(l, "libxl-cmd", "qmp-libxl", a->domid);
    args_monitor(l, "libxenstat-cmd", "qmp-libxenstat", a->domid);
    args_monitor(l, "xendeck-cmd", "qmp-xendeck", a->domid);
    if (a->cfg != NULL && a->cfg->model.monitor) {
        dm_arg(l, "-chardev");
        dm_arg(l, "pty,id=monitor");
        dm_arg(l, "-mon");
        dm_arg(l, "chardev=monitor,mode=readline");
    }
}

/* A confined one cannot tell xenstore that it runs: it waits to be told to. */
static void
args_identity(struct dm_list *l, const struct dm_args *a)
{
    struct buf name = { 0 };

    dm_arg(l, "-xen-domid");
    dm_arg(l, "%u", a->domid);
    dm_arg(l, "-no-shutdown");
    args_monitors(l, a);
    if (a->root != NULL)
        dm_arg(l, "-S");
    dm_arg(l, "-nodefaults");
    dm_arg(l, "-no-user-config");
    if (!is_hvm(a))
        dm_arg(l, "-xen-attach");
    dm_arg(l, "-name");
    dm_arg_quote(&name, a->name);
    dm_arg_take(l, &name);
}

/* The files are those that libvirt and xend have in such a directory:
 * ca-cert.pem, server-cert.pem, server-key.pem. */
static void
args_vnc_tls(struct dm_list *l, const struct dm_screen *s)
{
    struct buf b = { 0 };

    if (!s->vnc || !s->tls)
        return;
    dm_arg(l, "-object");
    buf_fmt(&b, "tls-creds-%s,id=vnc-tls,endpoint=server",
            s->x509 != NULL ? "x509" : "anon");
    if (s->x509 != NULL) {
        buf_str(&b, ",dir=");
        dm_arg_quote(&b, s->x509);
        buf_fmt(&b, ",verify-peer=%s", s->tls_verify ? "on" : "off");
    }
    dm_arg_take(l, &b);
}

static void
args_vnc(struct dm_list *l, const struct dm_screen *s)
{
    bool v6 = strchr(s->host, ':') != NULL;

    args_vnc_tls(l, s);
    dm_arg(l, "-vnc");
    if (s->vnc)
        dm_arg(l, "%s%s%s:%u%s%s%s", v6 ? "[" : "", s->host, v6 ? "]" : "",
               s->display, s->password ? ",password=on" : "",
               s->unused ? ",to=99" : "", s->tls ? ",tls-creds=vnc-tls" : "");
    else
        dm_arg(l, "none");
}

static void
args_screen(struct dm_list *l, const struct dm_args *a)
{
    const struct dm_screen *s = &a->screen;

    args_vnc(l, s);
    dm_arg(l, "-display");
    dm_arg(l, "none");
    if (s->sdl) {
        dm_arg(l, "-display");
        dm_arg(l, "sdl%s", s->opengl ? ",gl=on" : "");
    }
    if (s->keymap != NULL) {
        dm_arg(l, "-k");
        dm_arg(l, "%s", s->keymap);
    }
    if (!is_hvm(a) && !s->vnc && !s->sdl)
        dm_arg(l, "-nographic");
}

static void
args_texts(struct dm_list *l, const struct config_texts *t)
{
    size_t i;

    for (i = 0; i < t->n; i++)
        dm_arg(l, "%s", t->at[i]);
}

static void
args_run_with(struct dm_list *l, const char *key, const char *value)
{
    struct buf b = { 0 };

    dm_arg(l, "-run-with");
    buf_fmt(&b, "%s=", key);
    dm_arg_quote(&b, value);
    dm_arg_take(l, &b);
}

static void
args_confined(struct dm_list *l, const struct dm_args *a)
{
    if (a->root == NULL)
        return;
    dm_arg(l, "-xen-domid-restrict");
    if (a->run_with_chroot) {
        args_run_with(l, "chroot", a->root);
        return;
    }
    dm_arg(l, "-chroot");
    dm_arg(l, "%s", a->root);
}

static void
args_user(struct dm_list *l, const struct dm_args *a)
{
    if (a->user == NULL)
        return;
    if (a->run_with_user) {
        args_run_with(l, "user", a->user);
        return;
    }
    dm_arg(l, "-runas");
    dm_arg(l, "%s", a->user);
}

static void
args_machine(struct dm_list *l, const struct dm_args *a)
{
    unsigned hole = is_hvm(a) ? a->cfg->machine.mmio_hole_mib : 0;
    struct buf b = { 0 };

    dm_arg(l, "-machine");
    if (!is_hvm(a))
        buf_str(&b, "xenpv");
    else if (a->cfg->machine.xen_platform_pci)
        buf_str(&b, "xenfv,suppress-vmdesc=on");
    else
        buf_str(&b, "pc,accel=xen,suppress-vmdesc=on");
    if (hole != 0)
        buf_fmt(&b, ",max-ram-below-4g=%llu", (4096ULL - hole) * 1024 * 1024);
    dm_arg_take(l, &b);
}

static void
args_memory(struct dm_list *l, const struct dm_args *a)
{
    uint64_t video =
        is_hvm(a) ? config_video_mib(&a->cfg->screen) * 1024ULL : 0;

    dm_arg(l, "-m");
    dm_arg(l, "%llu", (unsigned long long)(a->mem_kib - video + 1023) / 1024);
}

size_t
dm_args_fill(const struct dm_args *a, struct buf *out)
{
    struct dm_list l = { .out = out };

    args_identity(&l, a);
    args_screen(&l, a);
    if (is_hvm(a))
        dm_args_machine(&l, a);
    if (a->cfg != NULL)
        args_texts(&l, &a->cfg->model.args);
    args_confined(&l, a);
    if (a->incoming != NULL) {
        dm_arg(&l, "-incoming");
        dm_arg(&l, "%s", a->incoming);
    }
    if (a->cfg != NULL && !is_hvm(a))
        args_texts(&l, &a->cfg->model.args_pv);
    args_machine(&l, a);
    if (is_hvm(a))
        args_texts(&l, &a->cfg->model.args_hvm);
    args_memory(&l, a);
    if (is_hvm(a))
        dm_args_disks(&l, a);
    args_user(&l, a);
    return l.n;
}
