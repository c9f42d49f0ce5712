/*
 * same_file.c - see same_file.h. Follows a path as realpath(3) does, but asks
 * the table of mounts before each step.
 */
#include "engine/dom0/same_file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "src/base/buf.h"

#define LINKS_MAX 40

void
mount_unescape(char *s)
{
    char *to = s;

    for (; *s != '\0'; s++) {
        if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' &&
            s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
            *to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + s[3] - '0');
            s += 3;
        } else {
            *to++ = *s;
        }
    }
    *to = '\0';
}

/* Another host serves it, or a process: either may be dead. */
static bool
type_is_remote(const char *type)
{
    static const char *const types[] = { "nfs",  "cifs",      "smb",    "ceph",
                                         "fuse", "9p",        "afs",    "coda",
                                         "ncp",  "glusterfs", "lustre", "gfs",
                                         "ocfs", "autofs" };
    size_t i;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strncmp(type, types[i], strlen(types[i])) == 0)
            return true;
    return false;
}

static bool
lies_below(const char *path, const char *dir)
{
    size_t n = strlen(dir);

    if (strcmp(dir, "/") == 0)
        return true;
    return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* The mount that a path is on is the last of the longest. */
static bool
on_remote(const struct known_file *k, const char *path)
{
    char line[4096], dir[PATH_MAX], type[64];
    const char *s = k->mounts, *tail;
    size_t best = 0;
    unsigned major, minor;
    bool remote = false;

    for (; *s != '\0'; s += strcspn(s, "\n"), s += *s == '\n') {
        text_fmt(line, sizeof(line), "%.*s", (int)strcspn(s, "\n"), s);
        tail = strstr(line, " - ");
        if (tail == NULL || sscanf(tail + 3, "%63s", type) != 1 ||
            sscanf(line, "%*u %*u %u:%u %*s %4095s", &major, &minor, dir) != 3)
            continue;
        mount_unescape(dir);
        if (!lies_below(path, dir) || strlen(dir) < best)
            continue;
        best = strlen(dir);
        remote = type_is_remote(type) && makedev(major, minor) != k->dev;
    }
    return remote;
}

static void
drop_last(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash != NULL)
        *slash = '\0';
}

/* left: what is still to be followed; done: without links, "" for "/". */
struct walk {
    char left[PATH_MAX], done[PATH_MAX];
    unsigned links;
};

/* The link that done ends in goes before what is left. */
static bool
same_file_follow(struct walk *w, const char *link)
{
    char rest[PATH_MAX];

    if (++w->links > LINKS_MAX ||
        strlen(link) + strlen(w->left) + 2 > sizeof(rest))
        return false;
    text_fmt(rest, sizeof(rest), "%s", w->left);
    text_fmt(w->left, sizeof(w->left), "%s/", link);
    memcpy(w->left + strlen(w->left), rest, strlen(rest) + 1);
    if (link[0] == '/')
        w->done[0] = '\0';
    else
        drop_last(w->done);
    return true;
}

/* One component; false: it is not to be followed. */
static bool
same_file_step(const struct known_file *k, struct walk *w)
{
    char name[NAME_MAX + 1], link[PATH_MAX];
    size_t skip = strspn(w->left, "/"), n = strcspn(w->left + skip, "/");
    ssize_t got;

    if (n > NAME_MAX || strlen(w->done) + n + 2 > sizeof(w->done))
        return false;
    text_fmt(name, sizeof(name), "%.*s", (int)n, w->left + skip);
    memmove(w->left, w->left + skip + n, strlen(w->left + skip + n) + 1);
    if (n == 0 || strcmp(name, ".") == 0)
        return true;
    if (strcmp(name, "..") == 0) {
        drop_last(w->done);
        return true;
    }
    n = strlen(w->done);
    text_fmt(w->done + n, sizeof(w->done) - n, "/%s", name);
    if (on_remote(k, w->done))
        return false;
    got = readlink(w->done, link, sizeof(link) - 1);
    if (got <= 0)
        return true;
    link[got] = '\0';
    return same_file_follow(w, link);
}

bool
path_is_remote(const char *mounts, const char *path)
{
    const struct known_file none = { .mounts = mounts };
    struct walk w = { .links = 0 };

    if (path[0] != '/' || strlen(path) >= sizeof(w.left))
        return false;
    text_fmt(w.left, sizeof(w.left), "%s", path);
    while (w.left[0] != '\0')
        if (!same_file_step(&none, &w))
            return on_remote(&none, w.done);
    return false;
}

bool
same_file_path(const struct known_file *k, const char *path)
{
    struct walk w = { .links = 0 };
    struct stat st;

    if (path[0] != '/' || strlen(path) >= sizeof(w.left))
        return false;
    text_fmt(w.left, sizeof(w.left), "%s", path);
    while (w.left[0] != '\0')
        if (!same_file_step(k, &w))
            return false;
    return stat(w.done, &st) == 0 && S_ISREG(st.st_mode) &&
           st.st_dev == k->dev && st.st_ino == k->ino;
}
