/*
 * test_unit_device.c - values of devices: rates and addresses of interfaces,
 * what is mounted in dom0, scripts as children.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/api/open_on.h"
#include "engine/api/toolstack.h"
#include "engine/core/engine_int.h"
#include "engine/device/vif.h"
#include "engine/dom0/hotplug.h"
#include "engine/dom0/linux/disk_facts.h"
#include "engine/dom0/linux/linux_dom0.h"
#include "src/base/fdio.h"

/* --- rates, addresses --- */

static void
test_rates(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
        uint32_t usecs;
    } good[] = {
        { "1MB/s@20ms", 20000, 20000 },
        { "10Mb/s@50ms", 62500, 50000 },
        { "10Mb/s", 62500, 50000 },
        { "250KB/s", 12500, 50000 },
        { "1GB/s@1s", 1000000000, 1000000 },
        { "8b/s@1s", 1, 1000000 },
        { "20B/s", 1, 50000 },
    };
    static const char *const bad[] = {
        "",         "b/s",          "10",
        "10M/s",    "10Mb",         "1b/s",
        "10Mb/s@",  "10Mb/s@20",    "10Mb/s@0s",
        "-1Mb/s",   "10Mb/s@20ms ", "999999999GB/s",
        "5GB/s@1s", "1B/s@5000s",   "1000000001B/s",
    };
    uint64_t bytes;
    uint32_t usecs;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(vif_rate(good[i].text, &bytes, &usecs));
        assert_int_equal(bytes, good[i].bytes);
        assert_int_equal(usecs, good[i].usecs);
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (vif_rate(bad[i], &bytes, &usecs))
            fail_msg("\"%s\" is taken for a rate", bad[i]);
}

static void
test_macs_are_xens(void **state)
{
    char a[18], b[18];
    int i;

    (void)state;
    for (i = 0; i < 100; i++) {
        assert_int_equal(vif_mac(a, NULL), 0);
        assert_int_equal(strncmp(a, "00:16:3e:", 9), 0);
        assert_int_equal(strlen(a), 17);
        assert_true(a[9] < '8'); /* the upper half is others' */
    }
    assert_int_equal(vif_mac(b, NULL), 0);
    assert_string_not_equal(a, b);
}

/* --- what is mounted --- */

static const char mounts[] =
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
    "23 22 0:21 / /proc rw - proc proc rw\n"
    "30 22 253:4 / /srv/a\\040b ro shared:9 master:2 - xfs /dev/mapper/vg-a "
    "ro,attr2\n"
    "31 22 0:40 /sub /data rw - btrfs /dev/sdc rw,space_cache\n"
    "short line\n"
    "32 22 8:33 / /x rw\n";

static void
test_mounted(void **state)
{
    struct dom0_disk d = { 0 };

    (void)state;
    assert_true(disk_mounted(mounts, 8, 1, NULL, &d));
    assert_string_equal(d.user, "mounted on /");
    assert_true(d.used_rw);
    assert_true(disk_mounted(mounts, 253, 4, NULL, &d));
    assert_string_equal(d.user, "mounted on /srv/a b");
    assert_false(d.used_rw);
    assert_true(disk_mounted(mounts, 8, 32, "/dev/sdc", &d));
    assert_string_equal(d.user, "mounted on /data");
    assert_false(disk_mounted(mounts, 8, 33, NULL, &d));
    assert_false(disk_mounted(mounts, 8, 2, "/dev/sda2", &d));
    assert_false(disk_mounted("", 8, 1, NULL, &d));
}

/* A file is known by more than its names. */
static void
test_a_file_is_known_by_its_number(void **state)
{
    char file[] = "/tmp/xendeck-disk.XXXXXX", soft[64], hard[64];
    struct dom0_disk a, b, c;
    int fd = mkstemp(file);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    text_fmt(soft, sizeof(soft), "%s.soft", file);
    text_fmt(hard, sizeof(hard), "%s.hard", file);
    assert_int_equal(symlink(file, soft), 0);
    assert_int_equal(link(file, hard), 0);
    assert_int_equal(disk_facts(file, &a, NULL), 0);
    assert_int_equal(disk_facts(soft, &b, NULL), 0);
    assert_int_equal(disk_facts(hard, &c, NULL), 0);
    unlink(file);
    unlink(soft);
    unlink(hard);
    assert_int_not_equal(a.file_ino, 0);
    assert_true(a.file_ino == b.file_ino && a.file_dev == b.file_dev);
    assert_true(a.file_ino == c.file_ino && a.file_dev == c.file_dev);
    assert_string_equal(a.path, b.path);
    assert_string_not_equal(a.path, c.path);
}

