/*
 * settings_screen.c - the settings of an HVM domain's emulated screen: the
 * group "screen" of the table that setting.h describes. The screen of other
 * kinds is a device, vfb; the passwords of both are cut here.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/screen_values.h"
#include "engine/config/core/setting.h"
#include "src/base/xalloc.h"

#define COUNT(a)   (sizeof(a) / sizeof(a)[0])
#define AT(member) offsetof(struct domain_config, screen.member)

static const struct value_word vga_words[] = { { "cirrus", CONFIG_VGA_CIRRUS },
                                               { "stdvga", CONFIG_VGA_STD },
                                               { "qxl", CONFIG_VGA_QXL },
                                               { "none", CONFIG_VGA_NONE },
                                               { NULL, 0 } };

unsigned
config_video_mib(const struct config_screen *s)
{
    static const unsigned least[] = { [CONFIG_VGA_CIRRUS] = 8,
                                      [CONFIG_VGA_STD] = 16,
                                      [CONFIG_VGA_QXL] = 128,
                                      [CONFIG_VGA_NONE] = 0 };

    return s->videoram_mib > least[s->vga] ? s->videoram_mib : least[s->vga];
}

static bool
compression_ok(const char *text)
{
    static const char *const words[] = { "auto_glz", "auto_lz", "quic",
                                         "glz",      "lz",      "off" };
    size_t i;

    for (i = 0; i < COUNT(words); i++)
        if (strcmp(words[i], text) == 0)
            return true;
    return false;
}

static bool
streaming_ok(const char *text)
{
    return strcmp(text, "filter") == 0 || strcmp(text, "all") == 0 ||
           strcmp(text, "off") == 0;
}

#define SCREEN(n, t)                                                           \
    .rule = { .name = "screen." n, .type = (t) }, .kinds = KIND_HVM, .xl = (n)
/* Neither xl nor a domain of xend has it. */
#define OUR_OWN(n, t, member)                                                  \
    {                                                                          \
        .rule = { .name = "screen." n, .type = (t) }, .kinds = KIND_HVM,       \
        .at = AT(member)                                                       \
    }
#define FLAG(n, member)                                                        \
    {                                                                          \
        SCREEN(n, VALUE_BOOL), .at = AT(member)                                \
    }
#define FLAG_ON(n, member)                                                     \
    {                                                                          \
        SCREEN(n, VALUE_BOOL), .at = AT(member), .unset = true                 \
    }
#define IMAGE_FLAG(n, member)                                                  \
    {                                                                          \
        SCREEN(n, VALUE_BOOL), .at = AT(member), .sxp = (n), .in_image = true  \
    }
#define TEXT(n, member, check, text)                                           \
    .rule = RULE_TEXT("screen." n, check, text), .kinds = KIND_HVM,            \
    .at = AT(member), .xl = (n)
#define SECRET(n, member)                                                      \
    .rule = { .name = "screen." n, .type = VALUE_TEXT, .secret = true },       \
    .kinds = KIND_HVM, .at = AT(member), .xl = (n)
#define NUMBER(n, member, most)                                                \
    .rule = RULE_NUMBER("screen." n, 0, most), .kinds = KIND_HVM,              \
    .at = AT(member), .xl = (n)
#define IN_IMAGE(n) .sxp = (n), .in_image = true

