/*
 * test_hv.c - the wrappers of the hypervisor boundary on a tiny table, the
 * preconditions on made-up machines, and the refusals of a dry build.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/hv/hv_driver.h"
#include "engine/hv/xen/build/xen_preflight.h"
#include "engine/hv/xen/xen.h"
#include "src/base/fdio.h"

#define MINIKERNEL "build/tests/minikernel"

struct fake {
    struct hv hv;
    uint32_t have; /* the one domain there is */
};

static int
fake_list(struct hv *h, uint32_t first, struct hv_dom *out, size_t max,
          size_t *n_out, struct err *e)
{
    const struct fake *f = (const struct fake *)(void *)h;

    (void)e;
    *n_out = 0;
    if (max > 0 && f->have >= first) {
        out[0] = (struct hv_dom){ .domid = f->have, .mem_kib = 1024 };
        *n_out = 1;
    }
    return 0;
}

static int
fake_pause(struct hv *h, uint32_t domid, struct err *e)
{
    (void)h;
    return domid == 9 ? err_set(e, ERR_NOENT, "domain 9 no longer exists") : 0;
}

static const struct hv_ops some_ops = {
    .name = "xen",
    .list = fake_list,
    .pause = fake_pause,
};
static const struct hv_ops no_ops = { .name = "xen" };

static void
test_one_domain_is_found_by_its_id_only(void **state)
{
    struct fake f = { .hv = { .ops = &some_ops }, .have = 7 };
    struct hv_dom d = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(hv_get(&f.hv, 7, &d, &e), 0);
    assert_int_equal(d.mem_kib, 1024);
    assert_int_equal(hv_get(&f.hv, 6, &d, &e), -1); /* 7 is listed */
    assert_int_equal(e.code, ERR_NOENT);
    assert_string_equal(e.msg, "domain 6 no longer exists");
    assert_int_equal(hv_get(&f.hv, 8, &d, NULL), -1);
    assert_int_equal(hv_pause(&f.hv, 7, &e), 0);
    assert_int_equal(hv_pause(&f.hv, 9, &e), -1);
}

#define REFUSED(call, words)                                                   \
    do {                                                                       \
        err_clear(&e);                                                         \
        assert_int_equal((call), -1);                                          \
        assert_int_equal(e.code, ERR_UNSUPPORTED);                             \
        assert_string_equal(e.msg, "xen: no " words);                          \
    } while (0)

static void
test_missing_operations_are_unsupported(void **state)
{
    struct hv h = { .ops = &no_ops };
    struct err e = { 0 };
    uint8_t map[HV_CPUS_MAX / 8] = { 0 };
    uint32_t u = 0;
    size_t n = 0;

    (void)state;
    REFUSED(hv_host(&h, NULL, &e), "host");
    REFUSED(hv_cpu_idle(&h, NULL, 0, NULL, &e), "cpu_idle");
    REFUSED(hv_list(&h, 0, NULL, 0, &n, &e), "list");
    REFUSED(hv_get(&h, 0, NULL, &e), "list");
    REFUSED(hv_vcpu(&h, 1, 0, NULL, &e), "vcpu");
    REFUSED(hv_memory_use(&h, 1, NULL, &e), "memory_use");
    REFUSED(hv_vcpu_times(&h, 1, NULL, 1, &e), "vcpu_times");
    REFUSED(hv_create(&h, NULL, &u, &e), "create");
    REFUSED(hv_set_max_vcpus(&h, 1, 1, &e), "set_max_vcpus");
    REFUSED(hv_set_affinity(&h, 1, 0, map, NULL, &e), "set_affinity");
    REFUSED(hv_sched_get(&h, 1, 0, NULL, &e), "sched_get");
    REFUSED(hv_sched_set(&h, 1, 0, NULL, &e), "sched_set");
    REFUSED(hv_pools(&h, NULL, 0, &n, &e), "pools");
    REFUSED(hv_pool_move(&h, 1, 0, &e), "pool_move");
    REFUSED(hv_set_pod_target(&h, 1, 0, &e), "set_pod_target");
}

