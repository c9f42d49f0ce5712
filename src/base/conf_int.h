/*
 * conf_int.h - what the parts of the reader of configuration files share.
 */
#ifndef XENDECK_BASE_CONF_INT_H
#define XENDECK_BASE_CONF_INT_H

#include "src/base/buf.h"
#include "src/base/err.h"

/* Checks the text for what libconfig would take without a word or be hurt by,
 * and appends it to *out fit for libconfig: whole numbers marked as 64-bit,
 * for libconfig 1.5 wraps others at 32 bits. */
int conf_scan(const char *text, const char *file, struct buf *out,
              struct err *e);

#endif
