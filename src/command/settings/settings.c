/*
 * settings.c - reads xendeck.conf(5). Everything goes into a copy that
 * replaces the caller's only when the whole file was good.
 */
#include "src/command/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/config/core/machine.h"
#include "src/base/conf.h"
#include "src/command/command.h"
#include "src/command/settings/settings_console.h"
#include "src/command/settings/settings_int.h"
#include "src/command/settings/settings_stop.h"
#include "src/command/settings/settings_tls.h"
#include "src/command/settings/settings_undo.h"

#define TLS_DIR        "/etc/xendeck/tls"
#define TICK_MIN_S     0.25
#define TICK_MAX_S     60.0
#define SCROLLBACK_MIN (64.0 * 1024)
#define SCROLLBACK_MAX (1024.0 * 1024 * 1024)
#define PASTE_ASK_MAX  1000000
#define DISK_MAX       (64.0 * 1024 * 1024)
#define ALL_MIN        (1024.0 * 1024)
#define ALL_MAX        (8.0 * 1024 * 1024 * 1024)

struct field {
    const char *name;
    int (*read)(struct reader *r, config_setting_t *v);
};

static const struct {
    const char *name;
    unsigned bits;
} contexts[] = {
    { "list", CMD_IN_LIST },       { "detail", CMD_IN_DETAIL },
    { "console", CMD_IN_CONSOLE }, { "log", CMD_IN_LOG },
    { "help", CMD_IN_HELP },       { "all", CMD_IN_ALL },
};

void
settings_default(struct settings *s, const struct cmd_set *cmds)
{
    memset(s, 0, sizeof *s);
    s->cmds = cmds;
    text_fmt(s->theme, sizeof s->theme, "dark");
    key_parse("C-]", &s->prefix);
    s->mouse = s->color = s->unicode = s->history = s->clipboard = true;
    s->paste_ask = 10;
    s->graphs = SETTINGS_GRAPHS_AUTO;
    s->tick_ms = 1000;
    s->destroy_undo_s = 10;
    s->restart_min_s = 20;
    s->model_death = CONFIG_DM_CRASH;
    s->model_beat_s = 10;
    s->model_hang_s = 30;
    s->model_logs = 5;
    s->postmortems = 40;
    s->postmortem_bytes = 64U << 20;
    s->helper_limit_s = 600;
    s->host_stop_moves = 2;
    s->kernel_cache_kib = 256 * 1024;
    s->dom0_min_kib = 512 * 1024;
    s->scrollback_bytes = 4U << 20;
    s->scrollback_all_bytes = 64U << 20;
    s->scroll_disk_bytes = 1U << 20;
    text_fmt(s->sort, sizeof s->sort, "id");
    text_fmt(s->tls_certificate, sizeof s->tls_certificate,
             TLS_DIR "/certificate.pem");
    text_fmt(s->tls_key, sizeof s->tls_key, TLS_DIR "/key.pem");
    text_fmt(s->tls_ca, sizeof s->tls_ca, TLS_DIR "/ca.pem");
}

int
settings_read_word(struct reader *r, config_setting_t *v, char *dst,
                   size_t dst_size)
{
    const char *text;

    if (conf_text(r->file, v, dst_size - 1, &text, r->e) < 0)
        return -1;
    text_fmt(dst, dst_size, "%s", text);
    return 0;
}

static int
read_theme(struct reader *r, config_setting_t *v)
{
    return settings_read_word(r, v, r->s->theme, sizeof r->s->theme);
}

static int
read_sort(struct reader *r, config_setting_t *v)
{
    const struct cmd *c = cmd_find(r->s->cmds, "sort", NULL);
    char word[sizeof r->s->sort];

    if (settings_read_word(r, v, word, sizeof word) < 0)
        return -1;
    if (c != NULL && !cmd_has_word(c, word))
        return conf_bad(r->file, v, r->e, "found \"%s\", allowed %s", word,
                        c->words);
    text_fmt(r->s->sort, sizeof r->s->sort, "%s", word);
    return 0;
}

