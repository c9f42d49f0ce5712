/*
 * test_sim.c - the simulated hypervisor and xenstored held to what Xen and
 * xenstored do, through the same wrappers that the engine uses.
 */
#include "tests/unit/sim_fixture.h"

static void
test_demo_host_is_listed(void **state)
{
    struct fixture *f = *state;
    struct hv_dom d[8];
    struct hv_host host;
    size_t n = 0;

    assert_int_equal(hv_list(f->h, 0, d, 8, &n, &f->e), 0);
    assert_int_equal(n, 4);
    assert_int_equal(d[0].domid, 0);
    assert_true(d[0].flags & HV_RUNNING);
    assert_true(d[0].max_kib == UINT64_MAX);
    assert_int_equal(d[3].domid, 3);
    assert_true(d[1].flags & HV_BLOCKED);
    assert_int_equal(hv_host(f->h, &host, &f->e), 0);
    assert_true(host.free_kib + d[0].mem_kib + d[1].mem_kib + d[2].mem_kib +
                    d[3].mem_kib <=
                host.total_kib);
    assert_node(f, "/local/domain/1/name", "web1");
    assert_node(f, "/libxl/1/xendeck/owner", "xendeck");
    assert_node(f, "/libxl/1/xendeck/state", "built");
    assert_node(f, "/local/domain/0/name", "Domain-0");
    assert_int_equal(loop_timer_count(f->lp), 0);
}

static void
test_same_seed_same_host(void **state)
{
    struct fixture *f = *state;
    struct fixture *g =
        fixture_new((struct sim_opts){ .domains = 3, .seed = 7 });
    struct fixture *k =
        fixture_new((struct sim_opts){ .domains = 3, .seed = 8 });
    struct buf a = { 0 }, b = { 0 }, c = { 0 };

    close(tty_open(f, 1)); /* which pty it is must not show */
    sim_dump(f->s, &a);
    sim_dump(g->s, &b);
    sim_dump(k->s, &c);
    assert_string_equal(buf_text(&a), buf_text(&b));
    assert_string_not_equal(buf_text(&a), buf_text(&c));
    assert_non_null(
        strstr(buf_text(&a), "/local/domain/1/control/shutdown = \"\"   (n1)"));
    assert_non_null(strstr(buf_text(&a), "/local/domain/1 = \"\"   (n0,r1)"));
    assert_non_null(strstr(
        buf_text(&a), "/local/domain/1/console/backend-id = \"0\"   (n1,r0)"));
    buf_free(&a);
    buf_free(&b);
    buf_free(&c);
    fixture_free(g);
    fixture_free(k);
}

