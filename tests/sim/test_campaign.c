/*
 * test_campaign.c - the engine is killed at every hypervisor and store call of
 * an operation; after the next engine's recovery the host, xenstore and the
 * files are as after an undisturbed run, or as before it. One run for each
 * call; some are killed a second time while they recover.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/life/task.h"
#include "src/base/xalloc.h"
#include "tests/sim/world.h"

#define UUID    "uuid = \"11111111-2222-4333-8444-55555555aaaa\";"
#define CALM_MS 3000  /* nothing at work for so long: it is over */
#define PASS_MS 90000 /* and what may come later */
#define TURNS   20000
#define MODEL                                                                  \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/q\"; vdev = \"xvda\"; "    \
    "format = \"qcow2\"; }, { type = \"vfb\"; } );"
#define SECOND   9 /* every so manyth run is killed again ... */
#define SECOND_N 5 /* ... at this step of calls in its recovery */

/* What a killed engine had on its stack is lost, as it should be. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
    return 1;
}

struct scenario {
    const char *name;
    const char *more;               /* settings of the guest */
    bool (*setup)(struct world *w); /* NULL: an empty host */
    void (*act)(struct world *w);
    bool may_undo; /* the state before is as good as the one after */
};

static struct world w;
static jmp_buf killed;

static void
kill_here(void *arg)
{
    (void)arg;
    longjmp(killed, 1);
}

/* --- the state of the host as text --- */

