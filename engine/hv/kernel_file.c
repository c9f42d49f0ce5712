/*
 * kernel_file.c - looks at the first bytes of a kernel file to name its kind.
 * Nothing here decides whether a kernel boots: that is the domain builder's
 * work. This only finds the words for a refusal, so it knows no Xen header.
 */
#include "engine/hv/kernel_file.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES 1024
#define SECTOR     512U

/* The header of a raw image that Xen's domain builder can load, somewhere on a
 * multiple of 4 bytes among the first 8 KiB. */
#define RAW_MAGIC 0x336ec578U
#define RAW_BYTES 8192

/* Offsets in the header of a bzImage (the Linux x86 boot protocol). */
#define BZ_SETUP_SECTS    0x1f1
#define BZ_BOOT_FLAG      0x1fe
#define BZ_MAGIC          0x202
#define BZ_VERSION        0x206
#define BZ_PAYLOAD_OFFSET 0x248
#define BZ_PAYLOAD_LENGTH 0x24c
#define BZ_HAS_PAYLOAD    0x0208

static const struct {
    const char *bytes, *kind;
    unsigned char n;
    bool packed; /* there may be a kernel in it */
} magics[] = {
    { "\x1f\x8b", "a gzip file", 2, true },
    { "\xfd"
      "7zXZ",
      "an xz file", 5, true },
    { "BZh", "a bzip2 file", 3, true },
    { "\x28\xb5\x2f\xfd", "a zstd file", 4, true },
    { "\x04\x22\x4d\x18", "an lz4 file", 4, true },
    { "\x02\x21\x4c\x18", "an lz4 file", 4, true },
    { "\x5d\x00\x00", "an lzma file", 3, true },
    { "\x89LZO", "an lzo file", 4, true },
    { "07070", "a cpio archive, as ramdisks are", 5, false },
    { "PK\x03\x04", "a zip archive", 4, false },
    { "!<arch>\n", "an archive or Debian package", 8, false },
    { "QFI\xfb", "a qcow2 disk image", 4, false },
    { "#!", "a script", 2, false },
    { "MZ", "an EFI or DOS program", 2, false },
};

