/*
 * model.c - the end of a domain's device model.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "engine/device/device.h"
#include "src/base/fdio.h"

/* Is this process the device model of just this domain? A recorded pid may
 * have been given to another process since. */
static bool
is_model_of(uint64_t pid, uint32_t domid)
{
    char path[64], id[16];
    struct buf b = { 0 };
    const char *s;
    bool found = false;

    text_fmt(path, sizeof(path), "/proc/%llu/cmdline", (unsigned long long)pid);
    text_fmt(id, sizeof(id), "%u", domid);
    if (fd_read_file(path, 64 * 1024, &b, NULL) == 0)
        for (s = b.data; s != NULL && s < b.data + b.len && !found;
             s += strlen(s) + 1)
            if (strcmp(s, "-xen-domid") == 0 &&
                s + strlen(s) + 1 < b.data + b.len)
                found = strcmp(s + strlen(s) + 1, id) == 0;
    buf_free(&b);
    return found;
}

void
devices_kill_model(struct engine *en, uint32_t domid)
{
    static const char *const sockets[] = { "qmp-libxl", "qmp-libxenstat" };
    char path[96];
    uint64_t pid;
    size_t i;

    store_path(path, sizeof(path), "/local/domain/%u/image/device-model-pid",
               domid);
    if (en->sim != NULL ||
        store_read_u64(en->st, 0, path, 1 << 22, &pid, NULL) < 0 || pid < 2)
        return;
    if (is_model_of(pid, domid))
        (void)kill((pid_t)pid, SIGKILL);
    for (i = 0; i < 2; i++) {
        text_fmt(path, sizeof(path), "/var/run/xen/%s-%u", sockets[i], domid);
        (void)unlink(path);
    }
}
