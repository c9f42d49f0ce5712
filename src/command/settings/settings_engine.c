/*
 * settings_engine.c - settings of xendeck.conf(5) that an engine is opened
 * with.
 */
#include <string.h>

#include "engine/config/core/machine.h"
#include "engine/core/engine_options.h"
#include "engine/tls/tls_carrier.h"
#include "src/command/settings/settings_int.h"
#include "src/command/settings/settings_tls.h"
#include "src/command/settings/settings_undo.h"

#define RESTART_MAX_S   86400
#define BEAT_MAX_S      3600
#define HANG_MAX_S      3600
#define UNDO_MAX_S      3600
#define LOGS_MAX        100
#define POSTMORTEMS_MAX 500
#define POSTMORTEM_MOST 4096 /* MiB */
#define HELPER_MIN_S    20   /* on a busy host its first word may take that */
#define HELPER_MAX_S    86400
#define DOM0_LEAST      128U   /* MiB: libxl's floor */
#define KERNELS_MAX     65536U /* MiB */
#define DOM0_MOST       (16U << 20)

int
settings_read_whole(struct reader *r, const config_setting_t *v, unsigned min,
                    unsigned max, unsigned *out)
{
    double n;

    if (conf_number(r->file, v, min, max, &n, r->e) < 0)
        return -1;
    if (n != (unsigned)n)
        return conf_bad(r->file, v, r->e, "found %g, allowed whole numbers", n);
    *out = (unsigned)n;
    return 0;
}

int
settings_read_restart_min(struct reader *r, config_setting_t *v)
{
    double s;

    if (conf_number(r->file, v, 0, RESTART_MAX_S, &s, r->e) < 0)
        return -1;
    if (s != (unsigned)s)
        return conf_bad(r->file, v, r->e, "found %g, allowed whole seconds", s);
    r->s->restart_min_s = (unsigned)s;
    return 0;
}

int
settings_read_history(struct reader *r, config_setting_t *v)
{
    return conf_bool(r->file, v, &r->s->history, r->e);
}

int
settings_read_destroy_undo(struct reader *r, config_setting_t *v)
{
    return settings_read_whole(r, v, 0, UNDO_MAX_S, &r->s->destroy_undo_s);
}

int
settings_read_model_death(struct reader *r, config_setting_t *v)
{
    static const char *const words[] = { [CONFIG_DM_CRASH] = "crash",
                                         [CONFIG_DM_RESTART] = "restart",
                                         [CONFIG_DM_LEAVE] = "leave" };
    char word[16];
    unsigned i;

    if (settings_read_word(r, v, word, sizeof word) < 0)
        return -1;
    for (i = CONFIG_DM_CRASH; i <= CONFIG_DM_LEAVE; i++)
        if (strcmp(word, words[i]) == 0) {
            r->s->model_death = i;
            return 0;
        }
    return conf_bad(r->file, v, r->e,
                    "found \"%s\", allowed crash, restart or leave", word);
}

int
settings_read_model_beat(struct reader *r, config_setting_t *v)
{
    return settings_read_whole(r, v, 0, BEAT_MAX_S, &r->s->model_beat_s);
}

int
settings_read_model_limit(struct reader *r, config_setting_t *v)
{
    return settings_read_whole(r, v, 1, HANG_MAX_S, &r->s->model_hang_s);
}

int
settings_read_model_logs(struct reader *r, config_setting_t *v)
{
    return settings_read_whole(r, v, 1, LOGS_MAX, &r->s->model_logs);
}

int
settings_read_postmortems(struct reader *r, config_setting_t *v)
{
    return settings_read_whole(r, v, 0, POSTMORTEMS_MAX, &r->s->postmortems);
}

/* MiB. */
int
settings_read_postmortem_size(struct reader *r, config_setting_t *v)
{
    unsigned mib = 0;

    if (settings_read_whole(r, v, 1, POSTMORTEM_MOST, &mib) < 0)
        return -1;
    r->s->postmortem_bytes = (uint64_t)mib << 20;
    return 0;
}

int
settings_read_helper_limit(struct reader *r, config_setting_t *v)
{
    return settings_read_whole(r, v, HELPER_MIN_S, HELPER_MAX_S,
                               &r->s->helper_limit_s);
}

