/*
 * engine.h - the engine as its rooms see it: the handles that all share, what
 * it is doing at the moment, and a place for each room's own state. The struct
 * itself is seen by engine/core alone.
 *
 * Single-threaded: all calls from the loop's thread.
 */
#ifndef XENDECK_CORE_ENGINE_H
#define XENDECK_CORE_ENGINE_H

#include <stdbool.h>

struct dom0;
struct engine;
struct engine_opts;
struct engine_paths;
struct hv;
struct log;
struct loop;
struct store;

/* Those that keep state of their own. */
enum engine_room {
    ROOM_EVENT,
    ROOM_TASK,
    ROOM_HOST,
    ROOM_RECORD,
    ROOM_CONSOLE,
    ROOM_DEVICE,
    ROOM_SERVED,
    ROOM_DM,
    ROOM_POSTMORTEM,
    ROOM_LIFE,
    ENGINE_ROOMS
};

enum engine_flag {
    ENGINE_OPENING,    /* it looks around: what it finds is no news */
    ENGINE_RECOVERING, /* what is found dead waits until recovery has looked */
    ENGINE_CLOSING,
    ENGINE_ABANDONED, /* tests: it ends as if killed, without a call */
    ENGINE_KEEP_HOST, /* tests: the boundaries outlive it */
    ENGINE_UNLOCKED,  /* the lock cannot be had: nothing is reaped */
    ENGINE_FROM_HOOK, /* what is done now is done for a hook */
    ENGINE_FLAGS
};

/* Borrowed for the life of the engine. engine_log may be NULL. */
struct loop *engine_loop(const struct engine *en);
struct log *engine_log(const struct engine *en);
struct hv *engine_hv(const struct engine *en);
struct store *engine_store(const struct engine *en);
struct dom0 *engine_dom0(const struct engine *en);
/* engine_options.h, with the defaults filled in; paths.h. */
const struct engine_opts *engine_options(const struct engine *en);
const struct engine_paths *engine_paths(const struct engine *en);

/* What the room has set, NULL before it is open and after it is closed. */
void *engine_room(const struct engine *en, enum engine_room r);
void engine_set_room(struct engine *en, enum engine_room r, void *state);

bool engine_is(const struct engine *en, enum engine_flag f);
void engine_set(struct engine *en, enum engine_flag f, bool on);

#endif
