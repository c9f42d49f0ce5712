/*
 * text.h - texts in arrays: made safe to show, cut, formatted; numbers to and
 * from short texts.
 */
#ifndef XENDECK_BASE_TEXT_H
#define XENDECK_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* As buf_safe into a fixed array, always terminated, never cutting inside a
 * UTF-8 sequence. Returns true if nothing had to be replaced or cut. dst and
 * src may be the same array. */
bool text_safe(char *dst, size_t dst_size, const char *src, size_t n);

/* name, cut, as part of a file's name: what is no letter, digit or one of ._-+
 * becomes '_', a '.' at its start, too. */
void text_file_name(char *dst, size_t dst_size, const char *name);

/* n, less the bytes of a UTF-8 sequence that does not end within s[0..n). */
size_t text_cut(const char *s, size_t n);

/* snprintf into a fixed array, cutting silently: for texts that may be cut. */
void text_fmt(char *dst, size_t dst_size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "1536" -> "1.5M": n KiB in at most 5 columns, binary units. */
void text_kib(char *dst, size_t dst_size, unsigned long long kib);
/* The same for bytes: "812B", "1.5K". */
void text_bytes(char *dst, size_t dst_size, unsigned long long n);
/* The same for bytes a second; "-" if they are not known (less than 0). */
void text_rate(char *dst, size_t dst_size, double per_s);
/* One column of a sparkline, for a part of 0..1 (clipped) of the highest value;
 * less than 0: not known, a blank. */
const char *text_spark(double part, bool utf8);
/* Seconds as "12s", "3m05s", "4h07m", "12d03h". */
void text_span(char *dst, size_t dst_size, unsigned long long seconds);

/* The reverse for one unit: "90", "90s", "10m", "1h"; false if it is no such
 * span or outside [min, max] seconds. */
bool text_span_parse(const char *s, unsigned min, unsigned max, unsigned *out);

/* Strict decimal (or 0x hexadecimal) parse of the whole string; false if it is
 * not a number or outside [min, max]. */
bool text_u64(const char *s, unsigned long long min, unsigned long long max,
              unsigned long long *out);

/* At most how many values a JSON text holds, so that one who reads it knows
 * what they will cost; SIZE_MAX if it has, outside its texts, what JSON does
 * not: comments, or texts in ' '. */
size_t text_json_values(const char *text, size_t n);

/* The first match of sought at or after *at: its start and end. Without a
 * capital in sought, case is ignored. */
bool text_match(const char *text, const char *sought, size_t *at, size_t *end);

#endif
