/*
 * paths.c - the directories an engine works in: those that dom0 has for it.
 */
#include <errno.h>
#include <sys/stat.h>

#include "engine/core/engine_int.h"
#include "engine/dom0/dom0.h"
#include "src/base/fdio.h"

static int
paths_make_dir(const char *path, struct err *e)
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
    return paths_make_dir(en->paths.run, e);
}

int
engine_paths_init(struct engine *en, struct err *e)
{
    const struct engine_opts *o = &en->opts;
    struct engine_paths *p = &en->paths;

    if (dom0_places(en->parts.dom0, o->state_dir, o->run_dir, p, e) < 0 ||
        paths_make_dir(p->state, e) < 0 || paths_make_dir(p->run, e) < 0)
        return -1;
    return 0;
}

void
engine_paths_fini(struct engine *en)
{
    if (en->paths.made[0] != '\0')
        fd_remove_tree(en->paths.made);
    en->paths.made[0] = '\0';
}