int
settings_read_autoballoon(struct reader *r, config_setting_t *v)
{
    static const char *const words[] = { [ENGINE_BALLOON_XL] = "xl",
                                         [ENGINE_BALLOON_OFF] = "off",
                                         [ENGINE_BALLOON_ON] = "on",
                                         [ENGINE_BALLOON_AUTO] = "auto" };
    char word[16];
    unsigned i;

    if (settings_read_word(r, v, word, sizeof word) < 0)
        return -1;
    for (i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i]) == 0) {
            r->s->autoballoon = i;
            return 0;
        }
    return conf_bad(r->file, v, r->e,
                    "found \"%s\", allowed xl, auto, on or off", word);
}

/* Whole MiB. */
int
settings_read_dom0_min(struct reader *r, config_setting_t *v)
{
    unsigned mib = 0;

    if (settings_read_whole(r, v, DOM0_LEAST, DOM0_MOST, &mib) < 0)
        return -1;
    r->s->dom0_min_kib = (uint64_t)mib << 10;
    return 0;
}

int
settings_read_vif_without(struct reader *r, config_setting_t *v)
{
    return conf_bool(r->file, v, &r->s->vif_without_scripts, r->e);
}

/* MiB. */
int
settings_read_kernel_cache(struct reader *r, config_setting_t *v)
{
    unsigned mib = 0;

    if (settings_read_whole(r, v, 0, KERNELS_MAX, &mib) < 0)
        return -1;
    r->s->kernel_cache_kib = (uint64_t)mib << 10;
    return 0;
}

/* --- connections between engines under TLS --- */

int
settings_read_tls_certificate(struct reader *r, config_setting_t *v)
{
    return settings_read_path(r, v, r->s->tls_certificate,
                              sizeof r->s->tls_certificate);
}

int
settings_read_tls_key(struct reader *r, config_setting_t *v)
{
    return settings_read_path(r, v, r->s->tls_key, sizeof r->s->tls_key);
}

int
settings_read_tls_ca(struct reader *r, config_setting_t *v)
{
    return settings_read_path(r, v, r->s->tls_ca, sizeof r->s->tls_ca);
}

/* "" for none, as a later file may want it. */
int
settings_read_tls_crl(struct reader *r, config_setting_t *v)
{
    const char *text = config_setting_get_string(v);

    if (text != NULL && text[0] == '\0') {
        r->s->tls_crl[0] = '\0';
        return 0;
    }
    return settings_read_path(r, v, r->s->tls_crl, sizeof r->s->tls_crl);
}

/* "" for nowhere, as a later file may want it. */
int
settings_read_migrate_listen(struct reader *r, config_setting_t *v)
{
    char word[sizeof r->s->migrate_listen];
    struct tls_address at;
    struct err why = { 0 };

    if (settings_read_word(r, v, word, sizeof word) < 0)
        return -1;
    if (word[0] != '\0' && tls_address_parse(word, &at, &why) < 0)
        return conf_bad(r->file, v, r->e, "%s", why.msg);
    text_fmt(r->s->migrate_listen, sizeof r->s->migrate_listen, "%s", word);
    return 0;
}

static int
read_allowed(struct reader *r, const config_setting_t *v, struct buf *out)
{
    const char *text;

    if (conf_text(r->file, v, TLS_NAME_MAX - 1, &text, r->e) < 0)
        return -1;
    if (!tls_allowed_is_valid(text))
        return conf_bad(r->file, v, r->e,
                        "found \"%s\", allowed the name of a host, as its "
                        "certificate has it, or \"sha256:\" and the "
                        "fingerprint of its certificate",
                        text);
    buf_fmt(out, "%s%s", out->len > 0 ? " " : "", text);
    return 0;
}

int
settings_read_migrate_allow(struct reader *r, config_setting_t *v)
{
    int i, rc = 0, n = config_setting_length(v);
    struct buf all = { 0 };

    if (!config_setting_is_list(v) && !config_setting_is_array(v))
        return conf_bad(r->file, v, r->e,
                        "found no list, allowed (\"NAME\", ...)");
    if (n > TLS_ALLOWED_MAX)
        return conf_bad(r->file, v, r->e, "found %d, allowed %d", n,
                        TLS_ALLOWED_MAX);
    for (i = 0; rc == 0 && i < n; i++)
        rc = read_allowed(r, config_setting_get_elem(v, (unsigned)i), &all);
    if (rc == 0 && all.len >= sizeof r->s->migrate_allow)
        rc = conf_bad(r->file, v, r->e, "found %zu bytes, allowed %zu", all.len,
                      sizeof r->s->migrate_allow - 1);
    if (rc == 0)
        text_fmt(r->s->migrate_allow, sizeof r->s->migrate_allow, "%s",
                 buf_text(&all));
    buf_free(&all);
    return rc;
}
