/*
 * console_text.c - all that a console has said as a text: for a file, and for
 * the user's own pager.
 */
#include "ui/pane/console/console_text.h"

#include "src/base/fdio.h"
#include "src/base/sys/user_program.h"

#define SAVE_BYTES 65536U

/* Lines that show something, from the oldest on. */
static size_t
lines_used(const struct term *t)
{
    int rows, cols;
    struct buf b = { 0 };
    size_t n;

    term_size(t, &rows, &cols);
    for (n = term_lines(t) + (size_t)rows; n > term_lines(t); n--) {
        buf_clear(&b);
        if (term_line_text(t, n - 1, &b) && b.len > 0)
            break;
    }
    buf_free(&b);
    return n;
}

/* Twice what a pager gets is kept at most on the way. */
void
console_text(const struct pane *p, struct buf *out)
{
    const struct term *t = console_const(p)->t;
    size_t n = lines_used(t), i;
    bool on;

    for (i = 0; i < n; i++) {
        (void)term_line_part(t, i, out, &on);
        if (!on || i + 1 == n)
            buf_chr(out, '\n');
        if (out->len > 2 * USER_PAGE_MAX)
            user_text_fit(out, USER_PAGER);
    }
    user_text_fit(out, USER_PAGER);
}

static int
write_lines(int fd, const void *arg)
{
    const struct term *t = arg;
    size_t n = lines_used(t), i;
    struct buf b = { 0 };
    bool on;
    int rc = 0;

    for (i = 0; i < n && rc == 0; i++) {
        (void)term_line_part(t, i, &b, &on);
        if (!on || i + 1 == n)
            buf_chr(&b, '\n');
        if (b.len >= SAVE_BYTES || i + 1 == n) {
            rc = fd_write_all(fd, b.data, b.len);
            buf_clear(&b);
        }
    }
    buf_free(&b);
    return rc;
}

int
console_pane_save(struct pane *p, const char *path, struct err *e)
{
    return fd_new_file(path, "save the console", write_lines,
                       console_pane_of(p)->t, e);
}
