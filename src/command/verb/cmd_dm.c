/*
 * cmd_dm.c - verbs about device models: the address of a screen, a command of
 * QMP for experts, a CD.
 */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "engine/api/api_models.h"
#include "src/base/xalloc.h"
#include "src/command/call.h"
#include "src/command/family.h"
#include "src/command/job.h"

#define JSON_LEVELS 16
#define SHOWN_MAX   (256U << 10)

/* --- a command under way --- */

struct model_job {
    struct cmd_job job;
    struct model_query query;
    void (*print)(struct engine *en, struct json_object *ret, struct buf *out);
};

static void
model_job_free(struct cmd_job *j)
{
    struct model_job *mj = container_of(j, struct model_job, job);

    engine_model_drop(&mj->query);
    free(mj);
}

static void
model_job_done(struct model_query *q, struct json_object *ret,
               const struct err *e)
{
    struct model_job *mj = container_of(q, struct model_job, query);

    if (mj->job.over)
        return;
    if (ret != NULL)
        mj->print(mj->job.en, ret, &mj->job.out);
    else
        mj->job.e = *e;
    cmd_job_end(&mj->job, ret != NULL ? CMD_OK : CMD_ERROR);
}

/* args: taken. */
static enum cmd_rc
model_ask(struct cmd_ctx *ctx, const char *command, struct json_object *args,
          void (*print)(struct engine *en, struct json_object *ret,
                        struct buf *out))
{
    static const struct cmd_job_ops ops = { .free = model_job_free };
    struct model_job *mj = xcalloc(1, sizeof *mj);

    mj->print = print;
    mj->query.done = model_job_done;
    if (engine_model_ask(ctx->en, ctx->dom_id, &mj->query, command, args,
                         ctx->e) < 0) {
        free(mj);
        return CMD_ERROR;
    }
    return cmd_job_start(ctx, &mj->job, &ops);
}

/* --- qmp --- */

/* What the model says may be what a guest wishes to be seen. */
static void
print_json(struct engine *en, struct json_object *ret, struct buf *out)
{
    const char *s = json_object_to_json_string_ext(
        ret, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                 JSON_C_TO_STRING_NOSLASHESCAPE);
    size_t n;

    (void)en;
    for (; *s != '\0'; s += n + (s[n] == '\n')) {
        n = strcspn(s, "\n");
        buf_safe(out, s, n);
        buf_chr(out, '\n');
        if (out->len > SHOWN_MAX) {
            buf_str(out, "... (more than is shown)\n");
            return;
        }
    }
}

static struct json_object *
qmp_parse(const char *text)
{
    struct json_tokener *tok = json_tokener_new_ex(JSON_LEVELS);
    size_t n = strlen(text);
    struct json_object *o =
        tok != NULL ? json_tokener_parse_ex(tok, text, (int)n) : NULL;
    bool whole = tok != NULL && json_tokener_get_parse_end(tok) == n;

    json_tokener_free(tok);
    if (whole)
        return o;
    json_object_put(o);
    return NULL;
}

/* Xen's virtual CPUs are none of QEMU's: it would reset the devices of a guest
 * that runs on, as a command of its own and of the monitor that people type at.
 * args: borrowed. */
static bool
qmp_resets(const char *command, struct json_object *args)
{
    struct json_object *line = NULL;
    const char *s;

    if (strcmp(command, "human-monitor-command") == 0 &&
        json_object_object_get_ex(args, "command-line", &line) &&
        json_object_is_type(line, json_type_string))
        command = json_object_get_string(line);
    s = command + strspn(command, " \t");
    return strncmp(s, "system_reset", 12) == 0 &&
           (s[12] == '\0' || s[12] == ' ');
}

/* args: taken. */
static enum cmd_rc
qmp_ask(struct cmd_ctx *ctx, const char *command, struct json_object *args)
{
    if (!qmp_resets(command, args))
        return model_ask(ctx, command, args, print_json);
    json_object_put(args);
    err_set(ctx->e, ERR_DENIED,
            "qmp: system_reset would reset the devices alone, under a guest "
            "that runs on: use the verb reset");
    return CMD_ERROR;
}

/* "KEY=VALUE": a number, true, false or JSON as that, else a text. */
static bool
qmp_add_word(struct json_object *args, const char *word)
{
    const char *eq = strchr(word, '=');
    struct json_object *v;
    char key[64];

    if (eq == NULL || eq == word || (size_t)(eq - word) >= sizeof key)
        return false;
    text_fmt(key, sizeof key, "%.*s", (int)(eq - word), word);
    v = qmp_parse(eq + 1);
    json_object_object_add(args, key,
                           v != NULL ? v : json_object_new_string(eq + 1));
    return true;
}

static enum cmd_rc
qmp_words(struct cmd_ctx *ctx)
{
    struct json_object *args = json_object_new_object();
    int i;

    for (i = 1; i < ctx->argc; i++)
        if (!qmp_add_word(args, ctx->argv[i])) {
            json_object_put(args);
            return cmd_usage(ctx, ctx->argv[i]);
        }
    return qmp_ask(ctx, ctx->argv[0], args);
}

