/*
 * sim_qmp.c - the control socket of a simulated device model: one client is
 * served at a time, the others wait for their greeting. It knows the commands
 * that a toolstack gives, and refuses in QEMU's words.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <json-c/json.h>

#include "engine/sim/dom0/sim_model.h"
#include "src/base/xalloc.h"

#define CLIENTS_MAX 3 /* served, and two in the queue of listen(2) */
#define GREETING                                                               \
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, "        \
    "\"major\": 7}, \"package\": \"sim\"}, \"capabilities\": [\"oob\"]}}\r\n"

struct sim_client {
    struct sim_model *m;
    int fd;
    bool greeted, negotiated;
    struct loop_fd lf;
    struct loop_timer tm;
    struct buf in, out;
    struct list_node node;
};

struct sim_answer {
    struct json_object *ret;
    const char *class; /* of a refusal, NULL: none */
    char desc[300];
    char event[32]; /* comes before the answer, "" none */
    bool ends;
};

/* --- commands --- */

static const char *
sim_qmp_text(struct json_object *args, const char *key)
{
    struct json_object *v = NULL;

    if (args == NULL || !json_object_object_get_ex(args, key, &v))
        return "";
    return json_object_get_string(v);
}

static void
sim_qmp_refuse(struct sim_answer *a, const char *class, const char *fmt,
               const char *what)
{
    a->class = class;
    (void)snprintf(a->desc, sizeof(a->desc), "%.40s%.200s", fmt, what);
}

static void
sim_qmp_status(struct sim_model *m, struct json_object *args,
               struct sim_answer *a)
{
    (void)args;
    json_object_object_add(
        a->ret, "status",
        json_object_new_string(m->stopped ? "paused" : "running"));
    json_object_object_add(a->ret, "running",
                           json_object_new_boolean(!m->stopped));
}

static void
sim_qmp_stop(struct sim_model *m, struct json_object *args,
             struct sim_answer *a)
{
    (void)args;
    if (!m->stopped)
        text_fmt(a->event, sizeof(a->event), "STOP");
    m->stopped = true;
}

/* As QEMU: an image that was opened for reading is opened anew for writing when
 * a restored guest goes on, and a confined model cannot. */
static const char *
sim_qmp_reopens(const struct sim_model *m)
{
    const char *s, *file, *end = m->args.data + m->args.len;

    for (s = m->args.data; m->goes_on && s != NULL && s < end;
         s += strlen(s) + 1) {
        file = strstr(s, "file=/");
        if (file != NULL && strstr(s, "readonly=on") == NULL &&
            strstr(s, ",auto-read-only=off") == NULL)
            return file + 5;
    }
    return NULL;
}

static bool
sim_qmp_confined(const struct sim_model *m)
{
    return sim_model_has_root(m);
}

static void
sim_qmp_cont(struct sim_model *m, struct json_object *args,
             struct sim_answer *a)
{
    (void)args;
    if (sim_qmp_confined(m) && sim_qmp_reopens(m) != NULL) {
        sim_qmp_refuse(a, "GenericError", "Could not open ",
                       sim_qmp_reopens(m));
        return;
    }
    if (m->stopped)
        text_fmt(a->event, sizeof(a->event), "RESUME");
    m->stopped = false;
}

static void
sim_qmp_quit(struct sim_model *m, struct json_object *args,
             struct sim_answer *a)
{
    (void)m;
    (void)args;
    a->ends = true;
}

/* "127.0.0.1:0,to=99" */
static void
sim_qmp_vnc(struct sim_model *m, struct json_object *args, struct sim_answer *a)
{
    const char *vnc = sim_model_arg(m, "-vnc"), *colon;
    char host[128], port[16], tls[24] = "", auth[32];

    (void)args;
    colon = vnc != NULL ? strrchr(vnc, ':') : NULL;
    json_object_object_add(a->ret, "enabled",
                           json_object_new_boolean(colon != NULL));
    if (colon == NULL)
        return;
    text_fmt(host, sizeof(host), "%.*s", (int)(colon - vnc), vnc);
    text_fmt(port, sizeof(port), "%u", m->vnc_port);
    json_object_object_add(a->ret, "host", json_object_new_string(host));
    json_object_object_add(a->ret, "service", json_object_new_string(port));
    if (strstr(vnc, ",tls-creds=") != NULL)
        text_fmt(tls, sizeof(tls), "vencrypt+%s+",
                 strstr(sim_model_arg(m, "-object"), "x509") != NULL ? "x509"
                                                                     : "tls");
    text_fmt(auth, sizeof(auth), "%s%s", tls,
             strstr(vnc, "password=on") != NULL ? "vnc" : "none");
    json_object_object_add(a->ret, "auth", json_object_new_string(auth));
}

