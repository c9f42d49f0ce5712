/*
 * config_settings.c - the settings of a domain: the one table of their names,
 * what each takes, where it is kept and how it is written, for every format.
 * The machine's and the screen's are in settings_machine.c and
 * settings_screen.c; finish.c has the rules between settings, config_device.c
 * those of devices.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/image_type.h"
#include "engine/config/core/setting.h"
#include "engine/model/migrate_opts.h"

#define COUNT(a)   (sizeof(a) / sizeof(a)[0])
#define AT(member) offsetof(struct domain_config, member)

_Static_assert(CONFIG_NAME_MAX == 63, "as the table says");
_Static_assert(CONFIG_VCPUS_MAX == 128, "as the manual says");
_Static_assert(sizeof(enum config_action) == sizeof(unsigned),
               "words are kept as unsigned");
_Static_assert(sizeof(enum config_host_stop) == sizeof(unsigned),
               "words are kept as unsigned");

/* --- checks and stores of single settings */

static bool
uuid_ok(const char *text)
{
    static const uint8_t dom0[16] = { 0 };
    uint8_t uuid[16];

    return uuid_parse_text(text, uuid) && memcmp(uuid, dom0, 16) != 0;
}

static int
store_uuid(const struct config_src *src, struct domain_config *c,
           const struct config_item *it, struct value *v)
{
    (void)src, (void)it;
    c->uuid_set = uuid_parse_text(v->text, c->uuid);
    return 0;
}

static bool
one_word(const char *text)
{
    return strchr(text, ' ') == NULL;
}

/* xl takes nearly any name. */
static bool
pool_ok(const char *text)
{
    return strlen(text) <= CONFIG_NAME_MAX && strchr(text, '/') == NULL;
}

/* libxenguest's form: words joined by "|", "!" in front of one that the
 * kernel must have. */
static bool
features_ok(const char *p)
{
    size_t len;

    for (;;) {
        p += *p == '!';
        len = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (len == 0 || len > 63)
            return false;
        p += len;
        if (*p == '\0')
            return true;
        if (*p++ != '|')
            return false;
    }
}

#define FIRMWARE_ALLOWED                                                       \
    "\"bios\", \"seabios\", \"rombios\", \"uefi\" or \"ovmf\" (HVM), "         \
    "\"pvgrub32\" or \"pvgrub64\" (PV), or a path that starts with /"

static bool
firmware_ok(const char *text)
{
    static const char *const words[] = { "bios", "seabios",  "rombios", "uefi",
                                         "ovmf", "pvgrub32", "pvgrub64" };
    size_t i;

    for (i = 0; i < COUNT(words); i++)
        if (strcmp(words[i], text) == 0)
            return true;
    return text[0] == '/';
}

/* One word of a way to another host; finish.c looks at them together. */
static bool
migrate_text_ok(const char *text)
{
    struct migrate_opts o = { 0 };
    const char *host = NULL;

    return migrate_word_take(text, &o, &host) &&
           (host == NULL || migrate_host_ok(host));
}

static int
store_image_type(const struct config_src *src, struct domain_config *c,
                 const struct config_item *it, struct value *v)
{
    struct buf names = { 0 };

    if (image_type_find(v->text) == NULL) {
        image_type_names(&names);
        value_refuse(src, ERR_INVALID, it, "%s", buf_text(&names));
        buf_free(&names);
        return -1;
    }
    free(c->image.type);
    c->image.type = v->text;
    v->text = NULL;
    return 0;
}

static int
config_settings_take_cpus(const struct config_src *src, struct config_cpus *k,
                          const struct config_item *it, const struct value *v)
{
    uint8_t mask[CONFIG_CPUS_MAX / 8];
    struct err why = { 0 };

    if (it->nth > CONFIG_VCPUS_MAX)
        return value_refuse(src, ERR_RANGE, it,
                            "%d cpu lists, one for each virtual cpu",
                            CONFIG_VCPUS_MAX);
    if (cpus_parse(v->text, mask, &why) < 0)
        return value_bad(src, why.code, it->line,
                         it->shown != NULL ? it->shown : it->name, "%s",
                         why.msg);
    if (it->nth <= 1)
        config_cpus_fini(k);
    if (it->nth > 0)
        config_cpus_add(k, v->text);
    else
        config_cpus_all(k, v->text);
    return 0;
}

