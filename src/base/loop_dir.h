/*
 * loop_dir.h - changes in directories as events of the loop.
 *
 * A loop has one inotify descriptor for all of them, which stays open until the
 * loop is freed: the kernel takes up to 20 ms to close one (it waits until no
 * processor can still be looking at its marks), and nothing else runs
 * meanwhile.
 */
#ifndef XENDECK_BASE_LOOP_DIR_H
#define XENDECK_BASE_LOOP_DIR_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/list.h"

struct loop;
struct loop_dir;

/* Something that is watched for has happened, or may have: look for yourself.
 * Once a turn, however much has happened. */
typedef void (*loop_dir_cb)(struct loop_dir *ld);

struct loop_dir {
    struct loop *lp; /* NULL: idle */
    int wd;
    uint32_t mask;
    bool changed; /* found by the read, not told yet */
    loop_dir_cb cb;
    struct list_node node;
};

/* Watches the directory at path. mask: IN_ bits of inotify(7). Several handlers
 * may watch one directory, each for its own. 0, or -1 with errno. */
int loop_dir_add(struct loop *lp, struct loop_dir *ld, const char *path,
                 uint32_t mask, loop_dir_cb cb);
void loop_dir_del(struct loop_dir *ld);

#endif