static void
test_hv_refuses_as_xen_does(void **state)
{
    struct fixture *f = *state;
    struct hv_create c = { .max_vcpus = 2 };
    struct hv_dom d;
    uint8_t mask[HV_CPUS_MAX / 8] = { 0 };
    uint32_t id = 0, port;
    unsigned i;

    assert_int_equal(hv_pause(f->h, 9, &f->e), -1);
    assert_int_equal(f->e.code, ERR_NOENT);
    assert_string_equal(f->e.msg, "domain 9 no longer exists");
    assert_int_equal(hv_destroy(f->h, 0, &f->e), -1);
    assert_int_equal(f->e.code, ERR_INVALID);
    assert_int_equal(hv_pause(f->h, 0, &f->e), -1);
    assert_int_equal(hv_unpause(f->h, 1, &f->e), -1);
    assert_int_equal(f->e.code, ERR_INVALID);
    for (i = 0; i < 255; i++)
        assert_int_equal(hv_pause(f->h, 1, &f->e), 0);
    assert_int_equal(hv_pause(f->h, 1, &f->e), -1);
    assert_int_equal(hv_create(f->h, &c, &id, &f->e), 0);
    assert_int_equal(id, 4);
    assert_int_equal(hv_get(f->h, id, &d, &f->e), 0);
    assert_true(d.flags & HV_PAUSED);
    assert_int_equal(d.vcpus_max, 0);
    assert_int_equal(hv_set_max_vcpus(f->h, id, 3, &f->e), -1);
    assert_int_equal(f->e.code, ERR_INVALID);
    assert_int_equal(hv_set_max_vcpus(f->h, id, 2, &f->e), 0);
    assert_int_equal(hv_set_affinity(f->h, id, 0, mask, NULL, &f->e), -1);
    assert_int_equal(f->e.code, ERR_INVALID);
    mask[0] = 4;
    assert_int_equal(hv_set_affinity(f->h, id, 1, mask, NULL, &f->e), 0);
    assert_int_equal(hv_alloc_evtchn(f->h, id, 0, &port, &f->e), 0);
    assert_int_equal(port, 1);
    c.domid = 2;
    assert_int_equal(hv_create(f->h, &c, &id, &f->e), -1);
    assert_int_equal(f->e.code, ERR_EXISTS);
    c.domid = HV_DOMID_MAX;
    assert_int_equal(hv_create(f->h, &c, &id, &f->e), 0);
    c.domid = 0;
    f->s->rover = HV_DOMID_MAX - 1; /* the next is taken, then it wraps */
    assert_int_equal(hv_create(f->h, &c, &id, &f->e), 0);
    assert_int_equal(id, 5);
    assert_int_equal(hv_virq_bound(f->h), HV_VIRQ_CON_RING | HV_VIRQ_ENOMEM);
}

static void
test_memory_is_accounted(void **state)
{
    struct fixture *f = *state;
    struct hv_create c = { .max_vcpus = 1 };
    struct hv_build b = { .mem_kib = 1024 };
    struct hv_built r = { 0 };
    struct hv_host before, after;
    uint32_t id;

    assert_int_equal(hv_host(f->h, &before, &f->e), 0);
    assert_int_equal(hv_create(f->h, &c, &id, &f->e), 0);
    assert_int_equal(hv_set_max_vcpus(f->h, id, 1, &f->e), 0);
    assert_int_equal(hv_check_built(f->h, id, &b, &r, &f->e), -1);
    assert_int_equal(hv_alloc_evtchn(f->h, id, 0, &b.store_port, &f->e), 0);
    assert_int_equal(hv_alloc_evtchn(f->h, id, 0, &b.console_port, &f->e), 0);
    assert_int_equal(hv_check_built(f->h, id, &b, &r, &f->e), -1);
    assert_int_equal(f->e.code, ERR_NOMEM); /* above setmaxmem */
    assert_int_equal(hv_set_maxmem(f->h, id, UINT64_MAX / 2, &f->e), 0);
    b.mem_kib = before.free_kib + 4;
    assert_int_equal(hv_check_built(f->h, id, &b, &r, &f->e), -1);
    assert_int_equal(f->e.code, ERR_NOMEM);
    assert_true(hv_virq_drain(f->h) & HV_VIRQ_ENOMEM);
    b.mem_kib = 524288;
    assert_int_equal(hv_check_built(f->h, id, &b, &r, &f->e), 0);
    assert_int_equal(hv_host(f->h, &after, &f->e), 0);
    assert_int_equal(before.free_kib - after.free_kib, 524288);
    assert_int_equal(hv_destroy(f->h, id, &f->e), 0);
    assert_int_equal(hv_host(f->h, &after, &f->e), 0);
    assert_int_equal(before.free_kib, after.free_kib);
}