static void
list_files(const char *dir, const char *label, struct buf *out)
{
    struct dirent **names;
    int i, n = scandir(dir, &names, NULL, alphasort);

    for (i = 0; i < n; i++) {
        if (strchr(names[i]->d_name, '-') != NULL) /* a uuid is in it */
            buf_fmt(out, "%s/%s\n", label, names[i]->d_name);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

/* Which domid and frames Xen gave, and which engine made it, is nobody's
 * matter. */
static void
normal_line(const char *line, size_t n, struct buf *out)
{
    size_t i = 0, digits;

    if (memmem(line, n, "/xendeck/maker", 14) != NULL ||
        memmem(line, n, "/ring-ref", 9) != NULL)
        return;
    while (i < n) {
        for (digits = 0; i + digits < n && line[i + digits] >= '0' &&
                         line[i + digits] <= '9';)
            digits++;
        if (digits == 4 && line[i] == '7' && line[i + 1] == '0' &&
            line[i + 2] == '0') {
            buf_str(out, "DOMID");
            i += 4;
        } else {
            buf_add(out, line + i, digits > 0 ? digits : 1);
            i += digits > 0 ? digits : 1;
        }
    }
    buf_chr(out, '\n');
}

static char *
state_of(struct world *at)
{
    struct buf raw = { 0 }, out = { 0 };
    char path[128];
    const char *s;

    sim_dump(at->sim, &raw);
    list_files(at->state, "state", &raw);
    text_fmt(path, sizeof(path), "%s/libxl", at->state);
    list_files(path, "libxl", &raw);
    for (s = buf_text(&raw); *s != '\0'; s += strcspn(s, "\n") + 1)
        normal_line(s, strcspn(s, "\n"), &out);
    buf_free(&raw);
    return buf_take(&out);
}

/* --- running --- */

/* By turns, not by loop_until, which would leave a timer on a stack that is
 * jumped off. */
static void
settle(struct world *at, uint64_t pass_ms)
{
    uint64_t calm = loop_now_ms(at->lp);
    int i;

    for (i = 0; i < TURNS; i++) {
        uint64_t now = loop_now_ms(at->lp);

        if (at->en != NULL && engine_busy(at->en))
            calm = now;
        if (now - calm >= pass_ms)
            return;
        (void)loop_turn(at->lp, 500);
    }
    fail_msg("never at rest");
}

static void
begin(const struct scenario *sc)
{
    world_open_kept(&w, 0);
    if (sc->setup != NULL) {
        char more[512];

        text_fmt(more, sizeof(more), UUID " %s", sc->more);
        (void)world_guest(&w, "web9", more);
        settle(&w, CALM_MS);
        (void)sc->setup(&w);
        settle(&w, 30000);
    }
}

struct reference {
    char *before, *after;
    unsigned calls;
};

static void
run_undisturbed(const struct scenario *sc, struct reference *ref)
{
    begin(sc);
    ref->before = state_of(&w);
    sim_fault_add(w.sim, "none", 1, 0); /* the count begins */
    sc->act(&w);
    settle(&w, CALM_MS);
    ref->calls = sim_calls(w.sim, "*");
    settle(&w, PASS_MS);
    ref->after = state_of(&w);
    world_close(&w);
}

/* False: the nth call did not come. */
static bool
run_killed(const struct scenario *sc, unsigned nth)
{
    if (setjmp(killed) == 0) {
        begin(sc);
        sim_kill_at(w.sim, nth, kill_here, NULL);
        sc->act(&w);
        settle(&w, CALM_MS);
        sim_kill_at(w.sim, 0, NULL, NULL);
        return false;
    }
    world_kill(&w);
    return true;
}

/* The recovery, itself killed at its mth call if m > 0. */
static void
recover(unsigned m)
{
    if (setjmp(killed) == 0) {
        sim_kill_at(w.sim, m, kill_here, NULL);
        world_start(&w, false);
        settle(&w, CALM_MS);
        sim_kill_at(w.sim, 0, NULL, NULL);
    } else {
        if (w.en == NULL)
            world_kill_new(&w);
        else
            world_kill(&w);
        world_start(&w, false);
    }
    settle(&w, PASS_MS);
}

/* Lines of a that are not in b; with a sign they are printed. */
static unsigned
missing(const char *sign, const char *a, const char *b)
{
    unsigned count = 0;

    while (*a != '\0') {
        size_t n = strcspn(a, "\n");
        char *line = xstrndup(a, n + 1);

        if (strstr(b, line) == NULL) {
            count++;
            if (sign != NULL)
                print_message("%s %s", sign, line);
        }
        free(line);
        a += n + 1;
    }
    return count;
}

/* Against the nearer of the two. */
static void
print_difference(const struct reference *ref, const char *state)
{
    const char *want = ref->after;

    if (missing(NULL, state, ref->before) + missing(NULL, ref->before, state) <
        missing(NULL, state, want) + missing(NULL, want, state))
        want = ref->before;
    missing("-", want, state);
    missing("+", state, want);
}

static unsigned undone, done, twice, bad;

static void
judge(const struct scenario *sc, const struct reference *ref, unsigned nth,
      unsigned m)
{
    char *state = state_of(&w);
    bool is_after = strcmp(state, ref->after) == 0;
    bool is_before = strcmp(state, ref->before) == 0;
    size_t i;

    if (!is_after && !(is_before && sc->may_undo)) {
        for (i = 0; i < engine_event_count(w.en); i++)
            print_message("  %s: %s\n", engine_event_at(w.en, i)->name,
                          engine_event_at(w.en, i)->text);
        print_message("--- %s, killed at call %u, %u: neither before nor "
                      "after\n",
                      sc->name, nth, m);
        print_difference(ref, state);
        bad++;
    } else if (is_after)
        done++;
    else
        undone++;
    free(state);
}

static void
campaign(const struct scenario *sc)
{
    struct reference ref;
    unsigned nth, m, points = 0;

    undone = done = twice = bad = 0;
    run_undisturbed(sc, &ref);
    for (nth = 1; run_killed(sc, nth); nth++) {
        recover(0);
        judge(sc, &ref, nth, 0);
        world_close(&w);
        points++;
        if (nth % SECOND != 0)
            continue;
        m = 1 + nth / SECOND * SECOND_N;
        (void)run_killed(sc, nth);
        recover(m);
        judge(sc, &ref, nth, m);
        world_close(&w);
        twice++;
    }
    world_close(&w);
    print_message("%s: killed at each of %u calls (%u to its end): %u as "
                  "undisturbed, %u as never begun; %u of these killed again "
                  "while recovering\n",
                  sc->name, points, ref.calls, done, undone, twice);
    assert_int_equal(bad, 0);
    assert_true(points >= 10);
    free(ref.before);
    free(ref.after);
}

/* --- what is done --- */

static void
act_create(struct world *at)
{
    struct err e = { 0 };

    if (engine_create(at->en,
                      world_conf(at, "web9", UUID " vcpus = 2; maxvcpus = 4;"),
                      NULL, NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_model_create(struct world *at)
{
    struct err e = { 0 };

    if (engine_create(at->en, world_conf(at, "web9", UUID MODEL), NULL, NULL,
                      &e) < 0)
        fail_msg("%s", e.msg);
}

static bool
setup_none(struct world *at)
{
    (void)at;
    return true;
}

static uint32_t
domid_now(struct world *at)
{
    const struct dom_entry *de = domains_by_name(at->en, "web9");

    assert_non_null(de);
    return de->d.domid;
}

static void
act_reboot_inside(struct world *at)
{
    (void)sim_guest_shutdown(at->sim, domid_now(at), HV_REBOOT);
}

static void
act_poweroff_inside(struct world *at)
{
    (void)sim_guest_shutdown(at->sim, domid_now(at), HV_POWEROFF);
}

static uint64_t
id_now(struct world *at)
{
    const struct dom_entry *de = domains_by_name(at->en, "web9");

    assert_non_null(de);
    return de->d.id;
}

static void
act_shutdown(struct world *at)
{
    assert_int_equal(engine_shutdown(at->en, id_now(at), NULL, NULL), 0);
}

static void
act_reboot(struct world *at)
{
    assert_int_equal(engine_reboot(at->en, id_now(at), NULL, NULL), 0);
}

static void
act_destroy(struct world *at)
{
    assert_int_equal(engine_destroy(at->en, id_now(at), NULL, NULL), 0);
}

static void
act_device_add(struct world *at)
{
    static const char *const words[] = { "path=/dev/vg/data", "vdev=xvdb" };
    struct err e = { 0 };

    if (engine_device_add(at->en, id_now(at),
                          &(struct device_want){ "vbd", words, 2 }, NULL,
                          &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_vif_add(struct world *at)
{
    static const char *const words[] = { "mac=00:16:3e:00:00:77" };
    struct err e = { 0 };

    if (engine_device_add(at->en, id_now(at),
                          &(struct device_want){ "vif", words, 1 }, NULL,
                          &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_device_remove(struct world *at)
{
    struct err e = { 0 };

    if (engine_device_remove(at->en, id_now(at),
                             &(struct device_leave){ "vbd", "xvda", false },
                             NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

#define DISK                                                                   \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; "                  \
    "vdev = \"xvda\"; } );"

#define CAMPAIGN(name_, ...)                                                   \
    static void test_##name_(void **state)                                     \
    {                                                                          \
        static const struct scenario sc = { .name = #name_, __VA_ARGS__ };     \
                                                                               \
        (void)state;                                                           \
        campaign(&sc);                                                         \
    }

CAMPAIGN(create, .act = act_create, .may_undo = true)
CAMPAIGN(restart, .setup = setup_none, .more = "", .act = act_reboot_inside)
CAMPAIGN(reap, .setup = setup_none, .more = "", .act = act_poweroff_inside)
CAMPAIGN(shutdown, .setup = setup_none, .more = "restart = \"always\";",
         .act = act_shutdown, .may_undo = true)
CAMPAIGN(reboot, .setup = setup_none, .more = "", .act = act_reboot,
         .may_undo = true)
CAMPAIGN(destroy, .setup = setup_none, .more = "restart = \"always\";",
         .act = act_destroy, .may_undo = true)

CAMPAIGN(model_create, .act = act_model_create, .may_undo = true)
CAMPAIGN(model_restart, .setup = setup_none, .more = MODEL,
         .act = act_reboot_inside)
CAMPAIGN(model_destroy, .setup = setup_none, .more = MODEL, .act = act_destroy,
         .may_undo = true)

CAMPAIGN(device_add, .setup = setup_none, .more = DISK, .act = act_device_add,
         .may_undo = true)
CAMPAIGN(vif_add, .setup = setup_none, .more = DISK, .act = act_vif_add,
         .may_undo = true)
CAMPAIGN(device_remove, .setup = setup_none, .more = DISK,
         .act = act_device_remove, .may_undo = true)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_reap),
        cmocka_unit_test(test_shutdown),
        cmocka_unit_test(test_reboot),
        cmocka_unit_test(test_destroy),
        cmocka_unit_test(test_device_add),
        cmocka_unit_test(test_vif_add),
        cmocka_unit_test(test_device_remove),
        cmocka_unit_test(test_model_create),
        cmocka_unit_test(test_model_restart),
        cmocka_unit_test(test_model_destroy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
