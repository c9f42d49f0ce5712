/*
 * world.c - see world.h.
 */
#include "tests/sim/world.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/host/domains.h"
#include "engine/host/host_int.h"
#include "engine/task/helper_main.h"
#include "src/base/fdio.h"

static void
open_sim(struct world *w, unsigned demo)
{
    struct sim_opts so = { .domains = demo,
                           .seed = 7,
                           .quick_boot = true,
                           .total_kib = w->total_kib,
                           .last_domid = w->kept ? WORLD_DOMID : 0 };
    struct err e = { 0 };

    w->sim = sim_new(w->lp, &so, &e);
    if (w->sim == NULL)
        fail_msg("sim: %s", e.msg);
    sim_leave(w->sim);
}

static struct engine *
try_engine(struct world *w, bool one_shot, struct err *e)
{
    struct engine_opts eo = { .lp = w->lp,
                              .host = ENGINE_SIM,
                              .autostart = w->autostart,
                              .hook_dir = w->hook_dir,
                              .xl_conf = w->xl_conf != NULL ? w->xl_conf : "",
                              .autoballoon = w->autoballoon,
                              .helper_limit_s = w->helper_limit_s,
                              .host_stop = w->host_stop,
                              .host_stop_else = w->host_stop_else,
                              .host_stop_moves = w->host_stop_moves,
                              .host_stop_to = w->host_stop_to,
                              .tls_certificate = w->tls_certificate,
                              .tls_key = w->tls_key,
                              .tls_ca = w->tls_ca,
                              .tls_crl = w->tls_crl,
                              .migrate_listen = w->migrate_listen,
                              .migrate_allow = w->migrate_allow,
                              .one_shot = one_shot };

    if (w->kept) {
        eo.scroll_bytes = w->scroll_bytes;
        eo.postmortems = w->postmortems;
        eo.kernel_cache_kib = w->kernel_cache_kib;
        eo.vif_without_scripts = w->vif_without_scripts;
        eo.state_dir = w->state;
        eo.run_dir = w->run;
    }
    return engine_new(&eo, sim_hv(w->sim), sim_store(w->sim), sim_dom0(w->sim),
                      e);
}

static struct engine *
open_engine(struct world *w, bool one_shot)
{
    struct err e = { 0 };
    struct engine *en = try_engine(w, one_shot, &e);

    if (en == NULL)
        fail_msg("engine: %s", e.msg);
    return en;
}

bool world_has_main;

/* Worlds with many lives sync many files: in memory, where there is that. */
static void
prepare(struct world *w, bool kept, struct loop *lp)
{
    const char *top =
        kept && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    if (!world_has_main)
        fail_msg("the main of this program is not WORLD_MAIN");
    *w = (struct world){ .total_kib = lp != NULL ? w->total_kib : 0 };
    signal(SIGPIPE, SIG_IGN);
    w->beside = lp != NULL;
    w->lp = lp != NULL ? lp : loop_new(LOOP_CLOCK_VIRTUAL);
    assert_non_null(w->lp);
    text_fmt(w->dir, sizeof(w->dir), "%s/xendeck-test.XXXXXX", top);
    assert_non_null(mkdtemp(w->dir));
    w->kept = kept;
    w->scroll_bytes = WORLD_SCROLL;
    w->postmortems = WORLD_POSTMORTEMS;
}

void
world_open(struct world *w, unsigned demo, bool one_shot)
{
    prepare(w, false, NULL);
    open_sim(w, demo);
    w->en = open_engine(w, one_shot);
}

static void
open_kept(struct world *w, unsigned demo, struct loop *lp)
{
    prepare(w, true, lp);
    text_fmt(w->state, sizeof(w->state), "%s/state", w->dir);
    text_fmt(w->run, sizeof(w->run), "%s/run", w->dir);
    open_sim(w, demo);
    w->en = open_engine(w, false);
}

/* Descriptors that were known on the stack of the killed only: the kernel
 * closes them. */
static void
close_lost(const struct world *w)
{
    char path[64], target[256];
    ssize_t n;
    int fd;

    for (fd = 3; fd < 256; fd++) {
        text_fmt(path, sizeof(path), "/proc/self/fd/%d", fd);
        n = readlink(path, target, sizeof(target) - 1);
        if (n > 0 && strncmp(target, w->dir, strlen(w->dir)) == 0)
            close(fd);
    }
}

void
world_open_kept(struct world *w, unsigned demo)
{
    open_kept(w, demo, NULL);
}

void
world_open_kept_beside(struct world *w, struct loop *lp)
{
    open_kept(w, 0, lp);
}

