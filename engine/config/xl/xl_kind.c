/*
 * xl_kind.c - what an xl.cfg says of the kind of its domain, and the settings
 * that one row of xl_table.c cannot describe: old words beside new ones, and
 * values that several settings share.
 */
#include "engine/config/xl/xl_kind.h"

#include <string.h>

#include "engine/config/core/value.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* --- the kind */

/* xl takes any beginning of a word, the empty one too, and the first that
 * fits. */
static bool
xl_kind_begins(const char *word, const char *text)
{
    return strncmp(word, text, strlen(text)) == 0;
}

static int
xl_kind_type(struct xl_file *f, const char **kind_out)
{
    static const char *const kinds[] = { "hvm", "pv", "pvh" };
    const char *text;
    size_t i;

    if (xlu_cfg_get_string(f->lib.cfg, "type", &text, 1) == 0)
        for (i = 0; i < COUNT(kinds); i++)
            if (xl_kind_begins(kinds[i], text)) {
                *kind_out = kinds[i];
                return 0;
            }
    return xl_file_refuse(f, "type", ERR_INVALID, "\"pv\", \"pvh\" or \"hvm\"");
}

/* builder = "linux" made a PV domain with xm; xl knows it no more. */
static int
xl_kind_builder(struct xl_file *f, const char **kind_out)
{
    const char *text;

    if (xlu_cfg_get_string(f->lib.cfg, "builder", &text, 1) == 0) {
        *kind_out = xl_kind_begins("hvm", text) ? "hvm" : "pv";
        if (xl_kind_begins("hvm", text) || xl_kind_begins("generic", text))
            return 0;
        if (strcmp(text, "linux") == 0) {
            config_warn(&f->src, xl_file_name(f, "builder")->line, "builder",
                        "xm's word for a PV domain, which xl refuses: type = "
                        "\"pv\" says the same");
            return 0;
        }
    }
    return xl_file_refuse(f, "builder", ERR_INVALID,
                          "\"generic\" for a PV domain or \"hvm\"");
}

int
xl_kind_take(struct xl_file *f)
{
    const char *type = NULL, *builder = NULL;

    if (xl_file_name(f, "type") != NULL && xl_kind_type(f, &type) < 0)
        return -1;
    if (xl_file_name(f, "builder") != NULL && xl_kind_builder(f, &builder) < 0)
        return -1;
    if (type != NULL && builder != NULL && strcmp(type, builder) != 0)
        config_warn(&f->src, xl_file_name(f, "builder")->line, "builder",
                    "not honoured: type says another, as with xl");
    if (type != NULL)
        return xl_file_set(f, "type", "type", type);
    return builder == NULL ? 0 : xl_file_set(f, "type", "builder", builder);
}

/* --- settings by themselves; each is there */

/* xl ignores a kernel that is hvmloader: xm's way to ask for an HVM domain. */
static int
xl_kind_kernel(struct xl_file *f)
{
    const char *text, *slash;

    if (xl_file_text(f, "kernel", &text) < 0)
        return -1;
    if (text == NULL)
        return 0;
    slash = strrchr(text, '/');
    if (f->c->kind != DOM_HVM ||
        strcmp(slash != NULL ? slash + 1 : text, "hvmloader") != 0)
        return xl_file_set(f, "image.kernel", "kernel", text);
    config_warn(&f->src, xl_file_name(f, "kernel")->line, "kernel",
                "not honoured: an HVM domain is started by this host's "
                "hvmloader, as with xl; firmware_override names another");
    return 0;
}

static int
xl_kind_bios(struct xl_file *f)
{
    static const char *const words[] = { "seabios", "ovmf", "rombios" };
    const char *text;
    size_t i;

    if (f->c->kind != DOM_HVM) /* which was warned of */
        return 0;
    if (xl_file_text(f, "bios", &text) < 0)
        return -1;
    if (text == NULL)
        return 0;
    for (i = 0; i < COUNT(words); i++)
        if (strcmp(words[i], text) == 0)
            return xl_file_set(f, "image.firmware", "bios", text);
    return xl_file_refuse(f, "bios", ERR_INVALID,
                          "\"seabios\", \"ovmf\" or \"rombios\"");
}

/* A list, or a number: 1 is the default groups. */
static int
xl_kind_viridian(struct xl_file *f)
{
    const struct xl_setting *s = xl_setting_find("viridian");
    bool on = false;
    int n;

    if (f->c->kind != DOM_HVM)
        return 0;
    if (xlu_cfg_get_list(f->lib.cfg, "viridian", NULL, &n, 1) == 0)
        return xl_file_texts(f, s);
    if (xl_file_flag(f, "viridian", &on) < 0)
        return -1;
    return on ? xl_file_set(f, s->native, s->name, "defaults") : 0;
}

