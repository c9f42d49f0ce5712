/*
 * console_int.h - a guest console as the engine holds it; shared by channel.c
 * (tty, lock, bytes), clients.c (who reads and writes), console_paste.c (long
 * texts for the guest) and console_scroll.c (what is on disk).
 */
#ifndef XENDECK_ENGINE_CONSOLE_INT_H
#define XENDECK_ENGINE_CONSOLE_INT_H

#include "engine/console/console.h"
#include "engine/console/console_program.h"
#include "engine/console/consoles_own.h"
#include "engine/console/paste_int.h"
#include "engine/host/domains.h"
#include "engine/record/record.h"
#include "src/base/loop.h"

#define CONSOLE_CAPTURE_MAX  (1024 * 1024)      /* bytes kept for new clients */
#define CONSOLE_CAPTURES_MAX (32 * 1024 * 1024) /* of all consoles together */
#define CONSOLE_QUEUE_MAX    (64 * 1024) /* bytes waiting for the guest */
#define CONSOLE_ANSWERS_MAX  4096        /* of them, where answers end */
#define CONSOLE_TYPING_MS    3000        /* since the last key */
#define CONSOLE_ENDED_KEPT   32          /* consoles kept after their guest */

/* Before a line of ours, in a text that is fed to a terminal: whatever a guest
 * left behind (alternate screen, colours, character sets, margins) ends. */
#define CONSOLE_STRAIGHT "\x1b[?1049l\x1b[!p\x1b[0m"

struct console_room {
    struct engine *en;
    struct list_node consoles;
    struct dom_observer doms;
    struct record_observer record;
    struct loop_timer save, sweep; /* console_scroll.c */
    bool save_failed;              /* the disk takes nothing, which is told */
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
    /* fd is its terminal, until it is hidden; NULL: the guest's. */
    struct console_program *program;
    char lock_path[300];
    struct loop_fd lf;
    struct store_watch tty_watch;
    struct loop_timer drain; /* after the guest's end; pause of a paste */
    struct loop_timer pace;
    struct list_node clients;
    const struct console_client *writer; /* who typed last; NULL: nobody */
    struct loop_timer typing;            /* active: the writer still types */
    struct buf capture;
    size_t unsaved;    /* bytes at its end that are not on disk */
    bool scroll_begun; /* what earlier engines kept was taken over */
    struct buf queue;
    struct console_paste paste; /* what goes into the queue next */
    bool texting;               /* one goes out, or its end is in the queue */
    struct loop_timer text_out; /* it has: who wants the console now? */
};

/* channel.c */
/* number: of place. */
struct console *console_new(struct engine *en, const struct dom *d,
                            unsigned number);
void console_free(struct console *c);
/* Points it at a domain (again) and begins to wait for its tty. */
void console_follow(struct console *c, const struct dom *d);
/* The primary one of a domain, which the engine reads from here on. */
struct console *console_of_entry(struct dom_entry *de);
/* Handler of lf: takes what came, and writes what is queued. */
void console_readable(struct loop_fd *lf, unsigned ready);
/* Opens tty and lock if they can be had now; sets state and why. */
void console_open(struct console *c);
void console_close(struct console *c);
/* Whether the engine or a client that may type reads it, or a text of one that
 * has left still goes out. */
bool console_wanted(const struct console *c);
/* Fewer want it: closes it if nobody is left to type. Frees it, and gives
 * false, if nobody is left at all. */
bool console_unwant(struct console *c);
void console_flush(struct console *c);
/* Waits for output unless a client holds it back; write: and for room. */
void console_want(struct console *c, bool write);
/* Frees those whose guest is gone beyond CONSOLE_ENDED_KEPT. */
void console_trim(struct engine *en);

#endif
