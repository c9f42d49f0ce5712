/*
 * verb_copy.c - verbs on the text of consoles: copy mode, and what was copied.
 */
#include <stdlib.h>

#include "src/base/fdio.h"
#include "src/command/family.h"
#include "ui/app/verbs.h"
#include "ui/widget/clip.h"
#include "ui/widget/dialog.h"

static struct pane *
focused_console(struct cmd_ctx *ctx)
{
    struct pane *p = ui_focused(verb_ui(ctx));

    if (p != NULL && p->ops->kind == PANE_CONSOLE)
        return p;
    err_set(ctx->e, ERR_NOENT,
            "no console has the keys: `console NAME' opens "
            "one");
    return NULL;
}

static enum cmd_rc
begin_copy(struct cmd_ctx *ctx, bool up)
{
    struct pane *p = focused_console(ctx);

    if (p == NULL)
        return CMD_ERROR;
    console_pane_copy(p, up);
    return CMD_OK;
}

static enum cmd_rc
exec_copy_mode(struct cmd_ctx *ctx)
{
    return begin_copy(ctx, false);
}

static enum cmd_rc
exec_copy_up(struct cmd_ctx *ctx)
{
    return begin_copy(ctx, true);
}

/* The copied text that argument i names; the newest if there is none. */
static const struct buf *
text_of(struct cmd_ctx *ctx, int i)
{
    size_t have = clip_count(verb_ui(ctx));
    unsigned long long n = 1;

    if (have == 0) {
        err_set(ctx->e, ERR_NOENT, "nothing was copied yet: copy-mode does");
        return NULL;
    }
    if (ctx->argc > i && !text_u64(ctx->argv[i], 1, have, &n)) {
        err_set(ctx->e, ERR_INVALID, "'%s' is no copied text, allowed 1 to %zu",
                ctx->argv[i], have);
        return NULL;
    }
    return clip_at(verb_ui(ctx), (size_t)n - 1);
}

static enum cmd_rc
exec_paste(struct cmd_ctx *ctx)
{
    struct pane *p = focused_console(ctx);
    const struct buf *text = p != NULL ? text_of(ctx, 0) : NULL;

    if (text == NULL)
        return CMD_ERROR;
    return console_pane_paste(p, text->data, text->len, ctx->e) == 0
               ? CMD_OK
               : CMD_ERROR;
}

static enum cmd_rc
exec_paste_stop(struct cmd_ctx *ctx)
{
    struct pane *p = focused_console(ctx);

    if (p == NULL)
        return CMD_ERROR;
    if (console_pane_paste_stop(p))
        return CMD_OK;
    err_set(ctx->e, ERR_NOENT, "nothing is being pasted into this console");
    return CMD_ERROR;
}

static enum cmd_rc
exec_buffers(struct cmd_ctx *ctx)
{
    struct ui *ui = verb_ui(ctx);
    struct buf list = { 0 };
    char line[80];
    size_t i;

    if (text_of(ctx, 0) == NULL)
        return CMD_ERROR;
    for (i = 0; i < clip_count(ui); i++) {
        clip_summary(clip_at(ui, i), line, sizeof(line));
        buf_fmt(&list, "%2zu  %7zu bytes  %s\n", i + 1, clip_at(ui, i)->len,
                line);
    }
    ui_page(ui, "buffers", buf_text(&list));
    buf_free(&list);
    return CMD_OK;
}

static int
write_clip(int fd, const void *arg)
{
    const struct buf *text = arg;

    return fd_write_all(fd, text->data, text->len);
}

static enum cmd_rc
exec_buffer_save(struct cmd_ctx *ctx)
{
    const struct buf *text = text_of(ctx, 1);
    char *path;
    int rc;

    if (text == NULL)
        return CMD_ERROR;
    path = ctx_path(ctx, 0);
    rc = fd_new_file(path, "save what was copied", write_clip, text, ctx->e);
    free(path);
    return rc == 0 ? CMD_OK : CMD_ERROR;
}

static const struct cmd cmds[] = {
    { .name = "copy-mode",
      .keys = "[",
      .in = CMD_IN_CONSOLE,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Read, search and select in a console's text",
      .exec = exec_copy_mode },
    { .name = "copy-up",
      .keys = "PgUp C-u",
      .in = CMD_IN_CONSOLE,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "The same, one page up",
      .exec = exec_copy_up },
    { .name = "paste-buffer",
      .keys = "]",
      .in = CMD_IN_CONSOLE,
      .args = "[NUMBER]",
      .max_args = 1,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_OPERATE,
      .help = "Type what was copied into the guest",
      .exec = exec_paste },
    { .name = "paste-stop",
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_OPERATE,
      .help = "Give up the text that is being pasted into a guest",
      .exec = exec_paste_stop },
    { .name = "buffers",
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Show what was copied, the newest first",
      .exec = exec_buffers },
    { .name = "buffer-save",
      .args = "FILE [NUMBER]",
      .arg = CMD_ARG_FILE,
      .min_args = 1,
      .max_args = 2,
      .needs = CMD_NEED_SCREEN | CMD_OPENS_FILE,
      .right = RIGHT_VIEW,
      .help = "Write what was copied to a new file",
      .exec = exec_buffer_save },
};

const struct cmd_family ui_family_copy = { cmds, sizeof cmds / sizeof cmds[0],
                                           145 };
