/*
 * restore.c - the memory of a guest from a stream, by a helper process, in the
 * place of its build.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/core/engine_options.h"
#include "engine/event/events.h"
#include "engine/guest/guest.h"
#include "engine/task/helper.h"

static void
restore_fill(const struct guest *g, struct hv_restore *r)
{
    struct engine *en = g->task->en;
    struct guest_memory m;

    g->type->memory(g->nodes->cfg, &m);
    *r = (struct hv_restore){
        .domid = g->nodes->domid,
        .kind = g->type->hv,
        .fd = g->stream_fd,
        .mem_kib = m.own_kib,
        .max_vcpus = g->nodes->cfg->maxvcpus,
        .store_domid = g->store_domid,
        .console_domid = g->console_domid,
        .store_port = g->nodes->store_port,
        .console_port = g->nodes->console_port,
        .pace_ms = engine_options(en)->one_shot ? 0 : hv_pace_ms(engine_hv(en)),
    };
}

/* Read by job_restore in engine/task/helper_main.c, of the same binary. The
 * state of a device model goes into a file without a name: nothing is left of
 * it, whoever dies. */
int
guest_restore_job(struct guest *g, struct helper_job *j, struct buf *out,
                  struct err *e)
{
    struct hv_restore r;

    restore_fill(g, &r);
    j->fds[0] = g->stream_fd;
    j->kind = HELPER_SLOW;
    if (g->type->has_state) {
        g->state_fd = memfd_create("device-model", MFD_CLOEXEC);
        if (g->state_fd < 0)
            return err_sys(e, errno, "state of the device model");
        j->fds[1] = g->state_fd;
        j->fds[2] = -1;
    }
    buf_fmt(out,
            "job restore\ndomid %u\nkind %u\nmem_kib %llu\nmax_vcpus %u\n"
            "store_domid %u\nconsole_domid %u\nstore_port %u\n"
            "console_port %u\npace_ms %u\nstate %u\npacked %d\n\n",
            r.domid, (unsigned)r.kind, (unsigned long long)r.mem_kib,
            r.max_vcpus, r.store_domid, r.console_domid, r.store_port,
            r.console_port, r.pace_ms, g->state_fd >= 0 ? 2 : 0, g->packed);
    return 0;
}

/* A guest that goes back to a moment of its past has to know; libxl writes it
 * where hvmloader has put it as well. Without, it runs all the same. */
static void
restore_generation(struct guest *g)
{
    const char *text = g->nodes->generation;
    struct err e = { 0 };
    uint64_t id[2];
    char *end;

    if (text[0] == '\0' || g->moved)
        return;
    id[0] = strtoull(text, &end, 10);
    id[1] = *end == ':' ? strtoull(end + 1, NULL, 10) : 0;
    if (hv_set_generation(engine_hv(g->task->en), g->nodes->domid, id, &e) < 0)
        event_add_for(g->task->en, EVENT_ENGINE, EVENT_WARN, 0,
                      g->nodes->cfg->name,
                      "it is not told that it was restored: %s", e.msg);
}

int
guest_restore_take(struct guest *g, const char *result, struct err *e)
{
    const char *words = strstr(result, " words ");
    struct hv_restored got = { 0 };
    struct hv_restore r;

    if (words == NULL ||
        !helper_result_u64(result, "store_mfn", &got.rings.store_mfn) ||
        !helper_result_u64(result, "console_mfn", &got.rings.console_mfn))
        return err_set(e, ERR_LOST, "the helper's result is garbled");
    text_fmt(got.words, sizeof(got.words), "%s", words + strlen(" words "));
    if (g->state_fd >= 0 && lseek(g->state_fd, 0, SEEK_SET) != 0)
        return err_sys(e, errno, "state of the device model");
    restore_fill(g, &r);
    g->nodes->built = got.rings;
    if (hv_check_restored(engine_hv(g->task->en), &r, &got, e) < 0)
        return -1;
    restore_generation(g);
    return 0;
}