static void
sim_qmp_password(struct sim_model *m, struct json_object *args,
                 struct sim_answer *a)
{
    const char *vnc = sim_model_arg(m, "-vnc");

    if (vnc == NULL || strstr(vnc, "password=on") == NULL)
        sim_qmp_refuse(a, "GenericError", "Could not set password", "");
    else
        text_fmt(m->password, sizeof(m->password), "%.8s",
                 sim_qmp_text(args, "password"));
}

static bool
sim_qmp_has_drive(const struct sim_model *m, const char *id)
{
    const char *s, *end = m->args.data + m->args.len;
    char want[64];

    text_fmt(want, sizeof(want), ",id=%.40s,", id);
    for (s = m->args.data; s != NULL && s < end; s += strlen(s) + 1)
        if (strncmp(s, "ide-cd,", 7) == 0 && strstr(s, want) != NULL)
            return true;
    return false;
}

static void
sim_qmp_eject(struct sim_model *m, struct json_object *args,
              struct sim_answer *a)
{
    const char *id = sim_qmp_text(args, "id");

    if (!sim_qmp_has_drive(m, id))
        sim_qmp_refuse(a, "DeviceNotFound", "No such device: ", id);
    else
        m->medium[0] = '\0';
}

/* What the descriptor leads to, which must be readable alone: QEMU compares the
 * ways in which it is open. */
static void
sim_qmp_medium_handed(struct sim_model *m, const char *file,
                      struct sim_answer *a)
{
    char self[48];
    ssize_t n;

    text_fmt(self, sizeof(self), "/proc/self/fd/%d", m->fdset);
    n = m->fdset >= 0 ? readlink(self, m->medium, sizeof(m->medium) - 1) : -1;
    if (n < 0 || (fcntl(m->fdset, F_GETFL) & O_ACCMODE) != O_RDONLY) {
        m->medium[0] = '\0';
        sim_qmp_refuse(a, "GenericError", "Could not dup FD for ", file);
    } else {
        m->medium[n] = '\0';
    }
}

static void
sim_qmp_medium(struct sim_model *m, struct json_object *args,
               struct sim_answer *a)
{
    const char *id = sim_qmp_text(args, "id");
    const char *file = sim_qmp_text(args, "filename");

    if (!sim_qmp_has_drive(m, id))
        sim_qmp_refuse(a, "DeviceNotFound", "No such device: ", id);
    else if (strncmp(file, "/dev/fdset/", 11) == 0)
        sim_qmp_medium_handed(m, file, a);
    else if (sim_qmp_confined(m) ||
             (strncmp(file, "/dev/", 5) != 0 && access(file, R_OK) < 0))
        sim_qmp_refuse(a, "GenericError", "Could not open ", file);
    else
        text_fmt(m->medium, sizeof(m->medium), "%s", file);
}

static void
sim_qmp_add_fd(struct sim_model *m, struct json_object *args,
               struct sim_answer *a)
{
    (void)args;
    if (m->fdset < 0)
        sim_qmp_refuse(a, "GenericError", "No file descriptor supplied", "");
    else
        json_object_object_add(a->ret, "fdset-id", json_object_new_int(0));
}

/* To the descriptor of an fd set, or to a path. As QEMU: only one that is open
 * for writing alone. */
static void
sim_qmp_save(struct sim_model *m, struct json_object *args,
             struct sim_answer *a)
{
    const char *file = sim_qmp_text(args, "filename");
    bool set = strncmp(file, "/dev/fdset/", 11) == 0;
    int fd = set ? m->fdset
                 : open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

    if (fd < 0 || (set && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_WRONLY) ||
        write(fd, SIM_STATE, SIM_STATE_LEN) != SIM_STATE_LEN)
        sim_qmp_refuse(a, "GenericError", "Unable to open ", file);
    if (fd >= 0 && !set)
        close(fd);
}

static void
sim_qmp_notes(struct sim_model *m, struct json_object *args,
              struct sim_answer *a)
{
    struct json_object *v = NULL;

    if (args == NULL || !json_object_object_get_ex(args, "enable", &v))
        sim_qmp_refuse(a, "GenericError", "Parameter 'enable' is missing", "");
    else
        m->notes = json_object_get_boolean(v);
}

static void
sim_qmp_remove_fd(struct sim_model *m, struct json_object *args,
                  struct sim_answer *a)
{
    (void)args;
    if (m->fdset < 0) {
        sim_qmp_refuse(a, "GenericError", "File descriptor not found", "");
        return;
    }
    close(m->fdset);
    m->fdset = -1;
}

/* Guests of the sim have PV consoles alone. */
static void
sim_qmp_chardevs(struct sim_model *m, struct json_object *args,
                 struct sim_answer *a)
{
    (void)m;
    (void)args;
    json_object_put(a->ret);
    a->ret = json_object_new_array();
}

