/*
 * row.h - cells and rows of them. Private to ui/term.
 */
#ifndef XENDECK_UI_TERM_ROW_H
#define XENDECK_UI_TERM_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "ui/draw/utf8.h"

enum {
    CELL_BOLD = 1,
    CELL_UNDERLINE = 2,
    CELL_ITALIC = 4,
    CELL_REVERSE = 8,
    CELL_PROTECTED = 16,
    CELL_WIDE = 32, /* two columns; the next cell is its CELL_TAIL */
    CELL_TAIL = 64,
    CELL_MARK1 = 128, /* one, or with CELL_MARK2 two combining characters */
    CELL_MARK2 = 256,
    /* what tells one packed run of cells from the next */
    CELL_RUN = 0x1ff & ~CELL_TAIL & ~CELL_PROTECTED
};

#define TERM_MARKS    2
#define TERM_MAX_ROWS 1000
#define TERM_MAX_COLS 1000

/* fg, bg: as struct role_style (theme.h). ch 0: never written or erased. */
struct cell {
    uint32_t ch;
    uint32_t mark[TERM_MARKS]; /* 0: none */
    int32_t fg, bg;
    uint16_t attrs;
};

/* Cells at len and beyond are blank in the default colours. wraps: the line
 * goes on in the next row, for the screen's edge was reached: it is one line,
 * which the guest did not end. */
struct row {
    struct cell *cells;
    int len, cap;
    bool wraps;
};

void row_free(struct row *r);
/* Blank, and a line of its own. */
void row_clear(struct row *r);
/* Room for n cells; len stays. */
void row_reserve(struct row *r, int n);
/* Blanks up to n, so that all cells below n exist. */
void row_extend(struct row *r, int n);
/* Writes a glyph of width 1 or 2; wide characters it cuts in half go. */
void row_put(struct row *r, int col, const struct cell *c, int width);
/* Writes n characters of printable ASCII in the style of pen, likewise. */
void row_put_ascii(struct row *r, int col, const char *s, int n,
                   const struct cell *pen);
/* Blanks [from, to) in the background of pen; with `rest` also all beyond. */
void row_erase(struct row *r, int from, int to, const struct cell *pen,
               bool rest);
/* Blanks [from, to) but for protected cells. */
void row_erase_selective(struct row *r, int from, int to);
/* Moves [from, to) by n columns (right: positive), blanking what is freed. */
void row_shift(struct row *r, int from, int to, int n, const struct cell *pen);
/* Cells that show something: trailing blanks do not. */
int row_used(const struct row *r);
/* UTF-8; trailing blanks are cut unless `all`. */
void row_text(const struct row *r, bool all, struct buf *out);

#endif
