/*
 * saved_file.c - see saved_file.h.
 */
#include "engine/saved/saved_file.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/saved/saved_pack.h"
#include "src/base/fdio.h"

#define MAGIC_LEN       32
#define COPY_BYTES      4096
#define BYTE_ORDER_MARK 0x01020304U

#define FLAG_JSON   1U          /* the configuration is JSON */
#define FLAG_STREAM 2U          /* the stream is of version 2 */
#define FLAG_ASK    0x80000000U /* ours: no stream follows */

#define STREAM_IDENT   0x4C6962786C466D74ULL /* "LibxlFmt" */
#define STREAM_VERSION 2U

enum {
    RECORD_END = 0,
    RECORD_LIBXC = 1,
    RECORD_MODEL_NODES =
        2,            /* of a device model below its directory in xenstore */
    RECORD_MODEL = 3, /* its state */
};

#define RECORD_OPTIONAL 0x80000000U
#define RECORD_ALIGN    8U
#define RECORDS_MAX     16U
#define RECORD_MAX      (1024U * 1024) /* of one that is skipped */
#define MODEL_QEMU      2U             /* which model: no other is known */

static const char magic[MAGIC_LEN] = "Xen saved domain, xl format\n \0 \r";
static const char ours[] = "xendeck\n", move[] = "xenmove\n";

struct file_head {
    char magic[MAGIC_LEN];
    uint32_t order, mandatory, optional, config_len;
};

struct stream_head {
    uint64_t ident;
    uint32_t version, options;
};

struct record_head {
    uint32_t type, len;
};

/* What a record of a device model begins with. */
struct model_head {
    uint32_t id, index;
};

void
saved_head_fini(struct saved_head *h)
{
    buf_free(&h->config);
    buf_free(&h->native);
    buf_free(&h->note);
}

/* --- writing --- */

static size_t
part_len(const struct buf *text)
{
    return text->len > 0 ? sizeof(ours) - 1 + text->len + 1 : 0;
}

static void
part_put(struct buf *out, const char *mark, const struct buf *text)
{
    if (text->len == 0)
        return;
    buf_str(out, mark);
    buf_add(out, buf_text(text), text->len + 1);
}

static void
head_print(const struct saved_head *h, struct buf *out)
{
    struct file_head f = { .order = BYTE_ORDER_MARK,
                           .mandatory = FLAG_STREAM |
                                        (h->json ? FLAG_JSON : 0) |
                                        (h->ask ? FLAG_ASK : 0) };
    struct stream_head s = { .ident = htobe64(STREAM_IDENT),
                             .version = htobe32(STREAM_VERSION) };
    struct record_head r = { .type = RECORD_LIBXC };
    uint32_t len = (uint32_t)h->config.len + 1; /* with its NUL */

    memcpy(f.magic, magic, sizeof(magic));
    f.config_len = (uint32_t)(sizeof(len) + len + part_len(&h->native) +
                              part_len(&h->note));
    buf_add(out, &f, sizeof(f));
    buf_add(out, &len, sizeof(len));
    buf_add(out, buf_text(&h->config), len);
    part_put(out, ours, &h->native);
    part_put(out, move, &h->note);
    if (h->ask)
        return;
    buf_add(out, &s, sizeof(s));
    buf_add(out, &r, sizeof(r));
}

void
saved_head_print(const struct saved_head *h, struct buf *out)
{
    struct buf plain = { 0 };

    if (!h->packed) {
        head_print(h, out);
        return;
    }
    head_print(h, &plain);
    saved_pack_print(&plain, out);
    buf_free(&plain);
}

static int
saved_write(int fd, const void *p, size_t n, struct err *e)
{
    if (fd_write_all(fd, p, n) < 0)
        return err_sys(e, errno, "file of the saved domain");
    return 0;
}

static size_t
record_pad(uint32_t len)
{
    return (RECORD_ALIGN - len % RECORD_ALIGN) % RECORD_ALIGN;
}

