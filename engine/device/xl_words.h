/*
 * xl_words.h - words of xl's verbs on the devices of a domain that is there:
 * those that xl takes, read; and the lines that do what is done here, for
 * people who know xl. Private to engine/device.
 */
#ifndef XENDECK_ENGINE_DEVICE_XL_WORDS_H
#define XENDECK_ENGINE_DEVICE_XL_WORDS_H

#include "engine/device/device.h"

/* The words of xl's attach verb as config_device_parse takes them; the list and
 * each word is malloc'd: xl_words_free. */
char **xl_words_read(const struct device_want *want, size_t *n_out);
void xl_words_free(char **words, size_t n);

/* Each appends a line, words quoted for a shell; nothing where xl has none. */
void xl_words_attach(const struct dom *d, const struct config_device *c,
                     struct buf *out);
void xl_words_detach(const struct dom *d, const struct dom_device *row,
                     bool force, struct buf *out);
/* A CD drive's medium goes (had), and c comes (NULL: nothing). */
void xl_words_cd(const struct dom *d, const struct dom_device *had,
                 const struct config_device *c, struct buf *out);

#endif