/* {"execute": "query-block", "arguments": {...}} */
static enum cmd_rc
qmp_json(struct cmd_ctx *ctx, const char *text)
{
    struct json_object *o = qmp_parse(text), *name = NULL, *args = NULL;
    enum cmd_rc rc;

    if (json_object_is_type(o, json_type_object)) {
        (void)json_object_object_get_ex(o, "execute", &name);
        (void)json_object_object_get_ex(o, "arguments", &args);
    }
    if (!json_object_is_type(name, json_type_string)) {
        json_object_put(o);
        err_set(ctx->e, ERR_INVALID,
                "qmp: this is no command: give {\"execute\": \"COMMAND\", "
                "\"arguments\": {...}}, or COMMAND KEY=VALUE ...");
        return CMD_USAGE;
    }
    rc = qmp_ask(ctx, json_object_get_string(name), json_object_get(args));
    json_object_put(o);
    return rc;
}

static enum cmd_rc
exec_qmp(struct cmd_ctx *ctx)
{
    struct buf text = { 0 };
    enum cmd_rc rc;

    if (ctx->argv[0][0] != '{')
        return qmp_words(ctx);
    ctx_join(ctx, 0, &text);
    rc = qmp_json(ctx, buf_text(&text));
    buf_free(&text);
    return rc;
}

/* --- vnc --- */

static const char *
vnc_text(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;

    return json_object_object_get_ex(o, key, &v) &&
                   json_object_is_type(v, json_type_string)
               ? json_object_get_string(v)
               : NULL;
}

/* "vnc", "vencrypt+x509+vnc", "vencrypt+tls+none" */
static void
print_vnc_auth(const char *auth, struct buf *out)
{
    bool tls = auth != NULL && strncmp(auth, "vencrypt", 8) == 0;
    const char *last = auth != NULL ? strrchr(auth, '+') : NULL;

    if (tls)
        auth = last != NULL ? last + 1 : "none";
    if (auth != NULL && strcmp(auth, "none") != 0)
        buf_fmt(out, " (%sit asks for a password)", tls ? "over TLS, " : "");
    else if (tls)
        buf_str(out, " (over TLS)");
}

/* One that listens on this host alone is reached through ssh: on the address
 * that is its default, as on another (::1, 127.0.0.2) the line would not find
 * it. */
static void
print_vnc_way(struct engine *en, const char *host, const char *port,
              struct buf *out)
{
    const char *name = engine_host_info(en)->hostname;

    if (strcmp(host, "127.0.0.1") != 0)
        return;
    if (port[0] == '\0' || port[strspn(port, "0123456789")] != '\0')
        return;
    buf_fmt(out,
            "from elsewhere: ssh -L %.5s:127.0.0.1:%.5s %s, then a viewer "
            "there on 127.0.0.1:%.5s\n",
            port, port, name[0] != '\0' ? name : "HOST", port);
}

static void
print_vnc(struct engine *en, struct json_object *ret, struct buf *out)
{
    const char *host = vnc_text(ret, "host"), *port = vnc_text(ret, "service");
    const char *auth = vnc_text(ret, "auth");
    bool v6 = host != NULL && strchr(host, ':') != NULL;

    if (host == NULL || port == NULL) {
        buf_str(out, "no VNC server: the domain's screen is not shown so\n");
        return;
    }
    buf_str(out, v6 ? "[" : "");
    buf_safe(out, host, 128);
    buf_str(out, v6 ? "]:" : ":");
    buf_safe(out, port, 16);
    print_vnc_auth(auth, out);
    buf_chr(out, '\n');
    print_vnc_way(en, host, port, out);
}

static enum cmd_rc
exec_vnc(struct cmd_ctx *ctx)
{
    return model_ask(ctx, "query-vnc", NULL, print_vnc);
}

/* --- reset --- */

static enum cmd_rc
exec_reset(struct cmd_ctx *ctx)
{
    return engine_reset(ctx->en, ctx->dom_id, &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

/* --- cd --- */

static enum cmd_rc
exec_cd(struct cmd_ctx *ctx)
{
    bool eject = strcmp(ctx->argv[1], "eject") == 0;
    char *path = eject ? NULL : ctx_path(ctx, 1);
    int rc = engine_cd_change(ctx->en, ctx->dom_id, ctx->argv[0], path,
                              &ctx->op, ctx->e);

    free(path);
    return rc == 0 ? CMD_WAIT : CMD_ERROR;
}

#define LIVE (CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_NEED_LIVE)

static const struct cmd cmds[] = {
    { .name = "cd",
      .keys = "O",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "NAME DEVICE FILE|eject",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_DEVICE,
      .arg3 = CMD_ARG_FILE,
      .min_args = 2,
      .max_args = 2,
      .needs = LIVE,
      .right = RIGHT_ADMIN,
      .help = "Put a medium into a CD drive, or take it out",
      .exec = exec_cd },
    { .name = "vnc",
      .alias = "vncviewer",
      .keys = "y",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = LIVE,
      .right = RIGHT_VIEW,
      .help = "Show where a domain's screen is, as VNC address",
      .exec = exec_vnc },
    { .name = "reset",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = LIVE,
      .confirm = "Reset %s? Unsaved data is lost.",
      .right = RIGHT_OPERATE,
      .help = "End a domain at once and make it again, as a reset button does",
      .exec = exec_reset },
    { .name = "qmp",
      .keys = "Q",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "NAME COMMAND [KEY=VALUE ...]",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = CMD_ARGS_MAX - 1,
      .needs = LIVE,
      .right = RIGHT_ADMIN,
      .help = "Give a domain's device model a command of QMP, also as JSON",
      .exec = exec_qmp },
};

const struct cmd_family cmd_family_dm = { cmds, sizeof cmds / sizeof cmds[0],
                                          35 };
