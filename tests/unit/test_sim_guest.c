/*
 * test_sim_guest.c - the simulated guests and their consoles: they boot, obey,
 * balloon and die as real ones do, and their terminals lose nothing.
 */
#include "tests/unit/sim_fixture.h"

static void
test_life_of_a_guest(void **state)
{
    struct fixture *f = *state;
    struct heard rel = { 0 }, intro = { 0 };
    struct buf seen = { 0 };
    struct hv_dom d;
    uint32_t id;
    int fd;

    assert_int_equal(store_attach(f->st, f->lp, &f->e), 0);
    store_watch_add(f->st, &rel.w, "@releaseDomain", heard_cb, &f->e);
    store_watch_add(f->st, &intro.w, "@introduceDomain", heard_cb, &f->e);
    turn(f);
    id = make_guest(f, "new");
    pass_ms(f, 10);
    assert_int_equal(intro.n, 2);
    fd = tty_open(f, id);
    assert_int_equal(hv_unpause(f->h, id, &f->e), 0);
    assert_true(tty_expect(f, fd, &seen, "new:~# "));
    assert_true(strncmp(buf_text(&seen), "[    0.000", 10) == 0);
    assert_true(loop_now_ms(f->lp) > 1000 + 3000);
    assert_node(f, "/local/domain/4/control/feature-poweroff", "1");
    assert_int_equal(hv_get(f->h, id, &d, &f->e), 0);
    assert_int_equal(d.vcpus_online, 2);
    assert_true(d.cpu_ns > SIM_NS_PER_S);

    store_write(f->st, 0, "/local/domain/4/control/shutdown", "poweroff",
                &f->e);
    pass_ms(f, 30);
    assert_node(f, "/local/domain/4/control/shutdown", ""); /* acknowledged */
    pass_ms(f, 1100);
    assert_int_equal(hv_get(f->h, id, &d, &f->e), 0);
    assert_true(d.flags & HV_SHUTDOWN);
    assert_int_equal(d.reason, HV_POWEROFF);
    turn(f);
    assert_int_equal(rel.n, 2);
    assert_true(tty_expect(f, fd, &seen, "reboot: Power down\r\n"));

    assert_int_equal(hv_destroy(f->h, id, &f->e), 0);
    assert_int_equal(hv_get(f->h, id, &d, &f->e), 0);
    assert_true(d.flags & HV_DYING);
    assert_node(f, "/local/domain/4/control/shutdown", NULL);
    assert_node(f, "/local/domain/4/name", "new"); /* dom0's stays */
    pass_ms(f, 1500);
    assert_int_equal(rel.n, 3);
    assert_int_equal(hv_get(f->h, id, &d, &f->e), -1);
    assert_true(list_empty(&f->s->draining));
    assert_int_equal(read(fd, &d, 1) <= 0, 1); /* hung up */
    close(fd);
    buf_free(&seen);
    store_watch_del(&rel.w);
    store_watch_del(&intro.w);
}

static void
test_last_words_reach_the_reader(void **state)
{
    struct fixture *f = *state;
    struct buf seen = { 0 };
    char c;
    ssize_t r;
    int fd = tty_open(f, 1);

    assert_true(tty_expect(f, fd, &seen, "web1:~# "));
    assert_int_equal(sim_guest_shutdown(f->s, 1, HV_CRASH), 0);
    assert_int_equal(hv_destroy(f->h, 1, &f->e), 0);
    assert_true(tty_expect(f, fd, &seen, "Kernel Offset: disabled\r\n"));
    pass_ms(f, 1500);
    r = read(fd, &c, 1);
    assert_true(r == 0 || (r < 0 && errno == EIO));
    close(fd);
    buf_free(&seen);
}

static void
test_ignored_and_suspended(void **state)
{
    struct fixture *f = *state;
    struct hv_dom d;

    assert_int_equal(sim_guest_ignore_control(f->s, 1, true), 0);
    store_write(f->st, 0, "/local/domain/1/control/shutdown", "reboot", &f->e);
    pass_ms(f, 5000);
    assert_node(f, "/local/domain/1/control/shutdown", "reboot");
    sim_guest_ignore_control(f->s, 1, false);
    pass_ms(f, 5000);
    hv_get(f->h, 1, &d, &f->e);
    assert_int_equal(d.reason, HV_REBOOT);
    store_write(f->st, 0, "/local/domain/2/control/shutdown", "suspend", &f->e);
    pass_ms(f, 5000);
    hv_get(f->h, 2, &d, &f->e);
    assert_true(d.flags & HV_SHUTDOWN);
    assert_int_equal(d.reason, HV_SUSPEND);
    assert_int_equal(store_resume(f->st, 2, &f->e), 0);
    store_write(f->st, 0, "/local/domain/3/control/shutdown", "dance", &f->e);
    pass_ms(f, 5000);
    assert_node(f, "/local/domain/3/control/shutdown", "dance");
    assert_int_equal(sim_guest_shutdown(f->s, 1, HV_POWEROFF), -1);
    assert_int_equal(sim_guest_shutdown(f->s, 99, HV_POWEROFF), -1);
}