static int
store_cpus(const struct config_src *src, struct domain_config *c,
           const struct config_item *it, struct value *v)
{
    return config_settings_take_cpus(src, &c->cpus, it, v);
}

static int
store_cpus_soft(const struct config_src *src, struct domain_config *c,
                const struct config_item *it, struct value *v)
{
    return config_settings_take_cpus(src, &c->cpus_soft, it, v);
}

/* restart stands for all ends but those that have a setting of their own,
 * before it or after. */
static int
store_restart(const struct config_src *src, struct domain_config *c,
              const struct config_item *it, struct value *v)
{
    enum config_action on[CONFIG_ENDS];
    size_t i;

    (void)src, (void)it;
    config_actions_of((enum config_restart)v->number, on);
    for (i = 0; i < CONFIG_ENDS; i++)
        if (config_seen_find(c, config_end_settings[i]) == NULL)
            c->on[i] = on[i];
    return 0;
}

static int
store_extratime(const struct config_src *src, struct domain_config *c,
                const struct config_item *it, struct value *v)
{
    (void)src, (void)it;
    c->extratime = v->number != 0;
    c->extratime_set = true;
    return 0;
}

/* --- what single settings are written as */

static void
get_uuid(const struct domain_config *c, struct setting_value *out)
{
    if (!c->uuid_set)
        return;
    uuid_print_text(c->uuid, out->room);
    out->form = SETTING_TEXT;
    out->text = out->room;
}

static void
get_cpus(const struct domain_config *c, struct setting_value *out)
{
    out->form = c->cpus.n > 0 ? SETTING_CPUS : SETTING_NONE;
    out->cpus = &c->cpus;
}

static void
get_cpus_soft(const struct domain_config *c, struct setting_value *out)
{
    out->form = c->cpus_soft.n > 0 ? SETTING_CPUS : SETTING_NONE;
    out->cpus = &c->cpus_soft;
}

static void
get_extratime(const struct domain_config *c, struct setting_value *out)
{
    out->form = c->extratime_set ? SETTING_BOOL : SETTING_NONE;
    out->number = c->extratime;
}

static void
get_restart(const struct domain_config *c, struct setting_value *out)
{
    enum config_restart r;

    if (!config_restart_of(c->on, &r))
        return;
    out->form = SETTING_TEXT;
    out->text = config_restart_name(r);
}

/* --- the table */

/* What each kind of row has in common. */
#define TEXT_ROW(member, xl_word, sxp_word)                                    \
    .at = AT(member), .xl = (xl_word), .sxp = (sxp_word)
#define IMAGE_ROW(n, t, member)                                                \
    {                                                                          \
        .rule = RULE("image." n, t),                                           \
        TEXT_ROW(image.member, SETTING_OTHERWISE, SETTING_OTHERWISE)           \
    }
#define ON(n, end)                                                             \
    {                                                                          \
        .rule = RULE_WORD(n, config_action_words), .at = AT(on[(end)]),        \
        .flags = SETTING_LONG | SETTING_SHOWN | SETTING_ALWAYS, .xl = (n),     \
        .sxp = SETTING_OTHERWISE                                               \
    }
#define ALWAYS (SETTING_ALWAYS | SETTING_SHOWN)

static const struct value_word kind_words[] = {
    { "pv", DOM_PV }, { "pvh", DOM_PVH }, { "hvm", DOM_HVM }, { NULL, 0 }
};

