/*
 * guest_loader.c - see guest_loader.h. Arguments and answer are those of libxl,
 * so that a program that works with xl works here.
 */
#include "engine/guest/loader/guest_loader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/console/console_program.h"
#include "engine/device/disk.h"
#include "engine/guest/loader/loader_dir.h"
#include "engine/guest/loader/loader_said.h"
#include "engine/host/domains.h"
#include "engine/model/dom_kind.h"
#include "src/base/xalloc.h"

#define TELL_MS  30000  /* it says nothing, and nobody types */
#define LIMIT_MS 600000 /* likewise: nobody will */

struct guest_loader {
    struct guest *g;
    const char *name; /* in the configuration */
    char program[512];
    bool confined;
    struct loader_dir dir;
    struct dom0_loader child;
    struct console_program screen;
    struct loader_said said;
    struct loop_timer quiet;
    uint64_t heard_ms;
    bool told, started, ended, late;
    int status;
    struct loader_answer answer;
};

/* Those that need no more than to read the disk. Another one may mount it. */
static const char *const modest[] = { "pygrub" };

bool
guest_has_loader(const struct guest *g)
{
    return g->nodes->cfg->image.bootloader != NULL && g->stream_fd < 0;
}

/* --- before it runs --- */

/* libxl takes the first one, too. */
static const struct config_device *
loader_disk(const struct domain_config *c)
{
    size_t i;

    for (i = 0; i < c->n_devices; i++)
        if (strcmp(c->devices[i].kind, device_vbd.kind) == 0)
            return &c->devices[i];
    return NULL;
}

static const char *
loader_disk_unfit(const struct config_device *d, const struct disk_spec *s)
{
    if (s->params[0] == '\0')
        return "is an empty drive";
    if (s->custom)
        return "is known to its hotplug script alone";
    if (disk_is_far(d))
        return "is in another domain";
    return NULL;
}

int
guest_loader_check(const struct domain_config *c, struct err *e)
{
    const struct config_device *d = loader_disk(c);
    const char *name = c->image.bootloader, *why;
    struct disk_spec s;

    if (c->image.firmware != NULL)
        return config_refuse(c, "image.bootloader", ERR_INVALID, e,
                             "found \"%s\", allowed none with a firmware: one "
                             "of them starts the domain",
                             name);
    if (d == NULL)
        return config_refuse(c, "image.bootloader", ERR_INVALID, e,
                             "found \"%s\", allowed none without a disk in "
                             "which it could look for a kernel",
                             name);
    disk_spec(d, &s);
    why = loader_disk_unfit(d, &s);
    if (why == NULL)
        return 0;
    return config_refuse(c, "image.bootloader", ERR_UNSUPPORTED, e,
                         "found \"%s\", allowed none with a first disk (%s) "
                         "that %s: give the kernel with kernel =",
                         name, d->shown, why);
}

static bool
loader_is_modest(const char *program)
{
    const char *slash = strrchr(program, '/');
    size_t i;

    for (i = 0; i < sizeof(modest) / sizeof(modest[0]); i++)
        if (strcmp(slash != NULL ? slash + 1 : program, modest[i]) == 0)
            return true;
    return false;
}

static bool
loader_disk_is_image(const struct disk_spec *s)
{
    return strcmp(s->format, "raw") != 0;
}

int
guest_loader_find(struct engine *en, const struct domain_config *c, char *dst,
                  size_t n, struct err *e)
{
    const char *name = c->image.bootloader;
    struct disk_spec s;
    struct err why = { 0 };

    if (guest_loader_check(c, e) < 0) /* a running domain's disks change */
        return -1;
    disk_spec(loader_disk(c), &s);
    if (dom0_loader_find(engine_dom0(en), name, dst, n, &why) == 0 &&
        (!loader_disk_is_image(&s) ||
         dom0_loader_can_open(engine_dom0(en), s.format, &why) == 0))
        return 0;
    return config_refuse(c, "image.bootloader", why.code, e, "found \"%s\": %s",
                         name, why.msg);
}

int
guest_loader_prepare(struct guest *g, struct err *e)
{
    const struct domain_config *c = g->nodes->cfg;
    struct guest_loader *l = g->loader;

    if (l == NULL) {
        l = g->loader = xcalloc(1, sizeof(*l));
        l->g = g;
        l->name = c->image.bootloader;
    }
    if (guest_loader_find(g->task->en, c, l->program, sizeof(l->program), e) <
        0)
        return -1;
    l->confined = c->image.bootloader_restrict == CONFIG_UNSET
                      ? loader_is_modest(l->program)
                      : c->image.bootloader_restrict == CONFIG_ON;
    return 0;
}

