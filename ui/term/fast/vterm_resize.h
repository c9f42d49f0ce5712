/*
 * vterm_resize.h - the resize callback of libvterm's state layer, which is not
 * the same in all versions: 0.1 asks how far its cursor moves, later versions
 * hand out the cursor and what they know of each line. Private to ui/term.
 */
#ifndef XENDECK_UI_TERM_VTERM_RESIZE_H
#define XENDECK_UI_TERM_VTERM_RESIZE_H

#include <vterm.h>

#if VTERM_VERSION_MAJOR == 0 && VTERM_VERSION_MINOR < 2
typedef VTermPos vterm_resize_fields;
#else
typedef VTermStateFields vterm_resize_fields;
#endif

/* Called by the callback: the screen has changed from old_rows to rows rows,
 * and its text, with the cursor, has moved down by moved rows. */
void vterm_resize_rows(vterm_resize_fields *fields, int old_rows, int rows,
                       int moved);

#endif