static const struct setting settings[] = {
    { .rule = RULE_TEXT(
          "name", config_name_ok,
          "1 to 63 letters, digits and . _ - +, a letter or digit first, not "
          "digits alone, not \"Domain-0\""),
      TEXT_ROW(name, "name", "name") },
    { .rule = RULE_WORD("type", kind_words),
      .at = AT(kind),
      .flags = SETTING_SHOWN,
      .xl = SETTING_OTHERWISE,
      .sxp = SETTING_OTHERWISE },
    /* all zeroes is the uuid of dom0 */
    { .rule = RULE_TEXT("uuid", uuid_ok,
                        "hexadecimal digits as 8-4-4-4-12, not all zero"),
      .store = store_uuid,
      .get = get_uuid,
      .xl = "uuid",
      .sxp = "uuid" },
    { .rule = RULE("memory", VALUE_SIZE),
      .at = AT(mem_kib),
      .flags = ALWAYS,
      .xl = "memory",
      .sxp = "memory" },
    { .rule = RULE("maxmem", VALUE_SIZE),
      .at = AT(maxmem_kib),
      .flags = ALWAYS,
      .xl = "maxmem",
      .sxp = "maxmem" },
    { .rule = RULE_NUMBER("vcpus", 1, CONFIG_VCPUS_MAX),
      .at = AT(vcpus),
      .flags = ALWAYS,
      .xl = "vcpus",
      .sxp = SETTING_OTHERWISE },
    { .rule = RULE_NUMBER("maxvcpus", 1, CONFIG_VCPUS_MAX),
      .at = AT(maxvcpus),
      .flags = ALWAYS,
      .xl = "maxvcpus",
      .sxp = SETTING_OTHERWISE },
    { .rule = RULE("cpus", VALUE_CPUS),
      .store = store_cpus,
      .get = get_cpus,
      .xl = "cpus",
      .sxp = SETTING_OTHERWISE },
    { .rule = RULE("cpus_soft", VALUE_CPUS),
      .store = store_cpus_soft,
      .get = get_cpus_soft,
      .xl = "cpus_soft" },
    { .rule = RULE_ID(
          "pool", pool_ok,
          "the name of a cpu pool, at most 63 bytes without /, or its number"),
      TEXT_ROW(pool, "pool", "pool_name") },
    { .rule = RULE_NUMBER("weight", 1, 65535),
      .at = AT(weight),
      .xl = "cpu_weight",
      .sxp = "cpu_weight" },
    { .rule = RULE_NUMBER("cap", 0, 100 * CONFIG_VCPUS_MAX),
      .at = AT(cap),
      .flags = SETTING_SHOWN,
      .xl = "cap",
      .sxp = "cpu_cap" },
    { .rule = RULE_NUMBER("period", 10, INT_MAX),
      .at = AT(period_us),
      .xl = "period" },
    { .rule = RULE_NUMBER("budget", 10, INT_MAX), .at = AT(budget_us) },
    { .rule = RULE("extratime", VALUE_BOOL),
      .store = store_extratime,
      .get = get_extratime,
      .xl = "extratime" },
    { .rule = { .name = "image",
                .type = VALUE_GROUP,
                .allowed = "a group, image = { kernel = \"PATH\"; }" } },
    { .rule = RULE_TEXT("image.type", NULL, NULL),
      .at = AT(image.type),
      .store = store_image_type,
      .xl = SETTING_OTHERWISE,
      .sxp = SETTING_OTHERWISE },
    IMAGE_ROW("kernel", VALUE_PATH, kernel),
    IMAGE_ROW("ramdisk", VALUE_PATH, ramdisk),
    IMAGE_ROW("root", VALUE_TEXT, root),
    { .rule = RULE_TEXT("image.ip", one_word,
                        "one word (other arguments go into args)"),
      TEXT_ROW(image.ip, SETTING_OTHERWISE, SETTING_OTHERWISE) },
    IMAGE_ROW("args", VALUE_TEXT, args),
    { .rule = RULE_TEXT("image.bootloader", NULL, NULL),
      .kinds = KIND_PV | KIND_PVH,
      TEXT_ROW(image.bootloader, "bootloader", "bootloader") },
    { .rule = RULE("image.bootloader_args", VALUE_TEXTS),
      .kinds = KIND_PV | KIND_PVH,
      TEXT_ROW(image.bootloader_args, "bootloader_args", "bootloader_args") },
    { .rule = RULE("image.bootloader_restrict", VALUE_BOOL),
      .kinds = KIND_PV | KIND_PVH,
      .flags = SETTING_TRI,
      TEXT_ROW(image.bootloader_restrict, "bootloader_restrict", NULL) },
    { .rule = RULE_TEXT("image.firmware", firmware_ok, FIRMWARE_ALLOWED),
      TEXT_ROW(image.firmware, SETTING_OTHERWISE, NULL) },
    { .rule = RULE("image.firmware_path", VALUE_PATH),
      .kinds = KIND_HVM,
      TEXT_ROW(image.firmware_path, "bios_path_override", NULL) },
    { .rule = RULE("image.loader", VALUE_PATH),
      .kinds = KIND_HVM,
      TEXT_ROW(image.loader, "firmware_override", NULL) },
    { .rule = RULE_WORD("restart", config_restart_words),
      .store = store_restart,
      .get = get_restart,
      .flags = SETTING_SHORT,
      .xl = SETTING_OTHERWISE,
      .sxp = SETTING_OTHERWISE },
    ON("on_poweroff", CONFIG_ON_POWEROFF),
    ON("on_reboot", CONFIG_ON_REBOOT),
    ON("on_crash", CONFIG_ON_CRASH),
    ON("on_watchdog", CONFIG_ON_WATCHDOG),
    { .rule = RULE_NUMBER("restart_min", 0, 86400),
      .at = AT(restart_min_s),
      .unset = CONFIG_RESTART_MIN_UNSET },
    { .rule = RULE("autostart", VALUE_BOOL),
      .at = AT(autostart),
      .flags = SETTING_SHOWN,
      .sxp = SETTING_OTHERWISE },
    { .rule = RULE_NUMBER("autostart_order", 0, 10000),
      .at = AT(autostart_order),
      .unset = CONFIG_AUTOSTART_ORDER,
      .flags = SETTING_SHOWN },
    { .rule = RULE_NUMBER("autostart_delay", 0, 3600),
      .at = AT(autostart_delay_s),
      .flags = SETTING_SHOWN },
    { .rule = RULE_WORD("host_stop", config_host_stop_words),
      .at = AT(host_stop) },
    { .rule = { .name = "host_stop_to",
                .type = VALUE_TEXTS,
                .ok = migrate_text_ok,
                .allowed = "a host as `migrate' has it, with its options "
                           "behind: (\"HOST\", \"--command=ssh -p 2222\")" },
      .at = AT(host_stop_to) },
    { .rule = RULE_WORD("host_stop_else", config_stop_else_words),
      .at = AT(host_stop_else) },
    { .rule = RULE("driver_domain", VALUE_BOOL),
      .at = AT(driver_domain),
      .flags = SETTING_SHOWN,
      .xl = "driver_domain",
      .sxp = SETTING_OTHERWISE },
    { .rule = RULE_TEXT(
          "features", features_ok,
          "names of kernel features joined by |, each with or without ! in "
          "front"),
      TEXT_ROW(features, NULL, "features") },
};

static const struct setting devices_row[] = {
    { .rule = { .name = "devices",
                .type = VALUE_LIST,
                .allowed = "a list of groups, ( { type = \"vbd\"; ... } )" },
      .xl = SETTING_OTHERWISE,
      .sxp = SETTING_OTHERWISE },
};

const struct setting *
setting_at(size_t i)
{
    const struct setting_table tables[] = {
        { settings, COUNT(settings) },
        settings_machine,
        settings_screen,
        settings_model,
        { devices_row, COUNT(devices_row) },
    };
    size_t t;

    for (t = 0; t < COUNT(tables); t++) {
        if (i < tables[t].n)
            return tables[t].rows + i;
        i -= tables[t].n;
    }
    return NULL;
}
