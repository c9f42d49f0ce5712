/*
 * dm_setup.c - what is asked of a model and set once it runs: the address of
 * its screen, the password of that, the terminals of its serial ports. A
 * password is given over the control socket alone: it is in no argument, log or
 * node.
 */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "engine/dm/dm_int.h"
#include "engine/dm/dm_setup.h"
#include "src/base/xalloc.h"

#define PORTS_MAX 4 /* of a PC */
#define RETRY_MS  100

struct dm_setup {
    struct dm_start *s;
    struct model *m;
    struct dm_setup_want want;           /* its passwords are our own */
    char *vnc_password, *spice_password; /* NULL: none, or it is set */
    bool alive;                          /* confined: it has answered */
    struct loop_timer retry;
    size_t at;
    bool asked, answered;
    struct err err;
    struct qmp_cmd cmd;
};

struct setup_stage {
    const char *name;
    bool (*wanted)(const struct dm_setup *u);
    struct json_object *(*args)(struct dm_setup *u);
    /* ret: borrowed. -1 with *e. */
    int (*take)(struct dm_setup *u, struct json_object *ret, struct err *e);
};

/* --- the screen --- */

static bool
setup_has_screen(const struct dm_setup *u)
{
    return u->want.screen;
}

static int
setup_put(const struct dm_setup *u, const char *rest, const char *value,
          struct err *e)
{
    char path[96];

    store_path(path, sizeof(path), "/local/domain/%u/%s", u->s->domid, rest);
    return store_write(engine_store(u->m->en), 0, path, value, e);
}

static int
setup_take_screen(struct dm_setup *u, struct json_object *ret, struct err *e)
{
    const char *host = qmp_text(ret, "host"), *port = qmp_text(ret, "service");
    unsigned long long n;
    char text[16], safe[128];

    if (host == NULL || port == NULL || !text_u64(port, 1, 65535, &n))
        return err_set(e, ERR_INVALID,
                       "its device model does not say where its screen is");
    (void)text_safe(safe, sizeof(safe), host, strlen(host));
    text_fmt(text, sizeof(text), "%llu", n);
    u->m->port = (unsigned)n;
    return setup_put(u, "console/vnc-listen", safe, e) < 0 ||
                   setup_put(u, "console/vnc-port", text, e) < 0
               ? -1
               : 0;
}

/* --- passwords --- */

static void
setup_forget(char **password)
{
    if (*password != NULL)
        explicit_bzero(*password, strlen(*password));
    free(*password);
    *password = NULL;
}

static bool
setup_has_vnc_password(const struct dm_setup *u)
{
    return u->vnc_password != NULL;
}

static struct json_object *
setup_vnc_password(struct dm_setup *u)
{
    struct json_object *args = json_object_new_object();

    json_object_object_add(args, "password",
                           json_object_new_string(u->vnc_password));
    return args;
}

static int
setup_vnc_password_set(struct dm_setup *u, struct json_object *ret,
                       struct err *e)
{
    (void)ret;
    (void)e;
    setup_forget(&u->vnc_password);
    return 0;
}

static bool
setup_has_spice_password(const struct dm_setup *u)
{
    return u->spice_password != NULL;
}

static struct json_object *
setup_spice_password(struct dm_setup *u)
{
    struct json_object *args = json_object_new_object();

    json_object_object_add(args, "protocol", json_object_new_string("spice"));
    json_object_object_add(args, "password",
                           json_object_new_string(u->spice_password));
    return args;
}

static int
setup_spice_password_set(struct dm_setup *u, struct json_object *ret,
                         struct err *e)
{
    (void)ret;
    (void)e;
    setup_forget(&u->spice_password);
    return 0;
}

/* --- one that waits --- */

static bool
setup_waits(const struct dm_setup *u)
{
    return u->want.waits;
}

static int
setup_goes_on(struct dm_setup *u, struct json_object *ret, struct err *e)
{
    (void)u;
    (void)ret;
    (void)e;
    return 0;
}

/* --- serial ports --- */

static bool
setup_has_ports(const struct dm_setup *u)
{
    return u->want.ports;
}

/* Nothing but a terminal below /dev/pts is believed. */
static int
setup_take_port(struct dm_setup *u, struct json_object *chardev, struct err *e)
{
    static const char prefix[] = "pty:/dev/pts/";
    const char *label = qmp_text(chardev, "label");
    const char *file = qmp_text(chardev, "filename");
    unsigned long long port, pts;
    char node[32], tty[32];

    if (label == NULL || file == NULL || strncmp(label, "serial", 6) != 0 ||
        !text_u64(label + 6, 0, PORTS_MAX - 1, &port) ||
        strncmp(file, prefix, sizeof(prefix) - 1) != 0 ||
        !text_u64(file + sizeof(prefix) - 1, 0, 1U << 20, &pts))
        return 0;
    text_fmt(node, sizeof(node), "serial/%llu/tty", port);
    text_fmt(tty, sizeof(tty), "/dev/pts/%llu", pts);
    return setup_put(u, node, tty, e);
}