static void
test_missing_orders_are_unsupported(void **state)
{
    struct hv h = { .ops = &no_ops };
    struct err e = { 0 };

    (void)state;
    REFUSED(hv_trigger(&h, 1, HV_NMI, 0, &e), "trigger");
    REFUSED(hv_dump_core(&h, NULL, &e), "dump_core");
    REFUSED(hv_set_maxmem(&h, 1, 1, &e), "set_maxmem");
    REFUSED(hv_set_memmap_limit(&h, 1, 1, &e), "set_memmap_limit");
    REFUSED(hv_set_tsc(&h, 1, 0, &e), "set_tsc");
    REFUSED(hv_set_time_offset(&h, 1, 0, &e), "set_time_offset");
    REFUSED(hv_set_paging_pool(&h, 1, 0, &e), "set_paging_pool");
    REFUSED(hv_set_params(&h, 1, NULL, &e), "set_params");
}

static void
test_missing_ends_are_unsupported(void **state)
{
    struct hv h = { .ops = &no_ops };
    struct err e = { 0 };
    uint32_t u = 0;
    size_t n = 0;

    (void)state;
    REFUSED(hv_set_generation(&h, 1, NULL, &e), "set_generation");
    REFUSED(hv_set_host_map(&h, 1, 0, 0, &e), "set_host_map");
    REFUSED(hv_host_cpuid(&h, 1, 0, NULL, &e), "host_cpuid");
    REFUSED(hv_apply_cpuid(&h, 1, NULL, &e), "apply_cpuid");
    REFUSED(hv_alloc_evtchn(&h, 1, 0, &u, &e), "alloc_evtchn");
    REFUSED(hv_check_built(&h, 1, NULL, NULL, &e), "check_built");
    REFUSED(hv_pause(&h, 1, &e), "pause");
    REFUSED(hv_unpause(&h, 1, &e), "unpause");
    REFUSED(hv_shutdown(&h, 1, HV_CRASH, &e), "shutdown");
    REFUSED(hv_destroy(&h, 1, &e), "destroy");
    REFUSED(hv_console_ring(&h, NULL, &n, &u, &e), "console_ring");
    assert_int_equal(hv_virq_fd(&h), -1);
    assert_int_equal(hv_virq_drain(&h), 0);
    assert_int_equal(hv_virq_bound(&h), 0);
    hv_close(&h);
    hv_close(NULL);
}

/* A directory that looks like a machine. */
struct tree {
    char dir[32];
    struct preflight p;
    struct buf why;
    bool on_xen;
};

static void
put(const struct tree *t, const char *path, const void *bytes, size_t n)
{
    char full[128], *slash;
    int fd;

    text_fmt(full, sizeof(full), "%s%s", t->dir, path);
    for (slash = full + strlen(t->dir) + 1; (slash = strchr(slash, '/'));
         *slash++ = '/') {
        *slash = '\0';
        mkdir(full, 0700);
    }
    fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, bytes, n), 0);
    close(fd);
}

static void
put_text(const struct tree *t, const char *path, const char *text)
{
    put(t, path, text, strlen(text));
}

static int
setup_tree(void **state)
{
    struct tree *t = calloc(1, sizeof(*t));

    if (t == NULL)
        return -1;
    text_fmt(t->dir, sizeof(t->dir), "/tmp/xendeck-hv-XXXXXX");
    if (mkdtemp(t->dir) == NULL)
        return -1;
    t->p = (struct preflight){ .root = t->dir,
                               .socket = "/store",
                               .store_wait_ms = 50 };
    *state = t;
    return 0;
}