static const struct setting screen_rows[] = {
    { .rule = { .name = "screen",
                .type = VALUE_GROUP,
                .allowed = "a group, screen = { vga = \"stdvga\"; }" } },
    { .rule = RULE_WORD("screen.vga", vga_words),
      .kinds = KIND_HVM,
      .at = AT(vga),
      .xl = "vga",
      .sxp = SETTING_OTHERWISE },
    { NUMBER("videoram", videoram_mib, 4096), IN_IMAGE("videoram") },
    IMAGE_FLAG("nographic", nographic),
    { SCREEN("vnc", VALUE_BOOL), .at = AT(vnc), .unset = true,
      IN_IMAGE("vnc") },
    { TEXT("vnclisten", vnclisten, value_listen_ok, VALUE_LISTEN_ALLOWED),
      IN_IMAGE("vnclisten") },
    { NUMBER("vncdisplay", vncdisplay, 59635), IN_IMAGE("vncdisplay") },
    { SCREEN("vncunused", VALUE_BOOL), .at = AT(vncunused),
      .flags = SETTING_TRI, IN_IMAGE("vncunused") },
    { SECRET("vncpasswd", vncpasswd), IN_IMAGE("vncpasswd") },
    OUR_OWN("vnctls", VALUE_BOOL, vnctls),
    OUR_OWN("vncx509", VALUE_PATH, vncx509),
    OUR_OWN("vncx509verify", VALUE_BOOL, vncx509verify),
    { TEXT("keymap", keymap, value_keymap_ok, VALUE_KEYMAP_ALLOWED),
      IN_IMAGE("keymap") },
    IMAGE_FLAG("sdl", sdl),
    { SCREEN("opengl", VALUE_BOOL), .at = AT(opengl), .flags = SETTING_TRI,
      IN_IMAGE("opengl") },
    { TEXT("display", display, NULL, NULL), IN_IMAGE("display") },
    { TEXT("xauthority", xauthority, NULL, NULL), IN_IMAGE("xauthority") },
    FLAG("spice", spice),
    { TEXT("spicehost", spicehost, value_listen_ok, VALUE_LISTEN_ALLOWED) },
    { NUMBER("spiceport", spiceport, 65535) },
    { NUMBER("spicetls_port", spicetls_port, 65535) },
    FLAG("spicedisable_ticketing", spicedisable_ticketing),
    { SECRET("spicepasswd", spicepasswd) },
    FLAG_ON("spiceagent_mouse", spiceagent_mouse),
    FLAG("spicevdagent", spicevdagent),
    FLAG("spice_clipboard_sharing", spice_clipboard_sharing),
    { NUMBER("spiceusbredirection", spiceusbredirection, 4) },
    { TEXT("spice_image_compression", spice_image_compression, compression_ok,
           "auto_glz, auto_lz, quic, glz, lz or off") },
    { TEXT("spice_streaming_video", spice_streaming_video, streaming_ok,
           "filter, all or off") },
};

const struct setting_table settings_screen = { screen_rows,
                                               COUNT(screen_rows) };

/* --- passwords */

/* VNC compares no more bytes of a password, so that the rest is cut off of one
 * that another tool took. */
#define VNC_PASSWORD_MAX 8

static int
cut_password(const struct config_src *src, unsigned line, const char *shown,
             char *text)
{
    if (text == NULL || strlen(text) <= VNC_PASSWORD_MAX)
        return 0;
    if (src->word == NULL)
        return value_bad(src, ERR_RANGE, line, shown,
                         "found a password of %zu bytes, allowed at most %d",
                         strlen(text), VNC_PASSWORD_MAX);
    config_warn(src, line, shown,
                "VNC takes only the first %d bytes of a password",
                VNC_PASSWORD_MAX);
    /* but no character in two: it would not be read again */
    if (((unsigned char)text[VNC_PASSWORD_MAX] & 0xc0) != 0x80)
        text[VNC_PASSWORD_MAX] = '\0';
    return 0;
}

static int
cut_vfb_password(const struct config_src *src, const struct config_device *d)
{
    char *shown = xasprintf("%s.vncpasswd", d->shown);
    size_t k;
    int rc = 0;

    for (k = 0; k < d->n_keys && rc == 0; k++)
        if (strcmp(d->keys[k], "vncpasswd") == 0)
            rc = cut_password(src, d->lines[k], shown, d->values[k]);
    free(shown);
    return rc;
}

int
screen_cut_passwords(const struct config_src *src, struct domain_config *c)
{
    const struct config_seen *s = config_seen_find(c, "screen.vncpasswd");
    size_t i;

    if (s != NULL &&
        cut_password(src, s->line, s->shown, c->screen.vncpasswd) < 0)
        return -1;
    for (i = 0; i < c->n_devices; i++)
        if (cut_vfb_password(src, &c->devices[i]) < 0)
            return -1;
    return 0;
}
