/*
 * sim_dom0.c - the driver of dom0's boundary for the simulated host: its table,
 * and its disks. Every path below /dev is a block device
 * of the simulated host; any other is looked up on the machine it runs on, as
 * kernels are.
 */
#include "engine/sim/dom0/sim_dom0.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/sim/sim_fault.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "engine/sim/sim_outside_dom0.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define DISK_MAJOR     253 /* as the device mapper's */
#define SIM_DISK_BYTES (64 << 20)

struct sim_disk {
    char path[256], user[160];
};

static struct sim *
sim_dom0_of(struct dom0 *d)
{
    return container_of(d, struct sim, dom0);
}

unsigned
sim_disk_minor(const char *path)
{
    unsigned h = 5381;

    for (; *path != '\0'; path++)
        h = h * 33 + (unsigned char)*path;
    return h & 0xfffff;
}

/* "/dev/sdb" and "/dev/sdb2", with Linux's numbers: 15 partitions at most. */
static bool
scsi_disk(const char *path, struct dom0_disk *out)
{
    unsigned long part;
    char *end;
    size_t i;

    if (strncmp(path, "/dev/sd", 7) != 0 || path[7] < 'a' || path[7] > 'p')
        return false;
    part = strtoul(path + 8, &end, 10);
    if (*end != '\0' || part > 15)
        return false;
    out->major = 8;
    out->minor = (unsigned)(path[7] - 'a') * 16 + (unsigned)part;
    for (i = part == 0 ? 1 : 0; i < (part == 0 ? 16 : 1); i++)
        out->also[out->n_also++] =
            (struct dom0_disk_number){ 8, (out->minor & ~15U) + (unsigned)i };
    return true;
}

void
sim_disk_look(struct sim *s, const char *path, struct dom0_disk *out)
{
    struct stat st;
    size_t i;

    *out = (struct dom0_disk){ .kind = DOM0_DISK_NONE };
    text_fmt(out->path, sizeof(out->path), "%s", path);
    if (strncmp(path, "/dev/", 5) == 0) {
        out->kind = DOM0_DISK_BLOCK;
        out->major = DISK_MAJOR;
        out->minor = sim_disk_minor(path);
        (void)scsi_disk(path, out);
    } else if (stat(path, &st) == 0) {
        out->kind = S_ISREG(st.st_mode) ? DOM0_DISK_FILE : DOM0_DISK_OTHER;
        out->file_dev = S_ISREG(st.st_mode) ? st.st_dev : 0;
        out->file_ino = S_ISREG(st.st_mode) ? st.st_ino : 0;
    }
    for (i = 0; i < s->n_disks; i++)
        if (strcmp(s->disks[i].path, path) == 0) {
            text_fmt(out->user, sizeof(out->user), "%s", s->disks[i].user);
            out->used_rw = out->user[0] != '\0';
        }
}

int
sim_dom0_disk(struct dom0 *d, const char *path, struct dom0_disk *out,
              struct err *e)
{
    (void)e;
    sim_disk_look(sim_dom0_of(d), path, out);
    return 0;
}

/* A block device that nothing is kept of: a few bytes that tell which it is,
 * and holes. */
static int
sim_disk_made(const char *path)
{
    int fd = memfd_create("disk", MFD_CLOEXEC);

    if (fd < 0)
        return -1;
    if (ftruncate(fd, SIM_DISK_BYTES) == 0 &&
        fd_write_all(fd, path, strlen(path)) == 0)
        return fd;
    close(fd);
    return -1;
}

int
sim_dom0_disk_open(struct dom0 *d, const char *path, bool write, int *fd_out,
                   struct err *e)
{
    struct dom0_disk disk;
    int fd;

    sim_disk_look(sim_dom0_of(d), path, &disk);
    if (write && disk.user[0] != '\0')
        return err_set(e, ERR_BUSY, "%s is in use by dom0", path);
    if (disk.kind == DOM0_DISK_BLOCK)
        fd = sim_disk_made(path);
    else
        fd = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_sys(e, errno, "%s", path);
    *fd_out = fd;
    return 0;
}

void
sim_disk_use(struct sim *s, const char *path, const char *user)
{
    struct sim_disk *d;

    s->disks = xrealloc(s->disks, s->n_disks + 1, sizeof(*s->disks));
    d = &s->disks[s->n_disks++];
    text_fmt(d->path, sizeof(d->path), "%s", path);
    text_fmt(d->user, sizeof(d->user), "%s", user);
}

/* --- the driver --- */

int
sim_dom0_power(struct dom0 *d, struct dom0_power *p, bool reboot, struct err *e)
{
    (void)d;
    (void)reboot;
    (void)e;
    p->ended(p, 0);
    return 0;
}

/* Nothing is started from it: any readable file will do. */
int
sim_dom0_firmware(struct dom0 *d, enum dom0_firmware which, char *dst, size_t n,
                  struct err *e)
{
    static const char text[] = "a simulated firmware\n";
    struct sim *s = sim_dom0_of(d);

    (void)which;
    if (s->firmware_fd == 0) {
        s->firmware_fd = memfd_create("firmware", MFD_CLOEXEC);
        if (s->firmware_fd < 0 ||
            fd_write_all(s->firmware_fd, text, sizeof(text) - 1) < 0)
            return err_sys(e, errno, "a simulated firmware");
    }
    text_fmt(dst, n, "/proc/self/fd/%d", s->firmware_fd);
    return 0;
}

static bool
op_file_is_remote(struct dom0 *d, const char *path)
{
    const char *far = sim_dom0_of(d)->far_dir;

    return far[0] != '\0' && strncmp(path, far, strlen(far)) == 0;
}

void
sim_hide_processes(struct sim *s, bool hide)
{
    s->procs_hidden = hide;
}

void
sim_files_are_remote(struct sim *s, const char *dir)
{
    text_fmt(s->far_dir, sizeof(s->far_dir), "%s", dir);
}

/* Scripts are what sim_script.c does, whatever their names. */
static int
op_script_errno(struct dom0 *d, const char *path)
{
    (void)d;
    (void)path;
    return 0;
}

static bool
op_has_model_program(struct dom0 *d)
{
    (void)d;
    return true;
}

static void
sim_dom0_op_close(struct dom0 *d)
{
    struct sim *s = sim_dom0_of(d);

    if (s->left) /* else the host runs on; sim_free ends it */
        sim_free(s);
}

/* The entries of the table: count the call, or fail it. */
#define DOM0_OP(name, params, args, ...)                                       \
    static int counted_##name params                                           \
    {                                                                          \
        return sim_call(sim_dom0_of(d), SIM_CALL_dom0_##name, e) < 0           \
                   ? -1                                                        \
                   : sim_dom0_##name args;                                     \
    }
#include "engine/dom0/dom0_ops.def"

const struct dom0_ops sim_dom0_ops = {
    .name = "sim",
    .stays_up = true,
    .close = sim_dom0_op_close,
    .places = sim_dom0_places,
    .file_is_remote = op_file_is_remote,
    .script_errno = op_script_errno,
    .has_model_program = op_has_model_program,
    .model_serves = sim_dom0_model_serves,
#define DOM0_OP(op, params, args, ...) .op = counted_##op,
#define DOM0_DO(op, params, args, ...) .op = sim_dom0_##op,
#include "engine/dom0/dom0_ops.def"
};