static void
sim_qmp_nothing(struct sim_model *m, struct json_object *args,
                struct sim_answer *a)
{
    (void)m;
    (void)args;
    (void)a;
}

static void
sim_qmp_plug(struct sim_model *m, struct json_object *args,
             struct sim_answer *a)
{
    const char *class = "", *why = sim_plug_add(m, args, &class);

    if (why != NULL)
        sim_qmp_refuse(a, class, "", why);
}

static void
sim_qmp_unplug(struct sim_model *m, struct json_object *args,
               struct sim_answer *a)
{
    const char *class = "", *why = sim_plug_del(m, args, &class);

    if (why != NULL)
        sim_qmp_refuse(a, class, "", why);
}

static void
sim_qmp_pci(struct sim_model *m, struct json_object *args, struct sim_answer *a)
{
    (void)args;
    json_object_put(a->ret);
    a->ret = sim_plug_list(m);
}

static const struct {
    const char *name;
    void (*run)(struct sim_model *m, struct json_object *args,
                struct sim_answer *a);
} sim_qmp_commands[] = {
    { "query-status", sim_qmp_status },
    { "query-vnc", sim_qmp_vnc },
    { "query-chardev", sim_qmp_chardevs },
    { "set_password", sim_qmp_nothing },
    { "stop", sim_qmp_stop },
    { "cont", sim_qmp_cont },
    { "quit", sim_qmp_quit },
    { "change-vnc-password", sim_qmp_password },
    { "eject", sim_qmp_eject },
    { "blockdev-change-medium", sim_qmp_medium },
    { "add-fd", sim_qmp_add_fd },
    { "remove-fd", sim_qmp_remove_fd },
    { "xen-save-devices-state", sim_qmp_save },
    { "xen-set-global-dirty-log", sim_qmp_notes },
    { "device_add", sim_qmp_plug },
    { "device_del", sim_qmp_unplug },
    { "query-pci", sim_qmp_pci },
    { "system_powerdown", sim_qmp_nothing },
    { "inject-nmi", sim_qmp_nothing },
};

/* What came along with a command that fails is closed with it. */
static void
sim_qmp_drop_fd(struct sim_model *m, const char *name)
{
    if (strcmp(name, "add-fd") != 0 || m->fdset < 0)
        return;
    close(m->fdset);
    m->fdset = -1;
}

static void
sim_qmp_run(struct sim_model *m, const char *name, struct json_object *args,
            struct sim_answer *a)
{
    struct err e = { 0 };
    size_t i;

    if (sim_call(m->s, SIM_DM_QMP, &e) < 0) {
        sim_qmp_drop_fd(m, name);
        sim_qmp_refuse(a, e.sys == ETIMEDOUT ? "" : "GenericError", "", e.msg);
        return;
    }
    for (i = 0; i < sizeof(sim_qmp_commands) / sizeof(sim_qmp_commands[0]); i++)
        if (strcmp(name, sim_qmp_commands[i].name) == 0) {
            sim_qmp_commands[i].run(m, args, a);
            return;
        }
    sim_qmp_refuse(a, "CommandNotFound", "The command is not known: ", name);
}

/* --- clients --- */

static void sim_qmp_ready(struct loop_fd *lf, unsigned ready);

static void
sim_client_free(struct sim_client *c)
{
    loop_fd_del(&c->lf);
    loop_timer_del(&c->tm);
    list_del(&c->node);
    close(c->fd);
    buf_free(&c->in);
    buf_free(&c->out);
    free(c);
}

static void
sim_client_flush(struct loop_timer *lt)
{
    struct sim_client *c = container_of(lt, struct sim_client, tm);

    if (c->m->hung)
        return;
    if (send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL) >= 0)
        buf_clear(&c->out);
}

static void
sim_client_says(struct sim_client *c, const char *text)
{
    uint64_t delay = c->m->s->delay_ms[SIM_DELAY_QMP];

    buf_str(&c->out, text);
    if (delay == 0)
        sim_client_flush(&c->tm);
    else
        loop_timer_arm(c->m->s->lp, &c->tm, delay, sim_client_flush);
}

static void
sim_client_answer(struct sim_client *c, struct sim_answer *a,
                  struct json_object *id)
{
    struct json_object *o = json_object_new_object(), *error;

    if (a->event[0] != '\0') {
        char text[96];

        text_fmt(text, sizeof(text), "{\"event\": \"%s\"}\r\n", a->event);
        sim_client_says(c, text);
    }
    if (a->class != NULL) {
        error = json_object_new_object();
        json_object_object_add(error, "class",
                               json_object_new_string(a->class));
        json_object_object_add(error, "desc", json_object_new_string(a->desc));
        json_object_object_add(o, "error", error);
    } else {
        json_object_object_add(o, "return", json_object_get(a->ret));
    }
    if (id != NULL)
        json_object_object_add(o, "id", json_object_get(id));
    sim_client_says(c, json_object_to_json_string(o));
    sim_client_says(c, "\r\n");
    json_object_put(o);
}

