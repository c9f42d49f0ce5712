/*
 * fuzz_migrate.c - any bytes as what the other host of a migration says: its
 * header, as it comes and behind a good beginning; its note; its answer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/saved/move_note.h"
#include "engine/saved/saved_file.h"
#include "src/base/fdio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is refused is refused with a sentence. */
static void
explained(int rc, const struct err *e)
{
    if (rc < 0 && e->msg[0] == '\0')
        abort();
}

static void
fuzz_note(const char *text)
{
    struct move_note n, again;
    struct err e = { 0 };
    struct buf b = { 0 };

    if (move_note_parse(text, &n, &e) < 0) {
        explained(-1, &e);
        return;
    }
    move_note_print(&n, &b);
    if (move_note_parse(buf_text(&b), &again, &e) < 0 ||
        memcmp(&n, &again, sizeof(n)) != 0)
        abort();
    buf_free(&b);
}

static void
fuzz_answer(const uint8_t *data, size_t size)
{
    enum move_answer a = MOVE_ANSWERS;
    struct err e = { 0 };
    char text[64];
    int rc =
        move_answer_parse((const char *)data, size, &a, text, sizeof(text), &e);

    explained(rc, &e);
    if (rc == 0 && (a >= MOVE_ANSWERS || strlen(text) >= sizeof(text)))
        abort();
}

static void
fuzz_head(const void *data, size_t size)
{
    char first[SAVED_FIRST_BYTES];
    struct saved_head h = { 0 };
    struct err e = { 0 };
    size_t want = 0;
    int fd, rc;

    if (size < sizeof(first))
        return;
    memcpy(first, data, sizeof(first));
    rc = saved_head_size(first, &want, &e);
    explained(rc, &e);
    if (rc < 0 || size < want)
        return;
    fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || fd_write_all(fd, data, want) < 0 ||
        lseek(fd, 0, SEEK_SET) != 0)
        abort();
    rc = saved_offer_read(fd, &h, &e);
    explained(rc, &e);
    if (rc == 0 && h.note.len > 0)
        fuzz_note(buf_text(&h.note));
    saved_head_fini(&h);
    close(fd);
}

/* A good header, with the bytes as its note. */
static void
fuzz_behind(const uint8_t *data, size_t size)
{
    struct saved_head h = { .ask = size % 2 == 0 };
    struct buf b = { 0 };

    buf_str(&h.config, "name = 'x'");
    buf_add(&h.note, data, strnlen((const char *)data, size));
    saved_head_print(&h, &b);
    fuzz_head(b.data, b.len);
    saved_head_fini(&h);
    buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = { 0 };

    fuzz_head(data, size);
    fuzz_behind(data, size);
    fuzz_answer(data, size);
    buf_add(&text, data, size);
    fuzz_note(buf_text(&text));
    buf_free(&text);
    return 0;
}