/* Names as `columns' takes them; widths and doubles are looked at by the list.
 */
static int
read_columns(struct reader *r, config_setting_t *v)
{
    const struct cmd *c = cmd_find(r->s->cmds, "columns", NULL);
    char text[sizeof r->s->columns], word[32];
    const char *at = text;

    if (settings_read_word(r, v, text, sizeof text) < 0)
        return -1;
    for (at += strspn(at, " ,"); *at != '\0'; at += strspn(at, " ,")) {
        text_fmt(word, sizeof word, "%.*s", (int)strcspn(at, " ,:"), at);
        if (c != NULL && !cmd_has_word(c, word))
            return conf_bad(r->file, v, r->e, "found \"%s\", allowed %s", word,
                            c->words);
        at += strcspn(at, " ,");
    }
    text_fmt(r->s->columns, sizeof r->s->columns, "%s", text);
    return 0;
}

/* An absolute path, "~/" being the user's home. */
static int
read_path(struct reader *r, const config_setting_t *v, struct buf *out)
{
    const char *text, *home = getenv("HOME");

    if (conf_text(r->file, v, 400, &text, r->e) < 0)
        return -1;
    if (strncmp(text, "~/", 2) == 0 && home != NULL && home[0] == '/') {
        buf_fmt(out, "%s%s", home, text + 1);
        return 0;
    }
    if (text[0] != '/')
        return conf_bad(r->file, v, r->e,
                        "found \"%s\", allowed a path that begins with / or ~/",
                        text);
    buf_str(out, text);
    return 0;
}

int
settings_read_path(struct reader *r, const config_setting_t *v, char *dst,
                   size_t dst_size)
{
    struct buf path = { 0 };
    int rc = read_path(r, v, &path);

    if (rc == 0 && path.len >= dst_size)
        rc =
            conf_bad(r->file, v, r->e, "found a path of %zu bytes, allowed %zu",
                     path.len, dst_size - 1);
    if (rc == 0)
        text_fmt(dst, dst_size, "%s", buf_text(&path));
    buf_free(&path);
    return rc;
}

static int
read_log(struct reader *r, config_setting_t *v)
{
    const char *text = config_setting_get_string(v);

    if (text != NULL && text[0] == '\0') {
        r->s->log_file[0] = '\0';
        return 0;
    }
    return settings_read_path(r, v, r->s->log_file, sizeof r->s->log_file);
}

static int
read_hook_dir(struct reader *r, config_setting_t *v)
{
    return settings_read_path(r, v, r->s->hook_dir, sizeof r->s->hook_dir);
}

static int
read_theme_dirs(struct reader *r, config_setting_t *v)
{
    struct buf dirs = { 0 };
    int i, rc = 0, n = config_setting_length(v);

    if (!config_setting_is_list(v) && !config_setting_is_array(v))
        return conf_bad(r->file, v, r->e,
                        "found no list, allowed (\"/DIRECTORY\", ...)");
    for (i = 0; rc == 0 && i < n; i++) {
        if (i > 0)
            buf_chr(&dirs, ':');
        rc = read_path(r, config_setting_get_elem(v, (unsigned)i), &dirs);
    }
    if (rc == 0 && dirs.len >= sizeof r->s->theme_dirs / 2)
        rc = conf_bad(r->file, v, r->e,
                      "found %zu bytes of directories, allowed %zu", dirs.len,
                      sizeof r->s->theme_dirs / 2 - 1);
    if (rc == 0)
        text_fmt(r->s->theme_dirs, sizeof r->s->theme_dirs, "%s",
                 buf_text(&dirs));
    buf_free(&dirs);
    return rc;
}

static int
settings_read_key(struct reader *r, const config_setting_t *v, struct key *out)
{
    const char *text;

    if (conf_text(r->file, v, 23, &text, r->e) < 0)
        return -1;
    if (!key_parse(text, out))
        return conf_bad(r->file, v, r->e,
                        "found \"%s\", allowed a key as \"x\", \"C-k\", "
                        "\"M-x\", \"F5\" or \"PgUp\"",
                        text);
    return 0;
}