static void
test_watches_fire(void **state)
{
    struct fixture *f = *state;
    struct heard dir = { 0 }, leaf = { 0 }, other = { 0 };

    assert_int_equal(store_attach(f->st, f->lp, &f->e), 0);
    store_watch_add(f->st, &dir.w, "/a", heard_cb, &f->e);
    store_watch_add(f->st, &leaf.w, "/a/b/c", heard_cb, &f->e);
    store_watch_add(f->st, &other.w, "/ab", heard_cb, &f->e);
    turn(f);
    assert_int_equal(dir.n + leaf.n + other.n, 3); /* at registration */
    assert_int_equal(store_write(f->st, 0, "/a/b/c", "1", &f->e), 0);
    turn(f);
    assert_int_equal(dir.n, 2);
    assert_string_equal(dir.last, "/a/b/c");
    assert_int_equal(leaf.n, 2);
    assert_int_equal(store_rm(f->st, 0, "/a/b", &f->e), 0);
    turn(f);
    assert_string_equal(dir.last, "/a/b");
    assert_int_equal(leaf.n, 3);
    assert_string_equal(leaf.last, "/a/b/c");
    assert_int_equal(other.n, 1);
    store_write(f->st, 0, "/a/x", "1", &f->e);
    store_watch_del(&dir.w); /* what was queued is dropped */
    turn(f);
    assert_int_equal(dir.n, 3);
    store_watch_del(&leaf.w);
    store_watch_del(&other.w);
}

static void
test_store_limits(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = { "/a b", "/a//b", "/a/", "/a.b", "" };
    char big[STORE_PAYLOAD_MAX + 1], path[STORE_PATH_MAX + 8];
    struct store_perms p = { 0 };
    size_t i;
    struct err e = { 0 };

    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(f->st->ops->write(f->st, 0, bad[i], "x", 1, &e), -1);
        assert_int_equal(e.sys, EINVAL);
    }
    memset(big, 'x', sizeof(big));
    assert_int_equal(f->st->ops->write(f->st, 0, "/a", big, 4094, &e), -1);
    assert_int_equal(e.sys, E2BIG);
    assert_int_equal(f->st->ops->write(f->st, 0, "/a", big, 4093, &e), 0);
    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[STORE_PATH_MAX] = '\0';
    assert_int_equal(store_write(f->st, 0, path, "x", &e), -1);
    path[STORE_PATH_MAX - 1] = '\0';
    assert_int_equal(store_write(f->st, 0, path, "x", &e), 0);
    assert_int_equal(f->st->ops->rm(f->st, 0, "/no/such", &e), -1);
    assert_int_equal(e.code, ERR_NOENT);
    assert_int_equal(f->st->ops->rm(f->st, 0, "/nosuch", &e), 0);
    /* children inherit the parent's permissions */
    assert_int_equal(store_write(f->st, 0, "/local/domain/1/q/r", "", &e), 0);
    assert_int_equal(store_get_perms(f->st, 0, "/local/domain/1/q/r", &p, &e),
                     0);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.p[0].domid, 0);
    assert_int_equal(p.p[1].domid, 1);
    assert_int_equal(p.p[1].perms, STORE_PERM_READ);
    assert_node(f, "name", "Domain-0"); /* relative: dom0's home */
}

