/*
 * test_events.c - events of an engine on the simulated host: their facts, the
 * journal that outlives the engine, events of other processes, hostile names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "engine/event/event_file.h"
#include "engine/event/event_int.h"
#include "engine/event/hooks.h"
#include "engine/host/domains.h"
#include "tests/sim/world.h"

static const struct event *
find(const struct engine *en, enum event_kind k, const char *text)
{
    size_t i = engine_event_count(en);

    while (i-- > 0) {
        const struct event *ev = engine_event_at(en, i);

        if (ev->kind == k && strstr(ev->text, text) != NULL)
            return ev;
    }
    fail_msg("no %s event with '%s'", event_kind_name(k), text);
    return NULL;
}

static void
test_operations_say_who_asked_and_how_it_ended(void **state)
{
    struct world *w = *state;
    uint64_t id = world_guest(w, "web1", ""), op;
    const struct event *ev;
    struct err e = { 0 };

    assert_int_equal(engine_pause(w->en, id, &op, &e), 0);
    assert_int_equal(world_wait(w, op), OP_DONE);
    ev = find(w->en, EVENT_OP_START, "pause");
    assert_string_equal(ev->who, engine_who(w->en));
    assert_int_equal(ev->op, op);
    assert_string_equal(ev->xl, "xl pause web1");
    assert_string_equal(engine_op_by_id(w->en, op)->xl, "xl pause web1");
    ev = find(w->en, EVENT_OP_END, "pause");
    assert_int_equal(ev->verb, OP_PAUSE);
    assert_int_equal(ev->result, OP_DONE);
    ev = find(w->en, EVENT_BIRTH, "");
    assert_string_equal(ev->who, engine_who(w->en)); /* of the creation */
    assert_int_equal(ev->verb, OP_CREATE);
    assert_memory_equal(ev->uuid, engine_dom_by_id(w->en, id)->uuid, 16);
}

static unsigned
births(const struct engine *en)
{
    unsigned n = 0;
    size_t i;

    for (i = 0; i < engine_event_count(en); i++)
        n += engine_event_at(en, i)->kind == EVENT_BIRTH;
    return n;
}

/* Another toolstack's: listed first, named a moment later, or never. */
static void
test_a_birth_is_told_with_the_name(void **state)
{
    struct world *w = *state;
    struct hv_create c = { .max_vcpus = 1, .uuid = { 7 } };
    struct err e = { 0 };
    unsigned before = births(w->en);
    uint32_t a, b;
    char path[64];

    assert_int_equal(hv_create(engine_hv(w->en), &c, &a, &e), 0);
    c.uuid[0] = 8;
    assert_int_equal(hv_create(engine_hv(w->en), &c, &b, &e), 0);
    domains_scan_soon(w->en);
    world_pass(w, 100);
    assert_int_equal(births(w->en), before);
    text_fmt(path, sizeof(path), "/local/domain/%u/name", a);
    assert_int_equal(store_write(engine_store(w->en), 0, path, "theirs", &e),
                     0);
    world_pass(w, 100);
    assert_int_equal(births(w->en), before + 1);
    assert_string_equal(find(w->en, EVENT_BIRTH, "not ours")->name, "theirs");
    world_pass(w, 4000);
    assert_int_equal(births(w->en), before + 2);
    assert_string_equal(find(w->en, EVENT_BIRTH, "not ours")->name, "(null)");
}

static void
test_what_the_engine_begins_is_its_own(void **state)
{
    struct world *w = *state;
    uint64_t id = world_guest(w, "web1", "");
    const struct event *ev;

    sim_guest_shutdown(w->sim, engine_dom_by_id(w->en, id)->domid, HV_CRASH);
    assert_true(world_until_gone(w, "web1"));
    world_pass(w, 1000);
    ev = find(w->en, EVENT_DEATH, "crash");
    assert_string_equal(ev->reason, "crash");
    ev = find(w->en, EVENT_OP_END, "reap");
    assert_string_equal(ev->who, ENGINE_ITSELF);
    assert_string_equal(ev->xl, "");
}

