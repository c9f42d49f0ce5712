/*
 * verb_device_form.c - a device attached by filling in a form: the settings of
 * a configuration under their own names.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/call.h"
#include "src/command/verb/cmd_device.h"
#include "ui/app/verbs.h"

#define KIND 0 /* the first field */

/* In the order they are shown; the label is the setting. */
static const struct form_field fields[] = {
    { .label = "kind", .choices = DEVICE_KINDS },
    { .label = "path",
      .only = "vbd",
      .hint = "such as /dev/vg/data or /srv/disk.img" },
    { .label = "vdev", .only = "vbd", .hint = "such as xvdb" },
    { .label = "mode", .only = "vbd", .choices = "w|r|w!" },
    { .label = "format", .only = "vbd", .choices = "|raw|qcow2" },
    { .label = "cdrom", .only = "vbd", .choices = "|true" },
    { .label = "mac", .only = "vif", .hint = "made if empty: 00:16:3e:..." },
    { .label = "bridge", .only = "vif", .hint = "default: xenbr0" },
    { .label = "ip", .only = "vif", .hint = "default: any address" },
    { .label = "rate",
      .only = "vif",
      .hint = "default: no limit; such as 10Mb/s" },
    { .label = "bdf", .only = "pci", .hint = "such as 0000:01:00.0" },
    { .label = "vnclisten", .only = "vfb", .hint = "default: 127.0.0.1" },
    { .label = "backend", .hint = "default: dom0" },
};

#define N_FIELDS (sizeof fields / sizeof fields[0])

/* Who the form is for. */
struct form_target {
    uint64_t dom_id;
};

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
    struct form_target *t = arg;
    const char *words[N_FIELDS + 1] = { "attach" };
    char *own[N_FIELDS];
    int i, n = 0;
    bool ok;

    if (values == NULL) {
        free(t);
        return true;
    }
    words[1] = values[KIND];
    for (i = KIND + 1; i < (int)N_FIELDS; i++)
        if (values[i][0] != '\0') {
            own[n] = xasprintf("%s=%s", fields[i].label, values[i]);
            words[n + 2] = own[n];
            n++;
        }
    ok = attach_words(ui, t->dom_id, words, n + 2, e);
    if (ok)
        free(t);
    while (n > 0)
        free(own[--n]);
    return ok;
}

void
device_form(struct ui *ui, uint64_t dom_id)
{
    const struct dom *d = engine_dom_by_id(ui_engine(ui), dom_id);
    struct form_target *t = xcalloc(1, sizeof *t);
    char title[96];

    t->dom_id = dom_id;
    text_fmt(title, sizeof title, "attach a device to %s",
             d != NULL ? d->name : "it");
    ui_form(
        ui,
        &(struct form_spec){ .title = title, .fields = fields, .n = N_FIELDS },
        form_done, t);
}