static void
test_transactions(void **state)
{
    struct fixture *f = *state;
    struct buf b = { 0 };
    store_tx a, c;
    size_t n;

    store_write(f->st, 0, "/t/x", "1", &f->e);
    assert_int_equal(store_tx_begin(f->st, &a, &f->e), 0);
    assert_int_equal(store_write(f->st, a, "/t/y", "in", &f->e), 0);
    assert_node(f, "/t/y", NULL); /* not seen outside */
    store_write(f->st, 0, "/t/x", "2", &f->e);
    assert_int_equal(store_read(f->st, a, "/t/x", &b, &f->e), 0);
    assert_string_equal(buf_text(&b), "1"); /* nor the outside inside */
    assert_int_equal(store_tx_end(f->st, a, true, &f->e), -1);
    assert_int_equal(f->e.code, ERR_AGAIN);
    assert_node(f, "/t/y", NULL);

    assert_int_equal(store_tx_begin(f->st, &a, &f->e), 0);
    assert_int_equal(store_tx_begin(f->st, &c, &f->e), 0);
    store_write(f->st, a, "/t/a", "1", &f->e);
    store_write(f->st, c, "/t/c", "1", &f->e);
    assert_int_equal(store_tx_end(f->st, a, true, &f->e), 0);
    assert_int_equal(store_tx_end(f->st, c, true, &f->e), 0); /* disjoint */
    assert_node(f, "/t/a", "1");
    assert_node(f, "/t/c", "1");

    store_tx_begin(f->st, &a, &f->e);
    store_list(f->st, a, "/t", &b, &n, &f->e);
    assert_int_equal(n, 3);
    store_write(f->st, 0, "/t/new", "", &f->e);
    assert_int_equal(store_tx_end(f->st, a, true, &f->e), -1);

    store_tx_begin(f->st, &a, &f->e);
    store_rm(f->st, a, "/t", &f->e);
    store_write(f->st, 0, "/t/a", "changed", &f->e);
    assert_int_equal(store_tx_end(f->st, a, true, &f->e), -1);
    assert_node(f, "/t/a", "changed");

    /* a directory that goes meanwhile does not come back */
    store_tx_begin(f->st, &a, &f->e);
    store_write(f->st, a, "/t/orphan", "1", &f->e);
    store_rm(f->st, 0, "/t", &f->e);
    assert_int_equal(store_tx_end(f->st, a, true, &f->e), -1);
    assert_node(f, "/t/orphan", NULL);

    store_tx_begin(f->st, &a, &f->e);
    store_write(f->st, a, "/z", "1", &f->e);
    assert_int_equal(store_tx_end(f->st, a, false, &f->e), 0);
    assert_node(f, "/z", NULL);
    assert_int_equal(store_write(f->st, a, "/z", "1", &f->e), -1);
    buf_free(&b);
}

static void
test_guests_are_held_to_perms_and_quota(void **state)
{
    struct fixture *f = *state;
    struct buf b = { 0 };
    char path[64], big[SIM_GUEST_VALUE + 1];
    unsigned i;
    int r = 0;

    memset(big, 'x', sizeof(big));
    assert_int_equal(sim_guest_write(f->s, 1, "/local/domain/1/name", "x", 1),
                     EACCES);
    assert_int_equal(sim_guest_write(f->s, 1, "/local/domain/2/data/x", "", 0),
                     EACCES);
    assert_int_equal(sim_guest_read(f->s, 1, "/libxl/1/type", &b), EACCES);
    assert_int_equal(
        sim_guest_write(f->s, 1, "/local/domain/1/data/x", big, sizeof(big)),
        E2BIG);
    for (i = 0; i < 2000 && r == 0; i++) {
        text_fmt(path, sizeof(path), "/local/domain/1/data/n%u", i);
        r = sim_guest_write(f->s, 1, path, "", 0);
    }
    assert_int_equal(r, ENOSPC);
    assert_int_equal(f->s->owned[1], SIM_GUEST_NODES);
    assert_int_equal(store_rm(f->st, 0, "/local/domain/1/data", &f->e), 0);
    assert_true(f->s->owned[1] < 20);
    buf_free(&b);
}

