/*
 * utf8.h - a character as bytes and back.
 */
#ifndef XENDECK_UI_UTF8_H
#define XENDECK_UI_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes written, at most 4. */
int utf8_put(char *out, uint32_t cp);
/* Decodes one character of s[0..n), n > 0: its length; 0: more bytes are
 * needed; -1: malformed. */
int utf8_get(const char *s, size_t n, uint32_t *cp_out);

#endif