static int
read_prefix(struct reader *r, config_setting_t *v)
{
    struct key k;

    if (settings_read_key(r, v, &k) < 0)
        return -1;
    if (k.code < K_BASE && k.mods == 0)
        return conf_bad(r->file, v, r->e,
                        "found a plain character, which guests need, allowed "
                        "a key with C- or M-, or a function key");
    r->s->prefix = k;
    return 0;
}

static int
read_mouse(struct reader *r, config_setting_t *v)
{
    return conf_bool(r->file, v, &r->s->mouse, r->e);
}

static int
read_colors(struct reader *r, config_setting_t *v)
{
    return conf_bool(r->file, v, &r->s->color, r->e);
}

static int
read_read_only(struct reader *r, config_setting_t *v)
{
    return conf_bool(r->file, v, &r->s->read_only, r->e);
}

static int
read_delay(struct reader *r, config_setting_t *v)
{
    double s;

    if (conf_number(r->file, v, TICK_MIN_S, TICK_MAX_S, &s, r->e) < 0)
        return -1;
    r->s->tick_ms = (unsigned)(s * 1000 + 0.5);
    return 0;
}

static int
read_scrollback(struct reader *r, config_setting_t *v)
{
    double n;

    if (conf_number(r->file, v, SCROLLBACK_MIN, SCROLLBACK_MAX, &n, r->e) < 0)
        return -1;
    r->s->scrollback_bytes = (size_t)n;
    return 0;
}

static int
read_view_group(struct reader *r, config_setting_t *v)
{
    return settings_read_word(r, v, r->s->view_group, sizeof r->s->view_group);
}

static int
read_operate_group(struct reader *r, config_setting_t *v)
{
    return settings_read_word(r, v, r->s->operate_group,
                              sizeof r->s->operate_group);
}

static int
read_admin_group(struct reader *r, config_setting_t *v)
{
    return settings_read_word(r, v, r->s->admin_group,
                              sizeof r->s->admin_group);
}

/* One of two words; *second: it is the second of them. */
static int
read_either(struct reader *r, config_setting_t *v, const char *a, const char *b,
            bool *second)
{
    char word[16];

    if (settings_read_word(r, v, word, sizeof word) < 0)
        return -1;
    if (strcmp(word, a) != 0 && strcmp(word, b) != 0)
        return conf_bad(r->file, v, r->e, "found \"%s\", allowed %s or %s",
                        word, a, b);
    *second = strcmp(word, b) == 0;
    return 0;
}

static int
read_console_size(struct reader *r, config_setting_t *v)
{
    return read_either(r, v, "smallest", "writer", &r->s->size_of_writer);
}

static int
read_copy_keys(struct reader *r, config_setting_t *v)
{
    return read_either(r, v, "vi", "emacs", &r->s->copy_emacs);
}

static int
read_clipboard(struct reader *r, config_setting_t *v)
{
    return conf_bool(r->file, v, &r->s->clipboard, r->e);
}

static int
read_paste_ask(struct reader *r, config_setting_t *v)
{
    return settings_read_whole(r, v, 0, PASTE_ASK_MAX, &r->s->paste_ask);
}

static int
read_scrollback_all(struct reader *r, config_setting_t *v)
{
    double n;

    if (conf_number(r->file, v, ALL_MIN, ALL_MAX, &n, r->e) < 0)
        return -1;
    r->s->scrollback_all_bytes = (size_t)n;
    return 0;
}

/* Whole bytes; 0 turns it off, less than a screen or two is no use. */
static int
read_scrollback_disk(struct reader *r, config_setting_t *v)
{
    double n;

    if (conf_number(r->file, v, 0, DISK_MAX, &n, r->e) < 0)
        return -1;
    if (n > 0 && n < SCROLLBACK_MIN)
        return conf_bad(r->file, v, r->e, "found %g, allowed 0 or %.0f to %.0f",
                        n, SCROLLBACK_MIN, DISK_MAX);
    r->s->scroll_disk_bytes = (size_t)n;
    return 0;
}

