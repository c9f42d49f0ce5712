/*
 * peer.c - see peer.h.
 */
#include "src/attach/peer.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/sys/passwd.h"
#include "src/base/xalloc.h"

#define GROUPS_MAX 65536
#define ROOM       16384

static int
find_group(const char *name, gid_t *out, struct err *e)
{
    struct group gr, *found = NULL;
    char *room;
    int r;

    *out = (gid_t)-1;
    if (name[0] == '\0')
        return 0;
    room = xcalloc(1, ROOM);
    r = getgrnam_r(name, &gr, room, ROOM, &found);
    if (r == 0 && found != NULL)
        *out = gr.gr_gid;
    free(room);
    if (r != 0)
        return err_sys(e, r, "group '%s'", name);
    if (found == NULL)
        return err_set(e, ERR_NOENT,
                       "there is no group '%s': nobody gets rights by it; "
                       "`groupadd %s' makes it",
                       name, name);
    return 0;
}

int
peer_groups_find(const char *view, const char *operate, const char *admin,
                 struct peer_groups *out, struct err *e)
{
    int rc = find_group(view, &out->view, e);

    if (find_group(operate, &out->operate, rc == 0 ? e : NULL) < 0)
        rc = -1;
    if (find_group(admin, &out->admin, rc == 0 ? e : NULL) < 0)
        rc = -1;
    return rc;
}

bool
peer_groups_any(const struct peer_groups *g)
{
    return g->view != (gid_t)-1 || g->operate != (gid_t)-1 ||
           g->admin != (gid_t)-1;
}

static enum session_right
rights_of_group(const struct peer_groups *g, gid_t gid)
{
    if (gid == (gid_t)-1)
        return RIGHT_NONE;
    if (gid == g->admin)
        return RIGHT_ADMIN;
    if (gid == g->operate)
        return RIGHT_OPERATE;
    return gid == g->view ? RIGHT_VIEW : RIGHT_NONE;
}

/* Of the process that connected: no name service is asked, which could take
 * long. */
static enum session_right
rights_of_groups(int sock, const struct peer_groups *g)
{
    enum session_right best = RIGHT_NONE;
    socklen_t len = 0;
    gid_t *gids;
    size_t i;

    (void)getsockopt(sock, SOL_SOCKET, SO_PEERGROUPS, NULL, &len);
    if (len == 0 || len > GROUPS_MAX * sizeof(gid_t))
        return RIGHT_NONE;
    gids = xcalloc(1, len);
    if (getsockopt(sock, SOL_SOCKET, SO_PEERGROUPS, gids, &len) == 0)
        for (i = 0; i < len / sizeof(gid_t); i++)
            if (rights_of_group(g, gids[i]) > best)
                best = rights_of_group(g, gids[i]);
    free(gids);
    return best;
}

static void
name_user(uid_t uid, char *dst, size_t n)
{
    if (!passwd_name(PASSWD_FILE, uid, dst, n))
        text_fmt(dst, n, "uid %u", (unsigned)uid);
}

int
peer_of(int sock, const struct peer_groups *g, struct peer *out)
{
    struct ucred cred;
    socklen_t len = sizeof(cred);
    enum session_right by_groups;

    if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
        return -1;
    memset(out, 0, sizeof(*out));
    out->pid = cred.pid;
    out->uid = cred.uid;
    name_user(cred.uid, out->user, sizeof(out->user));
    out->rights = rights_of_group(g, cred.gid);
    by_groups = rights_of_groups(sock, g);
    if (by_groups > out->rights)
        out->rights = by_groups;
    if (cred.uid == 0 || cred.uid == geteuid())
        out->rights = RIGHT_ADMIN;
    return 0;
}
