/*
 * loop_hook.h - what runs at the end of a turn of the loop (loop.h).
 */
#ifndef XENDECK_BASE_LOOP_HOOK_H
#define XENDECK_BASE_LOOP_HOOK_H

#include "src/base/list.h"

struct loop;
struct loop_hook;

typedef void (*loop_hook_cb)(struct loop_hook *lh);

struct loop_hook {
    struct loop *lp;
    loop_hook_cb cb;
    struct list_node node;
};

/* Runs at the end of each turn in which anything was dispatched: the place to
 * draw, and to run what callbacks only marked. */
void loop_hook_add(struct loop *lp, struct loop_hook *lh, loop_hook_cb cb);
void loop_hook_del(struct loop_hook *lh);

#endif
