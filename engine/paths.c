/*
 * paths.c - the directories an engine works in. On Xen the system's own; the
 * simulated host gets a fresh temporary tree, so that it never touches them.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/engine_int.h"

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

static int
sim_paths(struct engine *en, struct err *e)
{
    struct engine_paths *p = &en->paths;
    const char *tmp = getenv("TMPDIR");

    text_fmt(p->made, sizeof(p->made), "%.200s/xendeck-sim.XXXXXX",
             tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
    if (mkdtemp(p->made) == NULL) {
        err_sys(e, errno, "temporary directory %s", p->made);
        p->made[0] = '\0';
        return -1;
    }
    text_fmt(p->state, sizeof(p->state), "%.240s/state", p->made);
    text_fmt(p->run, sizeof(p->run), "%.240s/run", p->made);
    text_fmt(p->libxl, sizeof(p->libxl), "%.240s/libxl", p->made);
    text_fmt(p->consoles, sizeof(p->consoles), "%.240s/run", p->made);
    if (make_dir(p->libxl, e) < 0)
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

    if (en->sim == NULL)
        xen_paths(p);
    else if (sim_paths(en, e) < 0)
        return -1;
    if (en->opts.state_dir != NULL)
        text_fmt(p->state, sizeof(p->state), "%s", en->opts.state_dir);
    if (en->sim != NULL)
        text_fmt(p->dump, sizeof(p->dump), "%.240s/dump", p->state);
    if (en->opts.run_dir != NULL)
        text_fmt(p->run, sizeof(p->run), "%s", en->opts.run_dir);
    if (make_dir(p->state, e) < 0 || make_dir(p->run, e) < 0)
        return -1;
    return 0;
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

void
engine_paths_fini(struct engine *en)
{
    if (en->paths.made[0] != '\0')
        (void)nftw(en->paths.made, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    en->paths.made[0] = '\0';
}