/* n bytes of from, from its beginning; where it stands is another's. */
static int
state_copy_out(int fd, int from, size_t n, struct err *e)
{
    char bytes[COPY_BYTES];
    size_t at = 0;
    ssize_t r;

    while (at < n) {
        r = pread(from, bytes, n - at < sizeof(bytes) ? n - at : sizeof(bytes),
                  (off_t)at);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return err_sys(e, r < 0 ? errno : EIO, "state of the device model");
        if (saved_write(fd, bytes, (size_t)r, e) < 0)
            return -1;
        at += (size_t)r;
    }
    return 0;
}

static int
state_write(int fd, int state_fd, struct err *e)
{
    static const char zeros[RECORD_ALIGN];
    const struct model_head m = { .id = MODEL_QEMU };
    struct record_head r = { .type = RECORD_MODEL };
    struct stat sb;

    if (fstat(state_fd, &sb) < 0)
        return err_sys(e, errno, "state of the device model");
    if (sb.st_size <= 0 || sb.st_size > SAVED_STATE_MAX)
        return err_set(e, ERR_INVALID,
                       "the device model wrote a state of %lld bytes, 1 to %u "
                       "are allowed",
                       (long long)sb.st_size, SAVED_STATE_MAX);
    r.len = (uint32_t)(sizeof(m) + (size_t)sb.st_size);
    if (saved_write(fd, &r, sizeof(r), e) < 0 ||
        saved_write(fd, &m, sizeof(m), e) < 0 ||
        state_copy_out(fd, state_fd, (size_t)sb.st_size, e) < 0)
        return -1;
    return saved_write(fd, zeros, record_pad(r.len), e);
}

int
saved_tail_write(int fd, int state_fd, struct err *e)
{
    const struct record_head r = { .type = RECORD_END };

    if (state_fd >= 0 && state_write(fd, state_fd, e) < 0)
        return -1;
    return saved_write(fd, &r, sizeof(r), e);
}

/* --- reading --- */