static void
test_disk_that_is_none(void **state)
{
    struct dom0_disk d;

    (void)state;
    assert_int_equal(disk_facts("/nowhere/at/all", &d, NULL), 0);
    assert_int_equal(d.kind, DOM0_DISK_NONE);
    assert_int_equal(disk_facts("/proc/self/status", &d, NULL), 0);
    assert_int_equal(d.kind, DOM0_DISK_FILE);
    assert_int_equal(disk_facts("/dev/null", &d, NULL), 0);
    assert_int_equal(d.kind, DOM0_DISK_OTHER);
}

/* At the limit of descriptors nobody can see whether dom0 uses it. */
static void
test_disk_that_cannot_be_looked_at(void **state)
{
    char file[] = "/tmp/xendeck-disk.XXXXXX";
    int fd = mkstemp(file), rc;
    struct rlimit was, none;
    struct dom0_disk d;
    struct err e = { 0 };

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    none = was;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    rc = disk_facts(file, &d, &e);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    unlink(file);
    assert_int_equal(rc, -1);
    assert_int_equal(e.sys, EMFILE);
}

/* --- scripts --- */

struct fixture {
    struct loop *lp;
    struct dom0 *d0;
    struct hotplug hp;
    char dir[64], script[96];
    bool done;
};

static void
script_done(struct hotplug *hp)
{
    container_of(hp, struct fixture, hp)->done = true;
}

static bool
is_done(void *arg)
{
    return ((struct fixture *)arg)->done;
}

static void
start_script(struct fixture *f, const char *text)
{
    const struct hotplug_job j = { .script = f->script,
                                   .verb = "online",
                                   .arg = "type_if=vif",
                                   .kind = "vif",
                                   .back = "/local/domain/0/backend/vif/5/0",
                                   .ifname = "vif5.0",
                                   .tap = "vif5.0-emu",
                                   .netdev = "eth1" };
    int fd;

    memset(f, 0, sizeof(*f));
    f->lp = loop_new(LOOP_CLOCK_REAL);
    f->d0 = linux_dom0_open(f->lp);
    text_fmt(f->dir, sizeof(f->dir), "/tmp/xendeck-test.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    text_fmt(f->script, sizeof(f->script), "%s/script", f->dir);
    fd = open(f->script, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
    close(fd);
    f->hp.done = script_done;
    assert_int_equal(hotplug_start(&f->hp, f->d0, &j, NULL), 0);
}

#define LIMIT_MS 60000 /* for what comes at once on an idle machine */

static void
run_script(struct fixture *f, const char *text, uint64_t limit_ms)
{
    start_script(f, text);
    (void)loop_until(f->lp, is_done, f, limit_ms);
}

static bool
has_spoken(void *arg)
{
    const struct fixture *f = arg;

    return f->done || f->hp.said.len > 0;
}

/* One that says that it is there, and stays. */
static void
run_staying_script(struct fixture *f)
{
    start_script(f, "#!/bin/sh\nsleep 300 & echo up >&2; wait\n");
    assert_true(loop_until(f->lp, has_spoken, f, LIMIT_MS));
    assert_false(f->done);
}

static bool
watches_nothing(void *arg)
{
    return loop_fd_count(((struct fixture *)arg)->lp) == 0;
}

/* A killed one is reaped when it has ended. */
static void
script_end(struct fixture *f)
{
    hotplug_fini(&f->hp);
    assert_true(loop_until(f->lp, watches_nothing, f, LIMIT_MS));
    dom0_close(f->d0);
    loop_free(f->lp);
    (void)unlink(f->script);
    (void)rmdir(f->dir);
}

static void
test_script_gets_its_surroundings(void **state)
{
    struct fixture f;
    char said[256];

    (void)state;
    run_script(&f,
               "#!/bin/sh\n[ \"$1 $2\" = 'online type_if=vif' ] || exit 2\n"
               "[ $XENBUS_PATH = backend/vif/5/0 ] || exit 3\n"
               "[ $INTERFACE-$netdev = vif5.0-emu-eth1 ] || exit 5\n"
               "[ $vif-$XENBUS_TYPE-$XENBUS_BASE_PATH = vif5.0-vif-backend ] "
               "|| exit 4\n[ -z \"$HOME\" ] || exit 5\n"
               "echo first >&2; echo last word >&2\n",
               LIMIT_MS);
    assert_true(f.done);
    assert_true(hotplug_ok(&f.hp));
    hotplug_said(&f.hp, said, sizeof(said));
    assert_string_equal(said, "last word");
    script_end(&f);
}

static void
test_script_that_fails(void **state)
{
    struct fixture f;
    char said[256];

    (void)state;
    run_script(&f,
               "#!/bin/sh\nhead -c 20000 /dev/zero | tr '\\0' x >&2\n"
               "printf '\\n\\033[2Jno bridge' >&2\nexit 1\n",
               LIMIT_MS);
    assert_true(f.done);
    assert_false(hotplug_ok(&f.hp));
    hotplug_said(&f.hp, said, sizeof(said));
    assert_string_equal(said, "?[2Jno bridge");
    assert_true(f.hp.said.len <= HOTPLUG_SAID_MAX);
    script_end(&f);
}

static void
test_script_is_killed(void **state)
{
    struct fixture f;
    pid_t pid;

    (void)state;
    run_script(&f, "#!/bin/sh\nsleep 1000 & sleep 1000\n", 50);
    assert_false(f.done);
    pid = f.hp.child.pid;
    script_end(&f);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), -1); /* reaped */
}

