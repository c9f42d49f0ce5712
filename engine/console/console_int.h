/*
 * console_int.h - a guest console as the engine holds it; shared by channel.c
 * (tty, lock, bytes) and clients.c (who reads and writes).
 */
#ifndef XENDECK_ENGINE_CONSOLE_INT_H
#define XENDECK_ENGINE_CONSOLE_INT_H

#include "engine/console/console.h"
#include "engine/console/consoles_own.h"
#include "engine/host/domains.h"
#include "engine/record/record.h"
#include "src/base/loop.h"

#define CONSOLE_CAPTURE_MAX  (1024 * 1024)      /* bytes kept for new clients */
#define CONSOLE_CAPTURES_MAX (32 * 1024 * 1024) /* of all consoles together */
#define CONSOLE_QUEUE_MAX    (64 * 1024) /* bytes waiting for the guest */
#define CONSOLE_ENDED_KEPT   32          /* consoles kept after their guest */

struct console_room {
    struct engine *en;
    struct list_node consoles;
    struct dom_observer doms;
    struct record_observer record;
};

static inline struct console_room *
console_room(const struct engine *en)
{
    return engine_room(en, ROOM_CONSOLE);
}

struct console {
    struct engine *en;
    struct list_node node;
    uint64_t dom_id; /* 0: its guest is gone */
    uint32_t domid;
    uint8_t uuid[16];
    struct console_place place;
    char name[MODEL_NAME_MAX];
    char reason[16]; /* of its guest's last end; "" while none has ended */
    char seam[128];  /* "web1: reboot, domain 3 -> 4" */
    bool own;        /* the engine reads it, clients or not */
    bool let_go;     /* released on demand */
    enum console_state state;
    char why[160];
    int fd, lock_fd; /* -1: none */
    char lock_path[300];
    struct loop_fd lf;
    struct store_watch tty_watch;
    struct loop_timer drain; /* after the guest's end; pause of a paste */
    struct loop_timer pace;
    struct list_node clients;
    const struct console_client *writer; /* who typed last; NULL: nobody */
    struct buf capture;
    struct buf queue;
};

/* channel.c */
/* number: of place. */
struct console *console_new(struct engine *en, const struct dom *d,
                            unsigned number);
void console_free(struct console *c);
/* Points it at a domain (again) and begins to wait for its tty. */
void console_follow(struct console *c, const struct dom *d);
/* Opens tty and lock if they can be had now; sets state and why. */
void console_open(struct console *c);
void console_close(struct console *c);
void console_flush(struct console *c);
/* Waits for output unless a client holds it back; write: and for room. */
void console_want(struct console *c, bool write);
/* Frees those whose guest is gone beyond CONSOLE_ENDED_KEPT. */
void console_trim(struct engine *en);

/* clients.c */
void console_set(struct console *c, enum console_state state, const char *fmt,
                 ...) __attribute__((format(printf, 3, 4)));
void console_deliver(struct console *c, const char *bytes, size_t n);
/* Another life of its guest begins: the line between both, for those who
 * attach later. */
void console_mark_seam(struct console *c, uint32_t domid);

#endif