static int
xl_kind_altp2mhvm(struct xl_file *f)
{
    bool on = false;

    if (f->c->kind != DOM_HVM || xl_file_name(f, "altp2m") != NULL)
        return 0;
    if (xl_file_flag(f, "altp2mhvm", &on) < 0)
        return -1;
    return on ? xl_file_set(f, "machine.altp2m", "altp2mhvm", "mixed") : 0;
}

static int
xl_kind_vga(struct xl_file *f)
{
    const char *text;

    if (f->c->kind != DOM_HVM)
        return 0;
    if (xl_file_text(f, "vga", &text) < 0)
        return -1;
    return text == NULL ? 0 : xl_file_set(f, "screen.vga", "vga", text);
}

static int
xl_kind_stdvga(struct xl_file *f)
{
    bool on = false;

    if (f->c->kind != DOM_HVM || xl_file_name(f, "vga") != NULL)
        return 0;
    if (xl_file_flag(f, "stdvga", &on) < 0)
        return -1;
    return on ? xl_file_set(f, "screen.vga", "stdvga", "stdvga") : 0;
}

/* A single text is split at its blanks, as xl does; xm's as by a shell. */
static int
xl_kind_take_loader_args(struct xl_file *f, const struct xl_setting *s,
                         bool shell)
{
    struct config_item it = { .name = s->native,
                              .shown = s->name,
                              .line = xl_file_name(f, s->name)->line };
    int items;

    if (f->c->kind == DOM_HVM)
        return 0;
    if (xlu_cfg_get_list(f->lib.cfg, s->name, NULL, &items, 1) == 0)
        return xl_file_texts(f, s);
    if (xl_file_text(f, s->name, &it.value) < 0)
        return -1;
    return it.value == NULL ? 0 : config_set_words(&f->src, f->c, &it, shell);
}

static int
xl_kind_loader_args(struct xl_file *f)
{
    return xl_kind_take_loader_args(f, xl_setting_find("bootloader_args"),
                                    false);
}

/* xl ignores what xm's files call so, and starts the boot loader without. */
static int
xl_kind_bootargs(struct xl_file *f)
{
    if (f->c->kind == DOM_HVM)
        return 0;
    if (xl_file_name(f, "bootloader_args") != NULL) {
        config_warn(&f->src, xl_file_name(f, "bootargs")->line, "bootargs",
                    "not honoured: bootloader_args says another");
        return 0;
    }
    config_warn(&f->src, xl_file_name(f, "bootargs")->line, "bootargs",
                "xm's word for bootloader_args, which xl ignores");
    return xl_kind_take_loader_args(f, xl_setting_find("bootargs"), true);
}

static int
xl_kind_take_floppy(struct xl_file *f, const char *name, const char *native)
{
    const char *text;

    if (f->c->kind != DOM_HVM)
        return 0;
    if (xl_file_text(f, name, &text) < 0)
        return -1;
    if (text == NULL)
        return 0;
    config_warn(&f->src, xl_file_name(f, name)->line, name,
                "xm's word for a floppy, which xl ignores");
    return xl_file_set(f, native, name, text);
}

static int
xl_kind_fda(struct xl_file *f)
{
    return xl_kind_take_floppy(f, "fda", "machine.floppy_a");
}

static int
xl_kind_fdb(struct xl_file *f)
{
    return xl_kind_take_floppy(f, "fdb", "machine.floppy_b");
}

static const struct {
    const char *name;
    int (*take)(struct xl_file *f);
} specials[] = {
    { "fda", xl_kind_fda },
    { "fdb", xl_kind_fdb },
    { "kernel", xl_kind_kernel },
    { "bios", xl_kind_bios },
    { "viridian", xl_kind_viridian },
    { "altp2mhvm", xl_kind_altp2mhvm },
    { "vga", xl_kind_vga },
    { "stdvga", xl_kind_stdvga },
    { "bootloader_args", xl_kind_loader_args },
    { "bootargs", xl_kind_bootargs },
};

static const char *
xl_kind_native(const char *name)
{
    const char *native = xl_setting_find(name)->native;

    return native != NULL ? native : name;
}

int
xl_kind_rest(struct xl_file *f)
{
    size_t i;

    for (i = 0; i < COUNT(specials); i++)
        if (xl_file_name(f, specials[i].name) != NULL &&
            specials[i].take(f) < 0 &&
            !config_goes_on(&f->src, xl_kind_native(specials[i].name)))
            return -1;
    return 0;
}