static unsigned
le16(const unsigned char *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static uint32_t
le32(const unsigned char *p)
{
    return le16(p) | (uint32_t)le16(p + 2) << 16;
}

/* The first HEAD_BYTES, zero-filled; returns how many the file has. */
static size_t
read_head(int fd, unsigned char *head)
{
    size_t n = 0;
    ssize_t r;

    memset(head, 0, HEAD_BYTES);
    while (n < HEAD_BYTES) {
        r = pread(fd, head + n, HEAD_BYTES - n, (off_t)n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            break;
        n += (size_t)r;
    }
    return n;
}

static bool
is_bzimage(const unsigned char *head, size_t n)
{
    return n > BZ_PAYLOAD_LENGTH + 4 && memcmp(head + BZ_MAGIC, "HdrS", 4) == 0;
}

static bool
kernel_file_is_text(const unsigned char *head, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (head[i] == 0x7f || (head[i] < ' ' && head[i] != '\n' &&
                                head[i] != '\r' && head[i] != '\t'))
            return false;
    return n > 0;
}

static const char *
elf_kind(const unsigned char *head)
{
    unsigned machine = le16(head + offsetof(Elf64_Ehdr, e_machine));

    if (head[EI_CLASS] == ELFCLASS32 && machine == EM_386)
        return "a 32-bit x86 ELF image";
    if (head[EI_CLASS] == ELFCLASS64 && machine == EM_X86_64)
        return "a 64-bit x86 ELF image";
    return "an ELF image for another machine";
}

const char *
kernel_file_kind(int fd)
{
    unsigned char head[HEAD_BYTES];
    size_t i, n = read_head(fd, head);

    if (n == 0)
        return "an empty file";
    if (n >= sizeof(Elf64_Ehdr) && memcmp(head, ELFMAG, SELFMAG) == 0)
        return elf_kind(head);
    if (is_bzimage(head, n))
        return "a Linux bzImage";
    for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
        if (n >= magics[i].n && memcmp(head, magics[i].bytes, magics[i].n) == 0)
            return magics[i].kind;
    if (kernel_file_is_text(head, n))
        return "a text file";
    if (n >= SECTOR && le16(head + BZ_BOOT_FLAG) == 0xaa55)
        return "a disk image or boot sector";
    return "a file of an unknown kind";
}

bool
kernel_file_for_x86(int fd)
{
    unsigned char head[HEAD_BYTES];
    size_t n = read_head(fd, head);
    unsigned machine = le16(head + offsetof(Elf64_Ehdr, e_machine));

    if (n >= sizeof(Elf32_Ehdr) && memcmp(head, ELFMAG, SELFMAG) == 0)
        return machine == EM_386 || machine == EM_X86_64;
    return is_bzimage(head, n);
}

static uint64_t
bzimage_end(const unsigned char *head)
{
    unsigned sects = head[BZ_SETUP_SECTS];

    if (le16(head + BZ_VERSION) < BZ_HAS_PAYLOAD)
        return 0;
    if (sects == 0)
        sects = 4; /* what the boot protocol says 0 stands for */
    return (uint64_t)(sects + 1) * SECTOR + le32(head + BZ_PAYLOAD_OFFSET) +
           le32(head + BZ_PAYLOAD_LENGTH);
}

static uint64_t
max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* End of the tables and of each segment; headers that overflow end "never". */
static uint64_t
elf64_end(int fd, const unsigned char *head)
{
    Elf64_Ehdr eh;
    Elf64_Phdr ph;
    uint64_t at, end;
    unsigned i;

    memcpy(&eh, head, sizeof(eh));
    end = max_u64(eh.e_phoff + (uint64_t)eh.e_phnum * eh.e_phentsize,
                  eh.e_shoff + (uint64_t)eh.e_shnum * eh.e_shentsize);
    for (i = 0; i < eh.e_phnum; i++) {
        at = eh.e_phoff + (uint64_t)i * eh.e_phentsize;
        if (at > INT64_MAX ||
            pread(fd, &ph, sizeof(ph), (off_t)at) != (ssize_t)sizeof(ph))
            return UINT64_MAX;
        if (ph.p_type == PT_LOAD)
            end = max_u64(end, ph.p_offset + ph.p_filesz);
    }
    return end;
}

static bool
kernel_file_is_raw(int fd)
{
    unsigned char bytes[RAW_BYTES];
    ssize_t i, n = pread(fd, bytes, sizeof(bytes), 0);

    for (i = 0; i + 4 <= n; i += 4)
        if (le32(bytes + i) == RAW_MAGIC)
            return true;
    return n < 0; /* what cannot be read is not judged */
}

const char *
kernel_file_unfit(int fd)
{
    unsigned char head[HEAD_BYTES];
    size_t i, n = read_head(fd, head);

    if (n == 0 || is_bzimage(head, n))
        return NULL;
    if (n >= sizeof(Elf64_Ehdr) && memcmp(head, ELFMAG, SELFMAG) == 0)
        return kernel_file_for_x86(fd) ? NULL : elf_kind(head);
    for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
        if (n >= magics[i].n && memcmp(head, magics[i].bytes, magics[i].n) == 0)
            return magics[i].packed ? NULL : magics[i].kind;
    return kernel_file_is_raw(fd) ? NULL : kernel_file_kind(fd);
}

bool
kernel_file_is_packed(int fd)
{
    unsigned char head[HEAD_BYTES];
    size_t i, n = read_head(fd, head);

    for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
        if (n >= magics[i].n && memcmp(head, magics[i].bytes, magics[i].n) == 0)
            return magics[i].packed || is_bzimage(head, n);
    return is_bzimage(head, n);
}

bool
kernel_file_cut_short(int fd)
{
    unsigned char head[HEAD_BYTES];
    size_t n = read_head(fd, head);
    uint64_t end = 0;
    struct stat st;

    if (fstat(fd, &st) < 0)
        return false;
    if (is_bzimage(head, n))
        end = bzimage_end(head);
    else if (n >= sizeof(Elf64_Ehdr) && memcmp(head, ELFMAG, SELFMAG) == 0 &&
             head[EI_CLASS] == ELFCLASS64)
        end = elf64_end(fd, head);
    return end > (uint64_t)st.st_size;
}

int
kernel_file_check(int fd, const char *what, uint64_t max_bytes, struct err *e)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return err_sys(e, errno, "the %s", what);
    if (S_ISDIR(st.st_mode))
        return err_set(e, ERR_INVALID, "the %s is a directory", what);
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_INVALID, "the %s is not a regular file", what);
    if (st.st_size == 0)
        return err_set(e, ERR_INVALID, "the %s is an empty file", what);
    if ((uint64_t)st.st_size > max_bytes)
        return err_set(e, ERR_RANGE, "the %s has %lld MiB: at most %llu MiB",
                       what, (long long)(st.st_size >> 20),
                       (unsigned long long)(max_bytes >> 20));
    return 0;
}
