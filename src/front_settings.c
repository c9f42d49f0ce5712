/*
 * front_settings.c - settings from files and the command line, and the log.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/xalloc.h"
#include "src/program.h"
#include "ui/draw/theme.h"

#ifndef XENDECK_DATADIR
#define XENDECK_DATADIR "/usr/local/share/xendeck"
#endif

#define SYSTEM_CONF "/etc/xendeck/xendeck.conf"
#define SYSTEM_LOG  "/var/log/xendeck/xendeck.log"

/* $NAME/REST, or $HOME/FALLBACK/REST; false: neither is an absolute path. */
static bool
xdg_path(const char *name, const char *fallback, const char *rest,
         struct buf *out)
{
    const char *dir = getenv(name), *home = getenv("HOME");

    if (dir != NULL && dir[0] == '/')
        buf_fmt(out, "%s/%s", dir, rest);
    else if (home != NULL && home[0] == '/')
        buf_fmt(out, "%s/%s/%s", home, fallback, rest);
    else
        return false;
    return true;
}

/* A program that runs where it was built, in build/ or below it, finds the
 * themes of its sources. */
static void
add_source_themes(struct buf *dirs)
{
    char self[1024], *build = NULL, *p;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    self[n > 0 ? n : 0] = '\0';
    for (p = self; (p = strstr(p, "/build/")) != NULL; p++)
        build = p;
    if (build != NULL)
        buf_fmt(dirs, "%.*s/themes:", (int)(build - self), self);
}

bool
front_user_config(struct buf *out)
{
    return xdg_path("XDG_CONFIG_HOME", ".config", "xendeck/xendeck.conf", out);
}

void
front_user_themes(struct buf *dirs)
{
    if (xdg_path("XDG_CONFIG_HOME", ".config", "xendeck/themes", dirs))
        buf_chr(dirs, ':');
    add_source_themes(dirs);
    if (dirs->len > 0 && dirs->data[dirs->len - 1] == ':')
        dirs->data[--dirs->len] = '\0';
}

/* The directories after those of the settings: ~/.config, those of the sources,
 * the installed ones. */
static void
add_theme_dirs(struct settings *s)
{
    struct buf dirs = { 0 };

    buf_str(&dirs, s->theme_dirs);
    if (dirs.len > 0)
        buf_chr(&dirs, ':');
    front_user_themes(&dirs);
    if (dirs.len > 0 && dirs.data[dirs.len - 1] != ':')
        buf_chr(&dirs, ':');
    buf_str(&dirs, XENDECK_DATADIR "/themes");
    text_fmt(s->theme_dirs, sizeof s->theme_dirs, "%s", buf_text(&dirs));
    buf_free(&dirs);
}

void
front_notice(struct front *fr, const char *text)
{
    if (!fr->has_screen) {
        front_fail(STATUS_DONE, text);
        return;
    }
    if (fr->notice.len > 0)
        buf_str(&fr->notice, "; ");
    buf_str(&fr->notice, text);
}

static void
load_one(struct front *fr, const char *path, struct buf *warn)
{
    struct err e = { 0 };

    if (settings_load(&fr->set, path, true, warn, &e) < 0)
        front_notice(fr, e.msg);
}

/* -1: what the command line names cannot be used. */
static int
load_settings(struct front *fr, struct err *e)
{
    struct buf warn = { 0 }, user = { 0 };
    char *line, *save = NULL;
    int rc = 0;

    if (fr->opt.config != NULL) {
        rc = settings_load(&fr->set, fr->opt.config, false, &warn, e);
    } else {
        load_one(fr, SYSTEM_CONF, &warn);
        /* An engine that serves many has nobody's own settings. */
        if (!fr->opt.engine && !fr->opt.headless && front_user_config(&user))
            load_one(fr, buf_text(&user), &warn);
    }
    if (warn.data != NULL)
        for (line = strtok_r(warn.data, "\n", &save); line != NULL;
             line = strtok_r(NULL, "\n", &save))
            front_notice(fr, line);
    buf_free(&warn);
    buf_free(&user);
    return rc;
}

/* The command line and the environment win over the files. */
static int
apply_options(struct front *fr, struct err *e)
{
    const struct options *o = &fr->opt;
    const char *no_color = getenv("NO_COLOR");
    struct settings *s = &fr->set;
    struct theme th;

    add_theme_dirs(s);
    if (o->no_color || (no_color != NULL && no_color[0] != '\0'))
        s->color = false;
    if (o->no_unicode)
        s->unicode = false;
    if (o->read_only)
        s->read_only = true;
    if (o->tick_ms != 0)
        s->tick_ms = o->tick_ms;
    if (o->log != NULL && strlen(o->log) >= sizeof s->log_file)
        return err_set(e, ERR_RANGE, "--log: found %zu bytes, allowed %zu",
                       strlen(o->log), sizeof s->log_file - 1);
    if (o->log != NULL)
        text_fmt(s->log_file, sizeof s->log_file, "%s", o->log);
    if (o->theme == NULL)
        return 0;
    if (theme_load(s->theme_dirs, o->theme, &th, e) < 0)
        return -1;
    text_fmt(s->theme, sizeof s->theme, "%s", o->theme);
    return 0;
}

/* Makes the directories above path. */
static void
make_parents(const char *path)
{
    char *copy = xstrdup(path), *p;

    for (p = strchr(copy + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
        *p = '\0';
        if (mkdir(copy, 0700) < 0 && errno != EEXIST)
            break; /* opening the file says why */
        *p = '/';
    }
    free(copy);
}

static void
default_log(struct settings *s, bool on_xen)
{
    struct buf path = { 0 };

    if (on_xen && geteuid() == 0)
        buf_str(&path, SYSTEM_LOG);
    else
        xdg_path("XDG_STATE_HOME", ".local/state", "xendeck/xendeck.log",
                 &path);
    if (path.len < sizeof s->log_file)
        text_fmt(s->log_file, sizeof s->log_file, "%s", buf_text(&path));
    buf_free(&path);
}

void
front_open_log(struct front *fr)
{
    const char *path = fr->set.log_file;
    struct log_opts lo = { .path = path[0] != '\0' ? path : NULL,
                           .level = LOGL_INFO };
    struct err e = { 0 };

    if (lo.path != NULL && path[0] == '/' && fr->opt.log == NULL)
        make_parents(path);
    fr->log = log_new(&lo, &e);
    fr->log_open = e.code == ERR_NONE;
    if (fr->log_open)
        return;
    if (!fr->opt.batch || fr->opt.log != NULL)
        front_notice(fr, e.msg);
}

int
front_settings(struct front *fr, bool on_xen, struct err *e)
{
    default_log(&fr->set, on_xen);
    return load_settings(fr, e) < 0 || apply_options(fr, e) < 0 ? -1 : 0;
}
