/*
 * dm_display.c - where the VNC server of a device model may listen, and where
 * its log is.
 */
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/dm/dm_int.h"

#define LOG_DIR  "/var/log/xen"
#define DISPLAYS 100 /* libxl's "to=99" */

static bool
port_free(const struct addrinfo *ai)
{
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    bool ok;

    if (fd < 0)
        return true; /* for the model to find out */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    ok = bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 || errno != EADDRINUSE;
    close(fd);
    return ok;
}

bool
dm_display_find(struct dm_vnc *v, bool (*taken)(void *arg, unsigned port),
                void *arg)
{
    const struct addrinfo hint = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM };
    unsigned i, port;
    struct addrinfo *ai;
    char text[16];
    bool ok;

    for (i = 0; i < DISPLAYS; i++) {
        port = DM_VNC_BASE + v->display + i;
        text_fmt(text, sizeof(text), "%u", port);
        if (port > 65535 || getaddrinfo(v->host, text, &hint, &ai) != 0)
            return false; /* a name: looking it up may take long */
        ok = !taken(arg, port) && port_free(ai);
        freeaddrinfo(ai);
        if (ok) {
            v->display += i;
            v->unused = false;
            return true;
        }
    }
    return false;
}

void
dm_log_path(const char *name, char *dst, size_t n)
{
    char *s;

    text_fmt(dst, n, LOG_DIR "/qemu-dm-%s.log", name);
    for (s = dst + sizeof(LOG_DIR); *s != '\0'; s++)
        if (*s == '/')
            *s = '_';
}
