/*
 * xl_lib.h - libxlutil, and what it reports as text. Only the reader of xl.cfg
 * includes its headers. Private to engine/config/xl.
 */
#ifndef XENDECK_ENGINE_CONFIG_XL_LIB_H
#define XENDECK_ENGINE_CONFIG_XL_LIB_H

#include <libxlutil.h>
#include <stdbool.h>
#include <stdio.h>

#include "src/base/buf.h"
#include "src/base/err.h"

struct xl_lib {
    XLU_Config *cfg;
    FILE *report;    /* into said */
    struct buf said; /* its beginning, after a flush */
    size_t told;
};

/* *l is zeroed, and stays where it is. -1: no memory. */
int xl_lib_init(struct xl_lib *l, struct err *e);
void xl_lib_fini(struct xl_lib *l);
/* Appends the first complaint since the last call, one line without the name
 * of the file, and gives its line (0: none was named). */
unsigned xl_lib_said(struct xl_lib *l, struct buf *out);
/* True if it complained of Python in a file. */
bool xl_lib_python(struct xl_lib *l);

#endif
