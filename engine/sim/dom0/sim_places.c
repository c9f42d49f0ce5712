/*
 * sim_places.c - the directories of a simulated host: a fresh temporary tree,
 * so that the system's own are never touched. One that a killed process left
 * behind is removed by the next.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_seed.h"
#include "src/base/fdio.h"
#include "src/base/maker.h"

#define PREFIX "xendeck-sim."

static void
places_parent(char *dst, size_t n)
{
    const char *tmp = getenv("TMPDIR");

    text_fmt(dst, n, "%.200s", tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
}

/* Says whose it is, for when that is killed. */
static void
places_sign(const char *dir)
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
places_is_stale(const char *dir)
{
    struct buf text = { 0 };
    char path[300];
    struct stat sb;
    bool stale;

    if (lstat(dir, &sb) < 0 || !S_ISDIR(sb.st_mode) || sb.st_uid != geteuid())
        return false;
    text_fmt(path, sizeof(path), "%s/owner", dir);
    stale = fd_read_file(path, 4096, &text, NULL) == 0 && text.len > 0 &&
            maker_life(buf_text(&text)) == LIFE_GONE;
    buf_free(&text);
    return stale;
}

static void
places_remove_stale(const char *parent)
{
    char pattern[300];
    glob_t g;
    size_t i;

    text_fmt(pattern, sizeof(pattern), "%s/" PREFIX "*", parent);
    if (glob(pattern, GLOB_NOSORT, NULL, &g) != 0)
        return;
    for (i = 0; i < g.gl_pathc; i++)
        if (places_is_stale(g.gl_pathv[i]))
            fd_remove_tree(g.gl_pathv[i]);
    globfree(&g);
}

static int
places_make(struct engine_paths *p, struct err *e)
{
    char parent[256];

    places_parent(parent, sizeof(parent));
    places_remove_stale(parent);
    text_fmt(p->made, sizeof(p->made), "%s/" PREFIX "XXXXXX", parent);
    if (mkdtemp(p->made) == NULL) {
        err_sys(e, errno, "temporary directory %s", p->made);
        p->made[0] = '\0';
        return -1;
    }
    places_sign(p->made);
    return 0;
}

static int
sim_places_make_dir(const char *path, struct err *e)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return err_sys(e, errno, "directory %s", path);
    return 0;
}

/* With both directories given (tests, where engines follow one another on a
 * host) all is kept there. */
int
sim_dom0_places(struct dom0 *d, const char *state, const char *run,
                struct engine_paths *out, struct err *e)
{
    const char *top = out->made;

    if (state != NULL && run != NULL)
        top = state;
    else if (places_make(out, e) < 0)
        return -1;
    text_fmt(out->state, sizeof(out->state), "%.240s/state", top);
    text_fmt(out->run, sizeof(out->run), "%.240s/run", top);
    text_fmt(out->libxl, sizeof(out->libxl), "%.240s/libxl", top);
    text_fmt(out->consoles, sizeof(out->consoles), "%s",
             top == state ? run : out->run);
    text_fmt(out->xl_conf, sizeof(out->xl_conf), "/etc/xen/xl.conf");
    text_fmt(out->xl_lock, sizeof(out->xl_lock), "%.240s/xl.lock", top);
    if (state != NULL)
        text_fmt(out->state, sizeof(out->state), "%s", state);
    text_fmt(out->dump, sizeof(out->dump), "%.240s/dump", out->state);
    if (run != NULL)
        text_fmt(out->run, sizeof(out->run), "%s", run);
    if (sim_places_make_dir(top, e) < 0 ||
        sim_places_make_dir(out->libxl, e) < 0)
        return -1;
    return top == state ? 0
                        : sim_seed_records(container_of(d, struct sim, dom0),
                                           top, out->state, e);
}
