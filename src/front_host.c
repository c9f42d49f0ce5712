/*
 * front_host.c - the host that is to be run: whether it can be, the simulated
 * one in its place, and an engine on it in this process.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/engine.h"
#include "engine/core/paths.h"
#include "src/attach/place.h"
#include "src/attach/reach.h"
#include "src/attach/server.h"
#include "src/program.h"

/* Whether the user takes the simulated host in place of the missing one. */
static bool
offer_sim(bool yes_is_default)
{
    char answer[16] = "";

    printf("Open the console on a simulated host? %s ",
           yes_is_default ? "[Y/n]" : "[y/N]");
    fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) == NULL)
        return false;
    if (answer[0] == '\n')
        return yes_is_default;
    return answer[0] == 'y' || answer[0] == 'Y';
}

static int
refuse_host(struct front *fr, const struct buf *why, bool on_xen)
{
    fprintf(stderr, "xendeck: this host cannot be run from here:\n");
    fwrite(buf_text(why), 1, why->len, stderr);
    if (!fr->has_screen || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return front_fail(STATUS_FAILED,
                          "xendeck --sim opens a simulated host");
    if (!offer_sim(!on_xen))
        return STATUS_FAILED;
    fr->opt.sim = fr->opt.sim_lively = true;
    fr->opt.sim_domains = OPTIONS_SIM_DEMO;
    return STATUS_DONE;
}

/* What the user got wrong is said before what the host lacks. */
int
front_check(struct front *fr, struct err *e)
{
    struct buf why = { 0 };
    bool on_xen = false;
    int missing = 0, status = STATUS_DONE;

    if (fr->checked)
        return STATUS_DONE;
    fr->checked = true;
    if (!fr->opt.sim)
        missing = engine_preflight(&why, &on_xen);
    if (front_settings(fr, on_xen, e) < 0)
        status = STATUS_USAGE;
    else if (missing > 0)
        status = refuse_host(fr, &why, on_xen);
    buf_free(&why);
    return status;
}

int
front_open_engine(struct front *fr, struct err *e)
{
    const struct options *o = &fr->opt;
    struct engine_opts eo = { .log = fr->log,
                              .host = o->sim ? ENGINE_SIM : ENGINE_XEN,
                              .sim_domains = o->sim_domains,
                              .sim_lively = o->sim_lively,
                              .sim_faults = o->sim_faults,
                              .one_shot = o->batch,
                              .autostart = o->headless,
                              .tick_ms = fr->set.tick_ms,
                              .restart_min_s = fr->set.restart_min_s,
                              .restart_min_set = true,
                              .model_death = fr->set.model_death,
                              .model_beat_s = fr->set.model_beat_s > 0
                                                  ? (int)fr->set.model_beat_s
                                                  : -1,
                              .model_hang_s = fr->set.model_hang_s,
                              .model_logs = fr->set.model_logs,
                              .postmortems = fr->set.postmortems,
                              .postmortem_bytes = fr->set.postmortem_bytes,
                              .helper_limit_s = fr->set.helper_limit_s,
                              .host_stop = fr->set.host_stop,
                              .host_stop_else = fr->set.host_stop_else,
                              .host_stop_moves = fr->set.host_stop_moves,
                              .host_stop_to = fr->set.host_stop_to,
                              .autoballoon = fr->set.autoballoon,
                              .dom0_min_kib = fr->set.dom0_min_kib,
                              .vif_without_scripts =
                                  fr->set.vif_without_scripts,
                              .kernel_cache_kib = fr->set.kernel_cache_kib,
                              .scroll_bytes = fr->set.scroll_disk_bytes,
                              .tls_certificate = fr->set.tls_certificate,
                              .tls_key = fr->set.tls_key,
                              .tls_ca = fr->set.tls_ca,
                              .tls_crl = fr->set.tls_crl,
                              .history = fr->set.history && !o->batch };

    if (fr->set.hook_dir[0] != '\0')
        eo.hook_dir = fr->set.hook_dir;
    if (fr->set.migrate_listen[0] != '\0')
        eo.migrate_listen = fr->set.migrate_listen;
    if (fr->set.migrate_allow[0] != '\0')
        eo.migrate_allow = fr->set.migrate_allow;
    fr->lp = loop_new(LOOP_CLOCK_REAL);
    if (fr->lp == NULL)
        return err_sys(e, errno, "event loop");
    eo.lp = fr->lp;
    fr->en = engine_open(&eo, e);
    return fr->en != NULL ? 0 : -1;
}

/* Of a host that has a fixed place (--socket), or is the one that clients of
 * this user share. */
static int
take_lock(struct front *fr, struct err *e)
{
    struct place pl;

    if (!fr->opt.sim || (fr->opt.socket == NULL && !fr->opt.engine))
        return 0;
    if (place_init(&pl, true, fr->opt.socket, e) < 0)
        return -1;
    fr->lock_fd = place_take_lock(&pl, e);
    return fr->lock_fd >= 0 ? 0 : -1;
}

/* --replace */
static int
end_other(struct front *fr, struct err *e)
{
    struct reach r = { .launch = NULL };

    if (!fr->opt.replace)
        return 0;
    if (place_init(&r.place, fr->opt.sim, fr->opt.socket, e) < 0)
        return -1;
    return reach_end_engine(&r, e);
}

int
front_prepare(struct front *fr, struct err *e)
{
    int status = front_check(fr, e);

    if (status != STATUS_DONE)
        return status;
    if (end_other(fr, e) < 0)
        return STATUS_FAILED;
    front_open_log(fr);
    if (take_lock(fr, e) < 0 || front_open_engine(fr, e) < 0)
        return STATUS_FAILED;
    return STATUS_DONE;
}

static void
end_engine(void *arg)
{
    loop_stop(((struct front *)arg)->lp);
}

int
front_listen(struct front *fr, int listen_fd, struct session *own,
             struct err *e)
{
    char sock[300];
    struct attach_server_opts o = { .lp = fr->lp,
                                    .en = fr->en,
                                    .set = &fr->set,
                                    .cmds = &fr->cmds,
                                    .sock = sock,
                                    .listen_fd = listen_fd,
                                    .lock_fd = fr->lock_fd,
                                    .started_by_client = fr->opt.engine,
                                    .own = own,
                                    .end = end_engine,
                                    .arg = fr };

    if (fr->opt.socket != NULL)
        text_fmt(sock, sizeof sock, "%s", fr->opt.socket);
    else
        text_fmt(sock, sizeof sock, "%s/sock", engine_paths(fr->en)->run);
    fr->server = attach_server_new(&o, e);
    return fr->server != NULL ? 0 : -1;
}
