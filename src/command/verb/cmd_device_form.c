/*
 * cmd_device_form.c - a device attached by filling in a form: the settings of a
 * configuration under their own names.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/verb/cmd_device.h"
#include "ui/ui.h"

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
struct target {
    uint64_t dom_id;
};

/* What a user would have typed: for the offer that may follow. */
static char *
line_of(const char *const *values, char *const *words, size_t n)
{
    struct buf b = { 0 };
    size_t i;

    buf_fmt(&b, "attach %s", values[KIND]);
    for (i = 0; i < n; i++)
        buf_fmt(&b, " %s", words[i]);
    return buf_take(&b);
}

static bool
form_done(struct ui *ui, const char *const *values, struct err *e, void *arg)
{
    struct target *t = arg;
    char *words[N_FIELDS], *line;
    size_t i, n = 0;
    uint64_t op;
    int rc;

    if (values == NULL) {
        free(t);
        return true;
    }
    for (i = KIND + 1; i < N_FIELDS; i++)
        if (values[i][0] != '\0')
            words[n++] = xasprintf("%s=%s", fields[i].label, values[i]);
    rc = engine_device_add(
        ui_engine(ui), t->dom_id,
        &(struct device_want){ values[KIND], (const char *const *)words, n },
        &op, e);
    if (rc == 0) {
        line = line_of(values, words, n);
        ui_watch_op(ui, op, line);
        free(line);
        free(t);
    }
    for (i = 0; i < n; i++)
        free(words[i]);
    return rc == 0;
}

void
device_form(struct ui *ui, uint64_t dom_id)
{
    const struct dom *d = engine_dom_by_id(ui_engine(ui), dom_id);
    struct target *t = xcalloc(1, sizeof *t);
    char title[96];

    t->dom_id = dom_id;
    text_fmt(title, sizeof title, "attach a device to %s",
             d != NULL ? d->name : "it");
    ui_form(
        ui,
        &(struct form_spec){ .title = title, .fields = fields, .n = N_FIELDS },
        form_done, t);
}
