/*
 * verb_layout.c - verbs on layouts: what stands on the screen, kept by name for
 * the user of the session, on this host.
 */
#include <string.h>

#include "src/command/family.h"
#include "ui/app/tile/layout_text.h"
#include "ui/app/tile/tile.h"
#include "ui/app/verbs.h"

static unsigned
layout_uid(const struct session *ses)
{
    return ses->info.uid;
}

static enum cmd_rc
exec_layout_save(struct cmd_ctx *ctx)
{
    struct ui *ui = verb_ui(ctx);
    struct buf text = { 0 };
    int rc;

    layout_write(ui, &text);
    rc = kept_put(ctx->en, layout_uid(ctx->ses), ctx->argv[0], &text, ctx->e);
    buf_free(&text);
    if (rc < 0)
        return CMD_ERROR;
    ui_notice(ui, EVENT_INFO, "layout %s is saved", ctx->argv[0]);
    return CMD_OK;
}

/* What of a layout is here. */
struct layout_have {
    size_t here, all;
    struct buf missing; /* names */
};

static void
layout_count(struct ui *ui, const char *text, struct layout_have *lh)
{
    char word[16], value[LAYOUT_LINE_MAX];
    struct layout_console c;

    while (layout_line(&text, word, value)) {
        if (strcmp(word, "console") != 0 || !layout_console(ui, value, &c))
            continue;
        lh->all++;
        if (c.dom_id != 0) {
            lh->here++;
            continue;
        }
        buf_str(&lh->missing, lh->missing.len > 0 ? ", " : "");
        buf_safe(&lh->missing, c.name, strlen(c.name));
    }
}

static bool
layout_names(struct ui *ui, const char *text, const struct pane *p)
{
    char word[16], value[LAYOUT_LINE_MAX];
    struct layout_console c;

    while (layout_line(&text, word, value))
        if (strcmp(word, "console") == 0 && layout_console(ui, value, &c) &&
            tile_find(ui, c.dom_id, c.number) == p)
            return true;
    return false;
}

/* The screen becomes what the layout says: other panes are closed. */
static void
layout_take(struct ui *ui, const char *text)
{
    size_t i;

    for (i = ui->fr.n_slots; i-- > 1;) {
        struct pane *p = ui->fr.slots[i].p;

        if (p->ops->kind != PANE_CONSOLE || !layout_names(ui, text, p))
            panes_close(ui, p);
    }
    memset(ui->share, 0, sizeof(ui->share));
    ui->whole = false;
    ui->zoom = ZOOM_AUTO;
    ui_take_places(ui, text);
}

static int
layout_restore(struct ui *ui, const char *name, struct err *e)
{
    struct layout_have lh = { 0 };
    struct buf text = { 0 };
    int rc =
        kept_get(ui_engine(ui), layout_uid(ui_session(ui)), name, &text, e);

    if (rc == 0)
        layout_count(ui, buf_text(&text), &lh);
    if (rc == 0 && lh.all > 0 && lh.here == 0)
        rc = err_set(e, ERR_NOENT, "no domain of layout %s is here: %s", name,
                     buf_text(&lh.missing));
    if (rc == 0) {
        layout_take(ui, buf_text(&text));
        if (lh.here < lh.all)
            ui_notice(ui, EVENT_WARN, "layout %s: %zu of %zu are not here: %s",
                      name, lh.all - lh.here, lh.all, buf_text(&lh.missing));
    }
    buf_free(&lh.missing);
    buf_free(&text);
    return rc;
}

void
layout_at_start(struct ui *ui)
{
    const char *name = ui_settings(ui)->layout;
    struct err e = { 0 };

    if (layout_restore(ui, name, &e) < 0 && e.code != ERR_NOENT)
        ui_notice(ui, EVENT_WARN, "%s", e.msg);
}

static enum cmd_rc
exec_layout_restore(struct cmd_ctx *ctx)
{
    return layout_restore(verb_ui(ctx), ctx->argv[0], ctx->e) == 0 ? CMD_OK
                                                                   : CMD_ERROR;
}

static enum cmd_rc
exec_layout_delete(struct cmd_ctx *ctx)
{
    return kept_remove(ctx->en, layout_uid(ctx->ses), ctx->argv[0], ctx->e) == 0
               ? CMD_OK
               : CMD_ERROR;
}

/* "work  3 consoles: web1, web2, db1" */
static void
layout_summary(struct cmd_ctx *ctx, const char *name)
{
    char word[16], value[LAYOUT_LINE_MAX];
    struct buf text = { 0 }, names = { 0 };
    const char *at;
    size_t n = 0;

    if (kept_get(ctx->en, layout_uid(ctx->ses), name, &text, NULL) < 0)
        return;
    for (at = buf_text(&text); layout_line(&at, word, value);) {
        struct layout_console c;

        if (strcmp(word, "console") != 0 ||
            !layout_console(verb_ui(ctx), value, &c))
            continue;
        buf_str(&names, n++ > 0 ? ", " : ": ");
        buf_safe(&names, c.name, strlen(c.name));
    }
    buf_fmt(ctx->out, "%-*s  %zu console%s%s\n", KEPT_NAME_MAX / 2, name, n,
            n == 1 ? "" : "s", buf_text(&names));
    buf_free(&names);
    buf_free(&text);
}

static enum cmd_rc
exec_layouts(struct cmd_ctx *ctx)
{
    struct buf names = { 0 };
    char *name, *save = NULL;

    kept_names(ctx->en, layout_uid(ctx->ses), &names);
    if (names.len == 0) {
        err_set(ctx->e, ERR_NOENT,
                "no layout is kept: `layout-save NAME' keeps this one");
        buf_free(&names);
        return CMD_ERROR;
    }
    for (name = strtok_r(names.data, "\n", &save); name != NULL;
         name = strtok_r(NULL, "\n", &save))
        layout_summary(ctx, name);
    buf_free(&names);
    return CMD_OK;
}

static void
complete_layout(const struct session *ses, struct buf *out)
{
    kept_names(ses->en, layout_uid(ses), out);
}

#define LAYOUT_NAMED                                                           \
    .args = "NAME", .arg = CMD_ARG_OWN, .complete = complete_layout,           \
    .min_args = 1, .max_args = 1, .needs = CMD_NEED_SCREEN,                    \
    .right = RIGHT_VIEW

static const struct cmd cmds[] = {
    { .name = "layout-save",
      LAYOUT_NAMED,
      .help = "Keep what stands on the screen, by a name",
      .exec = exec_layout_save },
    { .name = "layout-restore",
      .keys = "L",
      .in = CMD_IN_LIST | CMD_IN_CONSOLE,
      LAYOUT_NAMED,
      .help = "Make the screen what it was when it was saved",
      .exec = exec_layout_restore },
    { .name = "layout-delete",
      LAYOUT_NAMED,
      .help = "Keep a layout no longer",
      .exec = exec_layout_delete },
    { .name = "layouts",
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Show the layouts that are kept",
      .exec = exec_layouts },
};

const struct cmd_family ui_family_layout = { cmds, sizeof cmds / sizeof cmds[0],
                                             136 };
