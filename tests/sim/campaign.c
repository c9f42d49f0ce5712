/*
 * campaign.c - see campaign.h.
 */
#include "tests/sim/campaign.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/host/domains.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define CALM_MS  3000  /* nothing at work for so long: it is over */
#define PASS_MS  90000 /* and what may come later */
#define TURNS    20000
#define SECOND   9  /* every so manyth run is killed again ... */
#define SHORT    60 /* calls: a scenario with fewer has every other one so */
#define SECOND_N 5  /* ... at this step of calls in its recovery */

/* What a killed engine had on its stack is lost, as it should be. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
    return 1;
}

static struct world w;
static jmp_buf killed;

static void
kill_here(void *arg)
{
    (void)arg;
    longjmp(killed, 1);
}

/* --- the state of the host as text --- */

/* What is in it, but for times: of a life's state, whether it is kept; of a
 * saved domain, nothing. */
static void
list_file(const char *dir, const char *label, const char *name, struct buf *out)
{
    const size_t max = 1024 * 1024;
    struct buf text = { 0 };
    char path[512], *save = NULL, *line;

    buf_fmt(out, "%s/%s\n", label, name);
    text_fmt(path, sizeof(path), "%s/%s", dir, name);
    if (strstr(name, ".save") != NULL ||
        fd_read_file(path, max, &text, NULL) < 0 || text.data == NULL)
        return;
    for (line = strtok_r(text.data, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save))
        if (strstr(name, ".state") == NULL ||
            strncmp(line, "defined", 7) == 0 || strncmp(line, "saved", 5) == 0)
            buf_fmt(out, "%s/%s: %s\n", label, name,
                    strncmp(line, "saved", 5) == 0 ? "saved" : line);
    buf_free(&text);
}

