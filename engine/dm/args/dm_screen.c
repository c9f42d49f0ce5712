/*
 * dm_screen.c - where a domain's screen is shown: what the settings of a vfb,
 * or of an HVM domain's screen, mean.
 */
#include <string.h>

#include "engine/dm/dm_args.h"

/* "10.0.0.1", "[::1]", "::1", or with a display behind: "10.0.0.1:2". */
static void
screen_host(const char *text, struct dm_screen *s)
{
    const char *colon = strchr(text, ':');
    unsigned long long n;

    if (text[0] == '[') {
        text_fmt(s->host, sizeof(s->host), "%.*s", (int)strcspn(text + 1, "]"),
                 text + 1);
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        text_fmt(s->host, sizeof(s->host), "%.*s", (int)(colon - text), text);
        if (text_u64(colon + 1, 0, 65535 - DM_VNC_BASE, &n))
            s->display = (unsigned)n;
    } else {
        text_fmt(s->host, sizeof(s->host), "%s", text);
    }
}

static void
screen_listen(const char *text, struct dm_screen *s)
{
    screen_host(text != NULL && text[0] != '\0' ? text : "127.0.0.1", s);
}

static bool
screen_flag(const struct config_device *c, const char *key, bool other)
{
    const char *v = config_device_value(c, key);

    return v != NULL ? strcmp(v, "true") == 0 : other;
}

void
dm_screen_of_vfb(const struct config_device *vfb, struct dm_screen *out)
{
    const char *display, *password;
    unsigned long long n;

    *out = (struct dm_screen){ 0 };
    if (vfb == NULL)
        return;
    out->sdl = screen_flag(vfb, "sdl", false);
    out->opengl = screen_flag(vfb, "opengl", false);
    out->vnc = screen_flag(vfb, "vnc", true);
    out->keymap = config_device_value(vfb, "keymap");
    if (!out->vnc)
        return;
    display = config_device_value(vfb, "vncdisplay");
    password = config_device_value(vfb, "vncpasswd");
    out->unused = screen_flag(vfb, "vncunused", true);
    out->x509 = config_device_value(vfb, "vncx509");
    out->tls = screen_flag(vfb, "vnctls", false) || out->x509 != NULL;
    out->tls_verify = screen_flag(vfb, "vncx509verify", false);
    out->password = password != NULL && password[0] != '\0';
    screen_listen(config_device_value(vfb, "vnclisten"), out);
    if (display != NULL && text_u64(display, 0, 65535 - DM_VNC_BASE, &n))
        out->display = (unsigned)n;
}

void
dm_screen_of_hvm(const struct config_screen *c, struct dm_screen *out)
{
    *out = (struct dm_screen){ .vnc = c->vnc,
                               .sdl = c->sdl,
                               .opengl = c->opengl == CONFIG_ON,
                               .keymap = c->keymap };
    if (!c->vnc)
        return;
    out->unused = c->vncunused != CONFIG_OFF;
    out->x509 = c->vncx509;
    out->tls = c->vnctls || c->vncx509 != NULL;
    out->tls_verify = c->vncx509verify;
    out->password = c->vncpasswd != NULL && c->vncpasswd[0] != '\0';
    screen_listen(c->vnclisten, out);
    if (c->vncdisplay != 0)
        out->display = c->vncdisplay;
}