static int
saved_read_all(int fd, void *dst, size_t n, struct err *e)
{
    char *p = dst;
    ssize_t r;

    while (n > 0) {
        r = read(fd, p, n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return err_sys(e, errno, "file of the saved domain");
        if (r == 0)
            return err_set(e, ERR_INVALID,
                           "the file ends in the middle: it was cut, or the "
                           "save that wrote it did not finish");
        p += r;
        n -= (size_t)r;
    }
    return 0;
}

static int
check_head(const struct file_head *f, uint32_t flags, struct err *e)
{
    if (memcmp(f->magic, magic, sizeof(magic)) != 0)
        return err_set(e, ERR_INVALID,
                       "this is no file of a saved domain (it does not begin "
                       "as those of xl and xendeck do)");
    if (f->order != BYTE_ORDER_MARK)
        return err_set(e, ERR_INVALID,
                       "it was written on a machine of another byte order");
    if ((f->mandatory & ~flags) != 0)
        return err_set(e, ERR_UNSUPPORTED,
                       "it needs a later version (flags 0x%x)", f->mandatory);
    if ((f->mandatory & FLAG_STREAM) == 0)
        return err_set(e, ERR_UNSUPPORTED,
                       "it has the stream of Xen before 4.6, which cannot be "
                       "restored here");
    if (f->config_len < sizeof(uint32_t) ||
        f->config_len > 3 * SAVED_CONFIG_MAX)
        return err_set(e, ERR_INVALID,
                       "its configuration has an impossible length (%u bytes)",
                       f->config_len);
    return 0;
}

/* A text of n bytes at most, which ends at its NUL. */
static void
saved_take_text(struct buf *out, const char *p, size_t n)
{
    buf_clear(out);
    buf_add(out, p, strnlen(p, n));
}

/* Takes a part with this mark off the front, if it is there. */
static void
split_part(const char **block, size_t *n, const char *mark, struct buf *out)
{
    size_t len = strlen(mark);

    if (*n <= len || memcmp(*block, mark, len) != 0)
        return;
    saved_take_text(out, *block + len, *n - len);
    len += out->len + 1;
    len = len < *n ? len : *n;
    *block += len;
    *n -= len;
}

/* block: all that stands between the header and the stream. */
static int
split_block(const char *block, size_t n, struct saved_head *out, struct err *e)
{
    uint32_t len;

    memcpy(&len, block, sizeof(len));
    block += sizeof(len);
    n -= sizeof(len);
    if (len > n || len > SAVED_CONFIG_MAX)
        return err_set(e, ERR_INVALID,
                       "its configuration has an impossible length (%u bytes)",
                       len);
    saved_take_text(&out->config, block, len);
    if (out->config.len == 0)
        return err_set(e, ERR_INVALID, "it has no configuration");
    block += len;
    n -= len;
    split_part(&block, &n, ours, &out->native);
    split_part(&block, &n, move, &out->note);
    return 0;
}

static int
read_block(int fd, size_t n, struct saved_head *out, struct err *e)
{
    char *block = malloc(n);
    int rc;

    if (block == NULL)
        return err_set(e, ERR_NOMEM, "no memory for its configuration");
    rc = saved_read_all(fd, block, n, e);
    if (rc == 0)
        rc = split_block(block, n, out, e);
    free(block);
    return rc;
}

static int
read_stream_head(int fd, struct err *e)
{
    struct stream_head s;
    struct record_head r;

    if (saved_read_all(fd, &s, sizeof(s), e) < 0)
        return -1;
    if (be64toh(s.ident) != STREAM_IDENT ||
        be32toh(s.version) != STREAM_VERSION)
        return err_set(e, ERR_INVALID,
                       "what follows its configuration is no stream of libxl");
    if (s.options != 0)
        return err_set(e, ERR_UNSUPPORTED,
                       "its stream has options that are not known (0x%x)",
                       be32toh(s.options));
    if (saved_read_all(fd, &r, sizeof(r), e) < 0)
        return -1;
    if (r.type != RECORD_LIBXC || r.len != 0)
        return err_set(e, ERR_INVALID,
                       "its stream does not begin with the domain's memory");
    return 0;
}

/* Of a file that is packed, that within its envelope. */
static int
read_file_head(int fd, struct file_head *f, bool *packed_out, struct err *e)
{
    char *bytes = (char *)f;

    if (saved_read_all(fd, bytes, SAVED_PACK_PEEK, e) < 0)
        return -1;
    *packed_out = saved_pack_is(bytes);
    if (*packed_out)
        return saved_read_all(fd, bytes, sizeof(*f), e);
    return saved_read_all(fd, bytes + SAVED_PACK_PEEK,
                          sizeof(*f) - SAVED_PACK_PEEK, e);
}

static int
saved_read_all_heads(int fd, uint32_t flags, struct saved_head *out,
                     struct err *e)
{
    struct file_head f;

    *out = (struct saved_head){ 0 };
    if (read_file_head(fd, &f, &out->packed, e) < 0 ||
        check_head(&f, flags, e) < 0)
        return -1;
    out->json = (f.mandatory & FLAG_JSON) != 0;
    out->ask = (f.mandatory & FLAG_ASK) != 0;
    if (read_block(fd, f.config_len, out, e) < 0)
        return -1;
    return out->ask ? 0 : read_stream_head(fd, e);
}

int
saved_head_read(int fd, const char *name, struct saved_head *out, struct err *e)
{
    if (saved_read_all_heads(fd, FLAG_JSON | FLAG_STREAM, out, e) < 0)
        return err_wrap(e, "%s", name);
    return 0;
}

int
saved_offer_read(int fd, struct saved_head *out, struct err *e)
{
    return saved_read_all_heads(fd, FLAG_JSON | FLAG_STREAM | FLAG_ASK, out, e);
}

int
saved_head_size(const char first[SAVED_FIRST_BYTES], size_t *out, struct err *e)
{
    struct file_head f;

    memcpy(&f, first, sizeof(f));
    if (check_head(&f, FLAG_JSON | FLAG_STREAM | FLAG_ASK, e) < 0)
        return -1;
    *out = sizeof(f) + f.config_len;
    if ((f.mandatory & FLAG_ASK) == 0)
        *out += sizeof(struct stream_head) + sizeof(struct record_head);
    return 0;
}

/* --- behind the library's stream --- */

static int
record_skip(int fd, const struct record_head *r, struct err *e)
{
    char bytes[COPY_BYTES];
    size_t left = r->len + record_pad(r->len), n;

    if (r->len > RECORD_MAX)
        return err_set(e, ERR_INVALID,
                       "its record %u has an impossible length (%u bytes)",
                       r->type, r->len);
    for (; left > 0; left -= n) {
        n = left < sizeof(bytes) ? left : sizeof(bytes);
        if (saved_read_all(fd, bytes, n, e) < 0)
            return -1;
    }
    return 0;
}

static int
state_check(const struct record_head *r, const struct model_head *m,
            struct err *e)
{
    if (m->id == MODEL_QEMU && m->index == 0)
        return 0;
    return err_set(e, ERR_UNSUPPORTED,
                   "it holds the state of a device model that is not known "
                   "here (%u, record %u)",
                   m->id, r->type);
}

static int
state_copy_in(int fd, int to, size_t n, struct err *e)
{
    char bytes[COPY_BYTES];
    size_t some;

    for (; n > 0; n -= some) {
        some = n < sizeof(bytes) ? n : sizeof(bytes);
        if (saved_read_all(fd, bytes, some, e) < 0)
            return -1;
        if (fd_write_all(to, bytes, some) < 0)
            return err_sys(e, errno, "state of the device model");
    }
    return 0;
}

static int
state_read(int fd, const struct record_head *r, int state_fd, struct err *e)
{
    char pad[RECORD_ALIGN];
    struct model_head m;

    if (state_fd < 0)
        return err_set(e, ERR_INVALID,
                       "it holds the state of a device model, which this kind "
                       "of guest has none of");
    if (r->len <= sizeof(m) || r->len - sizeof(m) > SAVED_STATE_MAX)
        return err_set(e, ERR_INVALID,
                       "the state of its device model has an impossible "
                       "length (%u bytes)",
                       r->len);
    if (saved_read_all(fd, &m, sizeof(m), e) < 0 || state_check(r, &m, e) < 0 ||
        state_copy_in(fd, state_fd, r->len - sizeof(m), e) < 0)
        return -1;
    return saved_read_all(fd, pad, record_pad(r->len), e);
}

/* Nodes of a model are of QEMUs for Xen before 4.11, which found the memory of
 * their screens by them. */
static bool
record_is_of_no_use(const struct record_head *r)
{
    return r->type == RECORD_MODEL_NODES || (r->type & RECORD_OPTIONAL) != 0;
}

static int
tail_end(const struct record_head *r, bool wants_state, struct err *e)
{
    if (r->len != 0)
        return err_set(e, ERR_INVALID, "its last record has a length (%u)",
                       r->len);
    if (wants_state)
        return err_set(e, ERR_INVALID,
                       "it has no state of a device model, and an HVM domain "
                       "does not go on without one");
    return 0;
}

int
saved_tail_read(int fd, int state_fd, struct err *e)
{
    bool wants_state = state_fd >= 0;
    struct record_head r;
    unsigned n;
    int rc = 0;

    for (n = 0; rc == 0 && n < RECORDS_MAX; n++) {
        if (saved_read_all(fd, &r, sizeof(r), e) < 0)
            return -1;
        if (r.type == RECORD_END)
            return tail_end(&r, wants_state, e);
        if (record_is_of_no_use(&r)) {
            rc = record_skip(fd, &r, e);
        } else if (r.type == RECORD_MODEL && (wants_state || state_fd < 0)) {
            rc = state_read(fd, &r, state_fd, e);
            wants_state = false;
        } else {
            return err_set(e, ERR_UNSUPPORTED,
                           "its record %u is not known here, or stands twice",
                           r.type);
        }
    }
    return rc < 0 ? rc
                  : err_set(e, ERR_INVALID, "it has more than %u records",
                            RECORDS_MAX);
}