static void
list_files(const char *dir, const char *label, struct buf *out)
{
    struct dirent **names;
    int i, n = scandir(dir, &names, NULL, alphasort);

    for (i = 0; i < n; i++) {
        if (strchr(names[i]->d_name, '-') != NULL) /* a uuid is in it */
            list_file(dir, label, names[i]->d_name, out);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

/* Do the bytes at s have the form of p: 'x' a hexadecimal digit, 'd' a decimal
 * one, else itself? */
static size_t
form(const char *s, size_t n, const char *p)
{
    size_t i, len = strlen(p);

    if (n < len)
        return 0;
    for (i = 0; i < len; i++)
        if (p[i] == 'x'   ? !isxdigit((unsigned char)s[i])
            : p[i] == 'd' ? !isdigit((unsigned char)s[i])
                          : s[i] != p[i])
            return 0;
    return len;
}

/* What a run chooses for itself: the number and frames that Xen gave, the
 * identity and name of one that is kept. Returns the bytes it takes. */
static size_t
masked(const char *s, size_t n, const char **as)
{
    static const char own[] = "11111111-2222-4333-8444-55555555aaaa";
    size_t len = form(s, n, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");

    *as = "UUID";
    if (len > 0 && memcmp(s, own, len) != 0)
        return len;
    *as = "-STAMP";
    len = form(s, n, "-ddddddddTdddddd");
    if (len > 0)
        return len;
    *as = "DOMID";
    len = form(s, n, "700d");
    return len > 0 && (n == 4 || !isdigit((unsigned char)s[4])) ? len : 0;
}

/* Which domid and frames Xen gave, which engine made it, and which directories
 * of others that found missing, is nobody's matter. */
static void
normal_line(const char *line, size_t n, struct buf *out)
{
    size_t i = 0, digits, len;
    const char *as;

    if (memmem(line, n, "/xendeck/maker", 14) != NULL ||
        memmem(line, n, "/xendeck/started", 16) != NULL ||
        memmem(line, n, "/xendeck/made", 13) != NULL ||
        memmem(line, n, "/ring-ref", 9) != NULL ||
        memmem(line, n, "/files/boot_", 12) != NULL) /* of a boot loader */
        return;
    while (i < n) {
        len = masked(line + i, n - i, &as);
        if (len > 0) {
            buf_str(out, as);
            i += len;
            continue;
        }
        for (digits = 0; i + digits < n && line[i + digits] >= '0' &&
                         line[i + digits] <= '9';)
            digits++;
        digits += digits == 0;
        buf_add(out, line + i, digits);
        i += digits;
    }
    buf_chr(out, '\n');
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Identities that a run chooses have no order. */
static char *
sorted(char *text)
{
    struct buf out = { 0 };
    size_t n = 0, i, cap = 1;
    char **lines, *line, *save = NULL;
    const char *s;

    for (s = text; *s != '\0'; s++)
        cap += *s == '\n';
    lines = xcalloc(cap, sizeof(*lines));
    for (line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save))
        lines[n++] = line;
    qsort(lines, n, sizeof(*lines), by_text);
    for (i = 0; i < n; i++)
        buf_fmt(&out, "%s\n", lines[i]);
    free(lines);
    free(text);
    return buf_take(&out);
}

/* dom0's directory of backends and those of their kinds, without a backend in
 * them: which of them stand depends on who removed the last one. */
static bool
is_empty_parent(const char *line)
{
    static const char top[] = "/local/domain/0/backend";
    const char *s = line + sizeof(top) - 1;

    if (strncmp(line, top, sizeof(top) - 1) != 0)
        return false;
    if (*s == '/')
        s += 1 + strcspn(s + 1, "/ \n");
    return strncmp(s, " = \"\"", 5) == 0;
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
    text_fmt(path, sizeof(path), "%s/save", at->state);
    list_files(path, "save", &raw);
    buf_fmt(&raw, "left by boot loaders: %u\n", world_loaders_left(at));
    for (s = buf_text(&raw); *s != '\0'; s += strcspn(s, "\n") + 1)
        if (!is_empty_parent(s))
            normal_line(s, strcspn(s, "\n"), &out);
    buf_free(&raw);
    return sorted(buf_take(&out));
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

        text_fmt(more, sizeof(more), CAMPAIGN_UUID " %s", sc->more);
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

/* The sanitizers take each ninth call: they are slow, and what they find in a
 * recovery is seldom one call's alone. */
static unsigned
step_between_kills(void)
{
    const char *text = getenv("XENDECK_CAMPAIGN_STEP");
    unsigned long step = text != NULL ? strtoul(text, NULL, 10) : 1;

    return step > 1 && step < SHORT ? (unsigned)step : 1;
}

void
campaign(const struct scenario *sc)
{
    const unsigned step = step_between_kills();
    struct reference ref;
    unsigned nth, m, every, points = 0;
    bool came;

    undone = done = twice = bad = 0;
    run_undisturbed(sc, &ref);
    every = ref.calls < SHORT ? 2 : SECOND;
    for (nth = step; (came = run_killed(sc, nth)) || nth < ref.calls;
         nth += step) {
        if (!came) { /* one run has fewer calls than the next */
            world_close(&w);
            continue;
        }
        recover(0);
        judge(sc, &ref, nth, 0);
        world_close(&w);
        points++;
        if (nth % every != 0)
            continue;
        m = 1 + nth / every * SECOND_N;
        /* Its last calls may come in one run and not in the next, as a helper
         * is quicker or slower. */
        if (run_killed(sc, nth)) {
            recover(m);
            judge(sc, &ref, nth, m);
            twice++;
        }
        world_close(&w);
    }
    world_close(&w);
    print_message("%s: killed at %u calls (%u to its end): %u as "
                  "undisturbed, %u as never begun; %u of these killed again "
                  "while recovering\n",
                  sc->name, points, ref.calls, done, undone, twice);
    assert_int_equal(bad, 0);
    assert_true(points >= 10 / step);
    free(ref.before);
    free(ref.after);
}

/* The nth call of the scenario fails; false: there was none. */
static bool
run_faulty(const struct scenario *sc, unsigned nth)
{
    bool reached;

    begin(sc);
    sim_fault_add(w.sim, "*", nth, EIO);
    sc->act(&w);
    settle(&w, CALM_MS);
    reached = sim_calls(w.sim, "*") >= nth;
    sim_fault_clear(w.sim);
    settle(&w, PASS_MS);
    return reached;
}

void
campaign_faults(const struct scenario *sc)
{
    const unsigned step = step_between_kills();
    unsigned nth, points = 0;
    struct reference ref;

    undone = done = bad = 0;
    run_undisturbed(sc, &ref);
    for (nth = step; run_faulty(sc, nth) || nth < ref.calls; nth += step) {
        points++;
        judge(sc, &ref, nth, 0);
        world_close(&w);
    }
    world_close(&w);
    print_message("%s: %u calls failed one by one: %u as undisturbed, %u as "
                  "never begun\n",
                  sc->name, points, done, undone);
    assert_int_equal(bad, 0);
    free(ref.before);
    free(ref.after);
}

uint64_t
campaign_id(struct world *at)
{
    const struct dom_entry *de = domains_by_name(at->en, "web9");

    assert_non_null(de);
    return de->d.id;
}

uint32_t
campaign_domid(struct world *at)
{
    const struct dom_entry *de = domains_by_name(at->en, "web9");

    assert_non_null(de);
    return de->d.domid;
}

bool
campaign_guest(struct world *at)
{
    (void)at;
    return true;
}

void
campaign_add(struct world *at, const struct device_want *want)
{
    struct err e = { 0 };

    if (engine_device_add(at->en, campaign_id(at), want, NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

void
campaign_remove(struct world *at, const char *kind, const char *name)
{
    const struct device_leave leave = { kind, name, false };
    struct err e = { 0 };

    if (engine_device_remove(at->en, campaign_id(at), &leave, NULL, &e) < 0)
        fail_msg("%s", e.msg);
}
