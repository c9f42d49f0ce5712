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

#include <cmocka.h>

#include "engine/api/engine.h"

#define GUESTS  5
#define TICK_MS 250

void
house_open(struct house *h)
{
    struct engine_opts eo = { .host = ENGINE_SIM,
                              .sim_domains = GUESTS,
                              .sim_lively = true,
                              .tick_ms = TICK_MS };
    struct err e = { 0 };

    signal(SIGPIPE, SIG_IGN);
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        skip();
    h->lp = loop_new(LOOP_CLOCK_REAL);
    assert_non_null(h->lp);
    eo.lp = h->lp;
    h->en = engine_open(&eo, &e);
    if (h->en == NULL)
        fail_msg("engine: %s", e.msg);
    cmd_set_init(&h->cmds);
    ui_verbs_add(&h->cmds);
    settings_default(&h->set, &h->cmds);
}

void
house_close(struct house *h)
{
    engine_close(h->en);
    loop_free(h->lp);
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
on_program(struct ui *ui, const char *const *argv, void *arg, struct err *e)
{
    struct side *d = arg;

    (void)ui;
    if (argv[1] == NULL)
        return err_set(e, ERR_INVALID, "%s without a file", argv[0]);
    text_fmt(d->program, sizeof d->program, "%s %s", argv[0], argv[1]);
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
