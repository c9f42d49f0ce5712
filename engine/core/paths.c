/*
 * paths.c - the directories an engine works in. On Xen the system's own; the
 * simulated host gets a fresh temporary tree, so that it never touches them.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/core/engine_int.h"
#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/maker.h"

#define SIM_PREFIX "xendeck-sim."

static int
make_dir(const char *path, struct err *e)
{
    struct stat sb;

    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return err_sys(e, errno, "directory %s", path);
    if (lstat(path, &sb) < 0)
        return err_sys(e, errno, "directory %s", path);
    if (!S_ISDIR(sb.st_mode))
        return err_set(e, ERR_INVALID, "%s is in the way: not a directory",
                       path);
    return 0;
}

int
engine_paths_run(const struct engine *en, struct err *e)
{
    return make_dir(en->paths.run, e);
}

static int
remove_one(const char *path, const struct stat *sb, int type, struct FTW *f)
{
    (void)sb;
    (void)type;
    (void)f;
    (void)remove(path);
    return 0;
}

/* --- the simulated host's temporary tree --- */

static void
sim_parent(char *dst, size_t n)
{
    const char *tmp = getenv("TMPDIR");

    text_fmt(dst, n, "%.200s", tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
}

/* Says whose it is, for when that is killed. */
static void
sim_sign(const char *dir)
{
    char path[300], text[128];
    int fd;

    text_fmt(path, sizeof(path), "%s/owner", dir);
    maker_self(text, sizeof(text));
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    (void)fd_write_all(fd, text, strlen(text));
    close(fd);
}

/* Ours by name, by user, and signed by a process that is no more. */
static bool
sim_is_stale(const char *dir)
{
    struct buf text = { 0 };
    char path[300];
    struct stat sb;
    bool stale;

    if (lstat(dir, &sb) < 0 || !S_ISDIR(sb.st_mode) || sb.st_uid != geteuid())
        return false;
    text_fmt(path, sizeof(path), "%s/owner", dir);
    stale = fd_read_file(path, 4096, &text, NULL) == 0 && text.len > 0 &&
            !maker_alive(buf_text(&text));
    buf_free(&text);
    return stale;
}

static void
sim_remove_stale(const char *parent)
{
    char pattern[300];
    glob_t g;
    size_t i;

    text_fmt(pattern, sizeof(pattern), "%s/" SIM_PREFIX "*", parent);
    if (glob(pattern, GLOB_NOSORT, NULL, &g) != 0)
        return;
    for (i = 0; i < g.gl_pathc; i++)
        if (sim_is_stale(g.gl_pathv[i]))
            (void)nftw(g.gl_pathv[i], remove_one, 8, FTW_DEPTH | FTW_PHYS);
    globfree(&g);
}

static int
sim_make(struct engine_paths *p, struct err *e)
{
    char parent[256];

    sim_parent(parent, sizeof(parent));
    sim_remove_stale(parent);
    text_fmt(p->made, sizeof(p->made), "%s/" SIM_PREFIX "XXXXXX", parent);
    if (mkdtemp(p->made) == NULL) {
        err_sys(e, errno, "temporary directory %s", p->made);
        p->made[0] = '\0';
        return -1;
    }
    sim_sign(p->made);
    return 0;
}

/* With both directories given (tests, where engines follow one another on a
 * host) all is kept there. */
static int
sim_paths(struct engine *en, struct err *e)
{
    const struct engine_opts *o = &en->opts;
    struct engine_paths *p = &en->paths;
    const char *top = p->made, *run = o->run_dir;

    if (o->state_dir != NULL && o->run_dir != NULL)
        top = o->state_dir;
    else if (sim_make(p, e) < 0)
        return -1;
    text_fmt(p->state, sizeof(p->state), "%.240s/state", top);
    text_fmt(p->run, sizeof(p->run), "%.240s/run", top);
    text_fmt(p->libxl, sizeof(p->libxl), "%.240s/libxl", top);
    text_fmt(p->consoles, sizeof(p->consoles), "%s",
             p->made[0] == '\0' ? run : p->run);
    if (make_dir(top, e) < 0 || make_dir(p->libxl, e) < 0)
        return -1;
    return 0;
}

/* Xen's own paths are those that Debian's packages are built with. */
static void
xen_paths(struct engine_paths *p)
{
    text_fmt(p->state, sizeof(p->state), "/var/lib/xendeck");
    text_fmt(p->run, sizeof(p->run), "/run/xendeck");
    text_fmt(p->libxl, sizeof(p->libxl), "/var/lib/xen");
    text_fmt(p->consoles, sizeof(p->consoles), "/var/lock");
    text_fmt(p->dump, sizeof(p->dump), "/var/lib/xen/dump");
    text_fmt(p->history, sizeof(p->history), "/var/run/xen/domid-history");
}

int
engine_paths_init(struct engine *en, struct err *e)
{
    struct engine_paths *p = &en->paths;

    if (en->parts.sim == NULL)
        xen_paths(p);
    else if (sim_paths(en, e) < 0)
        return -1;
    if (en->opts.state_dir != NULL)
        text_fmt(p->state, sizeof(p->state), "%s", en->opts.state_dir);
    if (en->parts.sim != NULL)
        text_fmt(p->dump, sizeof(p->dump), "%.240s/dump", p->state);
    if (en->opts.run_dir != NULL)
        text_fmt(p->run, sizeof(p->run), "%s", en->opts.run_dir);
    if (make_dir(p->state, e) < 0 || make_dir(p->run, e) < 0)
        return -1;
    return 0;
}

void
engine_paths_fini(struct engine *en)
{
    if (en->paths.made[0] != '\0')
        (void)nftw(en->paths.made, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    en->paths.made[0] = '\0';
}