void
world_kill(struct world *w)
{
    engine_abandon(w->en);
    w->en = NULL;
    close_lost(w);
}

void
world_kill_new(struct world *w)
{
    struct list_node *it;

    list_foreach (it, &sim_store(w->sim)->watches) {
        struct store_watch *sw = list_entry(it, struct store_watch, node);

        if (strcmp(sw->path, "@introduceDomain") == 0) {
            engine_abandon(container_of(sw, struct host_room, intro_watch)->en);
            close_lost(w);
            return;
        }
    }
    /* Before its first watch an engine holds little but memory. */
    store_close(sim_store(w->sim));
    close_lost(w);
}

void
world_start(struct world *w, bool one_shot)
{
    w->en = open_engine(w, one_shot);
}

void
world_start_auto(struct world *w)
{
    w->autostart = true;
    world_start(w, false);
    w->autostart = false;
}

struct engine *
world_beside(struct world *w, bool one_shot)
{
    struct engine *en = open_engine(w, one_shot);

    engine_set(en, ENGINE_KEEP_HOST, true);
    return en;
}

struct engine *
world_second(struct world *w, struct err *e)
{
    return try_engine(w, false, e);
}

static int
remove_one(const char *path, const struct stat *sb, int type, struct FTW *f)
{
    (void)sb;
    (void)type;
    (void)f;
    return remove(path);
}

