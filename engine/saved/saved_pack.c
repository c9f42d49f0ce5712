/*
 * saved_pack.c - see saved_pack.h.
 */
#include "engine/saved/saved_pack.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "engine/saved/saved_file.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define SKIP_MAGIC 0x184D2A58U
#define HEAD_MAX   (3U * SAVED_CONFIG_MAX)
#define LEVEL      1 /* pages are many, and mostly empty or alike */
#define WORKERS    4 /* at most, beside the one that reads */
#define PIPE_BYTES (1024 * 1024)

static const char mark[16] = "xendeck zstd 1\n";

struct skip_head {
    uint32_t magic, len;
    char mark[sizeof(mark)];
};

_Static_assert(sizeof(struct skip_head) == SAVED_PACK_PEEK, "SAVED_PACK_PEEK");

struct saved_pack {
    int fd;           /* of the file; borrowed */
    int ours, theirs; /* ends of the pipe: the thread's, the caller's */
    pthread_t thread;
    struct buf head; /* packed first */
    bool unpacks;
    struct err err;
};

void
saved_pack_print(const struct buf *head, struct buf *out)
{
    struct skip_head s = { .magic = SKIP_MAGIC,
                           .len = (uint32_t)(sizeof(mark) + head->len) };

    memcpy(s.mark, mark, sizeof(mark));
    buf_add(out, &s, sizeof(s));
    buf_add(out, head->data, head->len);
}

bool
saved_pack_is(const void *bytes)
{
    struct skip_head s;

    memcpy(&s, bytes, sizeof(s));
    return s.magic == SKIP_MAGIC && s.len > sizeof(mark) &&
           s.len - sizeof(mark) <= HEAD_MAX &&
           memcmp(s.mark, mark, sizeof(mark)) == 0;
}

/* --- packing --- */

/* How many cpus may help; a library without threads refuses, and does it in
 * one. */
static void
pack_set_up(ZSTD_CCtx *z)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    int workers = cpus > WORKERS ? WORKERS : (int)cpus - 1;

    (void)ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, LEVEL);
    (void)ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
    if (workers > 0)
        (void)ZSTD_CCtx_setParameter(z, ZSTD_c_nbWorkers, workers);
}

/* What the thread works with. */
struct packing {
    struct saved_pack *p;
    ZSTD_CCtx *z;
    char *in, *out;
    size_t out_size;
};

static int
pack_some(const struct packing *w, const void *bytes, size_t n, bool last)
{
    ZSTD_inBuffer in = { bytes, n, 0 };
    ZSTD_EndDirective how = last ? ZSTD_e_end : ZSTD_e_continue;
    size_t left;

    do {
        ZSTD_outBuffer to = { w->out, w->out_size, 0 };

        left = ZSTD_compressStream2(w->z, &to, &in, how);
        if (ZSTD_isError(left))
            return err_set(&w->p->err, ERR_IO, "compressing it: %s",
                           ZSTD_getErrorName(left));
        if (to.pos > 0 && fd_write_all(w->p->fd, w->out, to.pos) < 0)
            return err_sys(&w->p->err, errno, "file of the saved domain");
    } while (last ? left != 0 : in.pos < in.size);
    return 0;
}

static ssize_t
pack_read(int fd, void *bytes, size_t n)
{
    ssize_t r;

    do
        r = read(fd, bytes, n);
    while (r < 0 && errno == EINTR);
    return r;
}

static int
pack_all(const struct packing *w)
{
    ssize_t n;

    if (pack_some(w, w->p->head.data, w->p->head.len, false) < 0)
        return -1;
    while ((n = pack_read(w->p->ours, w->in, PIPE_BYTES)) > 0)
        if (pack_some(w, w->in, (size_t)n, false) < 0)
            return -1;
    if (n < 0)
        return err_sys(&w->p->err, errno, "compressing it");
    return pack_some(w, NULL, 0, true);
}

/* Its end of the pipe is closed at once: who writes there hears of a failure.
 */
static void *
pack_run(void *arg)
{
    struct saved_pack *p = arg;
    struct packing w = { .p = p,
                         .z = ZSTD_createCCtx(),
                         .in = malloc(PIPE_BYTES),
                         .out = malloc(ZSTD_CStreamOutSize()),
                         .out_size = ZSTD_CStreamOutSize() };

    if (w.in == NULL || w.out == NULL || w.z == NULL) {
        err_set(&p->err, ERR_NOMEM, "no memory to compress it");
    } else {
        pack_set_up(w.z);
        (void)pack_all(&w);
    }
    ZSTD_freeCCtx(w.z);
    free(w.in);
    free(w.out);
    close(p->ours);
    return NULL;
}

/* --- unpacking --- */

/* A reader that has failed has closed its end. */
static int
unpack_give(struct saved_pack *p, const char *bytes, size_t n)
{
    if (n == 0 || fd_write_all(p->ours, bytes, n) == 0)
        return 0;
    return errno == EPIPE ? -1 : err_sys(&p->err, errno, "unpacking it");
}