/* Also of what is told when it is gone. */
static void
test_a_whole_life_has_its_uuid(void **state)
{
    static const enum event_kind kinds[] = { EVENT_DEATH, EVENT_REAPED,
                                             EVENT_RESTART, EVENT_OP_END };
    struct world *w = *state;
    uint64_t id = world_guest(w, "web1", "restart = \"always\";");
    uint8_t uuid[16];
    size_t i;

    memcpy(uuid, engine_dom_by_id(w->en, id)->uuid, sizeof(uuid));
    world_pass(w, 19700);
    sim_guest_shutdown(w->sim, world_dom(w, "web1")->domid, HV_POWEROFF);
    world_idle(w);
    assert_memory_equal(find(w->en, EVENT_REFUSED, "it ran 19 s, ")->uuid, uuid,
                        sizeof(uuid));
    id = world_guest(w, "web1", "restart = \"always\";");
    memcpy(uuid, engine_dom_by_id(w->en, id)->uuid, sizeof(uuid));
    world_pass(w, 30000);
    sim_guest_shutdown(w->sim, world_dom(w, "web1")->domid, HV_POWEROFF);
    world_idle(w);
    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        assert_memory_equal(find(w->en, kinds[i], "")->uuid, uuid,
                            sizeof(uuid));
}

static void
test_a_destroyed_domain_has_that_reason(void **state)
{
    struct world *w = *state;
    uint64_t id = world_guest(w, "web1", ""), op;
    const struct event *ev;
    struct err e = { 0 };

    assert_int_equal(engine_destroy(w->en, id, &op, &e), 0);
    assert_int_equal(world_wait(w, op), OP_DONE);
    ev = find(w->en, EVENT_DEATH, "");
    assert_string_equal(ev->reason, "destroyed");
    assert_string_equal(ev->who, engine_who(w->en));
}

static void
test_injected_events_keep_their_kind(void **state)
{
    struct world *w = *state;
    uint64_t id = world_guest(w, "web1", "");
    const struct event *ev;
    struct err e = { 0 };

    assert_int_equal(
        engine_event_inject(w->en, "xend.domain.died", id, "a\nb\x1b[2J", &e),
        0);
    ev = find(w->en, EVENT_INJECTED, "");
    assert_string_equal(ev->reason, "xend.domain.died");
    assert_string_equal(ev->name, "web1");
    assert_string_equal(ev->text, "a?b?[2J");
    assert_int_equal(engine_event_inject(w->en, "no blanks", 0, "x", &e), -1);
    assert_int_equal(engine_event_inject(w->en, "", 0, "x", &e), -1);
    assert_int_equal(engine_event_inject(w->en, "x", 99999, "x", &e), -1);
}

static void
test_hostile_texts_stay_one_json_line(void **state)
{
    static const char *const texts[] = { "\"},{\"kind\":\"death\"",
                                         "\\",
                                         "\\\"",
                                         "\n{}",
                                         "\x7f\x01\x9b",
                                         "\xff\xfe",
                                         "\xe2\x80\xae" };
    struct event ev = { .kind = EVENT_DEATH }, back;
    char engine[32];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct buf b = { 0 };
        json_object *js;

        text_safe(ev.name, sizeof(ev.name), texts[i], strlen(texts[i]));
        text_safe(ev.text, sizeof(ev.text), texts[i], strlen(texts[i]));
        event_to_json(&ev, "1-2", &b);
        assert_null(strchr(b.data, '\n'));
        js = json_tokener_parse(b.data);
        assert_non_null(js);
        json_object_put(js);
        assert_true(
            event_from_json(b.data, b.len, &back, engine, sizeof(engine)));
        assert_string_equal(back.name, ev.name);
        assert_string_equal(back.text, ev.text);
        assert_string_equal(engine, "1-2");
        buf_free(&b);
    }
}

static void
test_lines_that_are_no_events_are_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "{}",
        "[]",
        "null",
        "{\"kind\":\"death\"}",
        "{\"kind\":\"nosuch\",\"level\":\"info\",\"time\":1}",
        "{\"kind\":7,\"level\":\"info\",\"time\":1}",
        "{\"kind\":\"death\",\"level\":\"info\",\"time\":1",
        "[[[[[[[[[[[[[[[[[[[[",
    };
    struct event ev;
    char engine[32];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_false(event_from_json(lines[i], strlen(lines[i]), &ev, engine,
                                     sizeof(engine)));
}

