/*
 * scr_bare.c - a terminal on which the test's own process draws.
 */
#include "src/base/xalloc.h"
#include "tests/screen/scr_int.h"

struct scr *
scr_bare(int rows, int cols, void (*turn)(void *arg), void *arg)
{
    struct scr *s = xcalloc(1, sizeof *s);

    s->rows = rows;
    s->cols = cols;
    s->status = s->report = -1;
    s->turn = turn;
    s->turn_arg = arg;
    scr_make_terminal(s);
    return s;
}

int
scr_tty(const struct scr *s)
{
    return s->slave;
}

bool
scr_pump_bare(struct scr *s, unsigned ms)
{
    uint64_t end = scr_now_ms() + ms;
    bool came;

    do {
        s->turn(s->turn_arg);
        came = scr_take_bytes(s);
    } while (!came && scr_now_ms() < end);
    return came;
}