/* --- while it runs --- */

static void loader_arm(struct guest_loader *l);

static void
loader_quiet(struct loop_timer *lt)
{
    struct guest_loader *l = container_of(lt, struct guest_loader, quiet);
    struct task *t = l->g->task;
    struct engine *en = t->en;

    if (loop_now_ms(engine_loop(en)) - l->heard_ms >= LIMIT_MS) {
        l->late = true;
        task_wake(t);
        return;
    }
    l->told = true;
    task_progress(t, t->op->percent,
                  "boot loader: waits for a key in the console, or hangs");
    event_add_for(en, EVENT_ENGINE, EVENT_WARN, t->op->domid, t->op->name,
                  "its boot loader %s has said nothing for %d s: it waits for "
                  "a key in the console, or hangs; cancel ends it",
                  l->name, TELL_MS / 1000);
    loader_arm(l);
}

static void
loader_arm(struct guest_loader *l)
{
    loop_timer_arm(engine_loop(l->g->task->en), &l->quiet,
                   l->told ? LIMIT_MS - TELL_MS : TELL_MS, loader_quiet);
}

/* It works, or somebody sits before it. */
static void
loader_lives(struct guest_loader *l)
{
    l->heard_ms = loop_now_ms(engine_loop(l->g->task->en));
    if (l->told)
        task_progress(l->g->task, l->g->task->op->percent, "boot loader");
    l->told = false;
    loader_arm(l);
}

static void
loader_said(struct console_program *p, const char *bytes, size_t n)
{
    struct guest_loader *l = container_of(p, struct guest_loader, screen);

    loader_said_add(&l->said, bytes, n);
    loader_lives(l);
}

static void
loader_typed(struct console_program *p)
{
    loader_lives(container_of(p, struct guest_loader, screen));
}

static void
loader_ended(struct dom0_loader *d, int status)
{
    struct guest_loader *l = container_of(d, struct guest_loader, child);

    l->ended = true;
    l->status = status;
    task_wake(l->g->task);
}

static void
loader_arg(struct buf *args, size_t *n, const char *key, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    buf_str(args, key);
    buf_str(args, value);
    buf_chr(args, '\0');
    ++*n;
}

static size_t
loader_args(const struct guest_loader *l, const char *disk, struct buf *out)
{
    const struct config_image *im = &l->g->nodes->cfg->image;
    size_t i, n = 0;

    loader_arg(out, &n, "--kernel=", im->kernel);
    loader_arg(out, &n, "--ramdisk=", im->ramdisk);
    loader_arg(out, &n, "--args=", buf_text(&l->g->cmdline));
    loader_arg(out, &n, "--output=", l->dir.answer);
    loader_arg(out, &n, "--output-format=", "simple0");
    loader_arg(out, &n, "--output-directory=", l->dir.out);
    for (i = 0; i < im->bootloader_args.n; i++)
        loader_arg(out, &n, "", im->bootloader_args.at[i]);
    loader_arg(out, &n, "", disk);
    return n;
}

static int
loader_start(struct guest_loader *l, struct err *e)
{
    struct engine *en = l->g->task->en;
    struct buf args = { 0 };
    struct disk_spec s;
    struct dom0_loader_job j = { .program = l->program,
                                 .args = &args,
                                 .confined = l->confined };
    int rc;

    if (loader_dir_make(&l->dir, en, e) < 0)
        return -1;
    disk_spec(loader_disk(l->g->nodes->cfg), &s);
    if (loader_disk_is_image(&s)) {
        j.image = s.params;
        j.format = s.format;
    }
    j.disk = j.image != NULL ? l->dir.disk : s.params;
    j.n_args = loader_args(l, j.disk, &args);
    j.dir = l->dir.out;
    j.answer = l->dir.answer;
    l->child.ended = loader_ended;
    rc = dom0_loader_start(engine_dom0(en), &l->child, &j, e);
    buf_free(&args);
    return rc;
}

static int
loader_begin(struct guest_loader *l, struct err *e)
{
    struct engine *en = l->g->task->en;
    struct dom_entry *de = domains_by_domid(en, l->g->nodes->domid);

    if (de == NULL)
        return err_set(e, ERR_LOST, "domain %u vanished before its start",
                       l->g->nodes->domid);
    l->started = true;
    if (loader_start(l, e) < 0)
        return -1;
    text_fmt(l->screen.name, sizeof(l->screen.name), "%s", l->name);
    l->screen.fd = l->child.tty;
    l->screen.said = loader_said;
    l->screen.typed = loader_typed;
    console_show_program(de, &l->screen);
    loader_lives(l);
    return 0;
}