static void
test_faults(void **state)
{
    struct fixture *f = *state;
    struct buf a = { 0 }, b = { 0 };
    struct hv_dom d[4];
    size_t n;
    store_tx tx;

    sim_dump(f->s, &a);
    sim_fault_add(f->s, "store.write", 2, ENOSPC);
    sim_fault_add(f->s, "hv.*", 1, EIO);
    sim_trace(f->s, true);
    assert_int_equal(hv_list(f->h, 0, d, 4, &n, &f->e), -1);
    assert_int_equal(f->e.sys, EIO);
    assert_int_equal(hv_list(f->h, 0, d, 4, &n, &f->e), 0); /* once */
    assert_int_equal(store_write(f->st, 0, "/f", "1", &f->e), 0);
    assert_int_equal(store_write(f->st, 0, "/g", "1", &f->e), -1);
    assert_int_equal(f->e.sys, ENOSPC);
    assert_string_equal(sim_trace_at(f->s, 1), "hv.list");
    assert_string_equal(sim_trace_at(f->s, 4), "store.write");
    assert_null(sim_trace_at(f->s, 5));
    assert_int_equal(sim_calls(f->s, "store.*"), 2);
    assert_int_equal(sim_calls(f->s, "*"), 4);
    sim_fault_add(f->s, "store.tx_end", 1, EAGAIN);
    store_rm(f->st, 0, "/f", &f->e);
    store_tx_begin(f->st, &tx, &f->e);
    store_write(f->st, tx, "/h", "1", &f->e);
    assert_int_equal(store_tx_end(f->st, tx, true, &f->e), -1);
    assert_int_equal(f->e.code, ERR_AGAIN);
    assert_true(list_empty(&f->s->txs));
    sim_dump(f->s, &b);
    assert_string_equal(buf_text(&a), buf_text(&b));
    sim_store_die(f->s);
    assert_int_equal(store_write(f->st, 0, "/f", "1", &f->e), -1);
    assert_int_equal(f->e.code, ERR_LOST);
    assert_int_equal(sim_guest_shutdown(f->s, 1, HV_POWEROFF), 0);
    buf_free(&a);
    buf_free(&b);
}

static void
test_foreign_guest_and_reconnect(void **state)
{
    struct fixture *f = *state;
    uint32_t id = 0;

    assert_int_equal(sim_foreign_guest(f->s, "theirs", &id), 0);
    assert_int_equal(id, 4);
    assert_node(f, "/local/domain/4/name", "theirs");
    assert_node(f, "/libxl/4/type", "pv");
    assert_node(f, "/libxl/4/xendeck/owner", NULL);
    store_close(f->st);
    f->st = sim_store(f->s);
    assert_node(f, "/local/domain/4/name", "theirs");
}

static void
test_console_ring(void **state)
{
    struct fixture *f = *state;
    char text[4096];
    size_t n = sizeof(text);
    uint32_t index = 0;

    assert_int_equal(hv_virq_drain(f->h), 0);
    assert_int_equal(hv_console_ring(f->h, text, &n, &index, &f->e), 0);
    assert_true(n > 100 && memcmp(text, "(XEN) Xen version", 17) == 0);
    n = sizeof(text);
    assert_int_equal(hv_console_ring(f->h, text, &n, &index, &f->e), 0);
    assert_int_equal(n, 0);
    sim_guest_shutdown(f->s, 1, HV_CRASH);
    assert_int_equal(hv_virq_drain(f->h), HV_VIRQ_CON_RING);
    n = sizeof(text);
    assert_int_equal(hv_console_ring(f->h, text, &n, &index, &f->e), 0);
    assert_true(n > 10 && memcmp(text, "(XEN) Domain 1", 14) == 0);
}

static void
test_options_are_checked(void **state)
{
    struct fixture *f = *state;
    struct sim_opts many = { .domains = 1001 },
                    small = { .domains = 5, .total_kib = 1024 };

    assert_null(sim_new(f->lp, &many, &f->e));
    assert_int_equal(f->e.code, ERR_RANGE);
    assert_null(sim_new(f->lp, &small, &f->e));
    assert_int_equal(f->e.code, ERR_NOMEM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_demo_host_is_listed),
        T(test_same_seed_same_host),
        T(test_hv_refuses_as_xen_does),
        T(test_memory_is_accounted),
        T(test_watches_fire),
        T(test_store_limits),
        T(test_transactions),
        T(test_guests_are_held_to_perms_and_quota),
        T(test_faults),
        T(test_foreign_guest_and_reconnect),
        T(test_console_ring),
        T(test_options_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
