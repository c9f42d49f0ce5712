/*
 * xl_line.h - the xl line that would do what an operation does, as a shell
 * takes it: all words that are not xl's own go through here.
 */
#ifndef XENDECK_ENGINE_XL_LINE_H
#define XENDECK_ENGINE_XL_LINE_H

#include <stddef.h>

struct task;

/* The equal xl line, shell-safe as given (xl_quote); one too long is
 * none. task_begin sets that of verbs which take only a name. */
void task_set_xl(struct task *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same of words, the last one NULL, each of which is quoted; xl: "xl save",
 * with the options that need no quotes. */
void task_set_xl_words(struct task *t, const char *xl,
                       const char *const *words);
/* text as one word of a shell, in dst; returns dst, "" if it does not fit. */
const char *xl_quote(char *dst, size_t dst_size, const char *text);

#endif
