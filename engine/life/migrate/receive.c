/*
 * receive.c - another host is greeted and heard: what comes is a domain, or a
 * question. The domain is made by a creation that is given the connection in
 * the place of a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/config/load.h"
#include "engine/config/xl/xl.h"
#include "engine/guest/guest.h"
#include "engine/life/formats.h"
#include "engine/life/migrate.h"
#include "engine/life/migrate/incoming.h"
#include "engine/life/save/save_restore.h"
#include "engine/saved/saved_file.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define TALK_LIMIT_MS 60000
#define FROM_MAX      224
#define SOURCE        "migration" /* in sentences on its configuration */

struct receive {
    struct task t;
    struct receive_opts o;
    char from[FROM_MAX]; /* for the journal, "": it is not told */
    struct incoming *in; /* NULL: a creation has it */
    struct saved_head head;
    size_t head_bytes; /* 0: not known yet */
};

static struct receive *
receive_of(struct task *t)
{
    return container_of(t, struct receive, t);
}

static enum step_rc
receive_run_greet(struct task *t, struct err *e)
{
    struct receive *r = receive_of(t);

    if (!r->in->offered)
        move_link_put(&r->in->link, MOVE_BANNER, sizeof(MOVE_BANNER) - 1);
    r->in->offered = true;
    return move_link_flush(&r->in->link, e);
}

/* --- what comes --- */

/* The bytes of a header, as a file. */
static int
parse_head(struct receive *r, struct err *e)
{
    const struct buf *got = &r->in->link.got;
    int fd = memfd_create("header", MFD_CLOEXEC), rc;

    if (fd < 0 || fd_write_all(fd, got->data, got->len) < 0 ||
        lseek(fd, 0, SEEK_SET) != 0) {
        rc = err_sys(e, errno, "header of the migration");
    } else {
        rc = saved_offer_read(fd, &r->head, e);
    }
    if (fd >= 0)
        close(fd);
    if (rc < 0 || r->head.note.len == 0)
        return rc;
    r->in->has_note = true;
    return move_note_parse(buf_text(&r->head.note), &r->in->note, e);
}

static enum step_rc
receive_run_head(struct task *t, struct err *e)
{
    struct receive *r = receive_of(t);
    struct move_link *l = &r->in->link;
    enum step_rc rc = move_link_read(l, SAVED_FIRST_BYTES, e);

    if (rc != STEP_DONE)
        return rc;
    if (r->head_bytes == 0 &&
        saved_head_size(l->got.data, &r->head_bytes, e) < 0)
        return STEP_FAIL;
    rc = move_link_read(l, r->head_bytes, e);
    if (rc != STEP_DONE)
        return rc;
    rc = parse_head(r, e) < 0 ? STEP_FAIL : STEP_DONE;
    move_link_used(l);
    return rc;
}

/* --- what follows from it --- */

static void
receive_say(struct receive *r, enum move_answer a, const char *sentence)
{
    struct buf b = { 0 };

    move_answer_print(a, sentence, &b);
    move_link_put(&r->in->link, b.data, b.len);
    move_link_last(&r->in->link);
    buf_free(&b);
}

static struct domain_config *
receive_config(struct receive *r, struct buf *warn, struct err *e)
{
    struct config_src src = {
        .file = SOURCE, .dir = "/", .warn = warn, .e = e
    };
    struct domain_config *c = NULL;
    enum hv_kind kind;

    if (restore_parse(&r->head, &src, &c) < 0)
        return NULL;
    kind = guest_type_of(c)->hv;
    if (restore_check_name(r->t.en, c, e) == 0 &&
        (!r->in->has_note ||
         incoming_check_host(r->t.en, &r->in->note, kind, e) == 0))
        return c;
    config_free(c);
    return NULL;
}

/* The creation has the connection from here on. */
static int
receive_begin(struct receive *r, struct err *e)
{
    struct create_opts o = { .paused = r->o.paused, .incoming = r->in };
    struct create_from from = { .fd =
                                    fcntl(r->in->link.in, F_DUPFD_CLOEXEC, 3) };
    struct domain_config *c;
    struct buf warn = { 0 };

    if (from.fd < 0)
        return err_sys(e, errno, "connection to the other host");
    c = receive_config(r, &warn, e);
    if (c == NULL) {
        close(from.fd);
        buf_free(&warn);
        return -1;
    }
    r->in->ask = r->head.ask;
    r->in->offered = false;
    if (!r->in->ask)
        formats_warn(r->t.en, c->name, &warn);
    if (!r->in->ask && r->from[0] != '\0')
        event_add_for(r->t.en, EVENT_ENGINE, EVENT_INFO, DOM_NO_DOMID, c->name,
                      "comes from %s", r->from);
    buf_free(&warn);
    r->in = NULL;
    r->t.op->next = create_begin_from(r->t.en, c, &from, &o);
    return 0;
}

static enum step_rc
receive_run_begin(struct task *t, struct err *e)
{
    struct receive *r = receive_of(t);

    if (r->head.ask && !r->in->has_note) {
        err_set(e, ERR_INVALID, "the other host asks nothing");
        return STEP_FAIL;
    }
    if (r->head.ask && r->in->note.what == MOVE_SETTLE) {
        receive_say(r, incoming_settle(t->en, r->in->note.id), NULL);
        return STEP_DONE;
    }
    if (receive_begin(r, e) == 0)
        return STEP_DONE;
    if (!r->head.ask)
        return STEP_FAIL;
    receive_say(r, MOVE_NO, e->msg);
    err_clear(e);
    return STEP_DONE;
}

static const struct step receive_steps[] = {
    { .id = "greet",
      .label = "greet the other host",
      .run = receive_run_greet,
      .timeout_ms = TALK_LIMIT_MS,
      .cancellable = true },
    { .id = "head",
      .label = "hear what comes",
      .run = receive_run_head,
      .timeout_ms = TALK_LIMIT_MS,
      .cancellable = true },
    { .id = "begin", .label = "begin", .run = receive_run_begin },
};

static void
receive_free(struct task *t)
{
    struct receive *r = receive_of(t);

    incoming_free(r->in);
    saved_head_fini(&r->head);
    free(r);
}

static const struct task_type receive_type = {
    .steps = receive_steps,
    .n_steps = sizeof(receive_steps) / sizeof(receive_steps[0]),
    .free = receive_free
};

int
engine_receive(struct engine *en, int in_fd, int out_fd,
               const struct receive_opts *o, uint64_t *op_out, struct err *e)
{
    struct receive *r = xcalloc(1, sizeof(*r));
    int in = fcntl(in_fd, F_DUPFD_CLOEXEC, 3);
    int out = fcntl(out_fd, F_DUPFD_CLOEXEC, 3);
    uint64_t op;

    if (o != NULL)
        r->o = *o;
    text_fmt(r->from, sizeof(r->from), "%s",
             r->o.from != NULL ? r->o.from : "");
    r->o.from = NULL; /* borrowed */
    r->t.en = en;
    r->in = xcalloc(1, sizeof(*r->in));
    move_link_init(&r->in->link, &r->t);
    if (move_link_take(&r->in->link, in, out, e) < 0) {
        receive_free(&r->t);
        return -1;
    }
    op = task_begin(en, &r->t, &receive_type, OP_RECEIVE, NULL, "incoming");
    if (op_out != NULL)
        *op_out = op;
    return 0;
}
