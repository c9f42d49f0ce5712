/*
 * hotplug.c - see hotplug.h. Starting and killing are the driver's.
 */
#include "engine/dom0/hotplug.h"

#include <sys/wait.h>

#include "engine/dom0/dom0_driver.h"

bool
hotplug_ok(const struct hotplug *hp)
{
    return hp->ended && !hp->late && WIFEXITED(hp->status) &&
           WEXITSTATUS(hp->status) == 0;
}

void
hotplug_said(const struct hotplug *hp, char *dst, size_t n)
{
    const char *text = buf_text(&hp->said), *end = text + hp->said.len, *s;

    while (end > text && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    for (s = end; s > text && s[-1] != '\n'; s--)
        ;
    text_safe(dst, n, s, (size_t)(end - s));
}

void
hotplug_ended(struct hotplug *hp, int status)
{
    loop_timer_del(&hp->limit);
    hp->running = false;
    hp->ended = true;
    hp->status = status;
    hp->done(hp);
}

static void
hotplug_overdue(struct loop_timer *lt)
{
    struct hotplug *hp = container_of(lt, struct hotplug, limit);

    hp->late = true;
    dom0_script_kill(hp->dom0, hp);
}

int
hotplug_start(struct hotplug *hp, struct dom0 *d, const struct hotplug_job *j,
              struct err *e)
{
    hp->dom0 = d;
    buf_clear(&hp->said);
    hp->ended = hp->late = false;
    if (dom0_script_start(d, hp, j, e) < 0)
        return -1;
    hp->running = true;
    loop_timer_arm(d->lp, &hp->limit, HOTPLUG_LIMIT_MS, hotplug_overdue);
    return 0;
}

void
hotplug_fini(struct hotplug *hp)
{
    if (hp->running)
        dom0_script_stop(hp->dom0, hp);
    loop_timer_del(&hp->limit);
    buf_free(&hp->said);
    hp->running = hp->ended = hp->late = false;
}