static int
read_context(struct reader *r, const config_setting_t *v, unsigned *out)
{
    const char *text;
    size_t i;

    if (conf_text(r->file, v, 23, &text, r->e) < 0)
        return -1;
    for (i = 0; i < sizeof contexts / sizeof contexts[0]; i++)
        if (strcmp(text, contexts[i].name) == 0) {
            *out = contexts[i].bits;
            return 0;
        }
    return conf_bad(r->file, v, r->e,
                    "found \"%s\", allowed list, detail, console, log, help "
                    "or all",
                    text);
}

static int
read_run(struct reader *r, const config_setting_t *v, char *dst,
         size_t dst_size)
{
    const char *text;

    if (conf_text(r->file, v, dst_size - 1, &text, r->e) < 0)
        return -1;
    if (strcmp(text, "none") == 0)
        text = "";
    else if (cmd_of_line(r->s->cmds, text) == NULL)
        return conf_bad(r->file, v, r->e,
                        "found \"%s\", allowed none or a verb that `xendeck "
                        "-e help` lists, with its arguments",
                        text);
    text_fmt(dst, dst_size, "%s", text);
    return 0;
}

static int
read_binding(struct reader *r, config_setting_t *g)
{
    const config_setting_t *in = NULL, *key = NULL, *run = NULL;
    struct settings *s = r->s;
    struct binding *b;

    if (config_setting_is_group(g)) {
        in = config_setting_get_member(g, "in");
        key = config_setting_get_member(g, "key");
        run = config_setting_get_member(g, "run");
    }
    if (key == NULL || run == NULL ||
        config_setting_length(g) != 2 + (in != NULL))
        return conf_bad(r->file, g, r->e,
                        "allowed { in = \"list\"; key = \"C-k\"; run = "
                        "\"VERB ARGS\"; }, `in' may be left out");
    if (s->n_bindings == SETTINGS_BINDINGS_MAX)
        return conf_bad(r->file, g, r->e, "found more than %d, allowed %d",
                        SETTINGS_BINDINGS_MAX, SETTINGS_BINDINGS_MAX);
    b = &s->bindings[s->n_bindings];
    b->context = CMD_IN_ALL;
    if ((in != NULL && read_context(r, in, &b->context) < 0) ||
        settings_read_key(r, key, &b->key) < 0 ||
        read_run(r, run, b->command, sizeof b->command) < 0)
        return -1;
    s->n_bindings++;
    return 0;
}

static int
read_bind(struct reader *r, config_setting_t *v)
{
    int i, n = config_setting_length(v);

    if (!config_setting_is_list(v))
        return conf_bad(r->file, v, r->e,
                        "found no list, allowed ( { key = ...; run = ...; }, "
                        "... )");
    for (i = 0; i < n; i++)
        if (read_binding(r, config_setting_get_elem(v, (unsigned)i)) < 0)
            return -1;
    return 0;
}