static int
setup_take_ports(struct dm_setup *u, struct json_object *ret, struct err *e)
{
    size_t i, n;

    if (!json_object_is_type(ret, json_type_array))
        return 0;
    n = json_object_array_length(ret);
    for (i = 0; i < n && i < 64; i++)
        if (setup_take_port(u, json_object_array_get_idx(ret, i), e) < 0)
            return -1;
    return 0;
}

/* --- one after the other --- */

static const struct setup_stage stages[] = {
    { "query-chardev", setup_has_ports, NULL, setup_take_ports },
    { "query-vnc", setup_has_screen, NULL, setup_take_screen },
    { "change-vnc-password", setup_has_vnc_password, setup_vnc_password,
      setup_vnc_password_set },
    { "set_password", setup_has_spice_password, setup_spice_password,
      setup_spice_password_set },
    { "cont", setup_waits, NULL, setup_goes_on },
};

#define STAGES (sizeof(stages) / sizeof(stages[0]))

static void
setup_answered(struct qmp_cmd *c, struct json_object *ret, const struct err *e)
{
    struct dm_setup *u = container_of(c, struct dm_setup, cmd);

    u->answered = true;
    if (ret == NULL)
        u->err = *e;
    else
        (void)stages[u->at].take(u, ret, &u->err);
    task_wake(u->s->task);
}

void
dm_setup_init(struct dm_start *s, const struct dm_setup_want *want)
{
    struct dm_setup *u = xcalloc(1, sizeof(*u));

    s->setup = u;
    u->s = s;
    u->want = *want;
    u->want.vnc_password = u->want.spice_password = NULL;
    if (want->vnc_password != NULL)
        u->vnc_password = xstrdup(want->vnc_password);
    if (want->spice_password != NULL)
        u->spice_password = xstrdup(want->spice_password);
}

static void
setup_retry_due(struct loop_timer *lt)
{
    task_wake(container_of(lt, struct dm_setup, retry)->s->task);
}

/* Its socket comes a moment after its start, and a state that it goes on from
 * takes it another. */
static void
setup_alive(struct qmp_cmd *c, struct json_object *ret, const struct err *e)
{
    struct dm_setup *u = container_of(c, struct dm_setup, cmd);
    const char *status = ret != NULL ? qmp_text(ret, "status") : NULL;

    (void)e;
    u->alive = status != NULL && strcmp(status, "inmigrate") != 0;
    loop_timer_arm(engine_loop(u->m->en), &u->retry, u->alive ? 0 : RETRY_MS,
                   setup_retry_due);
}

enum step_rc
dm_setup_answers(struct dm_start *s, struct model *m)
{
    struct dm_setup *u = s->setup;

    u->m = m;
    if (u->alive)
        return STEP_DONE;
    if (u->cmd.q == NULL && !loop_timer_active(&u->retry))
        qmp_send(&m->qmp, &u->cmd, "query-status", NULL, QMP_LIMIT_MS,
                 setup_alive);
    return STEP_WAIT;
}

enum step_rc
dm_setup_run(struct dm_start *s, struct model *m, struct err *e)
{
    struct dm_setup *u = s->setup;
    const struct setup_stage *st;

    u->m = m;
    for (; u->at < STAGES; u->at++, u->asked = u->answered = false) {
        st = &stages[u->at];
        if (!st->wanted(u) && !u->asked)
            continue;
        if (!u->asked) {
            u->asked = true;
            qmp_send(&m->qmp, &u->cmd, st->name,
                     st->args != NULL ? st->args(u) : NULL, QMP_LIMIT_MS,
                     setup_answered);
        }
        if (!u->answered)
            return STEP_WAIT;
        if (u->err.code != ERR_NONE) {
            *e = u->err;
            return STEP_FAIL;
        }
    }
    return STEP_DONE;
}

void
dm_setup_fini(struct dm_start *s)
{
    struct dm_setup *u = s->setup;

    if (u == NULL)
        return;
    qmp_cancel(&u->cmd);
    loop_timer_del(&u->retry);
    setup_forget(&u->vnc_password);
    setup_forget(&u->spice_password);
    free(u);
    s->setup = NULL;
}
