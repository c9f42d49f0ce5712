/*
 * key_words.h - what the debug keys of Xen and the sysrq keys of Linux do: a
 * sentence each. A kernel or a Xen of another version may know others.
 */
#ifndef XENDECK_COMMAND_KEY_WORDS_H
#define XENDECK_COMMAND_KEY_WORDS_H

#include "src/base/buf.h"

enum key_words { KEY_WORDS_XEN, KEY_WORDS_SYSRQ };

/* Appends "KEY  SENTENCE" a line. */
void key_words_print(enum key_words which, struct buf *out);
/* The sentence, if the key ends or stops what it is sent to; else NULL. */
const char *key_words_danger(enum key_words which, char key);

#endif
