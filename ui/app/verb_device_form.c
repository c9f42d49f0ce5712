/*
 * verb_device_form.c - a device attached by filling in a form: the settings of
 * a configuration under their own names.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/call.h"
#include "ui/app/verbs.h"

#define KIND 0 /* the first field */

/* The form of a domain; label of a field: the setting. */
struct attach_form {
    uint64_t dom_id;
    struct buf kinds; /* choices of the first field */
    struct form_field fields[FORM_FIELDS_MAX];
    size_t n;
};

static void
attach_form_free(struct attach_form *af)
{
    buf_free(&af->kinds);
    free(af);
}

/* One is kept for what all kinds have. */
static void
add_asks(struct attach_form *af, const char *kind)
{
    const struct device_ask *a;
    size_t i;

    for (i = 0;
         af->n < FORM_FIELDS_MAX - 1 && (a = device_kind_ask(kind, i)) != NULL;
         i++)
        af->fields[af->n++] = (struct form_field){ .label = a->key,
                                                   .choices = a->choices,
                                                   .only = kind,
                                                   .hint = a->hint };
}

/* The fields in the order they are shown. */
static struct attach_form *
attach_form_new(uint64_t dom_id)
{
    struct attach_form *af = xcalloc(1, sizeof *af);
    const char *kind;
    size_t i;

    af->dom_id = dom_id;
    af->n = KIND + 1;
    for (i = 0; (kind = device_kind_at(i)) != NULL; i++) {
        buf_fmt(&af->kinds, "%s%s", i > 0 ? "|" : "", kind);
        add_asks(af, kind);
    }
    af->fields[KIND] =
        (struct form_field){ .label = "kind", .choices = buf_text(&af->kinds) };
    af->fields[af->n++] =
        (struct form_field){ .label = "backend", .hint = "default: dom0" };
    return af;
}

/* Runs `attach KIND WORDS' on the domain. False: *e says what is wrong. */
static bool
attach_words(struct ui *ui, uint64_t dom_id, const char *const *words, int n,
             struct err *e)
{
    struct cmd_ctx ctx = { .ses = ui_session(ui), .e = e };
    struct cmd_call *call;

    if (cmd_call_new(ctx.ses, words, n, dom_id, &call, e) != CMD_OK)
        return false;
    if (cmd_run(&ctx, call) != CMD_WAIT) {
        cmd_call_free(call);
        return false;
    }
    ui_watch_op(ui, ctx.op, call);
    return true;
}

static bool
form_done(struct ui *ui, const char *const *values, struct err *e, void *arg)
{
    struct attach_form *af = arg;
    const char *words[FORM_FIELDS_MAX + 1] = { "attach" };
    char *own[FORM_FIELDS_MAX];
    size_t i;
    int n = 0;
    bool ok;

    if (values == NULL) {
        attach_form_free(af);
        return true;
    }
    words[1] = values[KIND];
    for (i = KIND + 1; i < af->n; i++)
        if (values[i][0] != '\0') {
            own[n] = xasprintf("%s=%s", af->fields[i].label, values[i]);
            words[n + 2] = own[n];
            n++;
        }
    ok = attach_words(ui, af->dom_id, words, n + 2, e);
    if (ok)
        attach_form_free(af);
    while (n > 0)
        free(own[--n]);
    return ok;
}

void
device_form(struct ui *ui, uint64_t dom_id)
{
    const struct dom *d = engine_dom_by_id(ui_engine(ui), dom_id);
    struct attach_form *af = attach_form_new(dom_id);
    char title[96];

    text_fmt(title, sizeof title, "attach a device to %s",
             d != NULL ? d->name : "it");
    ui_form(
        ui,
        &(struct form_spec){ .title = title, .fields = af->fields, .n = af->n },
        form_done, af);
}
