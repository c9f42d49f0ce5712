/*
 * guest_ask.c - see guest_ask.h.
 */
#include "engine/life/end/guest_ask.h"

#include <string.h>

static void
ask_path(uint32_t domid, char *dst, size_t n)
{
    store_path(dst, n, "/local/domain/%u/control/shutdown", domid);
}

int
guest_ask_send(struct engine *en, uint32_t domid, const char *command,
               struct store_watch *w, store_watch_cb changed, struct err *e)
{
    char path[96];

    ask_path(domid, path, sizeof(path));
    if (store_write(engine_store(en), 0, path, command, e) < 0)
        return -1;
    return store_watch_add(engine_store(en), w, path, changed, e);
}

bool
guest_ask_taken(struct engine *en, uint32_t domid, const char *command)
{
    char path[96], now[32];
    struct err e = { 0 };

    ask_path(domid, path, sizeof(path));
    if (store_read_text(engine_store(en), 0, path, now, sizeof(now), &e) < 0)
        return e.code == ERR_NOENT;
    return strcmp(now, command) != 0;
}

struct withdrawal {
    const char *path, *command;
    bool taken;
};

static int
ask_withdraw_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    struct withdrawal *w = arg;
    char now[32];

    if (store_read_text(st, tx, w->path, now, sizeof(now), e) < 0)
        return -1;
    w->taken = strcmp(now, w->command) != 0;
    return w->taken ? 0 : store_write(st, tx, w->path, "", e);
}

int
guest_ask_withdraw(struct engine *en, uint32_t domid, const char *command,
                   bool *taken_out, struct err *e)
{
    char path[96];
    struct withdrawal w = { .path = path, .command = command };
    struct err why = { 0 };

    ask_path(domid, path, sizeof(path));
    if (store_tx_run(engine_store(en), ask_withdraw_body, &w, &why) < 0 &&
        why.code != ERR_NOENT) {
        if (e != NULL)
            *e = why;
        return -1;
    }
    if (taken_out != NULL)
        *taken_out = w.taken;
    return 0;
}
