/*
 * fuzz_term.c - a guest that sends anything, on a terminal that is resized at
 * any moment. Byte 0xff in the input is a command: the next two bytes choose.
 */
#include <assert.h>
#include <locale.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/term/term.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
swallow(void *arg, const char *bytes, size_t n)
{
    size_t *sum = arg;
    size_t i;

    for (i = 0; i < n; i++)
        *sum += (unsigned char)bytes[i];
}

static void
command(struct term *t, uint8_t what, uint8_t value)
{
    struct key k = { .code = K_BASE + 1 + value % 0x20, .mods = what & 7U };
    struct buf b = { 0 };

    switch (what % 9) {
    case 0:
        term_resize(t, value % 60, value);
        break;
    case 1:
        term_resize(t, value, value % 30);
        break;
    case 2:
        term_scroll(t, (long)value - 128);
        break;
    case 3:
        term_key(t, &k);
        break;
    case 4:
        term_seam(t, "-- seam --");
        break;
    case 5:
        term_search(t, "a", value & 1 ? 1 : -1);
        break;
    case 6:
        (void)term_paste(t, "a\033[201~b", 8, &b);
        buf_free(&b);
        break;
    case 7:
        term_reset(t);
        break;
    default:
        term_line_text(t, value, &b);
        buf_free(&b);
    }
}

/* Whole, or turn by turn beside others that have used up most of the turn. */
static void
feed(struct term *t, struct term_share *share, const uint8_t *data, size_t n)
{
    size_t at = 0, done;

    if (n % 2 == 0) {
        term_write(t, (const char *)data, n);
        return;
    }
    while (at < n) {
        share->spent = TERM_TURN_COST;
        done = term_work(t, (const char *)data + at, n - at);
        assert(done > 0 && done <= n - at);
        at += done;
    }
}

static void
check(const struct term *t)
{
    int rows, cols, y, x;

    term_size(t, &rows, &cols);
    (void)term_cursor(t, &y, &x);
    assert(y >= 0 && y < rows && x >= 0 && x < cols);
    assert(term_view(t) <= term_lines(t));
    assert(term_bytes(t) <= 65536);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    size_t sum = 0, from = 0, i;
    struct term_share share;
    struct term_opts o = { .rows = 10,
                           .cols = 40,
                           .scrollback_bytes = 65536,
                           .share = &share,
                           .output = swallow,
                           .arg = &sum };
    struct term *t;

    setlocale(LC_CTYPE, "C.UTF-8");
    term_share_init(&share, 1 << 20);
    t = term_new(&o);
    for (i = 0; i + 2 < n; i++) {
        if (data[i] != 0xff)
            continue;
        feed(t, &share, data + from, i - from);
        command(t, data[i + 1], data[i + 2]);
        check(t);
        i += 2;
        from = i + 1;
    }
    feed(t, &share, data + from, n - from);
    check(t);
    term_free(t);
    return 0;
}
