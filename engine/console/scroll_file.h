/*
 * scroll_file.h - the text of a console on disk, one pair of files a uuid:
 * DIR/UUID is appended to, and becomes DIR/UUID.old when half of the bound is
 * full. So nothing is written twice. The files hold the guest's bytes as they
 * came, hostile ones too, and nothing else: there is no content that reading
 * could take amiss, and a torn last write costs what was not written.
 */
#ifndef XENDECK_ENGINE_SCROLL_FILE_H
#define XENDECK_ENGINE_SCROLL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"

/* n bytes, of which done are on disk. */
struct scroll_text {
    const char *bytes;
    size_t n, done;
};

/* Appends what is not done of t; both files together stay within max_bytes. The
 * directory is made with mode 0700, the files with 0600. t->done is right on
 * -1, too. */
int scroll_file_add(const char *dir, const uint8_t uuid[16], size_t max_bytes,
                    struct scroll_text *t, struct err *e);
/* Appends the newest bytes of both files to *out, at most max_bytes; where
 * older ones are left out, from the start of a line. No file is success. */
int scroll_file_read(const char *dir, const uint8_t uuid[16], size_t max_bytes,
                     struct buf *out, struct err *e);
/* Both files; missing ones are success. */
void scroll_file_remove(const char *dir, const uint8_t uuid[16]);
/* Removes those of all uuids that keep refuses. Files with other names are
 * left alone. */
void scroll_files_sweep(const char *dir,
                        bool (*keep)(void *arg, const uint8_t uuid[16]),
                        void *arg);

#endif
