/*
 * vterm_resize.c - the one place that knows how versions of libvterm differ in
 * their resize callback.
 */
#include "ui/term/fast/vterm_resize.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#if VTERM_VERSION_MAJOR == 0 && VTERM_VERSION_MINOR < 2

void
vterm_resize_rows(vterm_resize_fields *fields, int old_rows, int rows,
                  int moved)
{
    (void)old_rows;
    (void)rows;
    fields->row += moved;
}

#else

/* libvterm leaves it to the callback to give its table of lines the new
 * length. It is freed by libvterm, whose allocator is the C library's unless
 * another one is set. */
static void
resize_lines(VTermLineInfo **lines, int old_rows, int rows)
{
    int keep = old_rows < rows ? old_rows : rows;
    VTermLineInfo *new;

    if (*lines == NULL)
        return;
    new = xcalloc((size_t)rows, sizeof(*new));
    memcpy(new, *lines, (size_t)keep * sizeof(*new));
    free(*lines);
    *lines = new;
}

void
vterm_resize_rows(vterm_resize_fields *fields, int old_rows, int rows,
                  int moved)
{
    resize_lines(&fields->lineinfos[0], old_rows, rows);
    resize_lines(&fields->lineinfos[1], old_rows, rows);
    fields->pos.row += moved;
}

#endif
