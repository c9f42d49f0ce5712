/*
 * dom0_model_files.c - the list of what a device model is handed open.
 */
#include <stdlib.h>

#include "engine/dom0/dom0_model.h"
#include "src/base/xalloc.h"

void
dom0_model_files_add(struct dom0_model_files *f, const char *path,
                     bool writable)
{
    f->at = xrealloc(f->at, f->n + 1, sizeof(*f->at));
    f->at[f->n] = (struct dom0_model_file){ .writable = writable };
    text_fmt(f->at[f->n].path, sizeof(f->at[f->n].path), "%s", path);
    f->n++;
}

void
dom0_model_files_free(struct dom0_model_files *f)
{
    free(f->at);
    *f = (struct dom0_model_files){ 0 };
}