/* What never ends to be read must not keep the loop from its other work. */
static void
test_script_that_floods(void **state)
{
    struct fixture f;

    (void)state;
    alarm(3 * LIMIT_MS / 1000);
    run_script(&f, "#!/bin/sh\nexec yes x >&2\n", 100);
    assert_false(f.done);
    script_end(&f);
    run_script(&f, "#!/bin/sh\n(exec yes x >&2) &\nsleep 0.2\nexit 0\n",
               LIMIT_MS);
    assert_true(f.done);
    assert_true(hotplug_ok(&f.hp));
    script_end(&f);
    alarm(0);
}

/* --- scripts of engines that are gone --- */

struct left {
    long pid;
    unsigned n;
};

static void
count_left(void *arg, long pid, const char *script, const char *back)
{
    struct left *l = arg;

    (void)script;
    if (pid != l->pid)
        return;
    l->n++;
    assert_string_equal(back, "backend/vif/5/0");
}

/* A process that starts a script which hangs, and is killed like an engine:
 * the script's pid. */
static pid_t
script_of_killed_engine(char *path, char *dir, size_t n)
{
    struct fixture *f;
    int fds[2], status;
    pid_t child, pid;

    assert_int_equal(pipe(fds), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        f = calloc(1, sizeof(*f));
        run_staying_script(f);
        (void)!write(fds[1], &f->hp.child.pid, sizeof(pid));
        (void)!write(fds[1], f->dir, sizeof(f->dir));
        _exit(0);
    }
    assert_int_equal(read(fds[0], &pid, sizeof(pid)), sizeof(pid));
    assert_true(n >= sizeof(f->dir));
    assert_int_equal(read(fds[0], dir, sizeof(f->dir)), sizeof(f->dir));
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    text_fmt(path, n, "%s/script", dir);
    return pid;
}

static void
test_script_of_killed_engine_is_ended(void **state)
{
    struct loop *lp = loop_new(LOOP_CLOCK_REAL);
    struct dom0 *d = linux_dom0_open(lp);
    struct left l = { 0 };
    char path[128], dir[128];
    int status;

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    l.pid = script_of_killed_engine(path, dir, sizeof(dir));
    assert_int_equal(kill((pid_t)l.pid, 0), 0);
    assert_int_equal(dom0_end_left_scripts(d, count_left, &l, NULL), 0);
    assert_int_equal(l.n, 1);
    assert_int_equal(waitpid((pid_t)l.pid, &status, 0), l.pid);
    assert_true(WIFSIGNALED(status));
    while (waitpid(-1, &status, 0) > 0)
        ; /* its own child, which had its group, too */
    (void)unlink(path);
    (void)rmdir(dir);
    dom0_close(d);
    loop_free(lp);
}

static void
test_script_of_living_engine_goes_on(void **state)
{
    struct fixture f;
    struct left l = { 0 };

    (void)state;
    run_staying_script(&f);
    l.pid = f.hp.child.pid;
    assert_int_equal(dom0_end_left_scripts(f.d0, count_left, &l, NULL), 0);
    assert_int_equal(l.n, 0);
    assert_int_equal(kill((pid_t)l.pid, 0), 0);
    script_end(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_is_known_by_its_number),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_macs_are_xens),
        cmocka_unit_test(test_mounted),
        cmocka_unit_test(test_disk_that_is_none),
        cmocka_unit_test(test_disk_that_cannot_be_looked_at),
        cmocka_unit_test(test_script_gets_its_surroundings),
        cmocka_unit_test(test_script_that_fails),
        cmocka_unit_test(test_script_is_killed),
        cmocka_unit_test(test_script_that_floods),
        cmocka_unit_test(test_script_of_killed_engine_is_ended),
        cmocka_unit_test(test_script_of_living_engine_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