/* *left: 0 where a frame has ended. */
static int
unpack_some(struct saved_pack *p, ZSTD_DCtx *z, ZSTD_inBuffer *in, char *out,
            size_t out_size, size_t *left)
{
    ZSTD_outBuffer to;

    do {
        to = (ZSTD_outBuffer){ out, out_size, 0 };
        *left = ZSTD_decompressStream(z, &to, in);
        if (ZSTD_isError(*left))
            return err_set(&p->err, ERR_INVALID,
                           "it is compressed, and damaged: %s",
                           ZSTD_getErrorName(*left));
        if (unpack_give(p, out, to.pos) < 0)
            return -1;
    } while (in->pos < in->size || to.pos == to.size);
    return 0;
}

static int
unpack_all(struct saved_pack *p, ZSTD_DCtx *z, char *bytes, size_t size,
           char *out, size_t out_size)
{
    size_t left = 1;
    ssize_t n;

    while ((n = pack_read(p->fd, bytes, size)) > 0) {
        ZSTD_inBuffer in = { bytes, (size_t)n, 0 };

        if (unpack_some(p, z, &in, out, out_size, &left) < 0)
            return -1;
    }
    if (n < 0)
        return err_sys(&p->err, errno, "file of the saved domain");
    if (left != 0)
        return err_set(&p->err, ERR_INVALID,
                       "the file ends in the middle: it was cut, or the save "
                       "that wrote it did not finish");
    return 0;
}

static void *
unpack_run(void *arg)
{
    struct saved_pack *p = arg;
    size_t in_size = ZSTD_DStreamInSize(), out_size = ZSTD_DStreamOutSize();
    char *in = malloc(in_size), *out = malloc(out_size);
    ZSTD_DCtx *z = ZSTD_createDCtx();

    if (in == NULL || out == NULL || z == NULL)
        err_set(&p->err, ERR_NOMEM, "no memory to unpack it");
    else
        (void)unpack_all(p, z, in, in_size, out, out_size);
    ZSTD_freeDCtx(z);
    free(in);
    free(out);
    close(p->ours);
    return NULL;
}

/* --- both --- */

static struct saved_pack *
pack_begin(int fd, bool unpacks, struct buf *head, int *end_out, struct err *e)
{
    struct saved_pack *p = xcalloc(1, sizeof(*p));
    int ends[2], r;

    p->fd = fd;
    p->unpacks = unpacks;
    if (head != NULL)
        p->head = *head;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        err_sys(e, errno, "a pipe");
        buf_free(&p->head);
        free(p);
        return NULL;
    }
    (void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_BYTES); /* what it may have */
    p->ours = ends[unpacks];
    p->theirs = ends[!unpacks];
    r = pthread_create(&p->thread, NULL, unpacks ? unpack_run : pack_run, p);
    if (r != 0) {
        err_sys(e, r, "a thread");
        close(ends[0]);
        close(ends[1]);
        buf_free(&p->head);
        free(p);
        return NULL;
    }
    *end_out = p->theirs;
    return p;
}

/* The head as it stands in the frame. */
static int
pack_read_head(int fd, struct buf *out, struct err *e)
{
    struct skip_head s;
    char *bytes;
    size_t n;

    if (pread(fd, &s, sizeof(s), 0) != (ssize_t)sizeof(s) || !saved_pack_is(&s))
        return err_set(e, ERR_INVALID, "the file has lost its head");
    n = s.len - sizeof(mark);
    bytes = xcalloc(n, 1);
    if (pread(fd, bytes, n, sizeof(s)) != (ssize_t)n) {
        free(bytes);
        return err_set(e, ERR_INVALID, "the file has lost its head");
    }
    buf_add(out, bytes, n);
    free(bytes);
    return 0;
}

struct saved_pack *
saved_pack_begin(int fd, int *in_out, struct err *e)
{
    struct buf head = { 0 };

    if (pack_read_head(fd, &head, e) < 0) {
        buf_free(&head);
        return NULL;
    }
    return pack_begin(fd, false, &head, in_out, e);
}

struct saved_pack *
saved_unpack_begin(int fd, int *out_out, struct err *e)
{
    return pack_begin(fd, true, NULL, out_out, e);
}

/* What the reader has left is read, so that the checksum at the end is looked
 * at: the last record of a file has nothing behind it. */
static int
unpack_drain(struct saved_pack *p, struct err *e)
{
    char bytes[512];
    ssize_t n = pack_read(p->theirs, bytes, sizeof(bytes));

    return n == 0 ? 0
                  : err_set(e, ERR_INVALID,
                            "there is something behind the end of the file");
}

int
saved_pack_end(struct saved_pack *p, struct err *e)
{
    int rc = 0;

    if (p->unpacks && e->code == ERR_NONE)
        rc = unpack_drain(p, e);
    close(p->theirs);
    (void)pthread_join(p->thread, NULL);
    if (p->err.code != ERR_NONE) {
        *e = p->err;
        rc = -1;
    }
    buf_free(&p->head);
    free(p);
    return rc;
}