static void
test_paused_guest_stands_still(void **state)
{
    struct fixture *f = *state;
    struct hv_dom a, b;

    hv_pause(f->h, 1, &f->e);
    hv_pause(f->h, 1, &f->e);
    store_write(f->st, 0, "/local/domain/1/control/shutdown", "poweroff",
                &f->e);
    hv_get(f->h, 1, &a, &f->e);
    store_write(f->st, 0, "/local/domain/2/memory/target", "524288", &f->e);
    pass_ms(f, 10000); /* the other guest's balloon moves the clock */
    hv_get(f->h, 1, &b, &f->e);
    assert_int_equal(a.cpu_ns, b.cpu_ns);
    assert_true(b.flags & HV_PAUSED);
    assert_node(f, "/local/domain/1/control/shutdown", "poweroff");
    hv_unpause(f->h, 1, &f->e);
    assert_int_equal(loop_timer_count(f->lp), 0);
    hv_unpause(f->h, 1, &f->e);
    pass_ms(f, 2000);
    hv_get(f->h, 1, &b, &f->e);
    assert_true(b.flags & HV_SHUTDOWN);
}

static void
test_balloon(void **state)
{
    struct fixture *f = *state;
    uint64_t t = loop_now_ms(f->lp);
    struct hv_dom d;

    store_write(f->st, 0, "/local/domain/1/memory/target", "524288", &f->e);
    pass_ms(f, 20000);
    hv_get(f->h, 1, &d, &f->e);
    assert_int_equal(d.mem_kib, 524288); /* from 1 GiB at 128 MiB/s: 4 s */
    assert_in_range(loop_now_ms(f->lp) - t, 3800, 20000);
    store_write(f->st, 0, "/local/domain/1/memory/target", "9999999", &f->e);
    pass_ms(f, 20000);
    hv_get(f->h, 1, &d, &f->e);
    assert_int_equal(d.mem_kib, d.max_kib);
    store_write(f->st, 0, "/local/domain/1/memory/target", "junk", &f->e);
    pass_ms(f, 1000);
    assert_int_equal(loop_timer_count(f->lp), 0);
}

static void
test_shell(void **state)
{
    struct fixture *f = *state;
    struct buf seen = { 0 };
    int fd = tty_open(f, 1);

    assert_true(tty_expect(f, fd, &seen, "web1:~# "));
    buf_clear(&seen);
    tty_type(fd, "echo hellx\x7fo\r");
    assert_true(tty_expect(f, fd, &seen, "\r\nhello\r\nweb1:~# "));
    buf_clear(&seen);
    tty_type(fd, "junk\x15"
                 "uname -a\r");
    assert_true(tty_expect(f, fd, &seen, "Linux web1 6.1"));
    tty_type(fd, "\x1b[Anope\r");
    assert_true(tty_expect(f, fd, &seen, "-sh: nope: not found"));
    tty_type(fd,
             "help\rfree\rps\rdmesg\rcolors\rutf8\ruptime\rclear\r\x0c\x04");
    assert_true(tty_expect(f, fd, &seen, "logout"));
    assert_non_null(strstr(buf_text(&seen), "48;2;255;0;0m"));
    assert_non_null(strstr(buf_text(&seen), "漢字"));
    buf_clear(&seen);
    tty_type(fd, "top\r");
    assert_true(tty_expect(f, fd, &seen, "\x1b[?1049h"));
    pass_ms(f, 2500);
    tty_type(fd, "q");
    assert_true(tty_expect(f, fd, &seen, "\x1b[?1049lweb1:~# "));
    buf_clear(&seen);
    tty_type(fd, "ignore on\r");
    assert_true(tty_expect(f, fd, &seen, "are ignored"));
    tty_type(fd, "crash\r");
    assert_true(tty_expect(f, fd, &seen, "Kernel panic"));
    close(fd);
    buf_free(&seen);
}

static void
test_flood_waits_for_its_reader(void **state)
{
    struct fixture *f = *state;
    struct buf seen = { 0 };
    struct sim_dom *d = sim_dom_find(f->s, 1);
    int fd = tty_open(f, 1);
    unsigned i;

    assert_true(tty_expect(f, fd, &seen, "web1:~# "));
    tty_type(fd, "flood\r");
    assert_true(tty_expect(f, fd, &seen, "quick brown fox"));
    for (i = 0; i < 200; i++)
        (void)loop_turn(f->lp, 0);
    assert_true(d->cons->out.len <= SIM_FLOOD_CHUNK * 2);
    tty_type(fd, "\x03");
    assert_true(tty_expect(f, fd, &seen, "^C\r\nweb1:~# "));
    buf_clear(&seen);
    tty_type(fd, "flood 1\r");
    assert_true(tty_expect(f, fd, &seen, "abcdef\r\nweb1:~# "));
    assert_in_range(seen.len, 1048576, 1048576 + 40000);
    close(fd);
    buf_free(&seen);
}

