/*
 * migrate_stall.c - a connection that hangs while the guest stands still for
 * it: the helper that writes tells nothing then, but the kernel counts what it
 * has written.
 */
#include "engine/life/migrate/migrate_int.h"
#include "engine/task/helper.h"
#include "src/base/sys/proc_io.h"

#define LOOK_MS  5000
#define LIMIT_MS 60000

static uint64_t
helper_written(const struct migrate *m)
{
    char path[48];

    text_fmt(path, sizeof(path), "/proc/%ld/io",
             (long)helper_pid(m->s.out.helper));
    return proc_io_written(path);
}

enum step_rc
migrate_check_stall(struct migrate *m, struct err *e)
{
    uint64_t now = loop_now_ms(engine_loop(m->s.t.en)), n;

    if (m->s.out.down_ms == 0 || m->s.out.helper == NULL)
        return STEP_WAIT;
    n = helper_written(m);
    if (n != m->stall.written || m->stall.since_ms == 0)
        m->stall.since_ms = now;
    m->stall.written = n;
    if (n > 0 && now - m->stall.since_ms >= LIMIT_MS) {
        err_set(e, ERR_TIMEOUT,
                "the connection to the other host has taken nothing for %d s",
                LIMIT_MS / 1000);
        return STEP_FAIL;
    }
    task_wake_in(&m->s.t, LOOK_MS);
    return STEP_WAIT;
}
