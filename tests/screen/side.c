/*
 * side.c - see side.h.
 */
#include "tests/screen/side.h"

#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/api/open_on.h"
#include "engine/api/toolstack.h"
#include "engine/core/engine.h"
#include "engine/sim/sim.h"
#include "src/base/fdio.h"

#define GUESTS  5
#define TICK_MS 250
#define SCROLL  (256 * 1024)

static void
house_engine(struct house *h)
{
    struct engine_opts eo = { .lp = h->lp,
                              .host = ENGINE_SIM,
                              .tick_ms = h->tick_ms != 0 ? h->tick_ms : TICK_MS,
                              .scroll_bytes = SCROLL,
                              .state_dir = h->state,
                              .run_dir = h->run };
    struct err e = { 0 };

    h->en = engine_new(&eo, sim_hv(h->sim), sim_store(h->sim), sim_dom0(h->sim),
                       &e);
    if (h->en == NULL)
        fail_msg("engine: %s", e.msg);
}

void
house_open(struct house *h)
{
    struct sim_opts so = { .domains = GUESTS, .lively = true, .seed = 1 };
    struct err e = { 0 };

    signal(SIGPIPE, SIG_IGN);
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        skip();
    h->lp = loop_new(LOOP_CLOCK_REAL);
    assert_non_null(h->lp);
    text_fmt(h->dir, sizeof h->dir, "/tmp/xendeck-house.XXXXXX");
    assert_non_null(mkdtemp(h->dir));
    text_fmt(h->state, sizeof h->state, "%s/state", h->dir);
    text_fmt(h->run, sizeof h->run, "%s/run", h->dir);
    h->sim = sim_new(h->lp, &so, &e);
    if (h->sim == NULL)
        fail_msg("sim: %s", e.msg);
    sim_leave(h->sim);
    house_engine(h);
    cmd_set_init(&h->cmds);
    ui_verbs_add(&h->cmds);
    settings_default(&h->set, &h->cmds);
}

void
house_close(struct house *h)
{
    engine_close(h->en);
    loop_free(h->lp);
    fd_remove_tree(h->dir);
}

void
house_restart(struct house *h, bool killed)
{
    if (killed) {
        engine_abandon(h->en);
    } else {
        engine_set(h->en, ENGINE_KEEP_HOST, true);
        engine_close(h->en);
    }
    house_engine(h);
}

static bool
never(void *arg)
{
    (void)arg;
    return false;
}

void
house_pass(struct house *h, unsigned ms)
{
    loop_until(h->lp, never, NULL, ms);
}

static void
run_turn(void *arg)
{
    loop_turn(((struct house *)arg)->lp, 5);
}

/* --- the owner --- */

static void
gone(struct side *d)
{
    if (!d->close_at_end)
        return;
    ui_close(d->ui);
    d->ui = NULL;
}

static void
on_detach(struct ui *ui, void *arg)
{
    struct side *d = arg;

    (void)ui;
    d->detached++;
    gone(d);
}

static void
on_suspend(struct ui *ui, void *arg)
{
    (void)ui;
    ((struct side *)arg)->suspended++;
}

static void
on_end(struct ui *ui, void *arg)
{
    struct side *d = arg;

    (void)ui;
    d->ended++;
    gone(d);
}

static int
on_program(struct ui *ui, const struct user_text *t, void *arg, struct err *e)
{
    struct side *d = arg;

    (void)ui;
    if (t->name[0] == '\0')
        return err_set(e, ERR_INVALID, "a text without a name");
    text_fmt(d->program, sizeof d->program, "%s %s", user_program_word(t->kind),
             t->name);
    text_fmt(d->text, sizeof d->text, "%.*s", (int)t->n, t->text);
    return 0;
}

static const struct ui_owner owner = { .detach = on_detach,
                                       .suspend = on_suspend,
                                       .end = on_end,
                                       .run_program = on_program };

/* --- opening --- */

struct ui *
side_try(struct side *d, const struct ui_opts *o, struct err *e)
{
    struct ui_opts own = *o;

    own.lp = d->h->lp;
    own.en = d->h->en;
    own.set = &d->h->set;
    d->ses = (struct session){ .info = { .rights = RIGHT_ADMIN },
                               .granted = RIGHT_ADMIN,
                               .alone = true,
                               .en = d->h->en,
                               .lp = d->h->lp,
                               .cmds = &d->h->cmds,
                               .set = &d->h->set };
    own.session = &d->ses;
    own.owner = &owner;
    own.arg = d;
    d->ui = ui_open(&own, e);
    return d->ui;
}

void
side_open(struct side *d, struct house *h, const struct side_opts *o)
{
    struct ui_opts uo = { .term = o->term, .utf8 = o->utf8 };
    struct err e = { 0 };

    *d = (struct side){ .h = h };
    d->s = scr_bare(o->rows, o->cols, run_turn, h);
    uo.in_fd = uo.out_fd = scr_tty(d->s);
    if (side_try(d, &uo, &e) == NULL)
        fail_msg("ui: %s", e.msg);
}

void
side_close(struct side *d)
{
    ui_close(d->ui);
    d->ui = NULL;
    scr_close(d->s);
    d->s = NULL;
}
