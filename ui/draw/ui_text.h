/*
 * ui_text.h - text as columns of a terminal: how wide it is, how much of it
 * fits. Knows no curses.
 */
#ifndef XENDECK_UI_TEXT_H
#define XENDECK_UI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/* The next character of *pp, '?' for what cannot be shown; its columns in
 * *cols. */
wchar_t ui_text_char(const char **pp, int *cols);
/* Columns that text takes. */
int ui_text_cols(const char *text);
/* Bytes of text that fit in cols columns, one character at least. */
size_t ui_text_fit(const char *text, int cols, bool words);
/* Where the next row begins after one of n bytes that was broken at words: a
 * blank that did not fit is not its first character. */
size_t ui_text_next(const char *text, size_t n);

#endif
