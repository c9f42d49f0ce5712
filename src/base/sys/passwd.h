/*
 * passwd.h - the users of this host, by /etc/passwd alone. The name services of
 * the C library may wait for a server of the network, which the loop must not;
 * a user whom only such a server knows is not found here.
 */
#ifndef XENDECK_BASE_PASSWD_H
#define XENDECK_BASE_PASSWD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PASSWD_FILE "/etc/passwd"

/* The name of a user, made safe to show. False: there is none, and dst is as
 * before. */
bool passwd_name(const char *file, uid_t uid, char *dst, size_t n);
/* Number and first group of a user; false: there is none. */
bool passwd_ids(const char *file, const char *name, uid_t *uid_out,
                gid_t *gid_out);

#endif