/* Another engine's journal is found by the next one. */
static void
test_history_is_there_at_the_next_start(void **state)
{
    struct world *w = *state;
    struct engine_opts eo = { .lp = w->lp, .host = ENGINE_SIM };
    struct engine *second;
    const struct event *ev;
    char dir[300];
    struct err e = { 0 };
    size_t i, births = 0;

    world_guest(w, "web1", "");
    text_fmt(dir, sizeof(dir), "%s/events", engine_paths(w->en)->state);
    eo.event_dir = dir;
    eo.one_shot = true;
    eo.who = "eve@tty1";
    second = engine_new(&eo, sim_hv(w->sim), sim_store(w->sim),
                        sim_dom0(w->sim), &e);
    if (second == NULL)
        fail_msg("%s", e.msg);
    assert_int_equal(engine_event_count(second), 0);
    engine_events_load(second);
    ev = find(second, EVENT_OP_END, "create");
    assert_true(ev->foreign);
    assert_int_equal(ev->verb, OP_CREATE);
    for (i = 0; i < engine_event_count(second); i++)
        births += engine_event_at(second, i)->kind == EVENT_BIRTH;
    assert_int_equal(births, 1); /* that of dom0 is no news */
    /* and what it does is seen by the first */
    assert_int_equal(engine_event_inject(second, "note", 0, "hello", &e), 0);
    assert_true(world_until_event(w, "hello"));
    ev = find(w->en, EVENT_INJECTED, "hello");
    assert_string_equal(ev->who, "eve@tty1");
    core_let_go(second);
    engine_set(w->en, ENGINE_CLOSING, false);
    engine_close(second);
}

static void
test_a_flood_is_bounded_in_the_ring(void **state)
{
    struct world *w = *state;
    struct err e = { 0 };
    struct buf b = { 0 };
    unsigned i;

    for (i = 0; i < 3 * ENGINE_EVENTS_KEPT; i++)
        assert_int_equal(engine_event_inject(w->en, "n", 0, "x", &e), 0);
    assert_int_equal(engine_event_count(w->en), ENGINE_EVENTS_KEPT);
    assert_int_equal(engine_journal_read(w->en, 5, &b, &e), 0);
    assert_int_equal(strncmp(b.data, "{\"seq\":", 7), 0);
    buf_free(&b);
}

static void
test_definitions_have_no_number(void **state)
{
    struct world *w = *state;
    const struct event *ev;
    const struct dom *d;
    struct err e = { 0 };

    assert_int_equal(engine_define(w->en, world_conf(w, "web9", ""), &e), 0);
    d = engine_dom_find(w->en, "web9", &e);
    ev = find(w->en, EVENT_ENGINE, "defined");
    assert_int_equal(ev->domid, DOM_NO_DOMID);
    assert_memory_equal(ev->uuid, d->uuid, 16);
    assert_string_equal(ev->who, engine_who(w->en));
    assert_int_equal(engine_set_autostart(w->en, d->id, true, &e), 0);
    ev = find(w->en, EVENT_ENGINE, "starts with the host");
    assert_int_equal(ev->domid, DOM_NO_DOMID);
    assert_string_equal(ev->who, engine_who(w->en));
    d = engine_dom_find(w->en, "web9", &e);
    assert_int_equal(engine_event_inject(w->en, "note", d->id, "x", &e), 0);
    ev = find(w->en, EVENT_INJECTED, "x");
    assert_string_equal(ev->name, "web9");
    assert_int_equal(ev->domid, DOM_NO_DOMID);
}

static void
hook_in(const struct world *w, char *dir, size_t n)
{
    char path[128];
    FILE *f;

    text_fmt(dir, n, "%s/hooks", w->dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    text_fmt(path, sizeof(path), "%s/hook", dir);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs("#!/bin/sh\n", f);
    fclose(f);
    assert_int_equal(chmod(path, 0700), 0);
}

/* A host of 300 domains would be told of them at each start. */
static void
test_who_was_there_runs_no_hooks(void **state)
{
    struct world w;
    struct hooks_stats st;
    char dir[96];

    (void)state;
    world_open_kept(&w, 5);
    hook_in(&w, dir, sizeof(dir));
    w.hook_dir = dir;
    world_kill(&w);
    world_start(&w, false);
    hooks_stats(event_room(w.en)->hooks, &st);
    assert_int_equal(st.files, 1);
    assert_int_equal(st.running + st.queued + st.done, 0);
    assert_int_equal(engine_event_inject(w.en, "n", 0, "x", NULL), 0);
    hooks_stats(event_room(w.en)->hooks, &st);
    assert_int_equal(st.running, 1);
    world_close(&w);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        T(test_operations_say_who_asked_and_how_it_ended),
        T(test_a_birth_is_told_with_the_name),
        T(test_what_the_engine_begins_is_its_own),
        T(test_a_whole_life_has_its_uuid),
        T(test_a_destroyed_domain_has_that_reason),
        T(test_injected_events_keep_their_kind),
        T(test_hostile_texts_stay_one_json_line),
        T(test_lines_that_are_no_events_are_refused),
        T(test_history_is_there_at_the_next_start),
        T(test_a_flood_is_bounded_in_the_ring),
        T(test_definitions_have_no_number),
        cmocka_unit_test(test_who_was_there_runs_no_hooks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
