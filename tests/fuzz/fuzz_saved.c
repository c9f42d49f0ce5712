/*
 * fuzz_saved.c - any bytes as the file of a saved domain: its header, and the
 * configuration that it holds in each of the forms.
 */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/config/xl/xl.h"
#include "engine/config/xl/xl_json.h"
#include "engine/saved/saved_file.h"
#include "engine/saved/saved_pack.h"
#include "src/base/fdio.h"

#define PACKED_READ (1024U * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
saved_parse_xl(const char *text)
{
    struct err e = { 0 };
    const struct config_src src = { .file = "fuzz", .dir = "/", .e = &e };
    struct domain_config *c;

    if (config_xl_parse(text, &src, &c) == 0)
        config_free(c);
    else if (e.msg[0] == '\0')
        abort();
}

static void
as_json(const char *text)
{
    struct buf cfg = { 0 };
    struct err e = { 0 };

    if (config_xl_from_json(text, &cfg, &e) == 0)
        saved_parse_xl(buf_text(&cfg));
    else if (e.msg[0] == '\0')
        abort();
    buf_free(&cfg);
}

static void
as_file(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    struct err e = { 0 };
    struct saved_head h;

    if (fd < 0 || fd_write_all(fd, data, size) < 0 ||
        lseek(fd, 0, SEEK_SET) != 0)
        abort();
    if (saved_head_read(fd, "fuzz", &h, &e) == 0) {
        if (h.config.len == 0)
            abort();
        if (h.json)
            as_json(buf_text(&h.config));
        (void)saved_tail_read(fd, -1, &e);
    } else if (e.msg[0] == '\0') {
        abort();
    }
    saved_head_fini(&h);
    close(fd);
}

/* A good header before the bytes, so that what is behind it is reached. */
static void
behind_a_head(const uint8_t *data, size_t size)
{
    struct saved_head h = { .json = true };
    struct buf b = { 0 };

    buf_add(&h.config, data, strnlen((const char *)data, size));
    if (h.config.len > 0) {
        saved_head_print(&h, &b);
        as_file((const uint8_t *)b.data, b.len);
    }
    saved_head_fini(&h);
    buf_free(&b);
}

/* As what follows the memory of an HVM domain. */
static void
as_tail(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    int state = memfd_create("state", MFD_CLOEXEC);
    struct err e = { 0 };

    if (fd < 0 || state < 0 || fd_write_all(fd, data, size) < 0 ||
        lseek(fd, 0, SEEK_SET) != 0)
        abort();
    if (saved_tail_read(fd, state, &e) < 0 && e.msg[0] == '\0')
        abort();
    close(state);
    close(fd);
}

/* As what is compressed: it ends, with a reason or without. */
static void
as_packed(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC), out;
    struct err e = { 0 };
    struct saved_pack *p;
    char bytes[4096];
    size_t n;

    if (fd < 0 || fd_write_all(fd, data, size) < 0 ||
        lseek(fd, 0, SEEK_SET) != 0)
        abort();
    p = saved_unpack_begin(fd, &out, &e);
    if (p == NULL)
        abort();
    for (n = 0; n < PACKED_READ; n += sizeof(bytes))
        if (read(out, bytes, sizeof(bytes)) <= 0)
            break;
    if (saved_pack_end(p, &e) < 0 && e.msg[0] == '\0')
        abort();
    close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)signal(SIGPIPE, SIG_IGN);
    as_file(data, size);
    behind_a_head(data, size);
    as_tail(data, size);
    as_packed(data, size);
    return 0;
}