static int
remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static int
teardown_tree(void **state)
{
    struct tree *t = *state;

    nftw(t->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    buf_free(&t->why);
    free(t);
    return 0;
}

static int
preflight(struct tree *t)
{
    buf_clear(&t->why);
    return preflight_run(&t->p, &t->why, &t->on_xen);
}

static bool
says(const struct tree *t, const char *words)
{
    return strstr(buf_text(&t->why), words) != NULL;
}

static void
dom0(const struct tree *t)
{
    put_text(t, "/sys/hypervisor/type", "xen\n");
    put_text(t, "/proc/xen/capabilities", "control_d\n");
    put_text(t, "/proc/12/comm", "xenconsoled\n");
    put_text(t, "/dev/xen/privcmd", "");
}

static int
listen_at(const struct tree *t)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    text_fmt(sa.sun_path, sizeof(sa.sun_path), "%s/store", t->dir);
    assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

static void
test_no_xen_is_one_sentence(void **state)
{
    struct tree *t = *state;

    assert_int_equal(preflight(t), 1);
    assert_false(t->on_xen);
    assert_true(says(t, "does not run under the Xen hypervisor"));
    assert_true(says(t, "--sim"));
}

static void
test_a_guest_is_not_the_control_domain(void **state)
{
    struct tree *t = *state;

    put_text(t, "/sys/hypervisor/type", "xen\n");
    put_text(t, "/proc/xen/capabilities", "");
    assert_int_equal(preflight(t), 1);
    assert_true(t->on_xen);
    assert_true(says(t, "not its control domain"));
}

static void
test_each_missing_part_has_its_sentence(void **state)
{
    struct tree *t = *state;

    put_text(t, "/sys/hypervisor/type", "xen\n");
    t->p.uid = 1000;
    assert_int_equal(preflight(t), 4);
    assert_true(says(t, "xenfs is not mounted"));
    assert_true(says(t, "only root"));
    assert_true(says(t, "modprobe xen-privcmd"));
    assert_true(says(t, "xenstored is not running"));
    assert_true(says(t, "/etc/init.d/xen start"));
}

/* Guests can be listed and ended without it. */
static void
test_xenconsoled_is_no_precondition(void **state)
{
    struct tree *t = *state;
    int fd;

    put_text(t, "/sys/hypervisor/type", "xen\n");
    put_text(t, "/proc/xen/capabilities", "control_d\n");
    put_text(t, "/dev/xen/privcmd", "");
    fd = listen_at(t);
    (void)preflight(t);
    assert_false(says(t, "xenconsoled"));
    assert_false(preflight_console(&t->p));
    put_text(t, "/proc/12/comm", "xenconsoled\n");
    assert_true(preflight_console(&t->p));
    close(fd);
}

static void
test_a_silent_xenstored_is_told_in_time(void **state)
{
    struct tree *t = *state;
    int fd;

    dom0(t);
    fd = listen_at(t);
    assert_int_equal(preflight(t), 1);
    assert_true(says(t, "does not answer"));
    close(fd);
    assert_int_equal(preflight(t), 1);
    assert_true(says(t, "xenstored is not running"));
}

/* Connects until the queue of connections is full. */
static size_t
fill_queue(const struct tree *t, int *fds, size_t max)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    size_t n = 0;

    text_fmt(sa.sun_path, sizeof(sa.sun_path), "%s/store", t->dir);
    while (n < max) {
        fds[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        assert_true(fds[n] >= 0);
        if (connect(fds[n++], (struct sockaddr *)&sa, sizeof(sa)) < 0)
            break;
    }
    return n;
}

/* Takes what is in the queue after a while, and answers whoever asks. */
static void
answer_late(int listener)
{
    char byte = '\0';
    int i, fd;

    usleep(100000);
    for (i = 0; i < 32; i++) {
        fd = accept(listener, NULL, NULL);
        if (fd >= 0)
            (void)!write(fd, &byte, 1);
    }
    _exit(0);
}

static void
test_a_busy_xenstored_is_waited_for(void **state)
{
    struct tree *t = *state;
    int fd, fds[32];
    size_t n, i;
    pid_t pid;

    dom0(t);
    fd = listen_at(t);
    n = fill_queue(t, fds, 32);
    assert_true(n > 1 && n < 32);
    assert_int_equal(preflight(t), 1);
    assert_true(says(t, "takes no connection"));
    pid = fork();
    if (pid == 0)
        answer_late(fd);
    t->p.store_wait_ms = 60000;
    if (preflight(t) != 0)
        fail_msg("%s", buf_text(&t->why));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    for (i = 0; i < n; i++)
        close(fds[i]);
    close(fd);
}

static void
test_xenstored_in_its_own_domain_will_do(void **state)
{
    struct tree *t = *state;

    dom0(t);
    put_text(t, "/dev/xen/xenbus", "");
    assert_int_equal(preflight(t), 0);
    assert_int_equal(t->why.len, 0);
}

static int
dry(const struct tree *t, const char *name, struct err *e)
{
    char full[128];
    struct hv_build b = { .kind = HV_PV,
                          .ramdisk_fd = -1,
                          .cmdline = "console=hvc0",
                          .mem_kib = 65536,
                          .max_vcpus = 1 };
    int rc;

    text_fmt(full, sizeof(full), "%s%s", name[0] == '/' ? t->dir : "", name);
    b.kernel_fd = open(full, O_RDONLY | O_CLOEXEC);
    assert_true(b.kernel_fd >= 0);
    err_clear(e);
    rc = xen_build_dry(&b, NULL, NULL, e);
    close(b.kernel_fd);
    return rc;
}

static void
test_no_kernel_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *words;
    } cases[] = {
        { "", 0, "the kernel is an empty file" },
        { "hello\n", 6, "it is a text file" },
        { "#!/bin/sh\n", 10, "it is a script" },
        { "\x1f\x8b\x08\0\0\0\0\0\0\3garbage", 17, "it is a gzip file" },
        { "070701000", 9, "it is a cpio archive" },
        { "\1\2\3", 3, "it is a file of an unknown kind" },
    };
    struct tree *t = *state;
    struct err e = { 0 };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put(t, "/kernel", cases[i].bytes, cases[i].n);
        assert_int_equal(dry(t, "/kernel", &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
        if (strstr(e.msg, cases[i].words) == NULL)
            fail_msg("'%s' instead of '%s'", e.msg, cases[i].words);
    }
    assert_int_equal(dry(t, "/", &e), -1);
    assert_string_equal(e.msg, "the kernel is a directory");
}

