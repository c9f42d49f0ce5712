/*
 * world.h - an engine on a simulated host on the virtual clock, for tests.
 */
#ifndef XENDECK_TESTS_WORLD_H
#define XENDECK_TESTS_WORLD_H

#include "engine/api/open_on.h"
#include "engine/api/toolstack.h"
#include "engine/core/actor.h"
#include "engine/core/paths.h"
#include "engine/hv/hv.h"
#include "engine/sim/sim.h"
#include "engine/sim/sim_fault.h"
#include "engine/sim/sim_outside.h"
#include "engine/sim/sim_outside_dom0.h"
#include "engine/store/store.h"

#define WORLD_DOMID       7000
#define WORLD_POSTMORTEMS 8
#define WORLD_SCROLL      (256 * 1024)
#define WORLD_KERNEL      "build/tests/minikernel"
#define WORLD_LOADER      "tests/data/bootloader.sh"
#define WORLD_LOADER_DISK                                                      \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; "                  \
    "vdev = \"xvda\"; } );"

struct world {
    struct loop *lp;
    struct sim *sim; /* the engine's, but for tests that keep it */
    struct engine *en;
    char dir[64]; /* temporary: configurations written by the test */
    bool kept, autostart;
    uint64_t total_kib;      /* of the host; 0: as the simulated one has it */
    bool beside;             /* on the loop of another world */
    const char *hook_dir;    /* of engines to come */
    const char *xl_conf;     /* likewise; NULL: none */
    unsigned autoballoon;    /* likewise, enum engine_balloon */
    unsigned helper_limit_s; /* likewise */
    size_t scroll_bytes;     /* likewise, if kept */
    /* Likewise: of the end of the host. */
    unsigned host_stop, host_stop_else, host_stop_moves;
    const char *host_stop_to;
    uint64_t kernel_cache_kib; /* likewise */
    unsigned postmortems;      /* likewise, if kept */
    bool vif_without_scripts;  /* likewise */
    const char *kernel;        /* of world_conf; NULL: WORLD_KERNEL */
    /* Likewise: of migration under TLS, NULL: none. */
    const char *tls_certificate, *tls_key, *tls_ca, *tls_crl;
    const char *migrate_listen, *migrate_allow;
    char state[96], run[96];
    char conf[96]; /* of the last world_conf */
};

/* demo: guests beside dom0. one_shot: as with -e. */
void world_open(struct world *w, unsigned demo, bool one_shot);
void world_close(struct world *w);
/* With directories that outlive its engines, for worlds in which engines die
 * and follow one another; domids begin at WORLD_DOMID + 1. */
void world_open_kept(struct world *w, unsigned demo);
/* The same on the loop of another world: a second host. */
void world_open_kept_beside(struct world *w, struct loop *lp);
/* The engine ends as by SIGKILL; the host runs on. */
void world_kill(struct world *w);
/* The host loses its power and boots again: what is left is the state
 * directory. The engine is started next. */
void world_power_cut(struct world *w);
/* The same as world_kill within engine_new, by a jump out of a call: finds who
 * it was. */
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
/* The same with these settings of the group image, and no kernel but theirs. */
const char *world_image_conf(struct world *w, const char *name,
                             const char *image, const char *more);
/* The same of "web9", started by tests/data/bootloader.sh in this mode from
 * /dev/vg/web9; image: further settings in that group. */
const char *world_loader_conf(struct world *w, const char *mode,
                              const char *image, const char *more);
/* What boot loaders have left on disk. */
unsigned world_loaders_left(const struct world *w);
/* Runs the loop until the operation has ended; its state. */
enum op_state world_wait(struct world *w, uint64_t op);
/* Creates a guest from world_conf and waits; its dom id. Fails the test if
 * the creation fails. */
uint64_t world_guest(struct world *w, const char *name, const char *more);
/* The kernel hands over what was written to ptys. */
void world_hand_over(void);
/* Lets this much (virtual) time pass. */
void world_pass(struct world *w, uint64_t ms);
/* The same in small steps, with what was written to ptys handed over after
 * each: for what is read from a console meanwhile. */
void world_settle(struct world *w, uint64_t ms);
/* Turns of the loop until done(arg), for a minute of real time at most: for
 * what a process of its own does. */
bool world_await(struct world *w, bool (*done)(void *arg), void *arg);
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

/* Helpers that are started from now on stop themselves before they do anything,
 * as if what they look at were on a dead server: one that is stopped by its pid
 * may have done all by then. */
void world_helpers_stand(bool stand);
/* Until such a one has stopped: what continues it may follow. */
void world_stands(pid_t pid);

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

/* The helper process of these tests is the test itself. A world opens in such a
 * program alone: in another each helper would be all its tests again, with
 * helpers of their own. */
extern bool world_has_main;
int world_helper_main(int argc, char **argv);
#define WORLD_MAIN(run)                                                        \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        world_has_main = true;                                                 \
        if (argc > 1 && strcmp(argv[1], ENGINE_HELPER_ARG) == 0)               \
            return world_helper_main(argc, argv);                              \
        return run();                                                          \
    }

#endif