static void
sim_client_command(struct sim_client *c, struct json_object *msg)
{
    struct json_object *args = NULL, *id = NULL;
    const char *name = sim_qmp_text(msg, "execute");
    struct sim_answer a = { .ret = json_object_new_object() };

    (void)json_object_object_get_ex(msg, "arguments", &args);
    (void)json_object_object_get_ex(msg, "id", &id);
    if (strcmp(name, "qmp_capabilities") == 0)
        c->negotiated = true;
    else if (!c->negotiated)
        sim_qmp_refuse(&a, "CommandNotFound",
                       "Expecting capabilities negotiation", "");
    else
        sim_qmp_run(c->m, name, args, &a);
    if (a.class == NULL || a.class[0] != '\0') /* else it says nothing */
        sim_client_answer(c, &a, id);
    json_object_put(a.ret);
    if (a.ends)
        sim_model_quit(c->m);
}

static void
sim_client_lines(struct sim_client *c)
{
    struct json_object *msg;
    char *end;

    while (!c->m->hung && c->in.len > 0 &&
           (end = memchr(c->in.data, '\n', c->in.len)) != NULL) {
        *end = '\0';
        msg = json_tokener_parse(c->in.data);
        buf_consume(&c->in, (size_t)(end - c->in.data) + 1);
        if (msg != NULL)
            sim_client_command(c, msg);
        json_object_put(msg);
    }
}

static void
sim_client_greet(struct sim_model *m)
{
    struct sim_client *c;

    if (list_empty(&m->clients) || m->hung || !m->begun)
        return;
    c = list_entry(m->clients.next, struct sim_client, node);
    if (!c->greeted)
        sim_client_says(c, GREETING);
    c->greeted = true;
    sim_client_lines(c);
}

/* A descriptor that comes along is kept as the fd set. The iovec writes to
 * bytes: NOLINTBEGIN(readability-non-const-parameter) */
static ssize_t
sim_client_recv(struct sim_client *c, char *bytes, size_t n)
{
    /* NOLINTEND(readability-non-const-parameter) */
    char ctl[CMSG_SPACE(sizeof(int))];
    struct iovec iov = { bytes, n };
    struct msghdr mh = { .msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = ctl,
                         .msg_controllen = sizeof(ctl) };
    ssize_t got = recvmsg(c->fd, &mh, MSG_CMSG_CLOEXEC);
    struct cmsghdr *cm = got > 0 ? CMSG_FIRSTHDR(&mh) : NULL;

    if (cm != NULL && cm->cmsg_type == SCM_RIGHTS) {
        if (c->m->fdset >= 0)
            close(c->m->fdset);
        memcpy(&c->m->fdset, CMSG_DATA(cm), sizeof(int));
    }
    return got;
}

static void
sim_qmp_ready(struct loop_fd *lf, unsigned ready)
{
    struct sim_client *c = container_of(lf, struct sim_client, lf);
    struct sim_model *m = c->m;
    char bytes[4096];
    ssize_t n = sim_client_recv(c, bytes, sizeof(bytes));

    (void)ready;
    if (n > 0) {
        buf_add(&c->in, bytes, (size_t)n);
        if (c->greeted)
            sim_client_lines(c);
        return;
    }
    if (n < 0 && errno == EAGAIN)
        return;
    sim_client_free(c);
    sim_client_greet(m); /* the next one's turn */
}

int
sim_qmp_connect(struct sim_model *m, int *fd_out, struct err *e)
{
    struct list_node *it;
    struct sim_client *c;
    unsigned n = 0;
    int fds[2];

    list_foreach (it, &m->clients)
        n++;
    if (n == CLIENTS_MAX)
        return err_set(e, ERR_AGAIN, "qmp-xendeck-%u is busy", m->domid);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                   fds) < 0)
        return err_sys(e, errno, "control socket");
    c = xcalloc(1, sizeof(*c));
    *c = (struct sim_client){ .m = m, .fd = fds[1] };
    (void)loop_fd_add(m->s->lp, &c->lf, c->fd, LOOP_READ, sim_qmp_ready);
    list_append(&m->clients, &c->node);
    sim_client_greet(m);
    *fd_out = fds[0];
    return 0;
}

void
sim_qmp_wake(struct sim_model *m)
{
    struct list_node *it;

    list_foreach (it, &m->clients) {
        struct sim_client *c = list_entry(it, struct sim_client, node);

        if (c->out.len > 0)
            loop_timer_arm(m->s->lp, &c->tm, 0, sim_client_flush);
    }
    sim_client_greet(m);
}

void
sim_qmp_close(struct sim_model *m)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &m->clients)
        sim_client_free(list_entry(it, struct sim_client, node));
}
