/*
 * passwd.c - see passwd.h. A line is NAME:PASSWORD:UID:GID:...; one that is not
 * so is passed over.
 */
#include "src/base/sys/passwd.h"

#include <string.h>

#include "src/base/fdio.h"

#define FILE_MAX (4 * 1024 * 1024)

struct passwd_entry {
    const char *name;
    unsigned long long uid, gid;
};

/* Cuts a line into its fields; false: it is none of a user. */
static bool
passwd_parse(char *line, struct passwd_entry *out)
{
    const char *uid, *gid;

    out->name = strsep(&line, ":");
    (void)strsep(&line, ":");
    uid = strsep(&line, ":");
    gid = strsep(&line, ":");
    return out->name[0] != '\0' && uid != NULL && gid != NULL &&
           text_u64(uid, 0, (uid_t)-2, &out->uid) &&
           text_u64(gid, 0, (gid_t)-2, &out->gid);
}

/* The first user with this name, or NULL: with this number. It lies in text. */
static bool
passwd_find(const char *file, const char *name, uid_t uid, struct buf *text,
            struct passwd_entry *out)
{
    char *at, *line;

    if (fd_read_file(file, FILE_MAX, text, NULL) < 0)
        return false;
    at = text->data;
    while ((line = strsep(&at, "\n")) != NULL)
        if (passwd_parse(line, out) &&
            (name != NULL ? strcmp(out->name, name) == 0 : out->uid == uid))
            return true;
    return false;
}

bool
passwd_name(const char *file, uid_t uid, char *dst, size_t n)
{
    struct passwd_entry found;
    struct buf text = { 0 };
    bool ok = passwd_find(file, NULL, uid, &text, &found);

    if (ok)
        text_safe(dst, n, found.name, strlen(found.name));
    buf_free(&text);
    return ok;
}

bool
passwd_ids(const char *file, const char *name, uid_t *uid_out, gid_t *gid_out)
{
    struct passwd_entry found;
    struct buf text = { 0 };
    bool ok = passwd_find(file, name, 0, &text, &found);

    if (ok) {
        *uid_out = (uid_t)found.uid;
        *gid_out = (gid_t)found.gid;
    }
    buf_free(&text);
    return ok;
}
