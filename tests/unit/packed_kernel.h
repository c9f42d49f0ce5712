/*
 * packed_kernel.h - the small kernel of the tests as a gzip file, for tests.
 */
#ifndef XENDECK_TESTS_PACKED_KERNEL_H
#define XENDECK_TESTS_PACKED_KERNEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/fdio.h"

#define PACKED_KERNEL_OF "build/tests/minikernel"
#define PACKED_BLOCK     65535U

static inline uint32_t
packed_crc(const unsigned char *p, size_t n)
{
    uint32_t crc = ~0U;
    int bit;

    for (; n > 0; n--) {
        crc ^= *p++;
        for (bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
    }
    return ~crc;
}

static inline void
packed_le(struct buf *b, uint32_t v, unsigned bytes)
{
    for (; bytes > 0; bytes--, v >>= 8)
        buf_chr(b, (char)(v & 0xff));
}

/* Blocks that are stored as they are. comment: makes another file of it, which
 * unpacks to the same. */
static inline void
packed_print(const struct buf *kernel, const char *comment, struct buf *out)
{
    size_t at, n;

    buf_add(out, "\x1f\x8b\x08\x10\0\0\0\0\0\x03", 10);
    buf_add(out, comment, strlen(comment) + 1);
    for (at = 0; at < kernel->len; at += n) {
        n = kernel->len - at < PACKED_BLOCK ? kernel->len - at : PACKED_BLOCK;
        buf_chr(out, (char)(at + n == kernel->len));
        packed_le(out, (uint32_t)n, 2);
        packed_le(out, (uint32_t)~n, 2);
        buf_add(out, kernel->data + at, n);
    }
    packed_le(out, packed_crc((const void *)kernel->data, kernel->len), 4);
    packed_le(out, (uint32_t)kernel->len, 4);
}

/* Writes such a file. Fails the test if it cannot. */
static inline void
packed_write(const char *path, const char *comment)
{
    struct buf kernel = { 0 }, packed = { 0 };
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_int_equal(fd_read_file(PACKED_KERNEL_OF, 1 << 20, &kernel, NULL), 0);
    packed_print(&kernel, comment, &packed);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, packed.data, packed.len), 0);
    close(fd);
    buf_free(&kernel);
    buf_free(&packed);
}

#endif
