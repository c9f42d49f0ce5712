/*
 * console.h - guest consoles, as front ends read and write them.
 */
#ifndef XENDECK_ENGINE_CONSOLE_H
#define XENDECK_ENGINE_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/console_place.h"
#include "engine/model/session_info.h"
#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/list.h"

struct engine;

struct console;
struct console_client;
struct console_pasting;

/* Embedded in its owner, zeroed means idle. data: at most 64 KiB a call, may
 * be called many times a turn. state: after a change, and after a seam. */
struct console_client {
    void (*data)(struct console_client *c, const char *bytes, size_t n);
    void (*state)(struct console_client *c);
    /* Others have come or gone, who types is another, or a long text for the
     * guest goes on (console_paste.h); NULL: nothing. */
    void (*company)(struct console_client *c);
    /* A text of this client's is over; `end' is valid during the call. Neither
     * this nor company may detach. NULL: nothing. */
    void (*pasted)(struct console_client *c, const struct console_pasting *end);
    char who[48]; /* for the others: "root@pts/3"; set before the attach */
    /* What its session may do, at each moment: without RIGHT_OPERATE it reads
     * only. Borrowed; NULL: nothing. */
    const enum session_right *right;
    struct console *con; /* NULL: not attached */
    bool hold;           /* console_hold's */
    /* It may not type: for such clients alone a console that the engine does
     * not read anyway stays closed, and `xl console' can have it. Set by the
     * owner before the attach. */
    bool only_looks;
    /* Its terminal decides the console's size when it has typed last, whatever
     * the others have; set by the owner before the attach. */
    bool size_of_writer;
    unsigned rows, cols; /* console_resize's; 0: not told yet */
    struct list_node node;
};

/* Attaches to a console of a domain by its number, 0: the primary one, which
 * is the first serial port where the domain has one. The captured text (up to
 * 1 MiB a console of a uuid, 32 MiB of all) is replayed through data before
 * this returns. Attaching to the primary console of an owned domain adds a
 * client to the engine's own reader; any other one is opened now, and let go
 * with its last client that does not only look. A number that the domain does
 * not have waits for its tty. */
int console_attach(struct engine *en, uint64_t dom_id, unsigned number,
                   struct console_client *c, struct err *e);
/* Which console it is; the kind is known once it was found. Not attached: the
 * primary one. */
struct console_place console_place(const struct console_client *c);
void console_detach(struct console_client *c); /* idempotent */
enum console_state console_state(const struct console_client *c);
/* A sentence for the state: the holder's pid and name, the reason of the end.
 */
const char *console_why(const struct console_client *c);
/* Between two lives of its guest: "web1: reboot, domain 3 -> 4"; "" before the
 * second. Changes before state is called for it. */
const char *console_seam(const struct console_client *c);
/* Queues keys for the guest, written as its tty takes them (paced: PV consoles
 * take 16 at a time), behind a text that this client pastes. Beyond 64 KiB
 * they wait as such a text (console_paste.h). Returns how many were taken; less
 * than n when 16 MiB wait already, or 64 KiB while another client pastes, 0 of
 * a client that may only read. */
size_t console_write(struct console_client *c, const char *bytes, size_t n);
/* The same for what the client's terminal answers to the guest by itself. Of
 * several clients that may write one answers: who typed last, else the first.
 * An answer that
 * the guest leaves lying is dropped whole, so that there is room for keys. */
void console_answer(struct console_client *c, const char *bytes, size_t n);
/* Behind what the guest has said so far a reset of the terminal (RIS) is put,
 * as if the guest had sent it: for all clients, for those to come and for the
 * text on disk. False: nothing was done, c may only read or is not attached. */
bool console_reset(struct console_client *c);
/* How many others look at this console; *who_out (or NULL): one of them,
 * borrowed until the next turn, "" if there is none. */
size_t console_others(const struct console_client *c, const char **who_out);
/* Which of them types at the moment, NULL: nobody. Borrowed until the next
 * turn. */
const char *console_typist(const struct console_client *c);
/* A client that cannot keep up holds the guest's output back: while any client
 * holds, nothing more is read from the guest, but for what is left when its
 * tty hangs up. */
void console_hold(struct console_client *c, bool hold);
/* Lets go of the ttys of a domain's consoles and of their locks, until its
 * next life, so that `xl console` can have them. An error if none is open. */
int console_release(struct engine *en, uint64_t dom_id, struct err *e);
/* Takes them back. An error names who has one; it is taken as soon as that
 * reader ends. */
int console_retake(struct engine *en, uint64_t dom_id, struct err *e);
/* The size of this client's terminal, 0 for one that does not count. The tty
 * (TIOCSWINSZ) gets the smallest of all clients, or that of the one who typed
 * last if it is size_of_writer. */
void console_resize(struct console_client *c, unsigned rows, unsigned cols);
#endif
