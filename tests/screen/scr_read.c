/*
 * scr_read.c - what stands on the screen, as text and as cells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/screen/scr_int.h"

static void
add_utf8(char *out, uint32_t c)
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;
    static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    out += strlen(out);
    for (i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(lead[n] | c);
    out[n] = '\0';
}

static int32_t
color_of(struct scr *s, VTermColor c, bool is_default)
{
    if (is_default)
        return -1;
    vterm_screen_convert_color_to_rgb(s->screen, &c);
    return c.rgb.red << 16 | c.rgb.green << 8 | c.rgb.blue;
}

void
scr_cell_at(struct scr *s, int row, int col, struct scr_cell *out)
{
    VTermScreenCell c;
    size_t i;

    *out = (struct scr_cell){ .fg = -1, .bg = -1 };
    if (!vterm_screen_get_cell(s->screen, (VTermPos){ row, col }, &c))
        return;
    out->cols = c.chars[0] == (uint32_t)-1 ? 0 : c.width;
    for (i = 0; i < VTERM_MAX_CHARS_PER_CELL && c.chars[i] != 0; i++)
        if (c.chars[i] != (uint32_t)-1)
            add_utf8(out->text, c.chars[i]);
    out->bold = c.attrs.bold;
    out->underline = c.attrs.underline != 0;
    out->italic = c.attrs.italic;
    out->reverse = c.attrs.reverse;
    out->strike = c.attrs.strike;
    out->blink = c.attrs.blink;
    out->fg = color_of(s, c.fg, VTERM_COLOR_IS_DEFAULT_FG(&c.fg));
    out->bg = color_of(s, c.bg, VTERM_COLOR_IS_DEFAULT_BG(&c.bg));
}

void
scr_row(struct scr *s, int row, struct buf *out)
{
    struct scr_cell c;
    size_t used = 0;
    int col;

    buf_clear(out);
    for (col = 0; col < s->cols; col++) {
        scr_cell_at(s, row, col, &c);
        if (c.cols == 0)
            continue;
        buf_str(out, c.text[0] != '\0' ? c.text : " ");
        if (c.text[0] != '\0' && strcmp(c.text, " ") != 0)
            used = out->len;
    }
    if (out->data != NULL) {
        out->len = used;
        out->data[used] = '\0';
    }
}

void
scr_dump(struct scr *s, struct buf *out)
{
    int row;

    for (row = 0; row < s->rows; row++) {
        scr_row(s, row, &s->text);
        buf_str(out, buf_text(&s->text));
        buf_chr(out, '\n');
    }
}

int
scr_find(struct scr *s, const char *text)
{
    int row;

    for (row = 0; row < s->rows; row++) {
        scr_row(s, row, &s->text);
        if (strstr(buf_text(&s->text), text) != NULL)
            return row;
    }
    return -1;
}

bool
scr_has(struct scr *s, const char *text)
{
    return scr_find(s, text) >= 0;
}

int
scr_find_col(struct scr *s, int row, const char *text)
{
    const char *at;
    struct scr_cell c;
    size_t n = 0;
    int col;

    scr_row(s, row, &s->text);
    at = strstr(buf_text(&s->text), text);
    if (at == NULL)
        return -1;
    for (col = 0; col < s->cols; col++) {
        scr_cell_at(s, row, col, &c);
        if (c.cols == 0)
            continue;
        if (n >= (size_t)(at - buf_text(&s->text)))
            return col;
        n += c.text[0] != '\0' ? strlen(c.text) : 1;
    }
    return -1;
}

void
scr_size(const struct scr *s, int *rows_out, int *cols_out)
{
    *rows_out = s->rows;
    *cols_out = s->cols;
}

bool
scr_cursor(struct scr *s, int *row_out, int *col_out)
{
    VTermPos pos;

    vterm_state_get_cursorpos(vterm_obtain_state(s->vt), &pos);
    *row_out = pos.row;
    *col_out = pos.col;
    return s->cursor_visible;
}

/* --- with the screen shown on failure --- */

static void
show(struct scr *s)
{
    struct buf b = { 0 };

    scr_dump(s, &b);
    fprintf(stderr, "--- screen %dx%d, status %d\n%s---\n", s->cols, s->rows,
            s->status, buf_text(&b));
    buf_free(&b);
}

void
scr_must(struct scr *s, bool ok, const char *what, const char *file, int line)
{
    if (ok)
        return;
    show(s);
    fprintf(stderr, "not so: %s\n", what);
    _fail(file, line);
}

void
scr_must_see(struct scr *s, const char *text, const char *file, int line)
{
    if (scr_wait_text(s, text, SCR_MS))
        return;
    show(s);
    fprintf(stderr, "not there: %s\n", text);
    _fail(file, line);
}

void
scr_must_lose(struct scr *s, const char *text, const char *file, int line)
{
    if (scr_wait_gone(s, text, SCR_MS))
        return;
    show(s);
    fprintf(stderr, "still there: %s\n", text);
    _fail(file, line);
}

void
scr_must_exit(struct scr *s, int status, const char *file, int line)
{
    int st = scr_exit_status(s, SCR_MS);

    if (st >= 0 && WIFEXITED(st) && WEXITSTATUS(st) == status)
        return;
    show(s);
    fprintf(stderr, "wait status %d, not exit %d\n", st, status);
    _fail(file, line);
}

void
scr_must_be_restored(struct scr *s, const char *file, int line)
{
    struct buf b = { 0 };

    while (scr_pump(s, 0)) /* what it has said by now */
        ;
    if (!scr_restored(s, &b)) {
        fprintf(stderr, "left in the terminal: %s\n", buf_text(&b));
        buf_free(&b);
        _fail(file, line);
    }
    buf_free(&b);
}

void
scr_must_be_clean(struct scr *s, size_t from, const char *file, int line)
{
    struct buf b = { 0 };

    if (scr_foreign(s, from, &b)) {
        show(s);
        fprintf(stderr, "sent to the terminal: %s\n", buf_text(&b));
        buf_free(&b);
        _fail(file, line);
    }
    buf_free(&b);
}