void
world_power_cut(struct world *w)
{
    world_kill(w);
    sim_free(w->sim);
    (void)nftw(w->run, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    open_sim(w, 0);
}

void
world_close(struct world *w)
{
    if (w->en != NULL)
        engine_close(w->en);
    else
        sim_free(w->sim);
    if (!w->beside)
        loop_free(w->lp);
    (void)nftw(w->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Takes image, the settings of that group. */
static const char *
world_write_conf(struct world *w, const char *name, struct buf *image,
                 const char *more)
{
    struct buf b = { 0 };
    int fd;

    if (w->conf[0] != '\0')
        (void)unlink(w->conf);
    buf_fmt(&b, "name = \"%s\";\nmemory = 64;\nimage = { %s };\n%s\n", name,
            buf_text(image), more);
    buf_free(image);
    text_fmt(w->conf, sizeof(w->conf), "%s/%s.conf", w->dir, name);
    fd = open(w->conf, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, b.data, b.len), 0);
    close(fd);
    buf_free(&b);
    return w->conf;
}

const char *
world_conf(struct world *w, const char *name, const char *more)
{
    struct buf image = { 0 };
    char kernel[4096];

    assert_non_null(
        realpath(w->kernel != NULL ? w->kernel : WORLD_KERNEL, kernel));
    buf_fmt(&image, "kernel = \"%s\";", kernel);
    return world_write_conf(w, name, &image, more);
}

const char *
world_image_conf(struct world *w, const char *name, const char *image,
                 const char *more)
{
    struct buf b = { 0 };

    buf_str(&b, image);
    return world_write_conf(w, name, &b, more);
}

const char *
world_loader_conf(struct world *w, const char *mode, const char *image,
                  const char *more)
{
    char script[4096], kernel[4096];
    struct buf b = { 0 };

    assert_non_null(realpath(WORLD_LOADER, script));
    assert_non_null(realpath(WORLD_KERNEL, kernel));
    buf_fmt(&b,
            "bootloader = \"%s\"; bootloader_args = ( \"KERNEL=%s\", \"%s\" "
            "); %s",
            script, kernel, mode, image);
    return world_write_conf(w, "web9", &b, more);
}

unsigned
world_loaders_left(const struct world *w)
{
    const struct dirent *de;
    unsigned n = 0;
    char path[160];
    DIR *d;

    text_fmt(path, sizeof(path), "%s/boot", w->state);
    d = opendir(path);
    while (d != NULL && (de = readdir(d)) != NULL)
        n += de->d_name[0] != '.';
    if (d != NULL)
        (void)closedir(d);
    return n;
}

struct waiting {
    struct world *w;
    uint64_t op;
    const char *text;
};

static bool
op_ended(void *arg)
{
    const struct waiting *q = arg;
    const struct op *o = engine_op_by_id(q->w->en, q->op);

    return o == NULL || o->state > OP_RUNNING;
}

enum op_state
world_wait(struct world *w, uint64_t op)
{
    struct waiting q = { .w = w, .op = op };

    if (!loop_until(w->lp, op_ended, &q, 1000000))
        fail_msg("operation %llu hangs at '%s'", (unsigned long long)op,
                 engine_op_by_id(w->en, op)->label);
    return engine_op_by_id(w->en, op)->state;
}

uint64_t
world_guest(struct world *w, const char *name, const char *more)
{
    struct err e = { 0 };
    uint64_t op;

    if (engine_create(w->en, world_conf(w, name, more), NULL, &op, &e) < 0)
        fail_msg("%s", e.msg);
    if (world_wait(w, op) != OP_DONE)
        fail_msg("%s", engine_op_by_id(w->en, op)->err.msg);
    return engine_op_by_id(w->en, op)->dom_id;
}

static bool
never(void *arg)
{
    (void)arg;
    return false;
}

void
world_pass(struct world *w, uint64_t ms)
{
    (void)loop_until(w->lp, never, NULL, ms);
}

/* What was written to a pty comes out of it when a thread of the kernel has
 * run, but at once for who asks the pty itself, as poll does. */
void
world_hand_over(void)
{
    struct pollfd all[256];
    int fd;

    for (fd = 0; fd < 256; fd++)
        all[fd] = (struct pollfd){ .fd = fd, .events = POLLIN };
    (void)poll(all, 256, 0);
}

#define SETTLE_STEP_MS 200
#define SETTLE_REAL_MS 20 /* at most: less as soon as anything is ready */

void
world_settle(struct world *w, uint64_t ms)
{
    uint64_t done;

    for (done = 0; done < ms; done += SETTLE_STEP_MS) {
        world_pass(w, SETTLE_STEP_MS);
        world_hand_over();
        loop_hold(w->lp); /* the clock stands, descriptors are waited for */
        (void)loop_turn(w->lp, SETTLE_REAL_MS);
        loop_release(w->lp);
    }
}

#define AWAIT_S 60

bool
world_await(struct world *w, bool (*done)(void *arg), void *arg)
{
    struct timespec now, end;

    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += AWAIT_S;
    do {
        if (done(arg))
            return true;
        world_hand_over();
        (void)loop_turn(w->lp, 20);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec <= end.tv_sec);
    return done(arg);
}

static bool
is_idle(void *arg)
{
    const struct world *w = arg;

    return !engine_busy(w->en);
}

#define AFTERMATH_MS 2000

void
world_idle(struct world *w)
{
    world_pass(w, AFTERMATH_MS);
    assert_true(loop_until(w->lp, is_idle, w, 1000000));
}

static bool
is_gone(void *arg)
{
    const struct waiting *q = arg;

    return domains_by_name(q->w->en, q->text) == NULL;
}

bool
world_until_gone(struct world *w, const char *name)
{
    struct waiting q = { .w = w, .text = name };

    return loop_until(w->lp, is_gone, &q, 1000000);
}

static bool
has_event(void *arg)
{
    const struct waiting *q = arg;

    return world_event(q->w, q->text) != NULL;
}

bool
world_until_event(struct world *w, const char *text)
{
    struct waiting q = { .w = w, .text = text };

    return loop_until(w->lp, has_event, &q, 1000000);
}

const struct event *
world_event(const struct world *w, const char *text)
{
    size_t i;

    for (i = 0; i < engine_event_count(w->en); i++)
        if (strstr(engine_event_at(w->en, i)->text, text) != NULL)
            return engine_event_at(w->en, i);
    return NULL;
}

const struct dom *
world_dom(const struct world *w, const char *name)
{
    const struct dom_entry *de = domains_by_name(w->en, name);

    return de != NULL ? &de->d : NULL;
}

/* --- helpers --- */

#define STANDS "XENDECK_TEST_STANDS"

void
world_helpers_stand(bool stand)
{
    assert_int_equal(stand ? setenv(STANDS, "1", 1) : unsetenv(STANDS), 0);
}

void
world_stands(pid_t pid)
{
    siginfo_t si;

    assert_int_equal(
        waitid(P_PID, (id_t)pid, &si, WSTOPPED | WEXITED | WNOWAIT), 0);
    assert_int_equal(si.si_code, CLD_STOPPED);
}

int
world_helper_main(int argc, char **argv)
{
    if (getenv(STANDS) != NULL)
        (void)raise(SIGSTOP);
    return engine_helper_main(argc, argv);
}

int
world_setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    world_open(w, 0, false);
    *state = w;
    return 0;
}

int
world_teardown(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

char *
world_dump(struct world *w)
{
    struct buf b = { 0 };

    sim_dump(w->sim, &b);
    return buf_take(&b);
}

void
world_unchanged(struct world *w, char *before)
{
    char *after = world_dump(w);

    assert_string_equal(before, after);
    free(before);
    free(after);
}
