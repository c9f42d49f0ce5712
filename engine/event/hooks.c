/*
 * hooks.c - see hooks.h. hook_run.c starts and ends one; here is who runs when.
 * Invariant: at most HOOKS_AT_ONCE run; what waits is in order of arrival.
 */
#include "engine/event/hooks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/config/core/config.h"
#include "engine/event/events.h"
#include "engine/event/hook_run.h"
#include "src/base/xalloc.h"

#define FILES_MAX  64
#define MARK_BYTES 16

struct hooks {
    struct hooks_opts o;
    char dir[256];
    char mark[2 * MARK_BYTES + 1]; /* "": there is none, nobody has it */
    struct list_node running, queue;
    size_t n_running, n_queued;
    unsigned long long done, failed, dropped;
    bool full_told;
    char *told[FILES_MAX]; /* "NAME: why it is skipped" */
    size_t n_told;
};

static void hooks_say(struct hooks *h, enum event_level l, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
hooks_say(struct hooks *h, enum event_level l, const char *fmt, ...)
{
    struct buf b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    h->o.note(h->o.arg, l, buf_text(&b));
    buf_free(&b);
}

/* --- which files --- */

static size_t
told_at(const struct hooks *h, const char *name)
{
    size_t i, n = strlen(name);

    for (i = 0; i < h->n_told; i++)
        if (strncmp(h->told[i], name, n) == 0 && h->told[i][n] == ':')
            break;
    return i;
}

static void
forget_told(struct hooks *h, size_t at)
{
    free(h->told[at]);
    h->told[at] = h->told[--h->n_told];
}

/* Once, until its reason changes. why NULL: nothing is wrong any more. */
static void
tell_skipped(struct hooks *h, const char *name, const char *why)
{
    char *text = why != NULL ? xasprintf("%s: %s", name, why) : NULL;
    size_t at = told_at(h, name);
    bool known =
        at < h->n_told && text != NULL && strcmp(h->told[at], text) == 0;

    if (!known && at < h->n_told)
        forget_told(h, at);
    if (text == NULL || known || h->n_told == FILES_MAX) {
        free(text);
        return;
    }
    h->told[h->n_told++] = text;
    hooks_say(h, EVENT_WARN, "hook %s/%s is skipped: %s", h->dir, name, why);
}

/* Root's own, or of the user that the engine runs as in a test. */
static bool
trusted(const struct stat *sb)
{
    return sb->st_uid == 0 || sb->st_uid == geteuid();
}

static const char *
why_not(const struct stat *sb)
{
    if (!S_ISREG(sb->st_mode))
        return "it is no regular file";
    if (!trusted(sb))
        return "its owner is not root";
    if ((sb->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return "others than root may write it (chmod go-w)";
    if ((sb->st_mode & S_IXUSR) == 0)
        return "it is not executable (chmod u+x)";
    return NULL;
}

/* Editors and package managers leave files behind: they are no hooks. */
static bool
is_debris(const char *name)
{
    size_t n = strlen(name);

    return name[0] == '.' || name[n - 1] == '~' ||
           strstr(name, ".dpkg-") != NULL || strstr(name, ".rpm") != NULL;
}

static int
hooks_by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t
take_names(struct hooks *h, DIR *d, char *name[FILES_MAX])
{
    const struct dirent *de;
    const char *why;
    struct stat sb;
    size_t n = 0;

    while (n < FILES_MAX && (de = readdir(d)) != NULL) {
        if (is_debris(de->d_name) ||
            fstatat(dirfd(d), de->d_name, &sb, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        why = why_not(&sb);
        tell_skipped(h, de->d_name, why);
        if (why == NULL)
            name[n++] = xstrdup(de->d_name);
    }
    qsort(name, n, sizeof(name[0]), hooks_by_name);
    return n;
}

/* Names that the caller frees, in order. */
static size_t
list_hooks(struct hooks *h, char *name[FILES_MAX])
{
    DIR *d = h->dir[0] != '\0' ? opendir(h->dir) : NULL;
    struct stat sb;
    size_t n = 0;

    if (d == NULL)
        return 0;
    if (fstat(dirfd(d), &sb) == 0 &&
        (!trusted(&sb) || (sb.st_mode & (S_IWGRP | S_IWOTH)) != 0))
        tell_skipped(h, ".", "others than root may write the directory");
    else
        n = take_names(h, d, name);
    closedir(d);
    return n;
}

/* --- the environment --- */

static void put_env(struct buf *out, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
put_env(struct buf *out, const char *name, const char *fmt, ...)
{
    va_list ap;

    buf_fmt(out, "XENDECK_%s=", name);
    va_start(ap, fmt);
    buf_vfmt(out, fmt, ap);
    va_end(ap);
    buf_chr(out, '\0');
}

static void
put_domain(const struct event *ev, struct buf *out)
{
    static const uint8_t none[16];
    char uuid[37] = "", domid[16] = "";

    if (memcmp(ev->uuid, none, sizeof(none)) != 0)
        uuid_print_text(ev->uuid, uuid);
    if (ev->name[0] != '\0' && ev->domid != DOM_NO_DOMID)
        text_fmt(domid, sizeof(domid), "%u", ev->domid);
    put_env(out, "DOMID", "%s", domid);
    put_env(out, "NAME", "%s", ev->name);
    put_env(out, "UUID", "%s", uuid);
}

/* Strings one after another, each ended by NUL. */
static void
environment(const struct hooks *h, const struct event *ev, struct buf *out)
{
    bool end = ev->kind == EVENT_OP_END;

    buf_str(out, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                 "/sbin:/bin");
    buf_chr(out, '\0');
    buf_fmt(out, HOOKS_ENV "=%s", h->mark);
    buf_chr(out, '\0');
    put_env(out, "EVENT", "%s", event_kind_name(ev->kind));
    put_domain(ev, out);
    put_env(out, "REASON", "%s", ev->reason);
    put_env(out, "LEVEL", "%s", event_level_name(ev->level));
    put_env(out, "TEXT", "%s", ev->text);
    put_env(out, "WHO", "%s", ev->who);
    put_env(out, "OP", "%s", ev->op != 0 ? op_verb_id(ev->verb) : "");
    put_env(out, "RESULT", "%s", end ? op_state_name(ev->result) : "");
    if (end)
        put_env(out, "DURATION_MS", "%llu",
                (unsigned long long)ev->duration_ms);
    else
        put_env(out, "DURATION_MS", "%s", "");
    put_env(out, "TIME", "%.3f", ev->wall_s);
}

/* --- running --- */

static void run_ended(struct hook_run *r);

static void
hooks_start_next(struct hooks *h)
{
    while (h->n_running < HOOKS_AT_ONCE && !list_empty(&h->queue)) {
        struct hook_run *r = list_entry(h->queue.next, struct hook_run, node);

        list_del(&r->node);
        h->n_queued--;
        list_append(&h->running, &r->node);
        h->n_running++;
        if (hook_run_start(r) < 0)
            run_ended(r);
    }
    if (h->full_told && h->n_queued == 0) {
        h->full_told = false;
        log_line(h->o.log, LOGL_WARN, "hooks: %llu runs were dropped so far",
                 h->dropped);
    }
}

static void
run_ended(struct hook_run *r)
{
    struct hooks *h = r->owner;

    list_del(&r->node);
    h->n_running--;
    if (r->err.code != ERR_NONE) {
        h->failed++;
        hooks_say(h, EVENT_WARN, "hook %s on %s%s%s: %s", r->name, r->what,
                  r->dom[0] != '\0' ? " of " : "", r->dom, r->err.msg);
    } else {
        h->done++;
    }
    hook_run_free(r);
    hooks_start_next(h);
}

static void
hooks_enqueue(struct hooks *h, const char *name, const struct event *ev,
              const struct buf *env)
{
    struct hook_run *r;

    if (h->n_queued == HOOKS_QUEUE_MAX) {
        h->dropped++;
        if (!h->full_told)
            hooks_say(
                h, EVENT_WARN,
                "hooks: %d runs wait already, the rest is dropped until they "
                "have run",
                HOOKS_QUEUE_MAX);
        h->full_told = true;
        return;
    }
    r = xcalloc(1, sizeof(*r));
    r->owner = h;
    r->lp = h->o.lp;
    r->log = h->o.log;
    r->ended = run_ended;
    r->limit_ms = h->o.limit_ms;
    r->out_fd = -1;
    r->path = xasprintf("%s/%s", h->dir, name);
    r->name = strrchr(r->path, '/') + 1;
    r->what = event_kind_name(ev->kind);
    memcpy(r->dom, ev->name, sizeof(r->dom));
    buf_add(&r->env, env->data, env->len);
    list_append(&h->queue, &r->node);
    h->n_queued++;
}

void
hooks_event(struct hooks *h, const struct event *ev)
{
    struct buf env = { 0 };
    char *name[FILES_MAX];
    size_t i, n;

    if (h == NULL || ev->hook || !h->o.enabled(h->o.arg))
        return;
    n = list_hooks(h, name);
    if (n > 0)
        environment(h, ev, &env);
    for (i = 0; i < n; i++) {
        hooks_enqueue(h, name[i], ev, &env);
        free(name[i]);
    }
    buf_free(&env);
    hooks_start_next(h);
}

/* --- */

static void
make_mark(struct hooks *h)
{
    uint8_t bytes[MARK_BYTES];
    size_t i;

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return;
    for (i = 0; i < sizeof(bytes); i++)
        text_fmt(h->mark + 2 * i, sizeof(h->mark) - 2 * i, "%02x", bytes[i]);
}

bool
hooks_started(const struct hooks *h, const char *mark)
{
    return h != NULL && h->mark[0] != '\0' && strcmp(h->mark, mark) == 0;
}

struct hooks *
hooks_new(const struct hooks_opts *o)
{
    struct hooks *h = xcalloc(1, sizeof(*h));

    h->o = *o;
    if (h->o.limit_ms == 0)
        h->o.limit_ms = HOOKS_LIMIT_MS;
    text_fmt(h->dir, sizeof(h->dir), "%s", o->dir != NULL ? o->dir : "");
    make_mark(h);
    list_init(&h->running);
    list_init(&h->queue);
    return h;
}

static void
hooks_free_all(struct list_node *head)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, head)
        hook_run_free(list_entry(it, struct hook_run, node));
}

void
hooks_free(struct hooks *h)
{
    if (h == NULL)
        return;
    hooks_free_all(&h->running);
    hooks_free_all(&h->queue);
    while (h->n_told > 0)
        forget_told(h, 0);
    free(h);
}

bool
hooks_at_work(const struct hooks *h)
{
    return h->n_running + h->n_queued > 0;
}

void
hooks_stats(struct hooks *h, struct hooks_stats *out)
{
    char *name[FILES_MAX];
    size_t i;

    *out = (struct hooks_stats){ 0 };
    if (h == NULL)
        return;
    out->files = list_hooks(h, name);
    for (i = 0; i < out->files; i++)
        free(name[i]);
    out->running = h->n_running;
    out->queued = h->n_queued;
    out->done = h->done;
    out->failed = h->failed;
    out->dropped = h->dropped;
}