static void
test_console_outlives_readers(void **state)
{
    struct fixture *f = *state;
    struct buf seen = { 0 };
    unsigned i;
    int fd = tty_open(f, 2);

    assert_true(tty_expect(f, fd, &seen, "web2:~# "));
    close(fd);
    for (i = 0; i < 20; i++)
        (void)loop_turn(f->lp, 0);
    assert_int_equal(sim_guest_input(f->s, 2, "echo again\r"), 0);
    fd = tty_open(f, 2);
    assert_true(tty_expect(f, fd, &seen, "\r\nagain\r\n"));
    close(fd);
    buf_free(&seen);
}

static void
test_no_consoled_and_delays(void **state)
{
    struct fixture *f = *state;
    uint32_t id;

    sim_no_consoled(f->s, true);
    id = make_guest(f, "mute");
    pass_ms(f, 100);
    assert_node(f, "/local/domain/4/console/tty", NULL);
    hv_unpause(f->h, id, &f->e);
    pass_ms(f, 10000);
    sim_no_consoled(f->s, false);
    sim_delay_add(f->s, "console.tty", 500);
    (void)make_guest(f, "late");
    pass_ms(f, 400);
    assert_node(f, "/local/domain/5/console/tty", NULL);
    pass_ms(f, 400);
    assert_int_equal(close(tty_open(f, 5)), 0);
}

static void
test_lively_and_crowded(void **state)
{
    struct fixture *f = fixture_new(
        (struct sim_opts){ .domains = 1000, .lively = true, .seed = 1 });
    struct hv_dom *d = calloc(1001, sizeof(*d));
    uint64_t idle[16], before;
    size_t n = 0;
    unsigned k;

    (void)state;
    assert_int_equal(hv_list(f->h, 0, d, 1001, &n, &f->e), 0);
    assert_int_equal(n, 1001);
    assert_int_equal(loop_timer_count(f->lp), 1);
    hv_cpu_idle(f->h, idle, 16, &k, &f->e);
    assert_int_equal(k, 8);
    before = idle[0];
    pass_ms(f, 60000);
    hv_cpu_idle(f->h, idle, 16, &k, &f->e);
    assert_true(idle[0] > before);
    assert_int_equal(loop_timer_count(f->lp), 1);
    free(d);
    fixture_free(f);
}

static void
test_lively_handful(void **state)
{
    struct fixture *f = fixture_new(
        (struct sim_opts){ .domains = 5, .lively = true, .seed = 1 });
    struct hv_vcpu v;
    struct hv_dom d;

    (void)state;
    assert_int_equal(hv_get(f->h, 4, &d, &f->e), 0);
    assert_true(d.flags & HV_PAUSED);
    assert_int_equal(hv_get(f->h, 5, &d, &f->e), 0);
    assert_true(d.flags & HV_RUNNING); /* it boots */
    pass_ms(f, 6000);
    assert_int_equal(hv_vcpu(f->h, 5, 3, &v, &f->e), 0);
    assert_true(v.online);
    assert_int_equal(close(tty_open(f, 5)), 0);
    fixture_free(f);
}

static void
test_delays_and_quick_boot(void **state)
{
    struct fixture *f = fixture_new((struct sim_opts){ .quick_boot = true });
    struct hv_dom d;
    uint32_t id;

    (void)state;
    sim_delay_add(f->s, "guest.boot", 1000);
    sim_delay_add(f->s, "guest.ack", 1000);
    sim_delay_add(f->s, "guest.shutdown", 1000);
    id = make_guest(f, "slow");
    hv_unpause(f->h, id, &f->e);
    pass_ms(f, 900);
    assert_node(f, "/local/domain/1/control/feature-reboot", "");
    pass_ms(f, 200);
    assert_node(f, "/local/domain/1/control/feature-reboot", "1");
    store_write(f->st, 0, "/local/domain/1/control/shutdown", "halt", &f->e);
    pass_ms(f, 900);
    assert_node(f, "/local/domain/1/control/shutdown", "halt");
    pass_ms(f, 200);
    assert_node(f, "/local/domain/1/control/shutdown", "");
    pass_ms(f, 1500);
    hv_get(f->h, id, &d, &f->e);
    assert_false(d.flags & HV_SHUTDOWN);
    pass_ms(f, 1000);
    hv_get(f->h, id, &d, &f->e);
    assert_true(d.flags & HV_SHUTDOWN);
    fixture_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_life_of_a_guest),
        T(test_last_words_reach_the_reader),
        T(test_ignored_and_suspended),
        T(test_paused_guest_stands_still),
        T(test_balloon),
        T(test_shell),
        T(test_flood_waits_for_its_reader),
        T(test_console_outlives_readers),
        T(test_no_consoled_and_delays),
        cmocka_unit_test(test_lively_and_crowded),
        cmocka_unit_test(test_lively_handful),
        cmocka_unit_test(test_delays_and_quick_boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
