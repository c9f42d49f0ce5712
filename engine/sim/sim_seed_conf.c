/*
 * sim_seed_conf.c - the demo guests' configurations as a toolstack has them on
 * record, and a kernel that they are started from again: the smallest ELF that
 * the domain builder takes for a Xen PV kernel.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_seed.h"
#include "engine/sim/store/sim_store.h"
#include "src/base/fdio.h"

#define CODE_AT   4096U
#define IMAGE_LEN (2 * CODE_AT)

/* Types of notes, of xen/elfnote.h. */
enum {
    NOTE_ENTRY = 1,
    NOTE_HYPERCALL_PAGE = 2,
    NOTE_VIRT_BASE = 3,
    NOTE_PADDR_OFFSET = 4,
    NOTE_XEN_VERSION = 5,
    NOTE_GUEST_OS = 6,
    NOTE_LOADER = 8
};

static void
conf_note(struct buf *out, uint32_t type, const void *value, uint32_t n)
{
    static const char zeros[4];
    const Elf64_Nhdr h = { .n_namesz = 4, .n_descsz = n, .n_type = type };

    buf_add(out, &h, sizeof(h));
    buf_add(out, "Xen", 4);
    buf_add(out, value, n);
    buf_add(out, zeros, (4 - n % 4) % 4);
}

static void
conf_notes(struct buf *out)
{
    const uint64_t base = 0, entry = 0, hypercalls = CODE_AT;

    conf_note(out, NOTE_GUEST_OS, "linux", sizeof("linux"));
    conf_note(out, NOTE_XEN_VERSION, "xen-3.0", sizeof("xen-3.0"));
    conf_note(out, NOTE_LOADER, "generic", sizeof("generic"));
    conf_note(out, NOTE_VIRT_BASE, &base, sizeof(base));
    conf_note(out, NOTE_PADDR_OFFSET, &base, sizeof(base));
    conf_note(out, NOTE_ENTRY, &entry, sizeof(entry));
    conf_note(out, NOTE_HYPERCALL_PAGE, &hypercalls, sizeof(hypercalls));
}

/* One page of memory and the notes that describe it. */
static void
conf_kernel(const struct buf *notes, struct buf *out)
{
    const Elf64_Ehdr eh = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
                                         ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
                            .e_type = ET_EXEC,
                            .e_machine = EM_X86_64,
                            .e_version = EV_CURRENT,
                            .e_phoff = sizeof(eh),
                            .e_ehsize = sizeof(eh),
                            .e_phentsize = sizeof(Elf64_Phdr),
                            .e_phnum = 2 };
    const Elf64_Phdr ph[2] = {
        { .p_type = PT_LOAD,
          .p_flags = PF_R | PF_W | PF_X,
          .p_offset = CODE_AT,
          .p_filesz = IMAGE_LEN - CODE_AT,
          .p_memsz = 2 * CODE_AT,
          .p_align = CODE_AT },
        { .p_type = PT_NOTE,
          .p_flags = PF_R,
          .p_offset = sizeof(eh) + sizeof(ph),
          .p_filesz = notes->len,
          .p_memsz = notes->len,
          .p_align = 4 },
    };
    static const char zeros[256];

    buf_add(out, &eh, sizeof(eh));
    buf_add(out, ph, sizeof(ph));
    buf_add(out, notes->data, notes->len);
    while (out->len < IMAGE_LEN)
        buf_add(out, zeros,
                IMAGE_LEN - out->len < sizeof(zeros) ? IMAGE_LEN - out->len
                                                     : sizeof(zeros));
}

static int
conf_write(const char *path, const struct buf *text, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int rc = 0;

    if (fd < 0 || fd_write_all(fd, text->data, text->len) < 0)
        rc = err_sys(e, errno, "file %s", path);
    if (fd >= 0)
        close(fd);
    return rc;
}

/* Those that sim_seed_devices gave it. */
static void
conf_devices(struct sim_dom *d, const char *name, struct buf *out)
{
    char backend[96], mac[18];

    sim_guest_home(d, "device/vif/0/backend", backend, sizeof(backend));
    if (backend[0] == '\0')
        return;
    sim_seed_mac(d, mac);
    buf_fmt(out,
            "devices = (\n"
            "    { type = \"vbd\"; path = \"/dev/vg/%s\"; vdev = \"xvda\"; },\n"
            "    { type = \"vif\"; mac = \"%s\"; bridge = \"xenbr0\"; }\n);\n",
            name, mac);
}

static int
conf_of_guest(struct sim_dom *d, const char *state, const char *kernel,
              struct err *e)
{
    char name[64], uuid[37], path[300];
    struct buf text = { 0 };
    int rc;

    sim_guest_home(d, "name", name, sizeof(name));
    sim_uuid_text(d->uuid, uuid);
    buf_fmt(&text,
            "name = \"%s\";\nuuid = \"%s\";\nmemory = %llu;\nvcpus = %u;\n"
            "image = {\n    kernel = \"%s\";\n    root = \"/dev/xvda1\";\n"
            "    args = \"ro console=hvc0\";\n};\n",
            name, uuid, (unsigned long long)d->mem_kib / 1024, d->max_vcpus,
            kernel);
    conf_devices(d, name, &text);
    text_fmt(path, sizeof(path), "%.200s/%s.conf", state, uuid);
    rc = conf_write(path, &text, e);
    buf_free(&text);
    return rc;
}

int
sim_seed_records(struct sim *s, const char *top, const char *state,
                 struct err *e)
{
    struct buf notes = { 0 }, image = { 0 };
    char kernel[280];
    size_t i;
    int rc;

    if (s->o.domains == 0)
        return 0;
    text_fmt(kernel, sizeof(kernel), "%.240s/vmlinuz", top);
    conf_notes(&notes);
    conf_kernel(&notes, &image);
    rc = conf_write(kernel, &image, e);
    buf_free(&notes);
    buf_free(&image);
    if (rc == 0 && mkdir(state, 0700) < 0 && errno != EEXIST)
        rc = err_sys(e, errno, "directory %s", state);
    for (i = 1; rc == 0 && i < s->n_doms; i++)
        rc = conf_of_guest(s->doms[i], state, kernel, e);
    return rc;
}
