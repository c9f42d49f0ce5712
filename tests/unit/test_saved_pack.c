/*
 * test_saved_pack.c - the compressed file of a saved domain: it comes back as
 * it went, any zstd reads it, and what is cut or damaged is refused.
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
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <zstd.h>

#include "engine/saved/saved_file.h"
#include "engine/saved/saved_pack.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define MEMORY (3U * 1024 * 1024 + 17)

static struct err e;
static char *memory, *back;

/* Pages that are alike, and some that are not. */
static int
setup(void **state)
{
    uint32_t x = 1;
    size_t i;

    (void)state;
    memory = xcalloc(MEMORY, 1);
    back = xcalloc(MEMORY + 1, 1);
    for (i = 0; i < MEMORY; i += 1 + i % 3000) {
        x = x * 1664525 + 1013904223;
        memory[i] = (char)(x >> 24);
    }
    e = (struct err){ 0 };
    (void)signal(SIGPIPE, SIG_IGN);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    free(memory);
    free(back);
    return 0;
}

/* The head of a file, and the memory behind it. */
static int
packed_file(size_t *head_len)
{
    struct saved_head h = { .json = true, .packed = true };
    int fd = memfd_create("packed", MFD_CLOEXEC), in;
    struct saved_pack *p;
    struct buf b = { 0 };

    buf_str(&h.config, "{}");
    saved_head_print(&h, &b);
    *head_len = b.len - SAVED_PACK_PEEK;
    assert_int_equal(fd_write_all(fd, b.data, b.len), 0);
    p = saved_pack_begin(fd, &in, &e);
    assert_non_null(p);
    assert_int_equal(fd_write_all(in, memory, MEMORY), 0);
    assert_int_equal(saved_pack_end(p, &e), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    buf_free(&b);
    saved_head_fini(&h);
    return fd;
}

static size_t
read_some(int fd, char *dst, size_t n)
{
    size_t at = 0;
    ssize_t r;

    while (at < n && (r = read(fd, dst + at, n - at)) > 0)
        at += (size_t)r;
    return at;
}

/* How much of the memory comes back; saved_pack_end's result in *rc. */
static size_t
unpacked(int fd, int *rc)
{
    struct saved_head h;
    struct saved_pack *p;
    size_t n = 0;
    int out;

    err_clear(&e);
    assert_int_equal(saved_head_read(fd, "f", &h, &e), 0);
    assert_true(h.packed);
    assert_string_equal(buf_text(&h.config), "{}");
    saved_head_fini(&h);
    p = saved_unpack_begin(fd, &out, &e);
    assert_non_null(p);
    if (saved_head_read(out, "f", &h, &e) == 0) {
        assert_false(h.packed);
        n = read_some(out, back, MEMORY);
    }
    saved_head_fini(&h);
    *rc = saved_pack_end(p, &e);
    return n;
}

static void
test_it_comes_back(void **state)
{
    size_t head;
    int fd = packed_file(&head), rc;

    (void)state;
    assert_true(lseek(fd, 0, SEEK_END) < (off_t)(MEMORY / 20));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(unpacked(fd, &rc), MEMORY);
    if (rc < 0)
        fail_msg("%s", e.msg);
    assert_memory_equal(back, memory, MEMORY);
    close(fd);
}

/* Our frame is skipped, and a file as xl writes it is left. */
static void
test_any_zstd_reads_it(void **state)
{
    size_t head, n;
    int fd = packed_file(&head);
    off_t size = lseek(fd, 0, SEEK_END);
    char *bytes = xcalloc((size_t)size, 1), *all = xcalloc(2 * MEMORY, 1);
    ZSTD_DCtx *z = ZSTD_createDCtx();
    ZSTD_inBuffer in = { bytes, (size_t)size, 0 };
    ZSTD_outBuffer out = { all, 2 * MEMORY, 0 };

    (void)state;
    assert_int_equal(pread(fd, bytes, (size_t)size, 0), size);
    while (in.pos < in.size) {
        n = ZSTD_decompressStream(z, &out, &in);
        assert_false(ZSTD_isError(n));
    }
    assert_int_equal(out.pos, head + MEMORY);
    assert_memory_equal(all, "Xen saved domain, xl format\n", 28);
    assert_memory_equal(all + head, memory, MEMORY);
    ZSTD_freeDCtx(z);
    free(bytes);
    free(all);
    close(fd);
}

static void
test_cut_or_damaged(void **state)
{
    size_t head;
    int fd = packed_file(&head), rc;
    off_t size = lseek(fd, 0, SEEK_END);
    char byte;

    (void)state;
    assert_int_equal(pread(fd, &byte, 1, size - 1), 1);
    byte ^= 1; /* of the checksum */
    assert_int_equal(pwrite(fd, &byte, 1, size - 1), 1);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    (void)unpacked(fd, &rc);
    assert_int_equal(rc, -1);
    assert_non_null(strstr(e.msg, "damaged"));
    assert_int_equal(ftruncate(fd, size - 5), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    (void)unpacked(fd, &rc);
    assert_int_equal(rc, -1);
    assert_non_null(strstr(e.msg, "ends in the middle"));
    assert_int_equal(ftruncate(fd, size / 2), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_true(unpacked(fd, &rc) < MEMORY);
    assert_int_equal(rc, -1);
    close(fd);
}

/* A reader that has enough ends it without waiting for the rest. */
static void
test_reader_that_stops(void **state)
{
    size_t head;
    int fd = packed_file(&head), out;
    struct saved_pack *p;
    struct saved_head h;

    (void)state;
    assert_int_equal(saved_head_read(fd, "f", &h, &e), 0);
    saved_head_fini(&h);
    p = saved_unpack_begin(fd, &out, &e);
    assert_non_null(p);
    assert_int_equal(read_some(out, back, 10), 10);
    assert_int_equal(saved_pack_end(p, &e), -1);
    assert_non_null(strstr(e.msg, "something behind the end"));
    close(fd);
}

/* /dev/full: what the writer is told is that its pipe is broken; why stands in
 * the end. */
static void
test_file_that_is_full(void **state)
{
    struct saved_head h = { .json = true, .packed = true };
    int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING), in, i;
    struct saved_pack *p;
    struct buf b = { 0 };

    (void)state;
    buf_str(&h.config, "{}");
    saved_head_print(&h, &b);
    assert_int_equal(fd_write_all(fd, b.data, b.len), 0);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
    p = saved_pack_begin(fd, &in, &e);
    assert_non_null(p);
    for (i = 0; i < 100; i++)
        if (fd_write_all(in, memory, MEMORY) < 0)
            break;
    assert_int_equal(errno, EPIPE);
    assert_int_equal(saved_pack_end(p, &e), -1);
    assert_non_null(strstr(e.msg, "file of the saved domain"));
    buf_free(&b);
    saved_head_fini(&h);
    close(fd);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_it_comes_back),     T(test_any_zstd_reads_it),
        T(test_cut_or_damaged),    T(test_reader_that_stops),
        T(test_file_that_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
