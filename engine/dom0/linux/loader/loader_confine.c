/*
 * loader_confine.c - see loader_confine.h. Of all privileges one is kept: to
 * read a disk whose node only root may open. Where the kernel has Landlock, it
 * is of use for that disk and the system's programs alone.
 * Called between clone and exec: nothing here may allocate, or take a lock.
 */
#include "engine/dom0/linux/loader/loader_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Kernels and ramdisks of guests are smaller, and so is pygrub. */
#define LIMIT_FILE_BYTES   (1ULL << 30)
#define LIMIT_MEMORY_BYTES (2ULL << 30)
#define LIMIT_CPU_S        600
#define LIMIT_FILES        256

#define MAY_READ                                                               \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |              \
     LANDLOCK_ACCESS_FS_EXECUTE)
#define MAY_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE)
#define MAY_MAKE                                                               \
    (LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |               \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |            \
     LANDLOCK_ACCESS_FS_REMOVE_DIR | MAY_WRITE)
#define MAY_NOT /* unless a rule says so: all that the first version knows */  \
    (MAY_READ | MAY_MAKE | LANDLOCK_ACCESS_FS_MAKE_CHAR |                      \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |             \
     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static bool
confine_limits(void)
{
    static const struct {
        int what;
        rlim_t most;
    } limits[] = {
        { RLIMIT_CORE, 0 },
        { RLIMIT_CPU, LIMIT_CPU_S },
        { RLIMIT_FSIZE, LIMIT_FILE_BYTES },
        { RLIMIT_AS, LIMIT_MEMORY_BYTES },
        { RLIMIT_NOFILE, LIMIT_FILES },
        { RLIMIT_MEMLOCK, 0 },
        { RLIMIT_MSGQUEUE, 0 },
    };
    struct rlimit now;
    size_t i;

    for (i = 0; i < COUNT(limits); i++) {
        if (getrlimit((__rlimit_resource_t)limits[i].what, &now) < 0)
            return false;
        if (now.rlim_max > limits[i].most)
            now.rlim_max = limits[i].most;
        if (now.rlim_cur > now.rlim_max)
            now.rlim_cur = now.rlim_max;
        if (setrlimit((__rlimit_resource_t)limits[i].what, &now) < 0)
            return false;
    }
    return true;
}

/* What is not there needs no rule. */
static void
confine_allow(int rules, const char *path, uint64_t access)
{
    struct landlock_path_beneath_attr rule = { .allowed_access = access };
    int fd = open(path, O_PATH | O_CLOEXEC);

    if (fd < 0)
        return;
    rule.parent_fd = fd;
    (void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
                  &rule, 0);
    close(fd);
}

/* -1: this kernel has no Landlock, and the rest must do. */
static int
confine_rules(const struct loader_confine *c)
{
    static const char *const dirs[] = {
        "/usr",
        "/lib",
        "/lib64",
        "/bin",
        "/sbin",
        "/etc/terminfo",
        "/proc",
        "/etc/python3",
        "/etc/python3.11",
        "/etc/python3.13",
    };
    static const char *const files[] = { "/etc/ld.so.cache", "/etc/localtime",
                                         "/dev/urandom" };
    static const char *const shared[] = { "/dev/null", "/dev/tty", "/dev/pts" };
    const struct landlock_ruleset_attr all = { .handled_access_fs = MAY_NOT };
    int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
    size_t i;

    if (rules < 0)
        return -1;
    for (i = 0; i < COUNT(dirs); i++)
        confine_allow(rules, dirs[i], MAY_READ);
    for (i = 0; i < COUNT(files); i++)
        confine_allow(rules, files[i], LANDLOCK_ACCESS_FS_READ_FILE);
    for (i = 0; i < COUNT(shared); i++)
        confine_allow(rules, shared[i], MAY_WRITE);
    confine_allow(rules, c->home, MAY_READ);
    confine_allow(rules, c->disk, LANDLOCK_ACCESS_FS_READ_FILE);
    confine_allow(rules, c->answer, MAY_WRITE);
    confine_allow(rules, c->dir, MAY_MAKE);
    return rules;
}

/* Nobody, with the one capability, which an exec keeps. By that bit it counts
 * for access(2) as well, which pygrub calls first. */
static bool
confine_become_nobody(void)
{
    struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct caps[2] = {
        { .effective = 1U << CAP_DAC_READ_SEARCH,
          .permitted = 1U << CAP_DAC_READ_SEARCH,
          .inheritable = 1U << CAP_DAC_READ_SEARCH },
    };
    const unsigned id = LOADER_NOBODY;

    return prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) == 0 &&
           syscall(SYS_setgroups, 0, NULL) == 0 &&
           syscall(SYS_setresgid, id, id, id) == 0 &&
           syscall(SYS_setresuid, id, id, id) == 0 &&
           syscall(SYS_capset, &h, caps) == 0 &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0,
                 0) == 0 &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool
loader_confine(const struct loader_confine *c)
{
    int rules = -1;
    bool ok = confine_limits();

    if (!ok || !c->drop)
        return ok;
    rules = confine_rules(c);
    (void)unshare(CLONE_NEWNET | CLONE_NEWIPC);
    ok = confine_become_nobody() &&
         (rules < 0 || syscall(SYS_landlock_restrict_self, rules, 0) == 0);
    if (rules >= 0)
        close(rules);
    return ok;
}