static void
test_the_small_kernel_is_accepted_whole_only(void **state)
{
    struct tree *t = *state;
    struct buf b = { 0 };
    struct err e = { 0 };

    if (fd_read_file(MINIKERNEL, 1 << 20, &b, NULL) < 0)
        skip();
    assert_int_equal(dry(t, MINIKERNEL, &e), 0);
    put(t, "/cut", b.data, b.len / 2);
    assert_int_equal(dry(t, "/cut", &e), -1);
    assert_non_null(strstr(e.msg, "cut short"));
    memcpy(memmem(b.data, b.len, "xen-3.0", 7), "yen-9.9", 7);
    put(t, "/other", b.data, b.len);
    assert_int_equal(dry(t, "/other", &e), -1);
    assert_int_equal(e.code, ERR_UNSUPPORTED);
    buf_free(&b);
}

static void
test_a_build_is_checked_before_it_starts(void **state)
{
    char cmdline[1025];
    struct hv_build b = { .kind = HV_PVH,
                          .ramdisk_fd = -1,
                          .kernel_fd = -1,
                          .mem_kib = 65536,
                          .seen_kib = 32768 };
    struct err e = { 0 };

    (void)state; /* it cannot start with more than it may have */
    assert_int_equal(xen_build_dry(&b, NULL, NULL, &e), -1);
    assert_int_equal(e.code, ERR_RANGE);
    memset(cmdline, 'x', sizeof(cmdline));
    cmdline[1024] = '\0';
    b.kind = HV_PV;
    b.cmdline = cmdline;
    assert_int_equal(xen_build_dry(&b, NULL, NULL, &e), -1);
    assert_int_equal(e.code, ERR_RANGE);
    b.cmdline = NULL;
    b.mem_kib = 1025;
    assert_int_equal(xen_build_dry(&b, NULL, NULL, &e), -1);
    assert_int_equal(e.code, ERR_RANGE);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup_tree, teardown_tree)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_domain_is_found_by_its_id_only),
        cmocka_unit_test(test_missing_operations_are_unsupported),
        cmocka_unit_test(test_missing_orders_are_unsupported),
        cmocka_unit_test(test_missing_ends_are_unsupported),
        T(test_no_xen_is_one_sentence),
        T(test_a_guest_is_not_the_control_domain),
        T(test_each_missing_part_has_its_sentence),
        T(test_xenconsoled_is_no_precondition),
        T(test_a_silent_xenstored_is_told_in_time),
        T(test_a_busy_xenstored_is_waited_for),
        T(test_xenstored_in_its_own_domain_will_do),
        T(test_no_kernel_is_refused_with_a_reason),
        T(test_the_small_kernel_is_accepted_whole_only),
        cmocka_unit_test(test_a_build_is_checked_before_it_starts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