static const struct field fields[] = {
    { "theme", read_theme },
    { "theme_dirs", read_theme_dirs },
    { "prefix", read_prefix },
    { "mouse", read_mouse },
    { "color", read_colors },
    { "unicode", settings_read_unicode },
    { "read_only", read_read_only },
    { "delay", read_delay },
    { "graphs", settings_read_graphs },
    { "history", settings_read_history },
    { "destroy_undo", settings_read_destroy_undo },
    { "restart_min", settings_read_restart_min },
    { "model_death", settings_read_model_death },
    { "model_beat", settings_read_model_beat },
    { "model_limit", settings_read_model_limit },
    { "model_logs", settings_read_model_logs },
    { "postmortems", settings_read_postmortems },
    { "postmortem_size", settings_read_postmortem_size },
    { "helper_limit", settings_read_helper_limit },
    { "host_stop", settings_read_host_stop },
    { "host_stop_to", settings_read_host_stop_to },
    { "host_stop_else", settings_read_host_stop_else },
    { "host_stop_moves", settings_read_host_stop_moves },
    { "kernel_cache", settings_read_kernel_cache },
    { "vif_without_scripts", settings_read_vif_without },
    { "autoballoon", settings_read_autoballoon },
    { "dom0_min", settings_read_dom0_min },
    { "scrollback", read_scrollback },
    { "scrollback_all", read_scrollback_all },
    { "scrollback_disk", read_scrollback_disk },
    { "sort", read_sort },
    { "columns", read_columns },
    { "log", read_log },
    { "hook_dir", read_hook_dir },
    { "tls_certificate", settings_read_tls_certificate },
    { "tls_key", settings_read_tls_key },
    { "tls_ca", settings_read_tls_ca },
    { "tls_crl", settings_read_tls_crl },
    { "migrate_listen", settings_read_migrate_listen },
    { "migrate_allow", settings_read_migrate_allow },
    { "view_group", read_view_group },
    { "operate_group", read_operate_group },
    { "admin_group", read_admin_group },
    { "console_size", read_console_size },
    { "layout", settings_read_layout },
    { "bell", settings_read_bell },
    { "silence", settings_read_silence },
    { "clipboard", read_clipboard },
    { "copy_keys", read_copy_keys },
    { "paste_ask", read_paste_ask },
    { "bind", read_bind },
};

static int
read_fields(struct reader *r, const config_t *cf, struct buf *warn)
{
    config_setting_t *root = config_root_setting(cf);
    int i, n = config_setting_length(root);
    size_t f;

    for (i = 0; i < n; i++) {
        config_setting_t *v = config_setting_get_elem(root, (unsigned)i);

        for (f = 0; f < sizeof fields / sizeof fields[0]; f++)
            if (strcmp(config_setting_name(v), fields[f].name) == 0)
                break;
        if (f < sizeof fields / sizeof fields[0]) {
            if (fields[f].read(r, v) < 0)
                return -1;
        } else if (warn != NULL) {
            buf_fmt(warn, "%s:%u: ", r->file,
                    (unsigned)config_setting_source_line(v));
            buf_safe(warn, config_setting_name(v), 40);
            buf_str(warn, ": no such setting, ignored\n");
        }
    }
    return 0;
}

/* As root, what another user may write decides nothing: a binding could run
 * `destroy`. */
static int
check_owner(const char *path, struct err *e)
{
    struct stat st;

    if (geteuid() != 0 || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return 0;
    if (st.st_uid != 0)
        return err_set(e, ERR_DENIED,
                       "%s: found a file of user %u, allowed one of root", path,
                       (unsigned)st.st_uid);
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return err_set(e, ERR_DENIED,
                       "%s: others than root may write it: chmod go-w it",
                       path);
    return 0;
}

int
settings_read(const char *path, bool optional, struct buf *text, struct err *e)
{
    if (optional && access(path, F_OK) < 0 &&
        (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return 0;
    if (check_owner(path, e) < 0)
        return -1;
    return conf_read(path, text, e);
}

int
settings_take(struct settings *s, const char *text, const char *name,
              struct buf *warn, struct err *e)
{
    struct settings copy = *s;
    struct reader r = { .s = &copy, .file = name, .e = e };
    config_t cf;
    int rc;

    if (conf_parse(text, name, &cf, e) < 0)
        return -1;
    rc = read_fields(&r, &cf, warn);
    config_destroy(&cf);
    if (rc == 0)
        *s = copy;
    return rc;
}

int
settings_load(struct settings *s, const char *path, bool optional,
              struct buf *warn, struct err *e)
{
    struct buf text = { 0 };
    int rc = settings_read(path, optional, &text, e);

    if (rc == 0 && text.len > 0)
        rc = settings_take(s, buf_text(&text), path, warn, e);
    buf_free(&text);
    return rc;
}
