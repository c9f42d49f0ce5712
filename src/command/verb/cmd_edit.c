/*
 * cmd_edit.c - the configuration of a domain in the user's own editor: the verb
 * ends when the editor has begun, and goes on when it has ended.
 */
#include <string.h>

#include "engine/core/actor.h"
#include "src/command/command.h"
#include "src/command/family.h"
#include "src/command/screen.h"

static bool
edit_define(struct session *ses, struct config_edit *ce, const char *text,
            struct err *e)
{
    struct actor before;
    bool runs;
    int rc;

    if (!session_may(ses, RIGHT_ADMIN, "edit", e))
        return false;
    before = engine_act_for(ses->en, ses->info.who, engine_acting_in(ses->en));
    rc = engine_edit_end(ses->en, ce, text, &runs, e);
    engine_act_as(ses->en, before);
    if (rc < 0)
        return false;
    session_say(ses, "edit %s: done%s", engine_edit_name(ce),
                runs ? "; it holds from the next start of the domain" : "");
    return true;
}

/* For struct screen_edit. */
static bool
edit_done(struct session *ses, const char *text, struct err *e, void *arg)
{
    struct config_edit *ce = arg;

    if (text != NULL && strcmp(text, engine_edit_text(ce)) == 0)
        session_say(ses, "edit %s: nothing was changed", engine_edit_name(ce));
    else if (text != NULL && !edit_define(ses, ce, text, e))
        return false;
    engine_edit_free(ce);
    return true;
}

static enum cmd_rc
exec_edit(struct cmd_ctx *ctx)
{
    struct config_edit *ce = engine_edit_begin(ctx->en, ctx->dom_id, ctx->e);
    struct screen_edit x = { .done = edit_done, .arg = ce };

    if (ce == NULL)
        return CMD_ERROR;
    x.name = engine_edit_name(ce);
    x.text = engine_edit_text(ce);
    if (ctx->ses->screen->ops->edit(ctx->ses->screen, &x, ctx->e) == 0)
        return CMD_OK;
    engine_edit_free(ce);
    return CMD_ERROR;
}

static const struct cmd cmds[] = {
    { .name = "edit",
      .keys = "e",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_TAKES_OFF |
               CMD_NEED_SCREEN | CMD_ONE,
      .right = RIGHT_ADMIN,
      .help = "Change a domain's configuration in your own editor",
      .exec = exec_edit },
};

const struct cmd_family cmd_family_edit = { cmds, sizeof cmds / sizeof cmds[0],
                                            22 };
