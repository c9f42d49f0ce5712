/*
 * migrate_stall.c - a connection that hangs while the guest stands still for
 * it: the helper that writes tells nothing then, but the kernel counts what it
 * has written.
 */
#include <string.h>

#include "engine/life/migrate/migrate_int.h"
#include "engine/task/helper.h"
#include "src/base/fdio.h"

#define LOOK_MS  5000
#define LIMIT_MS 60000
#define IO_MAX   4096

/* What the helper has written so far; 0: not known. */
static uint64_t
helper_written(const struct migrate *m)
{
    static const char key[] = "wchar: ";
    struct buf io = { 0 };
    unsigned long long n = 0;
    char path[48], digits[24];
    const char *at;

    text_fmt(path, sizeof(path), "/proc/%ld/io",
             (long)helper_pid(m->s.out.helper));
    if (fd_read_file(path, IO_MAX, &io, NULL) == 0) {
        at = strstr(buf_text(&io), key);
        at = at != NULL ? at + sizeof(key) - 1 : "";
        text_fmt(digits, sizeof(digits), "%.*s", (int)strcspn(at, "\n"), at);
        (void)text_u64(digits, 0, UINT64_MAX, &n);
    }
    buf_free(&io);
    return n;
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
