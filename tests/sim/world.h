/*
 * world.h - an engine on a simulated host on the virtual clock, for tests.
 */
#ifndef XENDECK_TESTS_WORLD_H
#define XENDECK_TESTS_WORLD_H

#include "engine/api/engine.h"
#include "engine/api/open_on.h"
#include "engine/core/actor.h"
#include "engine/core/paths.h"
#include "engine/hv/hv.h"
#include "engine/sim/sim.h"
#include "engine/sim/sim_fault.h"
#include "engine/sim/sim_outside.h"
#include "engine/store/store.h"

#define WORLD_DOMID  7000
#define WORLD_KERNEL "build/tests/minikernel"

struct world {
    struct loop *lp;
    struct sim *sim; /* the engine's, but for tests that keep it */
    struct engine *en;
    char dir[64]; /* temporary: configurations written by the test */
    bool kept, autostart;
    const char *hook_dir; /* of engines to come */
    char state[96], run[96];
    char conf[96]; /* of the last world_conf */
};

/* demo: guests beside dom0. one_shot: as with -e. */
void world_open(struct world *w, unsigned demo, bool one_shot);
void world_close(struct world *w);
/* With directories that outlive its engines, for worlds in which engines die
 * and follow one another; domids begin at WORLD_DOMID + 1. */
void world_open_kept(struct world *w, unsigned demo);
/* The engine ends as by SIGKILL; the host runs on. */
void world_kill(struct world *w);
/* The same within engine_new, by a jump out of a call: finds who it was. */
void world_kill_new(struct world *w);
/* Another engine on the host: w->en is it. */
void world_start(struct world *w, bool one_shot);
/* The same with --headless: autostart. */
void world_start_auto(struct world *w);
/* One for a single verb beside w->en; ended with engine_close, or
 * engine_abandon. */
struct engine *world_beside(struct world *w, bool one_shot);
/* Tries to open one that stays. */
struct engine *world_second(struct world *w, struct err *e);
/* Writes a configuration named NAME with these further lines; returns its
 * path, borrowed until the next call. */
const char *world_conf(struct world *w, const char *name, const char *more);
/* Runs the loop until the operation has ended; its state. */
enum op_state world_wait(struct world *w, uint64_t op);
/* Creates a guest from world_conf and waits; its dom id. Fails the test if
 * the creation fails. */
uint64_t world_guest(struct world *w, const char *name, const char *more);
/* Lets this much (virtual) time pass. */
void world_pass(struct world *w, uint64_t ms);
/* The same in small steps, with the kernel given time to hand over what was
 * written to ptys: for what is read from a console meanwhile. */
void world_settle(struct world *w, uint64_t ms);
/* Until all that follows from a death is over. */
void world_idle(struct world *w);
/* Until no domain has this name; false after 1,000 s of virtual time. */
bool world_until_gone(struct world *w, const char *name);
bool world_until_event(struct world *w, const char *text);
/* An event whose text holds this, NULL if there is none. */
const struct event *world_event(const struct world *w, const char *text);
/* NULL: no domain has this name. Borrowed until the next turn. */
const struct dom *world_dom(const struct world *w, const char *name);
/* sim_dump of the host, malloc'd. */
char *world_dump(struct world *w);
/* Fails the test if it is not as it was. Takes before. */
void world_unchanged(struct world *w, char *before);

/* cmocka's setup and teardown: *state is a world without guests. */
int world_setup(void **state);
int world_teardown(void **state);
/* The same for a program whose world is a variable: what begins a test, and
 * what ends it. */
#define WORLD_FIXTURE(begin, end)                                              \
    static int setup(void **state)                                             \
    {                                                                          \
        (void)state;                                                           \
        begin;                                                                 \
        return 0;                                                              \
    }                                                                          \
                                                                               \
    static int teardown(void **state)                                          \
    {                                                                          \
        (void)state;                                                           \
        end;                                                                   \
        return 0;                                                              \
    }

/* The helper process of these tests is the test itself. */
#define WORLD_MAIN(run)                                                        \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        if (argc > 1 && strcmp(argv[1], ENGINE_HELPER_ARG) == 0)               \
            return engine_helper_main(argc, argv);                             \
        return run();                                                          \
    }

#endif