/* Its directory stays with an engine that is killed. */
static void
loader_end(struct guest_loader *l)
{
    struct engine *en = l->g->task->en;

    console_hide_program(&l->screen); /* its last words arm the timer */
    loop_timer_del(&l->quiet);
    dom0_loader_stop(engine_dom0(en), &l->child);
    loader_dir_end(&l->dir, engine_is(en, ENGINE_ABANDONED));
}

/* --- what it has found --- */

static int
loader_failed(const struct guest_loader *l, struct err *e)
{
    char how[64], last[200];

    if (l->child.why.code != ERR_NONE) {
        *e = l->child.why;
        return -1;
    }
    loader_said_last(&l->said, last, sizeof(last));
    if (WIFSIGNALED(l->status))
        text_fmt(how, sizeof(how), "was killed by signal %d",
                 WTERMSIG(l->status));
    else
        text_fmt(how, sizeof(how), "ended with status %d",
                 WIFEXITED(l->status) ? WEXITSTATUS(l->status) : -1);
    err_set(e, ERR_LOST, "%s%s%s", how, last[0] != '\0' ? ": " : "", last);
    return l->child.opening
               ? err_wrap(e, "its disk cannot be shown to it: what opens it")
               : -1;
}

static int
loader_open(struct guest_loader *l, struct err *e)
{
    struct guest *g = l->g;
    const struct loader_answer *a = &l->answer;

    if (loader_dir_open(&l->dir, "kernel", a->kernel, !l->confined,
                        &g->files.kernel_fd, e) < 0)
        return -1;
    if (g->files.kernel_fd < 0)
        return err_set(e, ERR_INVALID, "its kernel is an empty file");
    return a->ramdisk[0] == '\0'
               ? 0
               : loader_dir_open(&l->dir, "ramdisk", a->ramdisk, !l->confined,
                                 &g->files.ramdisk_fd, e);
}

/* The command line is what it answers, or there is none: so it is with xl. */
static int
loader_take(struct guest_loader *l, struct err *e)
{
    struct guest *g = l->g;
    const struct domain_config *c = g->nodes->cfg;
    size_t n, max = image_type_find(c->image.type)->cmdline_max;

    if (l->status != 0 || l->child.opening || l->child.why.code != ERR_NONE)
        return loader_failed(l, e);
    if (loader_dir_read(&l->dir, &l->answer, e) < 0 || loader_open(l, e) < 0)
        return -1;
    n = strlen(l->answer.args);
    if (!dom_kind_in_container(c->kind) && n > max)
        return err_set(e, ERR_RANGE,
                       "its answer has args of %zu bytes, allowed %zu", n, max);
    buf_clear(&g->cmdline);
    buf_str(&g->cmdline, l->answer.args);
    g->nodes->cmdline = buf_text(&g->cmdline);
    g->nodes->kernel = l->answer.kernel;
    g->nodes->ramdisk = g->files.ramdisk_fd >= 0 ? l->answer.ramdisk : NULL;
    return 0;
}

enum step_rc
guest_loader_run(struct guest *g, struct err *e)
{
    struct guest_loader *l = g->loader;
    int rc;

    if (!guest_has_loader(g))
        return STEP_DONE;
    if (!l->started) {
        rc = loader_begin(l, e);
    } else if (l->ended) {
        console_hide_program(&l->screen); /* and its last words are known */
        rc = loader_take(l, e);
        loader_end(l);
    } else if (l->late) {
        rc = err_set(e, ERR_TIMEOUT,
                     "it said nothing for %d s, and nobody typed: it is ended",
                     LIMIT_MS / 1000);
    } else {
        return STEP_WAIT;
    }
    if (rc == 0)
        return l->ended ? STEP_DONE : STEP_WAIT;
    err_wrap(e, "boot loader %s", l->name);
    return STEP_FAIL;
}

enum step_rc
guest_loader_undo(struct guest *g)
{
    if (g->loader != NULL)
        loader_end(g->loader);
    return STEP_DONE;
}

void
guest_loader_fini(struct guest *g)
{
    if (g->loader == NULL)
        return;
    loader_end(g->loader);
    loader_said_fini(&g->loader->said);
    free(g->loader);
    g->loader = NULL;
}
