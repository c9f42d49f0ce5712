/*
 * verb_form.c - the form of a verb (src/command/asks.h): its fields with what
 * stands there now, and the verb run with what was entered; and that of attach,
 * whose fields are the settings of each kind of device.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/asks.h"
#include "ui/app/marked/ui_marked.h"
#include "ui/app/verbs.h"

struct verb_form {
    const struct cmd *cmd;
    const struct cmd_asks *asks;
    uint64_t dom_id;
    struct marked_set *set; /* it is for these domains; NULL: for one or none */
    struct form_field fields[CMD_ASKS_MAX];
    struct buf initial[CMD_ASKS_MAX], choices[CMD_ASKS_MAX];
};

_Static_assert(CMD_ASKS_MAX <= FORM_FIELDS_MAX, "a field for each");

static void
verb_form_free(struct verb_form *vf)
{
    size_t i;

    for (i = 0; i < vf->asks->n; i++) {
        buf_free(&vf->initial[i]);
        buf_free(&vf->choices[i]);
    }
    marked_free(vf->set);
    free(vf);
}

/* dom_id: the domain that the user is at, also where the verb needs none. */
static void
verb_form_field(struct verb_form *vf, const struct session *ses,
                uint64_t dom_id, size_t i)
{
    const struct cmd_ask *a = &vf->asks->at[i];

    if (a->initial != NULL)
        a->initial(ses, dom_id, &vf->initial[i]);
    if (a->pick != NULL)
        a->pick(ses, dom_id, &vf->choices[i]);
    vf->fields[i] = (struct form_field){ .label = a->label,
                                         .choices = a->choices,
                                         .only = a->only,
                                         .hint = a->hint,
                                         .help = a->help };
    if (vf->choices[i].len > 0)
        vf->fields[i].choices = buf_text(&vf->choices[i]);
    if (vf->initial[i].len > 0)
        vf->fields[i].initial = buf_text(&vf->initial[i]);
}

/* Candidates are whole lines of cmd_complete behind the field's own. */
static void
verb_form_complete(struct ui *ui, size_t field, const char *value,
                   struct buf *out, void *arg)
{
    const struct verb_form *vf = arg;
    const char *line = vf->asks->at[field].line;
    char *whole;

    if (line == NULL || strchr(value, ' ') != NULL)
        return;
    whole = xasprintf("%s%s", line, value);
    (void)cmd_complete(ui_session(ui), whole, out);
    free(whole);
}

static void
verb_form_preview(struct ui *ui, const char *const *values, struct buf *out,
                  void *arg)
{
    const struct verb_form *vf = arg;

    if (vf->asks->preview != NULL)
        vf->asks->preview(ui_session(ui), vf->dom_id, values, out);
}

static bool
verb_form_done(struct ui *ui, const char *const *values, struct err *e,
               void *arg)
{
    struct verb_form *vf = arg;
    char *words[CMD_ARGS_MAX];
    struct form_run fr = { .words = (const char *const *)words,
                           .dom_id = vf->dom_id,
                           .values = vf->asks->exec != NULL ? values : NULL };
    bool ok = true;
    int n;

    if (values != NULL) {
        fr.n = n = cmd_asks_words(vf->cmd, values, words);
        if (vf->set == NULL)
            ok = ui_run_form(ui, &fr, e);
        else if ((ok = marked_run(vf->set, fr.words, n, e)))
            vf->set = NULL; /* it is the question's now */
        while (n > 0)
            free(words[--n]);
    }
    if (ok)
        verb_form_free(vf);
    return ok;
}

void
verb_form(struct ui *ui, const struct cmd *c, uint64_t dom_id)
{
    const struct dom *d = engine_dom_by_id(ui_engine(ui), dom_id);
    bool named = (c->needs & CMD_NEED_DOMAIN) != 0 && d != NULL;
    struct verb_form *vf = xcalloc(1, sizeof *vf);
    char title[96];
    size_t i;

    vf->cmd = c;
    vf->asks = cmd_asks_of(c);
    vf->dom_id = (c->needs & CMD_NEED_DOMAIN) != 0 ? dom_id : 0;
    for (i = 0; i < vf->asks->n; i++)
        verb_form_field(vf, ui_session(ui), dom_id, i);
    vf->set = marked_take(ui, c);
    if (vf->set != NULL)
        text_fmt(title, sizeof title, "%s %zu marked", vf->asks->title,
                 marked_count(vf->set));
    else
        text_fmt(title, sizeof title, "%s%s%s", vf->asks->title,
                 named ? " " : "", named ? d->name : "");
    ui_form(ui,
            &(struct form_spec){ .title = title,
                                 .fields = vf->fields,
                                 .n = vf->asks->n,
                                 .complete = verb_form_complete,
                                 .preview = verb_form_preview },
            verb_form_done, vf);
}

/* --- a device, by the settings of its kind under their own names --- */

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
    ok = ui_run_form(
        ui,
        &(struct form_run){ .words = words, .n = n + 2, .dom_id = af->dom_id },
        e);
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
