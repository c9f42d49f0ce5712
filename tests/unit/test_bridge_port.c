/*
 * test_bridge_port.c - an interface joins a bridge and leaves it, in a network
 * namespace of the test's own: what it is then must be what Xen's scripts make
 * of its twin. Where the test may have none (not root) it is left out.
 */
#include "engine/dom0/linux/bridge.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "tests/unit/tmpdir.h"

#define SCRIPTS "/etc/xen/scripts/xen-network-common.sh"

/* As vif-bridge does "online" with what is sourced. */
#define BY_SCRIPT                                                              \
    "bash -c 'log() { :; }; xenstore_read_default() { echo; }; "               \
    "xenstore_write() { :; }; XENBUS_PATH=x; . " SCRIPTS "; "                  \
    "setup_virtual_bridge_port vif9.1; set_mtu br9 vif9.1 vif; "               \
    "add_to_bridge br9 vif9.1'"

static const struct dom0_port port = { .ifname = "vif9.0", .bridge = "br9" };

static bool
does(const char *line)
{
    return system(line) == 0; // NOLINT(cert-env33-c): lines of the test's own
}

/* A child has the namespace, and tells by its status: 77 where there is none.
 */
static void
in_namespace(void (*run)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        if (unshare(CLONE_NEWNET) < 0 ||
            !does("ip link add br9 mtu 1400 type bridge >/dev/null 2>&1") ||
            !does("ip link add vif9.0 type veth peer name x0") ||
            !does("ip link add vif9.1 type veth peer name x1"))
            _exit(77);
        run();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(status, 0);
}

static void
expect(bool ok, int line)
{
    if (ok)
        return;
    (void)fprintf(stderr, "%s:%d\n", __FILE__, line);
    _exit(1);
}

#define EXPECT(x) expect((x), __LINE__)

/* All that ip tells of it but numbers and names that are its own. */
static void
shape(const char *name, char *dst, size_t n)
{
    char line[256];
    FILE *f;

    text_fmt(line, sizeof(line),
             "ip -o link show %s | sed 's/^[0-9]*: [^:]*//'", name);
    f = popen(line, "r"); // NOLINT(cert-env33-c): as above
    EXPECT(f != NULL && fgets(dst, (int)n, f) != NULL);
    (void)pclose(f);
}

static void
join_as_the_script(void)
{
    char ours[512], theirs[512];
    unsigned mtu = 0;
    struct err e = { 0 };

    EXPECT(bridge_port_join(&port, &mtu, &e) == 0);
    EXPECT(mtu == 1400);
    shape(port.ifname, ours, sizeof(ours));
    EXPECT(strstr(ours, "master br9") != NULL);
    EXPECT(strstr(ours, "mtu 1400") != NULL);
    EXPECT(strstr(ours, "fe:ff:ff:ff:ff:ff") != NULL);
    EXPECT(strstr(ours, ",UP") != NULL);
    if (access(SCRIPTS, R_OK) < 0)
        return;
    EXPECT(does(BY_SCRIPT));
    shape("vif9.1", theirs, sizeof(theirs));
    if (strcmp(ours, theirs) != 0)
        (void)fprintf(stderr, "%s%s", ours, theirs);
    EXPECT(strcmp(ours, theirs) == 0);
}

static void
test_it_joins_as_by_the_script(void **state)
{
    (void)state;
    in_namespace(join_as_the_script);
}

static void
leave_and_fail(void)
{
    struct dom0_port p = port;
    struct err e = { 0 };
    char text[512];
    unsigned mtu = 0;

    p.mtu = 1300;
    EXPECT(bridge_port_join(&p, &mtu, &e) == 0 && mtu == 1300);
    EXPECT(bridge_port_leave(&p, &e) == 0);
    shape(p.ifname, text, sizeof(text));
    EXPECT(strstr(text, "master") == NULL && strstr(text, ",UP") == NULL);
    text_fmt(p.bridge, sizeof(p.bridge), "x1"); /* no bridge */
    EXPECT(bridge_port_join(&p, &mtu, &e) < 0);
    EXPECT(strstr(e.msg, "interface vif9.0 on bridge x1: ") != NULL);
    text_fmt(p.bridge, sizeof(p.bridge), "br9");
    text_fmt(p.ifname, sizeof(p.ifname), "vif9.7"); /* none */
    EXPECT(bridge_port_join(&p, &mtu, &e) < 0);
    EXPECT(bridge_port_leave(&p, &e) == 0);
    EXPECT(bridge_port_join(&port, &mtu, &e) == 0); /* a failure harms none */
}

static void
test_it_leaves_and_faults_are_told(void **state)
{
    (void)state;
    in_namespace(leave_and_fail);
}

static void
test_a_host_may_need_the_script(void **state)
{
    struct tmpdir t;
    char scripts[80], hooks[100], hook[128];

    (void)state;
    assert_int_equal(tmpdir_init(&t, "filter"), 0);
    text_fmt(scripts, sizeof(scripts), "%s/", t.dir);
    text_fmt(hooks, sizeof(hooks), "%svif-post.d", scripts);
    text_fmt(hook, sizeof(hook), "%s/a.hook", hooks);
    assert_false(bridge_port_needs_script(scripts, t.path)); /* neither */
    assert_int_equal(tmpdir_write(&t, "0\n", 2), 0);
    assert_false(bridge_port_needs_script(scripts, t.path));
    assert_int_equal(tmpdir_write(&t, "1\n", 2), 0);
    assert_true(bridge_port_needs_script(scripts, t.path));
    unlink(t.path);
    assert_int_equal(mkdir(hooks, 0700), 0);
    assert_false(bridge_port_needs_script(scripts, t.path));
    assert_int_equal(symlink("/bin/true", hook), 0);
    assert_true(bridge_port_needs_script(scripts, t.path));
    unlink(hook);
    rmdir(hooks);
    tmpdir_fini(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_joins_as_by_the_script),
        cmocka_unit_test(test_it_leaves_and_faults_are_told),
        cmocka_unit_test(test_a_host_may_need_the_script),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
