/*
 * loop_signal.h - signals as events of the loop (loop.h).
 */
#ifndef XENDECK_BASE_LOOP_SIGNAL_H
#define XENDECK_BASE_LOOP_SIGNAL_H

#include "src/base/list.h"

struct loop;
struct loop_signal;

typedef void (*loop_signal_cb)(struct loop_signal *ls);

struct loop_signal {
    struct loop *lp;
    int signo;
    loop_signal_cb cb;
    struct list_node node;
};

int loop_signal_add(struct loop *lp, struct loop_signal *ls, int signo,
                    loop_signal_cb cb);
void loop_signal_del(struct loop_signal *ls);

#endif
