/*
 * dm_beat.c - whether a model still answers: "query-status" each so many
 * seconds. A model that is stopped, or stuck, does not end, and nothing but its
 * silence tells of it.
 */
#include <string.h>

#include "engine/dm/dm_fate.h"
#include "engine/dm/dm_int.h"

static void beat_due(struct loop_timer *lt);

static unsigned
beat_period_ms(const struct model *m)
{
    int s = engine_options(m->en)->model_beat_s;

    return s > 0 ? (unsigned)s * 1000 : 0;
}

static void
beat_again(struct model *m)
{
    if (!m->ended && !m->stopping && beat_period_ms(m) > 0)
        loop_timer_arm(engine_loop(m->en), &m->beat_tm, beat_period_ms(m),
                       beat_due);
}

static void
beat_heard(struct model *m, struct json_object *ret)
{
    const char *said = qmp_text(ret, "status");

    if (m->hung)
        event_add_for(m->en, EVENT_DEVICE, EVENT_INFO, m->domid, m->name,
                      "its device model answers again");
    m->hung = m->hung_told = false;
    if (said != NULL)
        (void)text_safe(m->said, sizeof(m->said), said, strlen(said));
}

/* Another program may have the socket that it shares with libxl: then silence
 * says nothing for sure. */
static void
beat_missed(struct model *m)
{
    if (m->qmp.shared) {
        if (!m->hung_told)
            event_add_for(m->en, EVENT_DEVICE, EVENT_WARN, m->domid, m->name,
                          "its device model does not answer, or another "
                          "program holds its control socket");
        m->hung_told = true;
    } else if (!m->hung) {
        m->hung = true;
        dm_fate_hung(m);
    }
}

static void
beat_answered(struct qmp_cmd *c, struct json_object *ret, const struct err *e)
{
    struct model *m = container_of(c, struct model, beat);

    if (ret != NULL)
        beat_heard(m, ret);
    else if (e->code == ERR_TIMEOUT && !m->ended && !m->stopping)
        beat_missed(m);
    beat_again(m);
}

/* One that has a command to answer is not asked besides: saving its state may
 * take it a while, and the command has a limit of its own. */
static void
beat_due(struct loop_timer *lt)
{
    struct model *m = container_of(lt, struct model, beat_tm);
    unsigned limit_s = engine_options(m->en)->model_hang_s;

    if (m->starting || qmp_busy(&m->qmp))
        beat_again(m);
    else if (!m->ended && !m->stopping)
        qmp_send(&m->qmp, &m->beat, "query-status", NULL, limit_s * 1000,
                 beat_answered);
}

void
dm_beat_start(struct model *m)
{
    beat_again(m);
}
